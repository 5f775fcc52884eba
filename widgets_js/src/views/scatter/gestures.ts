/** Pointer, wheel and keys of the map, told as intentions. Knows the screen only; nothing of points or cameras. */

export type Tool = "lasso" | "rect" | "brush" | "pan";

export interface Modifiers {
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
}

/** What a gesture asks for; all places in CSS pixels from the top left corner of the element. */
export interface Intentions {
  pan(dx: number, dy: number): void;
  zoom(factor: number, x: number, y: number): void;
  fit(): void;
  hover(place: readonly [number, number] | null): void;
  click(x: number, y: number, keys: Modifiers): void;
  doubleClick(x: number, y: number): void;
  strokeBegin(tool: Exclude<Tool, "pan">, x: number, y: number, keys: Modifiers): void;
  strokeMove(x: number, y: number): void;
  strokeEnd(): void;
  strokeCancel(): void;
  /** Esc with no stroke under way; returns whether it meant anything, else the key is left to others. */
  escape(): boolean;
  /** Brush larger (+1) or smaller (−1). */
  brush(direction: 1 | -1): void;
}

type Drag = "none" | "pressed" | "stroke" | "pan" | "pinch";

const CLICK_SLACK = { mouse: 4, touch: 8 } as const;
const ARROW_STEP = 48;
const KEY_ZOOM = 1.35;

/** The zoom factor of one wheel event: pixels, lines and pages alike; pinches on a trackpad (ctrl) count more. */
export function wheelFactor(deltaY: number, deltaMode: number, ctrl: boolean): number {
  const pixels = deltaY * (deltaMode === 1 ? 20 : deltaMode === 2 ? 400 : 1);
  const held = Math.max(-240, Math.min(240, pixels));
  return Math.exp(-held * (ctrl ? 0.01 : 0.0018));
}

export class Gestures {
  tool: Tool = "lasso";
  private drag: Drag = "none";
  private space = false;
  private start: { x: number; y: number; keys: Modifiers; slack: number } = {
    x: 0,
    y: 0,
    keys: { shift: false, alt: false, ctrl: false },
    slack: 4,
  };
  private readonly pointers = new Map<number, readonly [number, number]>();
  private readonly off = new AbortController();

  constructor(
    private readonly element: HTMLElement,
    private readonly to: Intentions,
  ) {
    const signal = this.off.signal;
    const on = <K extends keyof HTMLElementEventMap>(type: K, run: (e: HTMLElementEventMap[K]) => void) =>
      element.addEventListener(type, run, { signal, passive: false });
    on("pointerdown", (e) => this.down(e));
    on("pointermove", (e) => this.move(e));
    on("pointerup", (e) => this.up(e));
    on("pointercancel", (e) => this.cancel(e));
    on("pointerleave", () => this.to.hover(null));
    on("lostpointercapture", (e) => this.cancel(e));
    on("dblclick", (e) => this.to.doubleClick(...this.place(e)));
    on("wheel", (e) => this.wheel(e));
    on("keydown", (e) => this.keyDown(e));
    on("keyup", (e) => this.keyUp(e));
    on("blur", () => this.setSpace(false));
    // The middle button would start the browser's own scrolling.
    on("mousedown", (e) => {
      if (e.button === 1) e.preventDefault();
    });
    this.showCursor();
  }

  setTool(tool: Tool): void {
    this.tool = tool;
    if (this.drag === "stroke") this.abandon();
    this.showCursor();
  }

  destroy(): void {
    this.off.abort();
    this.pointers.clear();
  }

  private place(e: MouseEvent): [number, number] {
    const box = this.element.getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  }

  private down(e: PointerEvent): void {
    const [x, y] = this.place(e);
    this.element.focus({ preventScroll: true });
    if (e.pointerType === "touch") {
      this.pointers.set(e.pointerId, [x, y]);
      if (this.pointers.size === 2) {
        this.abandon();
        this.drag = "pinch";
        return;
      }
    }
    if (this.drag !== "none" || e.button > 1) return;
    this.element.setPointerCapture(e.pointerId);
    this.to.hover(null);
    const keys = { shift: e.shiftKey, alt: e.altKey, ctrl: e.ctrlKey || e.metaKey };
    const slack = e.pointerType === "touch" ? CLICK_SLACK.touch : CLICK_SLACK.mouse;
    this.start = { x, y, keys, slack };
    this.drag = e.button === 1 || this.space ? "pan" : "pressed";
    this.showCursor();
  }

