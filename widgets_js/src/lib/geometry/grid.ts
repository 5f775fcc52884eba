/**
 * A uniform grid over points, in an order that serves drawing and picking alike.
 *
 * Points are dealt by a low-discrepancy hash of their row into up to eight blocks, and sorted by grid cell within each
 * block. So every block is a fair sample of the whole (a first draw of one block is already the right picture, thinner),
 * and the points of any rectangle are a few contiguous runs per block.
 */
import type { Rect } from "./polygon";

const NONE = 0xffffffff;
const SLICE = 1 << 16;

/** Where unit coordinates come from: `unit = (data - origin) / span`. */
export interface Frame {
  readonly x0: number;
  readonly y0: number;
  /** The longer side of the data's extent, > 0. */
  readonly span: number;
  /** Extent in units, in (0, 1]; the longer side is 1. */
  readonly width: number;
  readonly height: number;
}

/** Points in unit coordinates, ordered by block and cell. Positions are indices into this order; rows are the caller's. */
export interface Grid {
  readonly frame: Frame;
  /** Number of rows given, with and without a place. */
  readonly rows: number;
  /** Number of points with a place (both coordinates finite). */
  readonly count: number;
  /** Unit coordinates, x and y interleaved, 2 × count. */
  readonly xy: Float32Array;
  /** Position → row. */
  readonly rowOf: Uint32Array;
  /** Row → position, or `NO_PLACE`. */
  readonly positionOf: Uint32Array;
  readonly side: number;
  readonly blocks: number;
  /** First position of each (block, cell row, cell column), and the end: blocks × side² + 1. */
  readonly starts: Uint32Array;
}

/** The position of a row that has none. */
export const NO_PLACE = NONE;

/** How fine a grid, and how many blocks, for `n` rows. */
export function gridShape(n: number): { side: number; blocks: number } {
  const side = n < 20_000 ? 32 : n < 200_000 ? 64 : 128;
  const blocks = n < 50_000 ? 1 : n < 200_000 ? 2 : n < 600_000 ? 4 : 8;
  return { side, blocks };
}

function frameOf(x: Float32Array, y: Float32Array, from: number, to: number, into: number[]): void {
  let [x0, y0, x1, y1] = into as [number, number, number, number];
  for (let i = from; i < to; i++) {
    const px = x[i] as number;
    const py = y[i] as number;
    // One subtraction each says "finite": NaN and the infinities give NaN.
    if (px - px !== 0 || py - py !== 0) continue;
    if (px < x0) x0 = px;
    if (px > x1) x1 = px;
    if (py < y0) y0 = py;
    if (py > y1) y1 = py;
  }
  into[0] = x0;
  into[1] = y0;
  into[2] = x1;
  into[3] = y1;
}

function toFrame(extent: number[]): Frame {
  const [x0, y0, x1, y1] = extent as [number, number, number, number];
  if (!(x1 >= x0)) return { x0: 0, y0: 0, span: 1, width: 1, height: 1 };
  const span = Math.max(x1 - x0, y1 - y0);
  if (!(span > 0)) return { x0: x0 - 0.5, y0: y0 - 0.5, span: 1, width: 1, height: 1 };
  const least = 1e-6;
  return {
    x0,
    y0,
    span,
    width: Math.max(least, (x1 - x0) / span),
    height: Math.max(least, (y1 - y0) / span),
  };
}

/**
 * Build the grid in slices: each `yield` is a place to stop for a while, at most a few milliseconds after the last.
 * Rows whose x or y is not finite get no place. Throws RangeError when x and y differ in length.
 */
