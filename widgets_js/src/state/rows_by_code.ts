/** Which rows each cluster has: a counting sort once, then merges of sorted arrays for the clusters that an edit touches. */
import { difference, EMPTY_ROWS, union } from "../lib/sorted";

export class RowsByCode {
  readonly #rows = new Map<number, Uint32Array>();

  constructor(codes: Int32Array) {
    let low = 0;
    let high = 0;
    for (let i = 0; i < codes.length; i++) {
      const c = codes[i] as number;
      if (c < low) low = c;
      if (c > high) high = c;
    }
    const counts = new Uint32Array(high - low + 2);
    for (let i = 0; i < codes.length; i++) {
      const k = (codes[i] as number) - low + 1;
      counts[k] = (counts[k] as number) + 1;
    }
    for (let k = 1; k < counts.length; k++) counts[k] = (counts[k] as number) + (counts[k - 1] as number);
    const place = counts.slice();
    const all = new Uint32Array(codes.length);
    for (let i = 0; i < codes.length; i++) {
      const k = (codes[i] as number) - low;
      const at = place[k] as number;
      all[at] = i;
      place[k] = at + 1;
    }
    for (let k = 0; k + 1 < counts.length; k++) {
      const from = counts[k] as number;
      const to = counts[k + 1] as number;
      if (from < to) this.#rows.set(k + low, all.subarray(from, to));
    }
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

/** Ascending rows, apart by their present code, each part ascending. */
export function groupByCode(rows: Uint32Array, codes: Int32Array): Map<number, Uint32Array> {
  const counts = new Map<number, number>();
  let runCode = Number.NaN;
  let run = 0;
  const flush = () => {
    if (run > 0) counts.set(runCode, (counts.get(runCode) ?? 0) + run);
  };
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i] as number] as number;
    if (code === runCode) {
      run++;
    } else {
      flush();
      runCode = code;
      run = 1;
    }
  }
  flush();
  if (counts.size === 1) return new Map([[runCode, rows]]);
  const out = new Map<number, Uint32Array>();
  const fill = new Map<number, { part: Uint32Array; at: number }>();
  for (const [code, count] of counts) {
    const part = new Uint32Array(count);
    out.set(code, part);
    fill.set(code, { part, at: 0 });
  }
  let slot = { part: EMPTY_ROWS, at: 0 };
  let slotCode = Number.NaN;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const code = codes[row] as number;
    if (code !== slotCode) {
      slotCode = code;
      slot = fill.get(code) as { part: Uint32Array; at: number };
    }
    slot.part[slot.at++] = row;
  }
  return out;
}
