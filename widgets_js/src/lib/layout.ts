/**
 * Where each card of the grid is, by arithmetic alone: nothing here is proportional to the number of items.
 *
 * The grid shows segments (one cluster each) one under the other; `index` counts cards over all segments.
 * Distances are CSS px. Heights may go far beyond what a browser lets one element have: see `ScrollScale`.
 */

export interface GridLayout {
  columns: number;
  /** Side of a card, px; cards are square. */
  cell: number;
  /** Card plus gap. */
  pitch: number;
  gap: number;
  padding: number;
  /** Height of a segment's heading; 0 without headings. */
  head: number;
  /** First card index of each segment, and the total at the end. */
  starts: Float64Array;
  /** Top of each segment (of its heading), and the end. */
  tops: Float64Array;
  height: number;
}

export interface Box {
  x: number;
  y: number;
}

/** Lay out segments of `counts` cards in `width` px with cards of at least `size` px. */
export function layOut(
  counts: ArrayLike<number>,
  width: number,
  size: number,
  head: number,
  gap = 8,
  padding = 12,
): GridLayout {
  const inner = Math.max(1, width - 2 * padding);
  const columns = Math.max(1, Math.floor((inner + gap) / (size + gap)));
  const cell = Math.max(1, (inner - gap * (columns - 1)) / columns);
  const pitch = cell + gap;
  const starts = new Float64Array(counts.length + 1);
  const tops = new Float64Array(counts.length + 1);
  let top = 4;
  let start = 0;
  for (let s = 0; s < counts.length; s++) {
    const count = counts[s] as number;
    starts[s] = start;
    tops[s] = top;
    start += count;
    top += head + Math.ceil(count / columns) * pitch;
  }
  starts[counts.length] = start;
  tops[counts.length] = top;
  return { columns, cell, pitch, gap, padding, head, starts, tops, height: top + padding - gap };
}

/** Last position in ascending `values` (but its final sentinel) that is ≤ x. */
export function lastAtMost(values: Float64Array, x: number): number {
  let low = 0;
  let high = values.length - 2;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if ((values[mid] as number) <= x) low = mid;
    else high = mid - 1;
  }
  return low;
}

export const countOf = (layout: GridLayout): number => layout.starts[layout.starts.length - 1] as number;

/** Segment of a card; segments without cards are stepped over. */
export function segmentOf(layout: GridLayout, index: number): number {
  return lastAtMost(layout.starts, index);
}

/** Top left corner of a card. */
export function boxOf(layout: GridLayout, index: number): Box {
  const s = segmentOf(layout, index);
  const k = index - (layout.starts[s] as number);
  return {
    x: layout.padding + (k % layout.columns) * layout.pitch,
    y: (layout.tops[s] as number) + layout.head + Math.floor(k / layout.columns) * layout.pitch,
  };
}

/** Cards of segment `s` in its rows `[from, to]`, as a half-open range of indices. */
function cardsOfLines(layout: GridLayout, s: number, from: number, to: number): [number, number] {
  const start = layout.starts[s] as number;
  const end = layout.starts[s + 1] as number;
  return [Math.min(end, start + from * layout.columns), Math.min(end, start + (to + 1) * layout.columns)];
}

/** Half-open range of the cards that touch y0 … y1. */
export function cardsBetween(layout: GridLayout, y0: number, y1: number): [number, number] {
  if (layout.starts.length < 2) return [0, 0];
  const lineOf = (s: number, y: number) =>
    Math.floor((y - (layout.tops[s] as number) - layout.head) / layout.pitch);
  const first = lastAtMost(layout.tops, y0);
  const last = lastAtMost(layout.tops, y1);
  const from = cardsOfLines(layout, first, Math.max(0, lineOf(first, y0)), 0)[0];
  const bottom = lineOf(last, y1);
  const to = bottom < 0 ? (layout.starts[last] as number) : cardsOfLines(layout, last, 0, bottom)[1];
  return [from, Math.max(from, to)];
}

