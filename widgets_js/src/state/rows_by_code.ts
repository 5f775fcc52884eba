/** Which rows each cluster has: a counting sort once, then merges of sorted arrays for the clusters that an edit touches. */
import { difference, EMPTY_ROWS, union } from "../lib/sorted";

export class RowsByCode {
  readonly #rows: Map<number, Uint32Array>;

  constructor(codes: Int32Array) {
    const all = new Uint32Array(codes.length);
    for (let i = 0; i < all.length; i++) all[i] = i;
    this.#rows = groupByCode(all, codes);
  }

  /** Ascending rows of a cluster. A cluster that did not change gives the same array again. */
  get(code: number): Uint32Array {
    return this.#rows.get(code) ?? EMPTY_ROWS;
  }

  /** Codes that have rows. */
  codes(): IterableIterator<number> {
    return this.#rows.keys();
  }

  /** Put ascending `rows` into cluster `to`; `codes` still holds where they were, and is updated. Returns the codes touched. */
  move(rows: Uint32Array, to: number, codes: Int32Array): Set<number> {
    const byOld = groupByCode(rows, codes);
    byOld.delete(to);
    for (const [old, leaving] of byOld) {
      const rest = difference(this.get(old), leaving);
      if (rest.length > 0) this.#rows.set(old, rest);
      else this.#rows.delete(old);
    }
    if (rows.length > 0) this.#rows.set(to, union(this.get(to), rows));
    for (let i = 0; i < rows.length; i++) codes[rows[i] as number] = to;
    return new Set([...byOld.keys(), to]);
  }
}

/** Lowest and highest code among rows; [0, -1] for none. */
function span(rows: Uint32Array, codes: Int32Array): [number, number] {
  let low = 0x7fffffff;
  let high = -0x80000000;
  for (let i = 0; i < rows.length; i++) {
    const c = codes[rows[i] as number] as number;
    if (c < low) low = c;
    if (c > high) high = c;
  }
  return rows.length === 0 ? [0, -1] : [low, high];
}

/** How many rows of each code: `counts[code - low]`. */
function count(rows: Uint32Array, codes: Int32Array): { low: number; counts: Uint32Array } {
  const [low, high] = span(rows, codes);
  const counts = new Uint32Array(high - low + 1);
  for (let i = 0; i < rows.length; i++) {
    const k = (codes[rows[i] as number] as number) - low;
    counts[k] = (counts[k] as number) + 1;
  }
  return { low, counts };
}

/** Number of different codes among rows. */
export function countCodes(rows: Uint32Array, codes: Int32Array): number {
  let n = 0;
  for (const c of count(rows, codes).counts) if (c > 0) n++;
  return n;
}

/** Ascending rows, apart by their present code, each part ascending. Codes are dense: work and memory follow their span. */
export function groupByCode(rows: Uint32Array, codes: Int32Array): Map<number, Uint32Array> {
  const { low, counts } = count(rows, codes);
  const out = new Map<number, Uint32Array>();
  const place = new Uint32Array(counts.length);
  const all = new Uint32Array(rows.length);
  let start = 0;
  for (let k = 0; k < counts.length; k++) {
    const size = counts[k] as number;
    place[k] = start;
    if (size > 0) out.set(k + low, all.subarray(start, start + size));
    start += size;
  }
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const k = (codes[row] as number) - low;
    const at = place[k] as number;
    place[k] = at + 1;
    all[at] = row;
  }
  return out;
}
