/** What a place to draw points on must do; WebGL2 and Canvas 2D both do it, the painter decides when. */
import type { Camera } from "./camera";

/** A picture of the map: what it shows and how large it is. Wider than the view by a margin on every side. */
export interface Frame {
  readonly camera: Camera;
  /** Device pixels, margin included. */
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly dpr: number;
}

/** Which points a draw takes its runs from: all by position, or one of the two lists of positions. */
export type Source = "all" | "picks" | "patch";

/** One of the three pictures a surface keeps: two that show, one to draw the next on. */
export type Slot = 0 | 1 | 2;

/** Where one picture goes in the view: device pixels from the top left corner, and how much of it comes through (0..1). */
export interface Placement {
  readonly slot: Slot;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fade: number;
}

export interface Surface {
  readonly kind: "webgl2" | "canvas2d";
  /** Is a draw done when `points` returns, at the cost of the main thread? */
  readonly synchronous: boolean;
  readonly canvas: HTMLCanvasElement;
  /** The longest side a picture may have, device pixels. */
  readonly longestSide: number;
  /** Size of the view, device pixels. */
  resize(width: number, height: number): void;
  /** Unit coordinates by position, x and y interleaved, and the colours (4 bytes each). Both kept by reference. */
  setPoints(xy: Float32Array, colours: Uint32Array): void;
  /** Positions [from, to) have other colours now. */
  coloursChanged(from: number, to: number): void;
  /** Give one of the two lists of positions. */
  setList(source: "picks" | "patch", positions: Uint32Array): void;
  /** Empty a picture and give it the size of `frame`. */
  clear(slot: Slot, frame: Frame): void;
  /**
   * Draw points onto a picture: `runs` is [start, count, …] in `source`; `size` is a diameter in device pixels, `alpha` the
   * opacity that a colour's own opacity is multiplied with.
   */
  points(
    slot: Slot,
    frame: Frame,
    source: Source,
    runs: readonly number[],
    size: number,
    alpha: number,
  ): void;
  /** Has everything asked for been drawn? Never blocks. */
  done(): boolean;
  /** Put pictures over the background, in order. `background` is r, g, b in 0..255. */
  compose(background: readonly [number, number, number], placements: readonly Placement[]): void;
  destroy(): void;
}