  private move(e: PointerEvent): void {
    const [x, y] = this.place(e);
    if (this.drag === "pinch") this.pinch(e.pointerId, x, y);
    else if (this.drag === "none") this.to.hover([x, y]);
    else if (this.drag === "pan") this.panTo(x, y);
    else if (this.drag === "pressed") this.leaveSlack(x, y);
    else {
      // Fast hands move further than one event a frame tells.
      const steps = typeof e.getCoalescedEvents === "function" ? e.getCoalescedEvents() : [];
      if (steps.length === 0) this.to.strokeMove(x, y);
      for (const step of steps) this.to.strokeMove(...this.place(step));
    }
    if (this.pointers.has(e.pointerId)) this.pointers.set(e.pointerId, [x, y]);
  }

  private leaveSlack(x: number, y: number): void {
    const { start } = this;
    if (Math.hypot(x - start.x, y - start.y) < start.slack) return;
    if (this.tool === "pan") {
      this.drag = "pan";
      this.showCursor();
      this.panTo(x, y);
      return;
    }
    this.drag = "stroke";
    this.to.strokeBegin(this.tool, start.x, start.y, start.keys);
    this.to.strokeMove(x, y);
  }

  private panTo(x: number, y: number): void {
    this.to.pan(x - this.start.x, y - this.start.y);
    this.start = { ...this.start, x, y };
  }

  private pinch(id: number, x: number, y: number): void {
    const before = this.pointers.get(id);
    const other = [...this.pointers].find(([key]) => key !== id)?.[1];
    if (before === undefined || other === undefined) return;
    this.to.pan((x - before[0]) / 2, (y - before[1]) / 2);
    const was = Math.hypot(before[0] - other[0], before[1] - other[1]);
    const is = Math.hypot(x - other[0], y - other[1]);
    if (was > 8 && is > 8) this.to.zoom(is / was, (x + other[0]) / 2, (y + other[1]) / 2);
  }

  private up(e: PointerEvent): void {
    this.pointers.delete(e.pointerId);
    const was = this.drag;
    if (was === "none" || (was === "pinch" && this.pointers.size > 0)) return;
    this.drag = "none";
    this.showCursor();
    if (was === "stroke") this.to.strokeEnd();
    else if (was === "pressed" && e.button === 0) this.to.click(this.start.x, this.start.y, this.start.keys);
  }

  private cancel(e: PointerEvent): void {
    this.pointers.delete(e.pointerId);
    if (this.drag !== "pinch" || this.pointers.size === 0) this.abandon();
  }

  private abandon(): void {
    if (this.drag === "stroke") this.to.strokeCancel();
    this.drag = "none";
    this.showCursor();
  }

  private wheel(e: WheelEvent): void {
    e.preventDefault();
    e.stopPropagation();
    if (this.drag === "stroke") return;
    this.to.zoom(wheelFactor(e.deltaY, e.deltaMode, e.ctrlKey), ...this.place(e));
  }

  private keyDown(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey || !this.act(e)) return;
    e.preventDefault();
    e.stopPropagation();
  }

  /** Do what the key says; false when it says nothing here. */
  private act(e: KeyboardEvent): boolean {
    const step = ARROW_STEP * (e.shiftKey ? 3 : 1);
    const middle = [this.element.clientWidth / 2, this.element.clientHeight / 2] as const;
    switch (e.key) {
      case "ArrowLeft":
        this.to.pan(step, 0);
        return true;
      case "ArrowRight":
        this.to.pan(-step, 0);
        return true;
      case "ArrowUp":
        this.to.pan(0, step);
        return true;
      case "ArrowDown":
        this.to.pan(0, -step);
        return true;
      case "+":
      case "=":
        this.to.zoom(KEY_ZOOM, ...middle);
        return true;
      case "-":
      case "_":
        this.to.zoom(1 / KEY_ZOOM, ...middle);
        return true;
      case "0":
        this.to.fit();
        return true;
      case "[":
      case "]":
        if (this.tool !== "brush") return false;
        this.to.brush(e.key === "]" ? 1 : -1);
        return true;
      case " ":
        this.setSpace(true);
        return true;
      case "Escape":
        if (this.drag !== "stroke") return this.to.escape();
        this.abandon();
        return true;
      default:
        return false;
    }
  }

  private keyUp(e: KeyboardEvent): void {
    if (e.key !== " " || !this.space) return;
    this.setSpace(false);
    e.preventDefault();
    e.stopPropagation();
  }

  private setSpace(held: boolean): void {
    this.space = held;
    this.showCursor();
  }

  private showCursor(): void {
    const grab = this.space || this.tool === "pan";
    const cursor = this.drag === "pan" ? "grabbing" : grab ? "grab" : "crosshair";
    this.element.style.cursor = cursor;
  }
}
