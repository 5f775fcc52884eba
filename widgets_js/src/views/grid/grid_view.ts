/**
 * The virtual grid: a scroll bar over arithmetic, and as many cards as fit the window.
 *
 * Cards live in a layer that sticks to the top of the scroller; scrolling moves the layer's content by a transform and binds the
 * cards that come into sight. Distances are true px of the content (`top` may exceed what the scroll bar can express).
 */
import {
  boxOf,
  cardsBetween,
  countOf,
  type GridLayout,
  layOut,
  ScrollScale,
  segmentOf,
  segmentsBetween,
} from "../../lib/layout";
import type { Mark } from "../../state/marks";
import type { Segment } from "../../state/shown";
import { sideFor, type Thumbs } from "../../state/thumbs";
import { Card } from "./card";

export interface GridDeps {
  thumbs: Thumbs;
  isSelected(row: number): boolean;
  markOf(row: number): Mark;
  /** Fill the heading of a segment. */
  fillHead(element: HTMLElement, segment: Segment): void;
  /** All cards in sight have their picture. */
  onSettled(): void;
}

export const HEAD = 36;
/** Content is placed relative to an anchor, so that transforms stay within what floats can tell apart. */
const REANCHOR = 100_000;
const AHEAD_MS = 120;
/**
 * A pull of the bar shows another window with each frame. Pictures are shown so often meanwhile, and when it has rested so long
 * (ms): a picture for each frame would load hundreds a second, and their garbage stops the page for longer than a frame.
 */
const GLIMPSE_MS = 150;
const REST_MS = 60;

export class GridView {
  layout: GridLayout = layOut([], 1, 1, 0);
  top = 0;
  height = 0;
  #segments: readonly Segment[] = [];
  #scale = new ScrollScale(0, 0);
  #anchor = 0;
  #expected = -1;
  #frame = 0;
  #ahead: ReturnType<typeof setTimeout> | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** The next draw follows the bar. */
  #pulled = false;
  #drawnTop = 0;
  #filledAt = Number.NEGATIVE_INFINITY;
  #active = -1;
  #side = 0;
  readonly #spacer = document.createElement("div");
  readonly #layer = document.createElement("div");
  readonly content = document.createElement("div");
  readonly list = document.createElement("div");
  readonly #heads = document.createElement("div");
  readonly #headElements = new Map<number, HTMLElement>();
  readonly #cards = new Map<number, Card>();
  readonly #free: Card[] = [];

