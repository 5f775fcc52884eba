/** Colours of clusters, theme by theme, and the ramp for number columns. */

export type Rgb = [number, number, number];

// From the design study: distinct in hue and lightness, readable on white and on near-black.
const CLUSTERS = [
  "#3b78e7", "#e8743b", "#19a979", "#945ecf", "#d94a7a", "#13a4b4",
  "#c9a227", "#6c8893", "#ee6868", "#2f9e44", "#b565a7", "#7d5a3c",
] as const; // biome-ignore format: six a line
export const NOISE = "#9aa3b2";

// Viridis at nine even steps (matplotlib, CC0).
const RAMP = [
  "#440154",
  "#472d7b",
  "#3b528b",
  "#2c728e",
  "#21918c",
  "#28ae80",
  "#5ec962",
  "#addc30",
  "#fde725",
];

export function parseHex(hex: string): Rgb {
  const n = Number.parseInt(hex.slice(1), 16);
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

/** CSS colour of a cluster by its palette index. */
export function clusterColor(index: number): string {
  const n = CLUSTERS.length;
  return CLUSTERS[((index % n) + n) % n] as string;
}

/** Colour at t in 0..1 of the ramp. */
export function rampAt(t: number): Rgb {
  const x = Math.min(1, Math.max(0, t)) * (RAMP.length - 1);
  const i = Math.min(RAMP.length - 2, Math.floor(x));
  const a = parseHex(RAMP[i] as string);
  const b = parseHex(RAMP[i + 1] as string);
  const f = x - i;
  return [0, 1, 2].map((c) => Math.round((a[c] as number) * (1 - f) + (b[c] as number) * f)) as Rgb;
}

/** The ramp as a CSS gradient, for the legend. */
export const rampCss = `linear-gradient(90deg, ${RAMP.join(", ")})`;
