/**
 * Point-in-polygon by the non-zero winding rule, the rule canvas fills use, so that what a lasso paints is what it
 * takes, also where the line crosses itself.
 */

/** A rectangle in any unit, x0 <= x1 and y0 <= y1. */
export interface Rect {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** The smallest rectangle around `path` (x, y interleaved); null when the path holds no point. */
export function boundsOf(path: ArrayLike<number>): Rect | null {
  if (path.length < 2) return null;
  let x0 = Infinity;
  let y0 = Infinity;
  let x1 = -Infinity;
  let y1 = -Infinity;
  for (let i = 0; i + 1 < path.length; i += 2) {
    const x = path[i] as number;
    const y = path[i + 1] as number;
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  }
  return { x0, y0, x1, y1 };
}

/**
 * Drop vertices that lie within `tolerance` of the line between those kept (Ramer 1972; Douglas and Peucker 1973).
 * The first and last vertex stay. Iterative, so that a path of any length cannot exhaust the stack.
 */
export function simplifyPath(path: ArrayLike<number>, tolerance: number): Float64Array {
  const n = path.length >> 1;
  if (n <= 2) return Float64Array.from(path);
  const keep = new Uint8Array(n);
  keep[0] = 1;
  keep[n - 1] = 1;
  const stack: number[] = [0, n - 1];
  while (stack.length > 0) {
    const last = stack.pop() as number;
    const first = stack.pop() as number;
    let worst = tolerance * tolerance;
    let at = -1;
    for (let i = first + 1; i < last; i++) {
      const d = distanceToSegment2(
        path[2 * i] as number,
        path[2 * i + 1] as number,
        path[2 * first] as number,
        path[2 * first + 1] as number,
        path[2 * last] as number,
        path[2 * last + 1] as number,
      );
      if (d > worst) {
        worst = d;
        at = i;
      }
    }
    if (at < 0) continue;
    keep[at] = 1;
    stack.push(first, at, at, last);
  }
  const out: number[] = [];
  for (let i = 0; i < n; i++) if (keep[i] === 1) out.push(path[2 * i] as number, path[2 * i + 1] as number);
  return Float64Array.from(out);
}

/** Squared distance from (px, py) to the segment (ax, ay)–(bx, by). */
export function distanceToSegment2(
  px: number,
  py: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
): number {
  const dx = bx - ax;
  const dy = by - ay;
  const length2 = dx * dx + dy * dy;
  const t = length2 > 0 ? Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / length2)) : 0;
  const ex = px - ax - t * dx;
  const ey = py - ay - t * dy;
  return ex * ex + ey * ey;
}

const MAX_SLABS = 512;

/**
 * A closed polygon ready for many containment tests: its edges are binned into horizontal slabs, so that one test looks
 * only at the few edges that share its height.
 */
export class Polygon {
  /** Bounding rectangle. */
  readonly bounds: Rect;
  /** Vertices, x and y interleaved; the closing edge is implied. */
  readonly path: Float64Array;
  private readonly slabs: number;
  private readonly slabScale: number;
  private readonly slabStart: Uint32Array;
  private readonly slabEdges: Uint32Array;

  /** `path`: vertices, x and y interleaved, at least three of them, else RangeError. */
  constructor(path: ArrayLike<number>) {
    this.path = Float64Array.from(path);
    const bounds = boundsOf(this.path);
    const n = this.size;
    if (bounds === null || n < 3)
      throw new RangeError(`a polygon has at least three vertices, this one has ${n}`);
    this.bounds = bounds;
    this.slabs = Math.max(1, Math.min(MAX_SLABS, n));
    const height = bounds.y1 - bounds.y0;
    this.slabScale = height > 0 ? this.slabs / height : 0;
    const counts = new Uint32Array(this.slabs + 1);
    for (let e = 0; e < n; e++) {
      const [from, to] = this.slabsOfEdge(e);
      for (let s = from; s <= to; s++) counts[s + 1] = (counts[s + 1] as number) + 1;
    }
    for (let s = 0; s < this.slabs; s++) counts[s + 1] = (counts[s + 1] as number) + (counts[s] as number);
    this.slabStart = counts;
    this.slabEdges = new Uint32Array(counts[this.slabs] as number);
    const next = counts.slice();
    for (let e = 0; e < n; e++) {
      const [from, to] = this.slabsOfEdge(e);
      for (let s = from; s <= to; s++) {
        const at = next[s] as number;
        this.slabEdges[at] = e;
        next[s] = at + 1;
      }
    }
  }

  /** Number of vertices. */
  get size(): number {
    return this.path.length >> 1;
  }

  /** Is (x, y) inside by the non-zero winding rule? Points exactly on an edge may fall on either side. */
  contains(x: number, y: number): boolean {
    const b = this.bounds;
    if (x < b.x0 || x > b.x1 || y < b.y0 || y > b.y1) return false;
    const slab = this.slabOf(y);
    const end = this.slabStart[slab + 1] as number;
    const path = this.path;
    const n = this.size;
    let winding = 0;
    for (let i = this.slabStart[slab] as number; i < end; i++) {
      const e = this.slabEdges[i] as number;
      const f = e + 1 < n ? e + 1 : 0;
      const ay = path[2 * e + 1] as number;
      const by = path[2 * f + 1] as number;
      if (ay <= y === by <= y) continue;
      const ax = path[2 * e] as number;
      const bx = path[2 * f] as number;
      // Left of the edge is positive: an upward crossing to the right of the point counts +1, a downward one −1.
      const side = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
      if (by > ay) {
        if (side > 0) winding++;
      } else if (side < 0) winding--;
    }
    return winding !== 0;
  }

  private slabOf(y: number): number {
    const s = Math.floor((y - this.bounds.y0) * this.slabScale);
    return s < 0 ? 0 : s >= this.slabs ? this.slabs - 1 : s;
  }

  private slabsOfEdge(e: number): [number, number] {
    const f = e + 1 < this.size ? e + 1 : 0;
    const ay = this.path[2 * e + 1] as number;
    const by = this.path[2 * f + 1] as number;
    return [this.slabOf(Math.min(ay, by)), this.slabOf(Math.max(ay, by))];
  }
}

/** Is (x, y) inside `path` by the non-zero winding rule? For one test; make a `Polygon` for many. */
export function pointInPolygon(x: number, y: number, path: ArrayLike<number>): boolean {
  const n = path.length >> 1;
  let winding = 0;
  for (let e = 0; e < n; e++) {
    const f = e + 1 < n ? e + 1 : 0;
    const ax = path[2 * e] as number;
    const ay = path[2 * e + 1] as number;
    const bx = path[2 * f] as number;
    const by = path[2 * f + 1] as number;
    if (ay <= y === by <= y) continue;
    const side = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
    if (by > ay && side > 0) winding++;
    else if (by <= ay && side < 0) winding--;
  }
  return winding !== 0;
}
