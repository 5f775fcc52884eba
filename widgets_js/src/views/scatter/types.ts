/** What the map takes and tells. */
import type { SelectMode, StrokeKind } from "./picking";
import type { Renderer } from "./stage";

export interface ScatterProps {
  /** Filled whole; its size is followed. */
  container: HTMLElement;
  /** `rows` ascending, each once; only rows that show. An empty click gives no rows and "replace". */
  onSelect(rows: Uint32Array, mode: SelectMode, how: StrokeKind | "click"): void;
  /** The row under the pointer, told as the pointer moves; null once when it leaves. */
  onHover(row: number | null, clientX: number, clientY: number): void;
  /** A point was double-clicked. */
  onOpen?(row: number): void;
  /** Something failed that the map lives on without (no WebGL2, a bad colour array). Without it, told to the console. */
  onError?(e: Error): void;
  /** What a screen reader calls the map. */
  label?: string;
  /** "auto" takes WebGL2 where the hardware does it. */
  renderer?: Renderer;
}

/** CSS colours; variables (`var(--x)`) are resolved where the map stands. */
export interface ScatterTheme {
  background: string;
  ink: string;
  accent: string;
  noise: string;
  /** Taken so that a host can pass its whole theme; nothing on the map is drawn with it. */
  line: string;
}

export interface ScatterStats {
  /** Points with a place. */
  points: number;
  /** Main-thread time of the last frame, ms. */
  lastFrameMs: number;
  /** From the start to the end of the last whole drawing of the points, ms. */
  lastPassMs: number;
  renderer: "webgl2" | "canvas2d";
}

/** The theme the map starts with, before its host sets one. */
export const LIGHT_THEME: ScatterTheme = {
  background: "#ffffff",
  ink: "#1c2230",
  accent: "#2f6fed",
  noise: "#9aa3b2",
  line: "#e1e4ea",
};
