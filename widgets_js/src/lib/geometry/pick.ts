/** Which points a pointer, a rectangle, a lasso or a brush stroke takes, by way of the grid. */
import { cellsOf, type Grid } from "./grid";
import { distanceToSegment2, type Polygon, type Rect } from "./polygon";

/** Called with the row of each point taken; a row may come more than once over several calls, never within one. */
export type Take = (row: number) => void;

/** Screen pixels per unit, each > 0: distances are felt on the screen, where x and y may be stretched differently. */
export interface Scale {
  readonly sx: number;
  readonly sy: number;
}

/** Take the rows inside `rect` (units, edges included). */
export function takeRect(grid: Grid, rect: Rect, take: Take): void {
  const at = cellsOf(grid, rect);
  if (at === null) return;
  const { side, starts, xy, rowOf } = grid;
  for (let block = 0; block < grid.blocks; block++) {
    for (let r = at.r0; r <= at.r1; r++) {
      const row = (block * side + r) * side;
      const end = starts[row + at.c1 + 1] as number;
      for (let p = starts[row + at.c0] as number; p < end; p++) {
        const x = xy[2 * p] as number;
        const y = xy[2 * p + 1] as number;
        if (x >= rect.x0 && x <= rect.x1 && y >= rect.y0 && y <= rect.y1) take(rowOf[p] as number);
      }
    }
  }
}

/** Per cell: 1 where an edge of the polygon may pass. Marked through each grid row, so long edges cost their length. */
function crossedCells(grid: Grid, polygon: Polygon): Uint8Array {
  const { side, frame } = grid;
  const crossed = new Uint8Array(side * side);
  const height = frame.height / side;
  const path = polygon.path;
  const n = polygon.size;
  const hair = 1e-6;
  for (let e = 0; e < n; e++) {
    const f = e + 1 < n ? e + 1 : 0;
    const ax = path[2 * e] as number;
    const ay = path[2 * e + 1] as number;
    const bx = path[2 * f] as number;
    const by = path[2 * f + 1] as number;
    const at = cellsOf(grid, {
      x0: Math.min(ax, bx),
      x1: Math.max(ax, bx),
      y0: Math.min(ay, by),
      y1: Math.max(ay, by),
    });
    if (at === null) continue;
    const slope = by === ay ? 0 : (bx - ax) / (by - ay);
    for (let r = at.r0; r <= at.r1; r++) {
      const top = Math.max(Math.min(ay, by), r * height - hair);
      const bottom = Math.min(Math.max(ay, by), (r + 1) * height + hair);
      let xa = Math.min(ax, bx);
      let xb = Math.max(ax, bx);
      if (by !== ay && bottom >= top) {
        const p = ax + (top - ay) * slope;
        const q = ax + (bottom - ay) * slope;
        xa = Math.max(xa, Math.min(p, q) - hair);
        xb = Math.min(xb, Math.max(p, q) + hair);
      }
      const row = cellsOf(grid, { x0: xa, x1: xb, y0: r * height, y1: r * height });
      if (row === null) continue;
      crossed.fill(1, r * side + row.c0, r * side + row.c1 + 1);
    }
  }
  return crossed;
}

/**
 * Take the rows inside `polygon` (units). Cells no edge passes are taken or left whole by their middle; only the points of
 * crossed cells are tested one by one.
 */
export function takePolygon(grid: Grid, polygon: Polygon, take: Take): void {
  const at = cellsOf(grid, polygon.bounds);
  if (at === null) return;
  const { side, starts, xy, rowOf, frame } = grid;
  const crossed = crossedCells(grid, polygon);
  for (let r = at.r0; r <= at.r1; r++) {
    for (let c = at.c0; c <= at.c1; c++) {
      const cell: number = r * side + c;
      const test: boolean = crossed[cell] === 1;
      if (!test && !polygon.contains(((c + 0.5) * frame.width) / side, ((r + 0.5) * frame.height) / side))
        continue;
      for (let block = 0; block < grid.blocks; block++) {
        const k = block * side * side + cell;
        const end = starts[k + 1] as number;
        for (let p = starts[k] as number; p < end; p++) {
          if (!test || polygon.contains(xy[2 * p] as number, xy[2 * p + 1] as number))
            take(rowOf[p] as number);
        }
      }
    }
  }
}

/** Take the rows within `radius` screen pixels of the segment a–b (units): one step of a brush stroke. */
export function takeStroke(
  grid: Grid,
  a: readonly [number, number],
  b: readonly [number, number],
  radius: number,
  scale: Scale,
  take: Take,
): void {
  const { sx, sy } = scale;
  const at = cellsOf(grid, {
    x0: Math.min(a[0], b[0]) - radius / sx,
    x1: Math.max(a[0], b[0]) + radius / sx,
    y0: Math.min(a[1], b[1]) - radius / sy,
    y1: Math.max(a[1], b[1]) + radius / sy,
  });
  if (at === null) return;
  const { side, starts, xy, rowOf } = grid;
  const limit = radius * radius;
  const [ax, ay, bx, by] = [a[0] * sx, a[1] * sy, b[0] * sx, b[1] * sy];
  for (let block = 0; block < grid.blocks; block++) {
    for (let r = at.r0; r <= at.r1; r++) {
      const row = (block * side + r) * side;
      const end = starts[row + at.c1 + 1] as number;
      for (let p = starts[row + at.c0] as number; p < end; p++) {
        const d = distanceToSegment2(
          (xy[2 * p] as number) * sx,
          (xy[2 * p + 1] as number) * sy,
          ax,
          ay,
          bx,
          by,
        );
        if (d <= limit) take(rowOf[p] as number);
      }
    }
  }
}

/**
 * The row nearest to (x, y) in units, within `radius` screen pixels, among those `shown`; null when there is none.
 * Of equally near points the lowest row wins, so that the answer does not hang on the drawing order.
 */
export function nearest(
  grid: Grid,
  x: number,
  y: number,
  radius: number,
  scale: Scale,
  shown: (row: number) => boolean,
): number | null {
  const { sx, sy } = scale;
  const at = cellsOf(grid, {
    x0: x - radius / sx,
    x1: x + radius / sx,
    y0: y - radius / sy,
    y1: y + radius / sy,
  });
  if (at === null) return null;
  const { side, starts, xy, rowOf } = grid;
  let best = radius * radius;
  let found: number | null = null;
  for (let block = 0; block < grid.blocks; block++) {
    for (let r = at.r0; r <= at.r1; r++) {
      const row = (block * side + r) * side;
      const end = starts[row + at.c1 + 1] as number;
      for (let p = starts[row + at.c0] as number; p < end; p++) {
        const dx = ((xy[2 * p] as number) - x) * sx;
        const dy = ((xy[2 * p + 1] as number) - y) * sy;
        const d = dx * dx + dy * dy;
        if (d > best) continue;
        const candidate = rowOf[p] as number;
        if ((d < best || found === null || candidate < found) && shown(candidate)) {
          best = d;
          found = candidate;
        }
      }
    }
  }
  return found;
}
