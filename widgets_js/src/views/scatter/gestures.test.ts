import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Gestures, type Intentions, wheelFactor } from "./gestures";

let element: HTMLElement;
let said: string[];
let gestures: Gestures;
let escapes = false;

function recorder(): Intentions {
  const keys = (k: { shift: boolean; alt: boolean; ctrl: boolean }): string =>
    `${k.shift ? "S" : ""}${k.alt ? "A" : ""}${k.ctrl ? "C" : ""}`;
  return {
    pan: (dx, dy) => said.push(`pan ${dx} ${dy}`),
    zoom: (f, x, y) => said.push(`zoom ${f > 1 ? "in" : "out"} ${x} ${y}`),
    fit: () => said.push("fit"),
    hover: (p) => said.push(p === null ? "hover none" : `hover ${p.join(" ")}`),
    click: (x, y, k) => said.push(`click ${x} ${y} ${keys(k)}`),
    doubleClick: (x, y) => said.push(`double ${x} ${y}`),
    strokeBegin: (tool, x, y, k) => said.push(`begin ${tool} ${x} ${y} ${keys(k)}`),
    strokeMove: (x, y) => said.push(`move ${x} ${y}`),
    strokeEnd: () => said.push("end"),
    strokeCancel: () => said.push("cancel"),
    escape: () => {
      said.push("escape");
      return escapes;
    },
    brush: (d) => said.push(`brush ${d}`),
  };
}

function pointer(type: string, x: number, y: number, more: PointerEventInit = {}): void {
  const init = { clientX: x, clientY: y, pointerId: 1, pointerType: "mouse", button: 0, ...more };
  element.dispatchEvent(new PointerEvent(type, { bubbles: true, cancelable: true, ...init }));
}

function key(k: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const e = new KeyboardEvent("keydown", { key: k, bubbles: true, cancelable: true, ...more });
  element.dispatchEvent(e);
  return e;
}

/** What was said but for hovering. */
function acts(): string[] {
  return said.filter((s) => !s.startsWith("hover"));
}

beforeEach(() => {
  element = document.createElement("div");
  element.setPointerCapture = () => {};
  document.body.append(element);
  said = [];
  escapes = false;
  gestures = new Gestures(element, recorder());
});

afterEach(() => {
  gestures.destroy();
  element.remove();
});

describe("one pointer", () => {
  it("clicks when it hardly moves, with its keys", () => {
    pointer("pointerdown", 10, 10, { shiftKey: true });
    pointer("pointermove", 12, 11, { shiftKey: true });
    pointer("pointerup", 12, 11);
    expect(acts()).toEqual(["click 10 10 S"]);
  });

  it("strokes with the tool from where it was pressed", () => {
    for (const tool of ["lasso", "rect", "brush"] as const) {
      said = [];
      gestures.setTool(tool);
      pointer("pointerdown", 10, 10, { altKey: true });
      pointer("pointermove", 30, 10);
      pointer("pointermove", 40, 20);
      pointer("pointerup", 40, 20);
      expect(acts()).toEqual([`begin ${tool} 10 10 A`, "move 30 10", "move 40 20", "end"]);
    }
  });

  it("pans with the pan tool, the middle button, or space held", () => {
    const drag = (button: number): string[] => {
      said = [];
      pointer("pointerdown", 10, 10, { button });
      pointer("pointermove", 30, 15);
      pointer("pointermove", 35, 15);
      pointer("pointerup", 35, 15, { button });
      return acts();
    };
    expect(drag(1)).toEqual(["pan 20 5", "pan 5 0"]);
    gestures.setTool("pan");
    expect(drag(0)).toEqual(["pan 20 5", "pan 5 0"]);
    gestures.setTool("lasso");
    expect(key(" ").defaultPrevented).toBe(true);
    expect(drag(0)).toEqual(["pan 20 5", "pan 5 0"]);
    element.dispatchEvent(new KeyboardEvent("keyup", { key: " ", bubbles: true, cancelable: true }));
    expect(drag(0)[0]).toMatch(/^begin/);
  });

  it("leaves the right button to the host's menu", () => {
    pointer("pointerdown", 10, 10, { button: 2 });
    pointer("pointermove", 60, 10);
    pointer("pointerup", 60, 10, { button: 2 });
    expect(acts()).toEqual([]);
  });

  it("cancels the stroke on Esc, and what the hand does till it lets go means nothing", () => {
    pointer("pointerdown", 10, 10);
    pointer("pointermove", 40, 10);
    const e = key("Escape");
    pointer("pointerup", 50, 10);
    expect(e.defaultPrevented).toBe(true);
    expect(acts()).toEqual(["begin lasso 10 10 ", "move 40 10", "cancel"]);
  });

  it("cancels when the pointer is taken away, and when the tool changes", () => {
    pointer("pointerdown", 10, 10);
    pointer("pointermove", 40, 10);
    pointer("pointercancel", 40, 10);
    pointer("pointerdown", 10, 10);
    pointer("pointermove", 40, 10);
    gestures.setTool("rect");
    expect(acts().filter((s) => s === "cancel")).toHaveLength(2);
  });

  it("tells where it hovers, and when it leaves", () => {
    pointer("pointermove", 7, 8);
    pointer("pointerleave", 7, 8);
    expect(said).toEqual(["hover 7 8", "hover none"]);
  });
});

