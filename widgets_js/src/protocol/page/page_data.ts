/** What a stand-alone page carries: the review as plain data. Written by `shoal.widgets.page`. */
import type { ClusterInfo, ColumnInfo } from "../messages";

export interface PageColumn extends ColumnInfo {
  /** Base64 of the values, little endian. */
  data: string;
}

/** A small picture: media type and base64, or the reason why there is none. */
export type PagePicture = [type: string, data: string] | { reason: string };

export interface PageData {
  version: 1;
  title: string;
  /** Ids and present paths of the items, row by row. */
  ids: string[];
  paths: string[];
  /** Width and height of the originals, px. */
  sizes: [number, number][];
  pictures: PagePicture[];
  /** Longest side of the pictures, px. */
  side: number;
  columns: PageColumn[];
  clusters: ClusterInfo[];
  /** Shown name → true name, where a name holds characters that are not shown as they are. */
  trueNames: Record<string, string>;
  facts: Record<string, string>[];
  tags: Record<string, string[]>;
  captions: Record<string, string>;
  broken: { path: string; reason: string }[];
}

export function bytesFrom(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** The values of a column as its dtype says. */
export function valuesOf(column: PageColumn): Int32Array | Float32Array {
  const bytes = bytesFrom(column.data);
  return column.dtype === "int32" ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer);
}
