/** What the pointer means over the grid: click, Shift-range, check box, rubber band, drag of the selected items. */
import type { GridView } from "./grid_view";

export interface Mods {
  shift: boolean;
  ctrl: boolean;
}

export interface PointerDeps {
  view: GridView;
  click(index: number, mods: Mods): void;
  tick(index: number): void;
  open(index: number): void;
  clear(): void;
  /** A rubber band in content px; `mode` by the keys held. */
  band(
    rect: { x0: number; y0: number; x1: number; y1: number } | null,
    mode: "replace" | "add" | "subtract",
  ): void;
  bandStart(): void;
  dragStart(index: number, event: PointerEvent): void;
  dragMove(event: PointerEvent): void;
  dragEnd(event: PointerEvent | null): void;
  hover(row: number | null): void;
  menu(index: number, event: MouseEvent): void;
}

const THRESHOLD = 5;
const EDGE = 28;

type State =
  | { kind: "idle" }
  | { kind: "pressed"; index: number; tick: boolean; x: number; y: number; id: number; event: PointerEvent }
  | { kind: "band"; x0: number; y0: number; id: number; mode: "replace" | "add" | "subtract" }
  | { kind: "drag"; id: number };

export class GridPointer {
  #state: State = { kind: "idle" };
  #last: PointerEvent | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #off: (() => void)[] = [];

  constructor(readonly deps: PointerDeps) {
    const { scroller } = deps.view;
    const on = <K extends keyof HTMLElementEventMap>(
      name: K,
      handler: (e: HTMLElementEventMap[K]) => void,
    ) => {
      scroller.addEventListener(name, handler as EventListener);
      this.#off.push(() => scroller.removeEventListener(name, handler as EventListener));
    };
    on("pointerdown", (e) => this.#down(e));
    on("pointermove", (e) => this.#move(e));
    on("pointerup", (e) => this.#up(e));
    on("pointercancel", () => this.cancel());
    on("pointerleave", () => deps.hover(null));
    on("pointerover", (e) => deps.hover(deps.view.cardOf(e.target)?.row ?? null));
    on("dblclick", (e) => {
      const card = deps.view.cardOf(e.target);
      if (card) deps.open(card.index);
    });
    on("contextmenu", (e) => {
      const card = deps.view.cardOf(e.target);
      if (!card || e.shiftKey) return;
      e.preventDefault();
      deps.menu(card.index, e);
    });
  }

  destroy(): void {
    this.cancel();
    for (const off of this.#off) off();
  }

  get busy(): boolean {
    return this.#state.kind === "band" || this.#state.kind === "drag";
  }

  /** Esc, or the pointer was taken away. */
  cancel(): void {
    if (this.#state.kind === "drag") this.deps.dragEnd(null);
    if (this.#state.kind === "band") this.deps.band(null, this.#state.mode);
    this.#end();
  }

  #end(): void {
    this.#state = { kind: "idle" };
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0 || this.#state.kind !== "idle") return;
    const { view } = this.deps;
    if (event.target instanceof Element && event.target.closest(".sh-head button")) return;
    const card = view.cardOf(event.target);
    const at = view.toContent(event.clientX, event.clientY);
    if (at.x > view.scroller.clientWidth) return; // the scroll bar
    view.list.focus({ preventScroll: true });
    const tick = event.target instanceof Element && event.target.closest(".sh-tick") !== null;
    if (!card && event.pointerType === "touch") return; // a finger scrolls
    if (card && !event.altKey) {
      this.#state = {
        kind: "pressed",
        index: card.index,
        tick,
        x: event.clientX,
        y: event.clientY,
        id: event.pointerId,
        event,
      };
      return;
    }
    event.preventDefault();
    const mode =
      event.altKey && event.shiftKey
        ? "subtract"
        : event.shiftKey || event.ctrlKey || event.metaKey
          ? "add"
          : "replace";
    this.#state = { kind: "band", x0: at.x, y0: at.y, id: event.pointerId, mode };
    this.#capture(event.pointerId);
    this.deps.bandStart();
    this.#autoScroll();
  }

  #capture(id: number): void {
    const { scroller } = this.deps.view;
    if (!scroller.hasPointerCapture(id)) scroller.setPointerCapture(id);
  }

  #move(event: PointerEvent): void {
    this.#last = event;
    const state = this.#state;
    if (state.kind === "pressed") {
      if (event.pointerType === "touch") return;
      if (Math.hypot(event.clientX - state.x, event.clientY - state.y) < THRESHOLD) return;
      this.#capture(state.id);
      this.#state = { kind: "drag", id: state.id };
      this.deps.dragStart(state.index, event);
    }
    if (state.kind === "drag") this.deps.dragMove(event);
    if (state.kind === "band") this.#drawBand(state);
  }

  #drawBand(state: Extract<State, { kind: "band" }>): void {
    if (!this.#last) return;
    const { x, y } = this.deps.view.toContent(this.#last.clientX, this.#last.clientY);
    if (Math.hypot(x - state.x0, y - state.y0) < THRESHOLD) return;
    this.deps.band({ x0: state.x0, y0: state.y0, x1: x, y1: y }, state.mode);
  }

  /** Near an edge the grid scrolls under the band. */
  #autoScroll(): void {
    this.#timer = setInterval(() => {
      const state = this.#state;
      if (state.kind !== "band" || !this.#last) return;
      const { view } = this.deps;
      const box = view.scroller.getBoundingClientRect();
      const above = box.top + EDGE - this.#last.clientY;
      const below = this.#last.clientY - (box.bottom - EDGE);
      const by = above > 0 ? -above : Math.max(below, 0);
      if (by === 0) return;
      view.scrollTo(view.top + by * 0.6);
      this.#drawBand(state);
    }, 16);
  }

  #up(event: PointerEvent): void {
    const state = this.#state;
    const moved = state.kind === "band" && this.#last !== null;
    if (state.kind === "pressed") {
      const mods = { shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey };
      if (state.tick) this.deps.tick(state.index);
      else this.deps.click(state.index, mods);
    }
    if (state.kind === "drag") this.deps.dragEnd(event);
    if (state.kind === "band") {
      const { x, y } = this.deps.view.toContent(event.clientX, event.clientY);
      if (!moved || Math.hypot(x - state.x0, y - state.y0) < THRESHOLD) {
        if (state.mode === "replace") this.deps.clear();
      }
      this.deps.band(null, state.mode);
    }
    this.#end();
  }
}
