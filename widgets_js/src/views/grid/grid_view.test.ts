import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Segment } from "../../state/shown";
import type { Picture, Thumbs } from "../../state/thumbs";
import { GridView } from "./grid_view";

const PICTURE: Picture = { url: "blob:x", reason: null };

/** Has every picture at once, and counts how often one is wanted. */
class AllThere {
  wanted: number[] = [];
  peek(): Picture {
    return PICTURE;
  }
  want(row: number, _side: number, listener: (picture: Picture) => void): () => void {
    this.wanted.push(row);
    listener(PICTURE);
    return () => undefined;
  }
  lookAhead(): void {}
}

function makeView() {
  const scroller = document.createElement("div");
  Object.defineProperty(scroller, "clientWidth", { value: 600 });
  Object.defineProperty(scroller, "clientHeight", { value: 400 });
  document.body.append(scroller);
  const thumbs = new AllThere();
  const view = new GridView(scroller, {
    thumbs: thumbs as unknown as Thumbs,
    isSelected: () => false,
    markOf: () => null,
    fillHead: () => undefined,
    onSettled: () => undefined,
  });
  const rows = Uint32Array.from({ length: 10_000 }, (_, k) => k);
  view.setContent([new Segment(0, rows, undefined, false)], 100, false, 1, true);
  const scroll = (top: number) => {
    scroller.scrollTop = top;
    scroller.dispatchEvent(new Event("scroll"));
    vi.advanceTimersByTime(17); // a frame
  };
  const images = () => [...scroller.querySelectorAll("img")];
  return { view, thumbs, scroller, scroll, images };
}

describe("GridView", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.advanceTimersByTime(1_000);
  });
  afterEach(() => {
    vi.useRealTimers();
    document.body.replaceChildren();
  });

  it("shows pictures at once, with the first look and with a wheel that turns", () => {
    const { view, thumbs, scroll, images } = makeView();
    const first = thumbs.wanted.length;
    expect(first).toBeGreaterThan(10);
    expect(images().every((i) => i.hasAttribute("src"))).toBe(true);
    for (let k = 1; k <= 10; k++) scroll(200 * k);
    expect(images().every((i) => i.hasAttribute("src"))).toBe(true);
    expect(view.pending).toBe(false);
  });

  it("brings few pictures while the bar is pulled, and all of them when it rests", () => {
    const { view, thumbs, scroll, images } = makeView();
    vi.advanceTimersByTime(1_000);
    const before = thumbs.wanted.length;
    const window = view.list.childElementCount;
    for (let k = 1; k <= 34; k++) scroll(2_700 * k);
    const frames = (thumbs.wanted.length - before) / window;
    expect(frames).toBeGreaterThan(2); // somebody who pulls sees where
    expect(frames).toBeLessThan(8);
    expect(view.pending).toBe(true);
    expect(images().some((i) => i.hasAttribute("src"))).toBe(false);
    vi.advanceTimersByTime(100);
    expect(view.pending).toBe(false);
    expect(images().every((i) => i.hasAttribute("src"))).toBe(true);
    const shown = [...view.list.children].map((c) => Number((c as HTMLElement).dataset.row));
    expect(thumbs.wanted.slice(-shown.length).sort((a, b) => a - b)).toEqual(shown.sort((a, b) => a - b));
  });

  it("keeps the cards in the order shown, and what stays in sight where it is in the page", () => {
    const { view, scroll } = makeView();
    const rows = () => [...view.list.children].map((c) => Number((c as HTMLElement).dataset.row));
    let seed = 7;
    for (let k = 0; k < 40; k++) {
      seed = (seed * 48_271) % 2_147_483_647;
      const before = new Map([...view.list.children].map((c) => [(c as HTMLElement).dataset.row, c]));
      scroll(k % 3 === 0 ? seed % 100_000 : Math.max(0, view.top + ((seed % 900) - 450)));
      vi.advanceTimersByTime(100);
      const shown = rows();
      const first = shown[0] as number;
      expect(shown).toEqual(shown.map((_, i) => first + i));
      for (const c of view.list.children) {
        const old = before.get((c as HTMLElement).dataset.row);
        if (old) expect(old).toBe(c);
      }
    }
  });

  it("does not wait where somebody jumps once", () => {
    const { view, scroll } = makeView();
    vi.advanceTimersByTime(1_000);
    scroll(90_000);
    expect(view.pending).toBe(false);
  });
});