  constructor(
    readonly scroller: HTMLElement,
    readonly deps: GridDeps,
  ) {
    this.#spacer.className = "sh-spacer";
    this.#layer.className = "sh-layer";
    this.content.className = "sh-content";
    this.#heads.className = "sh-heads";
    this.list.className = "sh-cards";
    this.list.tabIndex = 0;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-multiselectable", "true");
    this.list.setAttribute("aria-label", "Items");
    this.list.dataset.testid = "grid";
    this.content.append(this.#heads, this.list);
    this.#layer.append(this.content);
    this.#spacer.append(this.#layer);
    scroller.append(this.#spacer);
    scroller.addEventListener("scroll", this.#onScroll, { passive: true });
    scroller.addEventListener("wheel", this.#onWheel, { passive: false });
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#ahead);
    clearTimeout(this.#rest);
    for (const card of this.#cards.values()) card.release();
    this.scroller.removeEventListener("scroll", this.#onScroll);
    this.scroller.removeEventListener("wheel", this.#onWheel);
    this.#spacer.remove();
  }

  get total(): number {
    return countOf(this.layout);
  }

  /** New content or size. Keeps the first card in sight where it is, unless `toTop`. */
  setContent(
    segments: readonly Segment[],
    size: number,
    heads: boolean,
    quality: number,
    toTop: boolean,
  ): void {
    const keep = toTop ? -1 : this.#firstInSight();
    const keepRow = keep >= 0 ? [...this.#cards.values()].find((c) => c.index === keep)?.row : undefined;
    const keepY = keep >= 0 ? boxOf(this.layout, keep).y - this.top : 0;
    const width = this.scroller.clientWidth;
    this.height = this.scroller.clientHeight;
    const narrow = width < 480;
    const counts = segments.map((s) => s.length);
    this.layout = layOut(counts, width, size, heads ? HEAD : 0, size < 72 ? 4 : 8, narrow ? 10 : 12);
    this.#segments = segments;
    this.#side = sideFor(this.layout.cell * Math.min(2, globalThis.devicePixelRatio || 1) * quality);
    this.#scale = new ScrollScale(this.layout.height, this.height);
    this.#spacer.style.height = `${this.#scale.inner}px`;
    this.#layer.style.height = `${Math.min(this.height, this.#scale.inner)}px`;
    let top = toTop ? 0 : this.top;
    if (keep >= 0 && keep < this.total && (keepRow === undefined || this.rowAt(keep) === keepRow)) {
      top = boxOf(this.layout, keep).y - keepY;
    }
    this.scrollTo(top);
    this.draw();
  }

  /** Row of a card, or −1. */
  rowAt(index: number): number {
    if (index < 0 || index >= this.total) return -1;
    const s = segmentOf(this.layout, index);
    return this.#segments[s]?.rows[index - (this.layout.starts[s] as number)] ?? -1;
  }

  #firstInSight(): number {
    if (this.total === 0 || this.top <= 0) return -1;
    return cardsBetween(this.layout, this.top, this.top)[0];
  }

  scrollTo(top: number): void {
    this.top = Math.max(0, Math.min(top, this.#scale.maxTop));
    const at = Math.round(this.#scale.toScroll(this.top));
    if (Math.abs(this.scroller.scrollTop - at) >= 1) {
      this.#expected = at;
      this.scroller.scrollTop = at;
    }
    this.#schedule();
  }

  /** Bring a card into sight. */
  reveal(index: number, where: "nearest" | "centre" = "nearest"): void {
    if (index < 0 || index >= this.total) return;
    const { y } = boxOf(this.layout, index);
    const { cell } = this.layout;
    if (where === "centre") this.scrollTo(y - (this.height - cell) / 2);
    else if (y < this.top + 4) this.scrollTo(y - (y < 60 ? 60 : 8));
    else if (y + cell > this.top + this.height - 4) this.scrollTo(y + cell - this.height + 12);
  }

  readonly #onScroll = (): void => {
    const at = this.scroller.scrollTop;
    if (this.#expected >= 0 && Math.abs(at - this.#expected) < 2) {
      this.#expected = -1; // our own
      return;
    }
    this.#expected = -1;
    this.top = Math.max(0, Math.min(this.#scale.toTop(at), this.#scale.maxTop));
    this.#pulled = true;
    this.#schedule();
  };

  readonly #onWheel = (event: WheelEvent): void => {
    // Beyond the browser's limit one px of the bar is many of the content: move by true px instead.
    if (!this.#scale.scaled || event.ctrlKey) return;
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? this.height : 1;
    event.preventDefault();
    this.scrollTo(this.top + event.deltaY * unit);
  };

  #schedule(): void {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.draw();
    });
  }

  /** Bind the cards in sight. */
  draw(): void {
    const { layout, top, height } = this;
    if (Math.abs(top - this.#anchor) > REANCHOR) {
      this.#anchor = top;
    }
    this.content.style.transform = `translateY(${this.#anchor - top}px)`;
    const filled = this.#fills();
    const over = layout.pitch;
    const [from, to] = this.total > 0 ? cardsBetween(layout, top - over, top + height + over) : [0, 0];
    const wanted = new Map<number, number>();
    for (let index = from; index < to; index++) wanted.set(this.rowAt(index), index);
    // What leaves is bound to what comes where it is: taking it out of the page and back costs more than all else.
    const spare = new Map<Element | null, Card>();
    for (const [row, card] of this.#cards) {
      if (wanted.has(row)) continue;
      card.release();
      spare.set(card.element, card);
      this.#cards.delete(row);
    }
    // The order in the page is the order shown, for screen readers.
    let next = this.list.firstElementChild;
    for (const [row, index] of wanted) {
      let card = this.#cards.get(row);
      if (card) {
        while (spare.has(next)) next = (next as Element).nextElementSibling;
      } else {
        const left = spare.get(next) ?? spare.values().next().value;
        card = left ?? this.#free.pop() ?? new Card(this.deps.thumbs, this.#settle);
        spare.delete(card.element);
        this.#cards.set(row, card);
      }
      if (card.element === next) next = next.nextElementSibling;
      else this.list.insertBefore(card.element, next);
      if (filled) card.bind(row, this.#side);
      else card.hold(row);
      const box = boxOf(layout, index);
      card.place(index, box.x, box.y - this.#anchor, layout.cell, this.total);
    }
    for (const card of spare.values()) {
      card.element.remove();
      this.#free.push(card);
    }
    this.mark();
    this.#drawHeads();
    clearTimeout(this.#ahead);
    this.#ahead = setTimeout(() => this.#lookAhead(), AHEAD_MS);
    this.#settle();
  }

  /** Is this draw to bring pictures? Not in the middle of a pull; then one follows. */
  #fills(): boolean {
    const now = performance.now();
    const flying = this.#pulled && Math.abs(this.top - this.#drawnTop) > this.height;
    this.#pulled = false;
    this.#drawnTop = this.top;
    clearTimeout(this.#rest);
    if (flying && now - this.#filledAt < GLIMPSE_MS) {
      this.#rest = setTimeout(() => this.draw(), REST_MS);
      return false;
    }
    this.#filledAt = now;
    return true;
  }

  readonly #settle = (): void => {
    if (!this.pending) this.deps.onSettled();
  };

  #drawHeads(): void {
    const { layout } = this;
    const [from, to] =
      layout.head > 0 ? segmentsBetween(layout, this.top - layout.head, this.top + this.height) : [0, 0];
    for (const [s, element] of this.#headElements) {
      if (s >= from && s < to) continue;
      element.remove();
      this.#headElements.delete(s);
    }
    for (let s = from; s < to; s++) {
      const segment = this.#segments[s];
      if (!segment) continue;
      let element = this.#headElements.get(s);
      if (!element) {
        element = document.createElement("div");
        element.className = "sh-head";
        this.#heads.append(element);
        this.#headElements.set(s, element);
      }
      element.style.transform = `translate(${layout.padding}px,${(layout.tops[s] as number) - this.#anchor}px)`;
      element.style.width = `calc(100% - ${2 * layout.padding}px)`;
      this.deps.fillHead(element, segment);
    }
  }

  /** Selection or focus changed: mark the cards in sight. */
  mark(): void {
    let focus = "";
    for (const card of this.#cards.values()) {
      const active = card.index === this.#active;
      if (active) focus = card.element.id;
      card.mark(this.deps.isSelected(card.row), active, this.deps.markOf(card.row));
    }
    if (focus) this.list.setAttribute("aria-activedescendant", focus);
    else this.list.removeAttribute("aria-activedescendant");
    for (const [s, element] of this.#headElements) {
      const segment = this.#segments[s];
      if (segment) this.deps.fillHead(element, segment);
    }
  }

  setActive(index: number): void {
    this.#active = index;
    this.mark();
  }

  cardOf(target: EventTarget | null): Card | null {
    const element = target instanceof Element ? target.closest<HTMLElement>(".sh-card") : null;
    if (!element) return null;
    return this.#cards.get(Number(element.dataset.row)) ?? null;
  }

  /** Pointer → content px. */
  toContent(clientX: number, clientY: number): { x: number; y: number } {
    const box = this.scroller.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top + this.top };
  }

  get pending(): boolean {
    for (const card of this.#cards.values()) if (card.pending) return true;
    return false;
  }

  #lookAhead(): void {
    const { layout, top, height } = this;
    if (this.total === 0) return;
    const [from, to] = cardsBetween(layout, top + height, top + 2 * height);
    const rows: number[] = [];
    for (let i = from; i < Math.min(to, from + 200); i++) rows.push(this.rowAt(i));
    this.deps.thumbs.lookAhead(Uint32Array.from(rows), this.#side);
  }
}