/** Segments whose heading touches y0 … y1, as a half-open range. */
export function segmentsBetween(layout: GridLayout, y0: number, y1: number): [number, number] {
  if (layout.starts.length < 2) return [0, 0];
  return [lastAtMost(layout.tops, y0), lastAtMost(layout.tops, y1) + 1];
}

/** Ranges of cards that touch a rectangle (rubber band); one half-open range a line. */
export function cardsInRect(
  layout: GridLayout,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): [number, number][] {
  const left = Math.max(0, Math.ceil((Math.min(x0, x1) - layout.padding - layout.cell) / layout.pitch));
  const right = Math.min(layout.columns - 1, Math.floor((Math.max(x0, x1) - layout.padding) / layout.pitch));
  if (right < left) return [];
  const [from, to] = cardsBetween(layout, Math.min(y0, y1), Math.max(y0, y1));
  const out: [number, number][] = [];
  let index = from;
  while (index < to) {
    const s = segmentOf(layout, index);
    const start = layout.starts[s] as number;
    const end = Math.min(to, layout.starts[s + 1] as number);
    for (
      let line = Math.floor((index - start) / layout.columns);
      start + line * layout.columns < end;
      line++
    ) {
      const a = start + line * layout.columns + left;
      const b = Math.min(end, start + line * layout.columns + right + 1);
      const y = a < b ? boxOf(layout, a).y : Number.NaN;
      if (y <= Math.max(y0, y1) && y + layout.cell >= Math.min(y0, y1)) out.push([a, b]);
    }
    index = Math.max(end, index + 1);
  }
  return out;
}

/** The card an arrow key leads to: by columns within a segment, across the headings to the nearest column. */
export function neighbour(layout: GridLayout, index: number, key: "left" | "right" | "up" | "down"): number {
  const total = countOf(layout);
  if (key === "left") return Math.max(0, index - 1);
  if (key === "right") return Math.min(total - 1, index + 1);
  const s = segmentOf(layout, index);
  const start = layout.starts[s] as number;
  const end = layout.starts[s + 1] as number;
  const column = (index - start) % layout.columns;
  if (key === "down") {
    if (index + layout.columns < end) return index + layout.columns;
    const lastLine = Math.floor((end - 1 - start) / layout.columns);
    if (Math.floor((index - start) / layout.columns) < lastLine) return end - 1;
    if (end >= total) return index;
    const next = segmentOf(layout, end);
    return Math.min(end + column, (layout.starts[next + 1] as number) - 1);
  }
  if (index - layout.columns >= start) return index - layout.columns;
  if (start === 0) return index;
  const before = segmentOf(layout, start - 1);
  const from = layout.starts[before] as number;
  const line = Math.floor((start - 1 - from) / layout.columns);
  return Math.min(from + line * layout.columns + column, start - 1);
}

/**
 * Browsers stop at about 16.7 million px for one element. Up to `LIMIT` the scroll bar is the true one; beyond it the bar
 * moves over a shorter element in proportion, and the wheel moves by true pixels.
 */
export const LIMIT = 8_000_000;

export class ScrollScale {
  readonly inner: number;
  constructor(
    readonly height: number,
    readonly view: number,
  ) {
    this.inner = Math.min(height, LIMIT);
  }
  get scaled(): boolean {
    return this.height > this.inner;
  }
  get maxTop(): number {
    return Math.max(0, this.height - this.view);
  }
  /** scrollTop of the element → true top. */
  toTop(scrollTop: number): number {
    if (!this.scaled) return scrollTop;
    return (scrollTop / Math.max(1, this.inner - this.view)) * this.maxTop;
  }
  /** True top → scrollTop of the element. */
  toScroll(top: number): number {
    if (!this.scaled) return top;
    return (top / Math.max(1, this.maxTop)) * (this.inner - this.view);
  }
}
