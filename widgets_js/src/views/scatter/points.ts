/** What the map knows of its points: places, codes, colours, what shows, what is selected and focused. No drawing. */
import { buildGridSteps, type Grid, NO_PLACE } from "../../lib/geometry/grid";
import type { Rect } from "../../lib/geometry/polygon";
import { Colours, touchedRuns } from "./colours";
import { picksOf, type Shown } from "./picking";
import { type Job, runSliced } from "./slicing";

/** Up to this many points are sorted into the grid at once (a few ms); more are sorted in short tasks. */
const AT_ONCE = 100_000;

export class Points implements Shown {
  grid: Grid | null = null;
  codes: Int32Array | null = null;
  visible: Uint8Array | null = null;
  selection: Uint8Array | null = null;
  focus: number | null = null;
  readonly colours = new Colours();
  private job: Job | null = null;

  /** Take new places; `ready` is called when the grid stands, before this returns for moderate numbers. */
  setPlaces(x: Float32Array, y: Float32Array, ready: () => void, failed: (e: Error) => void): void {
    this.job?.cancel();
    this.job = null;
    this.grid = null;
    const adopt = (grid: Grid): void => {
      this.job = null;
      this.grid = grid;
      this.paint();
      ready();
    };
    const atOnce = x.length <= AT_ONCE;
    const job = runSliced(buildGridSteps(x, y), atOnce, adopt, failed);
    if (this.grid === null) this.job = job;
  }

  /** Is the grid still being sorted? */
  get sorting(): boolean {
    return this.job !== null;
  }

  /** Work out all colours anew. */
  paint(): void {
    if (this.grid !== null) this.colours.paintAll(this.grid, this.codes, this.visible);
  }

  /** Give rows other codes; returns the positions that look different now and the runs to upload, or null before there is a grid. */
  recode(
    rows: Uint32Array,
    code: number | Int32Array,
  ): { positions: Uint32Array; runs: [number, number][] } | null {
    const { codes, grid } = this;
    if (codes === null) throw new Error("updateCodes before setCodes: there are no codes to change yet");
    if (typeof code !== "number" && code.length !== rows.length)
      throw new RangeError(`updateCodes: ${rows.length} rows but ${code.length} codes`);
    for (let i = 0; i < rows.length; i++)
      codes[rows[i] as number] = typeof code === "number" ? code : (code[i] as number);
    if (grid === null) return null;
    const positions = this.colours.paintRows(grid, rows, codes, this.visible);
    return { positions, runs: touchedRuns(positions, grid.count) };
  }

  /** What is drawn on top of the others. */
  picks(): { positions: Uint32Array; focused: number; selected: number } {
    if (this.grid === null) return { positions: new Uint32Array(0), focused: 0, selected: 0 };
    return picksOf(this.grid, this.codes, this.focus, this.selection);
  }

  /** The share of placed points that shows, 0..1. */
  shownShare(): number {
    const { words } = this.colours;
    if (words.length === 0) return 1;
    let shown = 0;
    for (let p = 0; p < words.length; p++) if ((words[p] as number) !== 0) shown++;
    return shown / words.length;
  }

  /** The smallest rectangle (units) around the given rows, or around all that show; null when there is none. */
  bounds(rows?: Uint32Array): Rect | null {
    const { grid } = this;
    if (grid === null || grid.count === 0) return null;
    const { xy } = grid;
    const { words } = this.colours;
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    const length = rows === undefined ? grid.count : rows.length;
    for (let i = 0; i < length; i++) {
      const p = rows === undefined ? i : grid.positionOf[rows[i] as number];
      if (p === undefined || p === NO_PLACE || (rows === undefined && words[p] === 0)) continue;
      const x = xy[2 * p] as number;
      const y = xy[2 * p + 1] as number;
      if (x < x0) x0 = x;
      if (x > x1) x1 = x;
      if (y < y0) y0 = y;
      if (y > y1) y1 = y;
    }
    return x1 >= x0 ? { x0, y0, x1, y1 } : null;
  }

  destroy(): void {
    this.job?.cancel();
    this.job = null;
    this.grid = null;
  }
}
