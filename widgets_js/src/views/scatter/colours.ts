/** Colours of points: bytes r, g, b and opacity per position, from cluster codes or from a number column. */
import { type Grid, NO_PLACE } from "../../lib/geometry/grid";

/** Red, green, blue, each 0..255. */
export type Rgb = readonly [number, number, number];

/** Cluster code of noise. */
export const NOISE = -1;
/** Cluster code of items that are not shown at all (trash). */
export const HIDDEN = -2;

/** Opacity byte of ordinary points and of noise, which stands back; 0 is not drawn. */
const FULL = 255;
const QUIET = 150;

const RAMP_STEPS = 256;

/** r, g, b, a bytes as one little-endian word. */
export function pack(rgb: Rgb, a: number): number {
  const byte = (v: number): number => Math.max(0, Math.min(255, Math.round(v)));
  return ((byte(rgb[0]) | (byte(rgb[1]) << 8) | (byte(rgb[2]) << 16) | (a << 24)) >>> 0) as number;
}

/** The finite least and greatest of `values`; [0, 1] when there is none. */
export function rangeOf(values: Float32Array): [number, number] {
  let lo = Infinity;
  let hi = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if (v - v !== 0) continue;
    if (v < lo) lo = v;
    if (v > hi) hi = v;
  }
  return lo <= hi ? [lo, hi] : [0, 1];
}

/** What decides each point's colour, and the words (4 bytes a position) that come of it. */
export class Colours {
  /** One word a position, in the grid's order. */
  words = new Uint32Array(0);
  private palette: (code: number) => Rgb = () => [90, 99, 117];
  private noise: Rgb = [154, 163, 178];
  private values: Float32Array | null = null;
  private ramp = new Uint32Array(RAMP_STEPS);
  private domain: [number, number] = [0, 1];
  private cache: (number | undefined)[] = [];

  /** Same bytes as `words`. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.words.buffer, this.words.byteOffset, this.words.byteLength);
  }

  setPalette(palette: (code: number) => Rgb): void {
    this.palette = palette;
    this.cache = [];
  }

  /** Returns whether that is another colour than before. */
  setNoise(rgb: Rgb): boolean {
    if (rgb.every((v, i) => v === this.noise[i])) return false;
    this.noise = rgb;
    this.cache = [];
    return true;
  }

  /** Colour by `values` (one a row; not finite means "no value" and looks like noise), or by cluster when null. */
  setValues(values: Float32Array | null, ramp: (t: number) => Rgb, domain?: readonly [number, number]): void {
    this.values = values;
    if (values === null) return;
    this.domain = domain === undefined ? rangeOf(values) : [domain[0], domain[1]];
    for (let i = 0; i < RAMP_STEPS; i++) this.ramp[i] = pack(ramp(i / (RAMP_STEPS - 1)), FULL);
  }

  /** The word of one row. */
  wordOf(row: number, codes: Int32Array | null, visible: Uint8Array | null): number {
    const code = codes === null ? 0 : (codes[row] ?? NOISE);
    if (code === HIDDEN || (visible !== null && visible[row] === 0)) return 0;
    if (this.values !== null) return this.wordOfValue(this.values[row] as number);
    const known = this.cache[code + 1];
    if (known !== undefined) return known;
    const word = code < 0 ? pack(this.noise, QUIET) : pack(this.palette(code), FULL);
    this.cache[code + 1] = word;
    return word;
  }

  /** Work out every position anew. */
  paintAll(grid: Grid, codes: Int32Array | null, visible: Uint8Array | null): void {
    if (this.words.length !== grid.count) this.words = new Uint32Array(grid.count);
    const { words } = this;
    const { rowOf } = grid;
    for (let p = 0; p < words.length; p++) words[p] = this.wordOf(rowOf[p] as number, codes, visible);
  }

  /** Work out the given rows anew; returns the positions whose colour changed. */
  paintRows(
    grid: Grid,
    rows: Uint32Array,
    codes: Int32Array | null,
    visible: Uint8Array | null,
  ): Uint32Array<ArrayBuffer> {
    const changed = new Uint32Array(rows.length);
    let n = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const p = grid.positionOf[row];
      if (p === undefined || p === NO_PLACE) continue;
      const word = this.wordOf(row, codes, visible);
      if (this.words[p] === word) continue;
      this.words[p] = word;
      changed[n++] = p;
    }
    return changed.slice(0, n);
  }

  private wordOfValue(v: number): number {
    if (v - v !== 0) return pack(this.noise, QUIET);
    const [lo, hi] = this.domain;
    const t = hi > lo ? (v - lo) / (hi - lo) : 0.5;
    const step = Math.max(0, Math.min(RAMP_STEPS - 1, Math.round(t * (RAMP_STEPS - 1))));
    return this.ramp[step] as number;
  }
}

/** Runs [from, to) of the touched pages among `positions`, of `page` positions each, neighbours joined: what to upload. */
export function touchedRuns(positions: Uint32Array, count: number, page = 8192): [number, number][] {
  const pages = new Uint8Array(Math.ceil(count / page));
  for (let i = 0; i < positions.length; i++) pages[((positions[i] as number) / page) | 0] = 1;
  const runs: [number, number][] = [];
  for (let k = 0; k < pages.length; k++) {
    if (pages[k] !== 1) continue;
    const from = k * page;
    const to = Math.min(count, from + page);
    const last = runs[runs.length - 1];
    if (last !== undefined && last[1] === from) last[1] = to;
    else runs.push([from, to]);
  }
  return runs;
}

/**
 * Read any CSS colour, `var(--x)` included, as bytes: the browser resolves it within `host`, one pixel of a canvas gives the
 * bytes. A colour the browser does not know gives `fallback`.
 */
export function readCssColour(host: HTMLElement, css: string, fallback: Rgb): Rgb {
  const probe = document.createElement("span");
  probe.style.color = css;
  if (probe.style.color === "") return fallback;
  probe.style.display = "none";
  host.appendChild(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  const plain = /^rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)/.exec(resolved);
  if (plain !== null) return [Number(plain[1]), Number(plain[2]), Number(plain[3])];
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const g = canvas.getContext("2d", { willReadFrequently: true });
  if (g === null) return fallback;
  g.fillStyle = resolved;
  g.fillRect(0, 0, 1, 1);
  const [r, gr, b] = g.getImageData(0, 0, 1, 1).data;
  return [r ?? fallback[0], gr ?? fallback[1], b ?? fallback[2]];
}
