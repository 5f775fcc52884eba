/** Sort rows by a number column in linear time: keys made comparable as unsigned integers, then a radix sort of 3 × 11 bits. */
import type { TypedArray } from "../protocol/codec";

const BITS = 11;
const BUCKETS = 1 << BITS;
const MASK = BUCKETS - 1;

function sortableKeys(rows: Uint32Array, values: TypedArray, descending: boolean): Uint32Array {
  const floats = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i++) floats[i] = (values[rows[i] as number] as number) + 0; // −0 becomes 0
  const keys = new Uint32Array(floats.buffer);
  for (let i = 0; i < keys.length; i++) {
    const bits = keys[i] as number;
    if ((bits & 0x7fffffff) > 0x7f800000) {
      keys[i] = 0xffffffff; // not a number: last in both directions
      continue;
    }
    const key = bits & 0x80000000 ? ~bits >>> 0 : (bits | 0x80000000) >>> 0;
    keys[i] = descending ? ~key >>> 0 : key;
  }
  return keys;
}

/** `rows` ordered by `values[row]`, stable; rows whose value is NaN come last. Integers above 2^24 compare as float32. */
export function sortRowsBy(rows: Uint32Array, values: TypedArray, descending: boolean): Uint32Array {
  let keys: Uint32Array = sortableKeys(rows, values, descending);
  let order: Uint32Array = rows.slice();
  let nextKeys: Uint32Array = new Uint32Array(keys.length);
  let nextOrder: Uint32Array = new Uint32Array(keys.length);
  for (let shift = 0; shift < 32; shift += BITS) {
    const starts = new Uint32Array(BUCKETS + 1);
    for (let i = 0; i < keys.length; i++) {
      const b = (((keys[i] as number) >>> shift) & MASK) + 1;
      starts[b] = (starts[b] as number) + 1;
    }
    for (let b = 1; b <= BUCKETS; b++) starts[b] = (starts[b] as number) + (starts[b - 1] as number);
    for (let i = 0; i < keys.length; i++) {
      const b = ((keys[i] as number) >>> shift) & MASK;
      const at = starts[b] as number;
      starts[b] = at + 1;
      nextKeys[at] = keys[i] as number;
      nextOrder[at] = order[i] as number;
    }
    [keys, nextKeys] = [nextKeys, keys];
    [order, nextOrder] = [nextOrder, order];
  }
  return order;
}