describe("two fingers", () => {
  it("pinch about their middle, and end without a click", () => {
    pointer("pointerdown", 100, 100, { pointerId: 1, pointerType: "touch" });
    pointer("pointerdown", 200, 100, { pointerId: 2, pointerType: "touch" });
    pointer("pointermove", 220, 100, { pointerId: 2, pointerType: "touch" });
    pointer("pointerup", 220, 100, { pointerId: 2, pointerType: "touch" });
    pointer("pointerup", 100, 100, { pointerId: 1, pointerType: "touch" });
    expect(acts()).toEqual(["pan 10 0", "zoom in 160 100"]);
  });
});

describe("wheel", () => {
  it("zooms about the pointer and never scrolls the page", () => {
    const e = new WheelEvent("wheel", { deltaY: 100, bubbles: true, cancelable: true });
    // The test's DOM gives wheel events no place.
    Object.assign(e, { clientX: 50, clientY: 60 });
    element.dispatchEvent(e);
    expect(said).toEqual(["zoom out 50 60"]);
    expect(e.defaultPrevented).toBe(true);
  });

  it("means the same in lines and in pixels, undoes itself, and is held back for wild wheels", () => {
    expect(wheelFactor(3, 1, false)).toBeCloseTo(wheelFactor(60, 0, false), 12);
    expect(wheelFactor(100, 0, false) * wheelFactor(-100, 0, false)).toBeCloseTo(1, 12);
    expect(wheelFactor(-100_000, 0, false)).toBeLessThan(2);
  });
});

describe("keys", () => {
  it("pan, zoom, fit, and size the brush; and go no further", () => {
    let outside = 0;
    const count = (): void => {
      outside++;
    };
    document.body.addEventListener("keydown", count);
    gestures.setTool("brush");
    for (const k of ["ArrowLeft", "ArrowDown", "+", "-", "0", "]", "["])
      expect(key(k).defaultPrevented).toBe(true);
    expect(acts().map((s) => s.split(" ")[0])).toEqual([
      "pan",
      "pan",
      "zoom",
      "zoom",
      "fit",
      "brush",
      "brush",
    ]);
    expect(outside).toBe(0);
    document.body.removeEventListener("keydown", count);
  });

  it("leave alone what they have no use for", () => {
    expect(key("m").defaultPrevented).toBe(false);
    expect(key("0", { ctrlKey: true }).defaultPrevented).toBe(false);
    expect(key("]").defaultPrevented).toBe(false);
    expect(key("Escape").defaultPrevented).toBe(false);
    escapes = true;
    expect(key("Escape").defaultPrevented).toBe(true);
  });
});

it("hears nothing after destroy", () => {
  gestures.destroy();
  pointer("pointerdown", 10, 10);
  key("0");
  expect(said).toEqual([]);
});
