/** The dev page of the map: made-up clusters, every tool, and handles for measuring. */
import { clumps } from "../src/lib/geometry/randoms.testing";
import { type Rgb, Scatter, type ScatterTheme, type Tool } from "../src/views/scatter/scatter";

const PALETTE = [
  "#3b78e7 #e8743b #19a979 #945ecf #d94a7a #13a4b4",
  "#c9a227 #6c8893 #ee6868 #2f9e44 #b565a7 #7d5a3c",
]
  .join(" ")
  .split(" ");

function rgbOf(hex: string): Rgb {
  const n = Number.parseInt(hex.slice(1), 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

function palette(code: number): Rgb {
  return rgbOf(PALETTE[code % PALETTE.length] ?? "#3b78e7");
}

function ramp(t: number): Rgb {
  return [40 + 200 * t, 60 + 120 * Math.sin(Math.PI * t), 220 - 170 * t];
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

const RENDERERS = ["auto", "webgl2", "canvas2d"] as const;
const query = new URLSearchParams(location.search);
document.documentElement.dataset.theme = query.get("theme") ?? "light";
const n = Number(query.get("n") ?? 10_000);
const clusters = Number(query.get("clusters") ?? Math.max(8, Math.round(Math.sqrt(n) / 4)));

const theme: ScatterTheme = {
  background: "var(--bg)",
  ink: "var(--ink)",
  accent: "var(--accent)",
  noise: "var(--noise)",
  line: "var(--line)",
};

const { x, y } = clumps(n, clusters, 42);
const codes = Int32Array.from({ length: n }, (_, i) => (i % 17 === 0 ? -1 : i % clusters));
const mask = new Uint8Array(n);
const told = { selected: 0, how: "", hovered: -1, opened: -1, ms: 0, at: 0, errors: [] as string[] };

function make(container: HTMLElement): Scatter {
  const scatter = new Scatter({
    container,
    renderer: RENDERERS.find((name) => name === query.get("renderer")) ?? "auto",
    onSelect(rows, mode, how) {
      told.at = performance.now();
      if (mode === "replace") mask.fill(0);
      for (const row of rows) mask[row] = mode === "subtract" ? 0 : 1;
      scatter.setSelection(mask);
      told.selected = mask.reduce((sum, v) => sum + v, 0);
      told.how = `${mode} ${how}`;
      element("said").textContent = `${told.selected} selected (${told.how})`;
    },
    onHover(row) {
      told.hovered = row ?? -1;
    },
    onOpen(row) {
      told.opened = row;
    },
    onError(e) {
      told.errors.push(e.message);
    },
  });
  scatter.setTheme(theme);
  scatter.setPalette(palette);
  return scatter;
}

const scatter = make(element("map"));

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-tool]"))
  button.onclick = () => scatter.setTool(button.dataset.tool as Tool);
element("fit").onclick = () => scatter.fit();
let focused = false;
element("focus").onclick = () => {
  focused = !focused;
  scatter.setFocus(focused ? 3 : null);
};
let byNumber = false;
element("values").onclick = () => {
  byNumber = !byNumber;
  scatter.setValues(byNumber ? x : null, ramp);
};
element("noise").onclick = () => {
  const rows = Uint32Array.from([...mask.keys()].filter((row) => mask[row] === 1));
  scatter.updateCodes(rows, -1);
};

/** For measuring from outside. */
const handles = { scatter, make, x, y, codes, mask, told, n, clusters, ramp };
declare global {
  interface Window {
    shoalMap: typeof handles;
  }
}
window.shoalMap = handles;
if (query.get("wait") === null) {
  scatter.setCodes(codes);
  scatter.setPoints(x, y);
}
