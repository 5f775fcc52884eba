/** Arrays and sets of rows ↔ buffers. The Python side is `shoal.widgets.codec`; golden files hold both to the same bytes. */
import type { ArrayRef, ItemSet } from "./messages";

export type Buffer = DataView | ArrayBuffer | Uint8Array;
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

const MAKERS = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** The bytes of a buffer, without a copy. */
export function bytesOf(buffer: Buffer | undefined): Uint8Array<ArrayBuffer> {
  if (buffer === undefined) throw new Error("A message names a buffer that did not come with it.");
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
}

/** The array that `ref` names; copies only when the bytes are not aligned. */
export function decodeArray(ref: ArrayRef, buffers: readonly Buffer[]): TypedArray {
  const bytes = bytesOf(buffers[ref.buffer]);
  const Make = MAKERS[ref.dtype];
  const length = ref.shape.reduce((a, b) => a * b, 1);
  if (bytes.byteLength !== length * Make.BYTES_PER_ELEMENT) {
    throw new Error(`An array of ${length} ${ref.dtype} came with ${bytes.byteLength} bytes.`);
  }
  const aligned = bytes.byteOffset % Make.BYTES_PER_ELEMENT === 0;
  const from = aligned ? bytes : bytes.slice();
  return new Make(from.buffer, from.byteOffset, length);
}

/** Can this browser unpack arrays? All do since 2023. */
export const CAN_UNPACK = typeof DecompressionStream === "function";

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The array that `ref` names, packed or not. */
export async function unpackArray(ref: ArrayRef, buffers: readonly Buffer[]): Promise<TypedArray> {
  if (ref.packing !== "planes") return decodeArray(ref, buffers);
  const Make = MAKERS[ref.dtype];
  const length = ref.shape.reduce((a, b) => a * b, 1);
  const records = ref.shape[0] ?? 0;
  const planes = await inflate(bytesOf(buffers[ref.buffer]));
  if (planes.byteLength !== length * Make.BYTES_PER_ELEMENT) {
    throw new Error(`A packed array of ${length} ${ref.dtype} came with ${planes.byteLength} bytes.`);
  }
  const size = records === 0 ? 1 : planes.byteLength / records;
  const bytes = new Uint8Array(planes.byteLength);
  for (let k = 0; k < size; k++) {
    const start = k * records;
    for (let i = 0, at = k; i < records; i++, at += size) bytes[at] = planes[start + i] as number;
  }
  return new Make(bytes.buffer, 0, length);
}

/** Rows as an array reference plus its buffer, appended to `buffers`. */
export function encodeRows(rows: Uint32Array, buffers: Uint8Array[]): ArrayRef {
  buffers.push(new Uint8Array(rows.buffer.slice(rows.byteOffset, rows.byteOffset + rows.byteLength)));
  return { dtype: "uint32", shape: [rows.length], buffer: buffers.length - 1 };
}

function countRanges(rows: Uint32Array): number {
  let n = 0;
  let next = -1;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (row !== next) n++;
    next = row + 1;
  }
  return n;
}

function asRanges(rows: Uint32Array, n: number): Uint32Array {
  const out = new Uint32Array(2 * n);
  let k = -1;
  let next = -1;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (row !== next) out[2 * ++k] = row;
    next = row + 1;
    out[2 * k + 1] = next;
  }
  return out;
}

/**
 * Encode ascending rows without repeats, in the smallest of the three encodings (ranges before rows before bits on a tie).
 * The buffer is appended to `buffers`.
 */
export function encodeItemSet(rows: Uint32Array, buffers: Uint8Array[]): ItemSet {
  const ranges = countRanges(rows);
  const last = rows.length > 0 ? (rows[rows.length - 1] as number) : -1;
  const bitBytes = (last + 8) >> 3;
  const sizes = { ranges: 8 * ranges, rows: 4 * rows.length, bits: bitBytes };
  let encoding: ItemSet["encoding"] = "ranges";
  if (sizes.rows < sizes[encoding]) encoding = "rows";
  if (sizes.bits < sizes[encoding]) encoding = "bits";
  let data: Uint8Array;
  if (encoding === "bits") {
    data = new Uint8Array(bitBytes);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      data[row >> 3] = (data[row >> 3] as number) | (1 << (row & 7));
    }
  } else {
    const words = encoding === "ranges" ? asRanges(rows, ranges) : rows.slice();
    data = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  }
  buffers.push(data);
  return { encoding, count: rows.length, buffer: buffers.length - 1 };
}

function fromRanges(words: Uint32Array, count: number): Uint32Array {
  const out = new Uint32Array(count);
  let k = 0;
  for (let i = 0; i < words.length; i += 2) {
    for (let row = words[i] as number; row < (words[i + 1] as number) && k < count; row++) out[k++] = row;
  }
  return k === count ? out : out.subarray(0, k);
}

function fromBits(bytes: Uint8Array, count: number): Uint32Array {
  const out = new Uint32Array(count);
  let k = 0;
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i] as number;
    while (byte !== 0 && k < count) {
      const low = byte & -byte;
      out[k++] = (i << 3) + (31 - Math.clz32(low));
      byte ^= low;
    }
  }
  return k === count ? out : out.subarray(0, k);
}

/** The ascending rows of a set. */
export function decodeItemSet(set: ItemSet, buffers: readonly Buffer[]): Uint32Array {
  const bytes = bytesOf(buffers[set.buffer]);
  let rows: Uint32Array;
  if (set.encoding === "bits") {
    rows = fromBits(bytes, set.count);
  } else {
    const from = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    const words = new Uint32Array(from.buffer, from.byteOffset, from.byteLength >> 2);
    rows = set.encoding === "rows" ? words : fromRanges(words, set.count);
  }
  if (rows.length !== set.count) {
    throw new Error(`A set of ${set.count} rows came with ${rows.length}.`);
  }
  return rows;
}
