/** Sets of rows as ascending Uint32Arrays without repeats. All results are new arrays unless said otherwise. */

export const EMPTY_ROWS: Uint32Array = new Uint32Array(0);

/** a ∪ b. */
export function union(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const out = new Uint32Array(a.length + b.length);
  let i = 0;
  let j = 0;
  let k = 0;
  while (i < a.length && j < b.length) {
    const x = a[i] as number;
    const y = b[j] as number;
    if (x <= y) i++;
    if (y <= x) j++;
    out[k++] = Math.min(x, y);
  }
  if (i < a.length) {
    out.set(a.subarray(i), k);
    k += a.length - i;
  } else {
    out.set(b.subarray(j), k);
    k += b.length - j;
  }
  return k === out.length ? out : out.slice(0, k);
}

/** a without the members of b. */
export function difference(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (a.length === 0 || b.length === 0) return a;
  const out = new Uint32Array(a.length);
  let j = 0;
  let k = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number;
    while (j < b.length && (b[j] as number) < x) j++;
    if (j >= b.length || b[j] !== x) out[k++] = x;
  }
  return k === out.length ? out : out.slice(0, k);
}

/** Place of `row` in ascending `rows`, or −1. */
export function indexOfRow(rows: Uint32Array, row: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const mid = (low + high) >> 1;
    const value = rows[mid] as number;
    if (value === row) return mid;
    if (value < row) low = mid + 1;
    else high = mid - 1;
  }
  return -1;
}

/** Ascending, without repeats; the input may be in any order. */
export function normalise(rows: Uint32Array): Uint32Array {
  let sorted = true;
  for (let i = 1; i < rows.length && sorted; i++) sorted = (rows[i - 1] as number) < (rows[i] as number);
  if (sorted) return rows;
  const copy = rows.slice().sort();
  let k = copy.length > 0 ? 1 : 0;
  for (let i = 1; i < copy.length; i++) if (copy[i] !== copy[i - 1]) copy[k++] = copy[i] as number;
  return k === copy.length ? copy : copy.slice(0, k);
}

/** Rows of a 0/1 mask. */
export function rowsOfMask(mask: Uint8Array, count: number): Uint32Array {
  const out = new Uint32Array(count);
  let k = 0;
  for (let row = 0; row < mask.length && k < count; row++) {
    if (mask[row] === 1) out[k++] = row;
  }
  return k === count ? out : out.slice(0, k);
}
