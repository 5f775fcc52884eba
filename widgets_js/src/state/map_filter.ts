/** Which points the map shows: all, a range of a column, or the clusters that the grid shows. */
import { maskBetween } from "../lib/histogram";
import { rowsOfMask } from "../lib/sorted";
import type { Store } from "./store";

export type MapFilter =
  | { kind: "range"; column: string; low: number; high: number }
  | { kind: "shown" }
  | null;

/** 1 per row that is shown, or null for all. Reads signals: call it in an effect. */
export function mapMask({ kernel, ui, shown }: Store): Uint8Array | null {
  const filter = ui.mapFilter.value;
  if (!filter) return null;
  if (filter.kind === "range") {
    kernel.columns.version.value;
    const values = ui.prefs.value.colourBy === filter.column ? kernel.columns.peek(filter.column) : undefined;
    return values ? maskBetween(values, filter.low, filter.high) : null;
  }
  kernel.codesVersion.value;
  kernel.clustersVersion.value;
  const mask = new Uint8Array(kernel.codes.length);
  for (const segment of shown.segments.value) for (const row of segment.unsorted) mask[row] = 1;
  return mask;
}

/** Rows that the map shows. */
export function visibleRows(store: Store): Uint32Array {
  const mask = mapMask(store);
  if (mask) {
    let count = 0;
    for (const shown of mask) count += shown;
    return rowsOfMask(mask, count);
  }
  return Uint32Array.from({ length: store.kernel.codes.length }, (_, i) => i);
}
