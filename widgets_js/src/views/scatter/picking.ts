/** From a stroke on the screen to the rows it takes. */
import type { Grid } from "../../lib/geometry/grid";
import { type Take, takePolygon, takeRect, takeStroke } from "../../lib/geometry/pick";
import { Polygon, simplifyPath } from "../../lib/geometry/polygon";
import { type Camera, type Size, toScreen, toUnit } from "./camera";
import { HIDDEN } from "./colours";

export type StrokeKind = "lasso" | "rect" | "brush";
export type SelectMode = "replace" | "add" | "subtract";

/** Shapes are simplified to half a pixel: nobody's hand is finer, and fewer edges are faster. */
const TOLERANCE = 0.5;

/** A stroke under way. Places are kept in units, so that it stays on its points when the map moves under it. */
export class Stroke {
  private readonly units: number[] = [];

  constructor(
    readonly kind: StrokeKind,
    readonly mode: SelectMode,
  ) {}

  /** Add a place on the screen; a rectangle keeps its first corner and the last one. */
  push(camera: Camera, size: Size, px: number, py: number): void {
    const [x, y] = toUnit(camera, size, px, py);
    if (this.kind !== "rect" || this.units.length === 0) {
      this.units.push(x, y);
      return;
    }
    const [x0, y0] = this.units as [number, number];
    this.units.splice(0, this.units.length, x0, y0, x, y0, x, y, x0, y);
  }

  /** The outline on the screen, x and y interleaved, CSS pixels. */
  outline(camera: Camera, size: Size): Float64Array {
    const path = new Float64Array(this.units.length);
    for (let i = 0; i + 1 < path.length; i += 2) {
      const [x, y] = toScreen(camera, size, this.units[i] as number, this.units[i + 1] as number);
      path[i] = x;
      path[i + 1] = y;
    }
    return path;
  }

  /** Take what the stroke encloses or, for a brush, touches. A shape of no area takes nothing. */
  takeFrom(grid: Grid, camera: Camera, size: Size, brushRadius: number, take: Take): void {
    const outline = simplifyPath(this.outline(camera, size), TOLERANCE);
    const corners: number[] = [];
    for (let i = 0; i + 1 < outline.length; i += 2)
      corners.push(...toUnit(camera, size, outline[i] as number, outline[i + 1] as number));
    if (this.kind === "brush") {
      const at = (i: number): [number, number] => [corners[2 * i] as number, corners[2 * i + 1] as number];
      const last = corners.length / 2 - 1;
      for (let i = 0; i < Math.max(1, last); i++)
        takeStroke(
          grid,
          at(i),
          at(Math.min(last, i + 1)),
          brushRadius,
          { sx: camera.sx, sy: camera.sy },
          take,
        );
    } else if (this.kind === "rect" && this.units.length === 8) {
      const [xa, ya, , , xb, yb] = this.units as [number, number, number, number, number, number];
      const rect = {
        x0: Math.min(xa, xb),
        x1: Math.max(xa, xb),
        y0: Math.min(ya, yb),
        y1: Math.max(ya, yb),
      };
      takeRect(grid, rect, take);
    } else if (corners.length >= 6) takePolygon(grid, new Polygon(corners), take);
  }
}

/** Which rows show at all. */
export interface Shown {
  readonly codes: Int32Array | null;
  readonly visible: Uint8Array | null;
}

export function isShown(shown: Shown, row: number): boolean {
  if (shown.codes !== null && shown.codes[row] === HIDDEN) return false;
  return shown.visible === null || shown.visible[row] !== 0;
}

/** Gathers rows, each once, and gives those that show in ascending order. Its memory is used again. */
export class Gatherer {
  private mask = new Uint8Array(0);

  gather(rows: number, shown: Shown, run: (take: Take) => void): Uint32Array<ArrayBuffer> {
    if (this.mask.length !== rows) this.mask = new Uint8Array(rows);
    const { mask } = this;
    mask.fill(0);
    let taken = 0;
    run((row) => {
      if (mask[row] === 1) return;
      mask[row] = 1;
      taken++;
    });
    const out = new Uint32Array(taken);
    let n = 0;
    for (let row = 0; row < rows && taken > 0; row++) {
      if (mask[row] === 0) continue;
      taken--;
      if (isShown(shown, row)) out[n++] = row;
    }
    return n === out.length ? out : out.slice(0, n);
  }
}

/** What is drawn on top: positions of the focused cluster's points, then those of the selected; and how many of each. */
export function picksOf(
  grid: Grid,
  codes: Int32Array | null,
  focus: number | null,
  selection: Uint8Array | null,
): { positions: Uint32Array<ArrayBuffer>; focused: number; selected: number } {
  const { rowOf, count } = grid;
  const positions = new Uint32Array(
    (focus !== null && codes !== null ? count : 0) + (selection !== null ? count : 0),
  );
  let n = 0;
  if (focus !== null && codes !== null)
    for (let p = 0; p < count; p++) if (codes[rowOf[p] as number] === focus) positions[n++] = p;
  const focused = n;
  if (selection !== null)
    for (let p = 0; p < count; p++) if (selection[rowOf[p] as number] === 1) positions[n++] = p;
  return { positions: positions.slice(0, n), focused, selected: n - focused };
}