export function* buildGridSteps(x: Float32Array, y: Float32Array): Generator<undefined, Grid, undefined> {
  const n = x.length;
  if (y.length !== n) throw new RangeError(`x has ${n} values and y has ${y.length}`);
  const extent = [Infinity, Infinity, -Infinity, -Infinity];
  for (let from = 0; from < n; from += SLICE) {
    frameOf(x, y, from, Math.min(n, from + SLICE), extent);
    yield undefined;
  }
  const frame = toFrame(extent);
  const { side, blocks } = gridShape(n);
  const cells = side * side;
  const inv = 1 / frame.span;
  const perX = side / frame.width;
  const perY = side / frame.height;
  const shift = 32 - Math.log2(blocks);
  const keys = new Uint32Array(n);
  const starts = new Uint32Array(blocks * cells + 1);
  let count = 0;
  for (let from = 0; from < n; from += SLICE) {
    const to = Math.min(n, from + SLICE);
    for (let i = from; i < to; i++) {
      const ux = ((x[i] as number) - frame.x0) * inv;
      const uy = ((y[i] as number) - frame.y0) * inv;
      if (ux - ux !== 0 || uy - uy !== 0) {
        keys[i] = NONE;
        continue;
      }
      const cx = Math.min(side - 1, (ux * perX) | 0);
      const cy = Math.min(side - 1, (uy * perY) | 0);
      const block = blocks === 1 ? 0 : Math.imul(i, 0x9e3779b1) >>> shift;
      const key = block * cells + cy * side + cx;
      keys[i] = key;
      starts[key + 1] = (starts[key + 1] as number) + 1;
      count++;
    }
    yield undefined;
  }
  for (let k = 0; k < blocks * cells; k++) starts[k + 1] = (starts[k + 1] as number) + (starts[k] as number);
  const next = starts.slice(0, blocks * cells);
  const xy = new Float32Array(2 * count);
  const rowOf = new Uint32Array(count);
  const positionOf = new Uint32Array(n);
  yield undefined;
  for (let from = 0; from < n; from += SLICE) {
    const to = Math.min(n, from + SLICE);
    for (let i = from; i < to; i++) {
      const key = keys[i] as number;
      if (key === NONE) {
        positionOf[i] = NONE;
        continue;
      }
      const at = next[key] as number;
      next[key] = at + 1;
      rowOf[at] = i;
      positionOf[i] = at;
      xy[2 * at] = ((x[i] as number) - frame.x0) * inv;
      xy[2 * at + 1] = ((y[i] as number) - frame.y0) * inv;
    }
    yield undefined;
  }
  return { frame, rows: n, count, xy, rowOf, positionOf, side, blocks, starts };
}

/** Build the grid at one go. */
export function buildGrid(x: Float32Array, y: Float32Array): Grid {
  const steps = buildGridSteps(x, y);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The cells a rectangle (in units) touches, as columns c0..c1 and rows r0..r1 (inclusive); null when it touches none. */
export function cellsOf(grid: Grid, rect: Rect): { c0: number; c1: number; r0: number; r1: number } | null {
  const { side, frame } = grid;
  if (!(rect.x1 >= 0 && rect.y1 >= 0 && rect.x0 <= frame.width && rect.y0 <= frame.height)) return null;
  const cell = (u: number, extent: number): number =>
    Math.max(0, Math.min(side - 1, Math.floor((u * side) / extent)));
  // float32 rounding may put a point of the next cell on this side of the edge: reach a hair further.
  const hair = 1e-6;
  return {
    c0: cell(rect.x0 - hair, frame.width),
    c1: cell(rect.x1 + hair, frame.width),
    r0: cell(rect.y0 - hair, frame.height),
    r1: cell(rect.y1 + hair, frame.height),
  };
}

/**
 * Runs of positions that cover every point of `rect` (in units), block by block, as [start, count, start, count, …].
 * Runs closer than `gap` positions are joined: a few points too many are cheaper than one more draw call.
 */
export function runsOf(grid: Grid, rect: Rect, gap = 0): number[] {
  const runs: number[] = [];
  const cells = cellsOf(grid, rect);
  if (cells === null) return runs;
  const { side, starts } = grid;
  for (let block = 0; block < grid.blocks; block++) {
    let from = -1;
    let to = -1;
    for (let r = cells.r0; r <= cells.r1; r++) {
      const row = (block * side + r) * side;
      const a = starts[row + cells.c0] as number;
      const b = starts[row + cells.c1 + 1] as number;
      if (a === b) continue;
      if (from >= 0 && a - to <= gap) {
        to = b;
        continue;
      }
      if (from >= 0) runs.push(from, to - from);
      from = a;
      to = b;
    }
    if (from >= 0) runs.push(from, to - from);
  }
  return runs;
}

/** How many points lie in `rect` (whole cells only, partly covered cells counted by their share), and in how many cells. */
export function crowdOf(grid: Grid, rect: Rect): { points: number; cells: number } {
  const at = cellsOf(grid, rect);
  if (at === null) return { points: 0, cells: 0 };
  const { side, starts, frame } = grid;
  const share = (i: number, lo: number, hi: number, extent: number): number => {
    const size = extent / side;
    return Math.max(0, Math.min(hi, (i + 1) * size) - Math.max(lo, i * size)) / size;
  };
  let points = 0;
  let cells = 0;
  for (let r = at.r0; r <= at.r1; r++) {
    const sy = share(r, rect.y0, rect.y1, frame.height);
    for (let c = at.c0; c <= at.c1; c++) {
      let here = 0;
      for (let block = 0; block < grid.blocks; block++) {
        const k = (block * side + r) * side + c;
        here += (starts[k + 1] as number) - (starts[k] as number);
      }
      if (here === 0) continue;
      const s = sy * share(c, rect.x0, rect.x1, frame.width);
      points += here * s;
      cells += s;
    }
  }
  return { points, cells };
}
