/** What the grid shows and in which order: the items of some clusters, or a gathered set (a lasso) apart by cluster. */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { sortRowsBy } from "../lib/sort_rows";
import { EMPTY_ROWS } from "../lib/sorted";
import type { TypedArray } from "../protocol/codec";
import type { KernelState } from "./kernel_state";
import { groupByCode } from "./rows_by_code";

export type View =
  | { kind: "clusters"; ids: readonly string[] }
  /** `back` is what was shown before. */
  | { kind: "gathered"; rows: Uint32Array; title: string; back: readonly string[] };

export interface Sort {
  /** Column name; null is the order of the items in the review. */
  column: string | null;
  descending: boolean;
}

/** The items of one cluster that are shown. They are sorted when somebody looks at them: of many segments few are in sight. */
export class Segment {
  #sorted: Uint32Array | null = null;
  constructor(
    readonly code: number,
    /** Ascending. */
    readonly unsorted: Uint32Array,
    readonly values: TypedArray | undefined,
    readonly descending: boolean,
  ) {}

  get length(): number {
    return this.unsorted.length;
  }

  /** In the order shown. */
  get rows(): Uint32Array {
    if (!this.values || this.unsorted.length < 2) return this.unsorted;
    this.#sorted ??= sortRowsBy(this.unsorted, this.values, this.descending);
    return this.#sorted;
  }

  same(unsorted: Uint32Array, values: TypedArray | undefined, descending: boolean): boolean {
    return this.unsorted === unsorted && this.values === values && this.descending === descending;
  }
}

export class Shown {
  readonly view: Signal<View> = signal<View>({ kind: "clusters", ids: [] });
  readonly sort: Signal<Sort> = signal<Sort>({ column: null, descending: false });
  readonly segments: ReadonlySignal<Segment[]>;
  readonly total: ReadonlySignal<number>;
  readonly #wished = signal(0);
  /** Grows when somebody asks for something else in the grid. */
  readonly wished: ReadonlySignal<number> = this.#wished;
  /** Segments of the last time: those that did not change are kept, sorted as they are. */
  #last = new Map<number, Segment>();

  constructor(readonly kernel: KernelState) {
    this.segments = computed(() => this.#segments());
    this.total = computed(() => this.segments.value.reduce((n, s) => n + s.length, 0));
  }

  /** Somebody wants to see these clusters. */
  show(ids: readonly string[]): void {
    this.settle(ids);
    this.#wished.value++;
  }

  /** Show clusters because others are gone, not because somebody asked for them. */
  settle(ids: readonly string[]): void {
    this.view.value = { kind: "clusters", ids };
  }

  gather(rows: Uint32Array, title: string): void {
    const now = this.view.peek();
    const back = now.kind === "clusters" ? now.ids : now.back;
    this.view.value = { kind: "gathered", rows, title, back };
    this.#wished.value++;
  }

  /** From a gathered set back to the clusters shown before. */
  leave(): boolean {
    const now = this.view.peek();
    if (now.kind !== "gathered") return false;
    this.show(now.back);
    return true;
  }

  /** Clusters shown whole (none while a gathered set is shown). */
  readonly ids: ReadonlySignal<readonly string[]> = computed(() =>
    this.view.value.kind === "clusters" ? this.view.value.ids : [],
  );

  #segments(): Segment[] {
    const { kernel } = this;
    const view = this.view.value;
    const sort = this.sort.value;
    kernel.codesVersion.value;
    kernel.clustersVersion.value;
    let values: TypedArray | undefined;
    if (sort.column !== null) {
      kernel.columns.version.value;
      values = kernel.columns.need(sort.column);
    }
    let parts: [number, Uint32Array][];
    if (view.kind === "clusters") {
      const infos = view.ids.map((id) => kernel.clusters.get(id)).filter((c) => c !== undefined);
      parts = infos.map((c) => [c.code, kernel.index.get(c.code)]);
    } else {
      parts = [...groupByCode(view.rows, kernel.codes)];
      parts.sort((a, b) => b[1].length - a[1].length || a[0] - b[0]);
    }
    const out = parts.map(([code, rows]) => {
      const last = this.#last.get(code);
      if (last?.same(rows, values, sort.descending)) return last;
      return new Segment(code, rows, values, sort.descending);
    });
    this.#last = new Map(out.map((s) => [s.code, s]));
    return out;
  }

  /** Row of the card at `index` over all segments, or −1. */
  rowAt(index: number): number {
    let left = index;
    for (const segment of this.segments.peek()) {
      if (left < segment.length) return left < 0 ? -1 : (segment.rows[left] as number);
      left -= segment.length;
    }
    return -1;
  }

  /** Index of a row among the cards, or −1. */
  indexOf(row: number): number {
    let start = 0;
    const code = this.kernel.codes[row];
    for (const segment of this.segments.peek()) {
      if (segment.code === code) {
        const at = segment.rows.indexOf(row);
        return at < 0 ? -1 : start + at;
      }
      start += segment.length;
    }
    return -1;
  }

  /** Rows of the cards in the half-open ranges of indices; of a segment that is in them whole, in any order. */
  rowsIn(ranges: readonly (readonly [number, number])[]): Uint32Array {
    const total = ranges.reduce((n, [a, b]) => n + b - a, 0);
    if (total <= 0) return EMPTY_ROWS;
    const out = new Uint32Array(total);
    let k = 0;
    for (const [from, to] of ranges) {
      let start = 0;
      for (const segment of this.segments.peek()) {
        const a = Math.max(from, start);
        const b = Math.min(to, start + segment.length);
        if (a < b) {
          const whole = b - a === segment.length; // as a set: no need to sort
          out.set(whole ? segment.unsorted : segment.rows.subarray(a - start, b - start), k);
          k += b - a;
        }
        start += segment.length;
      }
    }
    return k === total ? out : out.slice(0, k);
  }

  /** All rows shown. */
  allRows(): Uint32Array {
    return this.rowsIn([[0, this.total.peek()]]);
  }
}
