import { describe, expect, it } from "vitest";
import {
  boxOf,
  cardsBetween,
  cardsInRect,
  countOf,
  LIMIT,
  layOut,
  neighbour,
  ScrollScale,
  segmentOf,
} from "./layout";

// 4 columns of 100 px and gaps of 8 in 448 px less 2 × 12 of padding.
const three = layOut([6, 0, 9], 448, 100, 36);

describe("layOut", () => {
  it("fills the width with as many columns as fit", () => {
    expect(three.columns).toBe(4);
    expect(three.cell).toBe(100);
    expect(layOut([1], 30, 100, 0).columns).toBe(1);
  });

  it("stacks segments with their headings", () => {
    expect([...three.tops]).toEqual([4, 4 + 36 + 216, 4 + 36 + 216 + 36, 4 + 36 + 216 + 36 + 36 + 324]);
    expect(countOf(three)).toBe(15);
    expect(boxOf(three, 5)).toEqual({ x: 12 + 108, y: 4 + 36 + 108 });
    expect(boxOf(three, 6)).toEqual({ x: 12, y: 4 + 36 + 216 + 36 + 36 });
    expect([0, 5, 6, 14].map((i) => segmentOf(three, i))).toEqual([0, 0, 2, 2]);
  });

  it("finds exactly the cards that touch a window, at any place", () => {
    for (let y = -50; y < three.height + 50; y += 7) {
      const [from, to] = cardsBetween(three, y, y + 60);
      for (let i = 0; i < 15; i++) {
        const top = boxOf(three, i).y;
        const touches = top <= y + 60 && top + three.cell >= y;
        if (touches) expect(i >= from && i < to, `card ${i} at ${y}`).toBe(true);
      }
      expect(to - from).toBeLessThanOrEqual(12);
    }
  });

  it("answers at once for a million cards in ten thousand segments", () => {
    const big = layOut(new Array<number>(10_000).fill(100), 1_000, 104, 36);
    const start = performance.now();
    for (let k = 0; k < 10_000; k++) cardsBetween(big, k * 900, k * 900 + 700);
    expect(performance.now() - start).toBeLessThan(200);
    const last = countOf(big) - 1;
    expect(boxOf(big, last).y).toBeLessThan(big.height);
  });
});

describe("rubber band", () => {
  it("takes the cards that it touches, by brute force", () => {
    for (let k = 0; k < 200; k++) {
      const [x0, y0, x1, y1] = [k * 2.1, (k * 37) % 600, (k * 53) % 448, (k * 91) % 600] as const;
      const hit = new Set<number>();
      for (let i = 0; i < 15; i++) {
        const { x, y } = boxOf(three, i);
        const inX = x <= Math.max(x0, x1) && x + 100 >= Math.min(x0, x1);
        const inY = y <= Math.max(y0, y1) && y + 100 >= Math.min(y0, y1);
        if (inX && inY) hit.add(i);
      }
      const got = cardsInRect(three, x0, y0, x1, y1).flatMap(([a, b]) =>
        Array.from({ length: b - a }, (_, d) => a + d),
      );
      expect(new Set(got)).toEqual(hit);
      expect(got.length).toBe(hit.size);
    }
  });
});

describe("arrow keys", () => {
  it("walk within a segment and over its edge", () => {
    expect(neighbour(three, 0, "left")).toBe(0);
    expect(neighbour(three, 14, "right")).toBe(14);
    expect(neighbour(three, 1, "down")).toBe(5);
    expect(neighbour(three, 3, "down")).toBe(5);
    expect(neighbour(three, 5, "down")).toBe(7);
    expect(neighbour(three, 7, "up")).toBe(5);
    expect(neighbour(three, 9, "up")).toBe(5);
    expect(neighbour(three, 2, "up")).toBe(2);
    expect(neighbour(three, 13, "down")).toBe(14);
  });
});

describe("ScrollScale", () => {
  it("is the identity while the browser can hold the height", () => {
    const small = new ScrollScale(5_000, 600);
    expect(small.scaled).toBe(false);
    expect(small.toTop(123)).toBe(123);
    expect(small.toScroll(123)).toBe(123);
  });

  it("reaches both ends of a content beyond the limit", () => {
    const big = new ScrollScale(40_000_000, 600);
    expect(big.inner).toBe(LIMIT);
    expect(big.toTop(0)).toBe(0);
    expect(big.toTop(LIMIT - 600)).toBe(40_000_000 - 600);
    expect(big.toTop(big.toScroll(23_456_789))).toBeCloseTo(23_456_789, 3);
  });

  it("brings every one of a million items into view, at any size of thumbnails and with any pull of the bar", () => {
    const counts = Array.from({ length: 300 }, (_, k) => (k === 299 ? 1_000_000 - 299 * 3_300 : 3_300));
    for (const size of [48, 104, 512]) {
      const layout = layOut(counts, 620, size, 36);
      const scale = new ScrollScale(layout.height, 560);
      // A bar stands on whole pixels only: from one to the next no row may be stepped over.
      const step = scale.toTop(1) - scale.toTop(0);
      expect(step).toBeLessThan(560 / 4);
      for (const index of [0, 1, 3_299, 3_300, 499_999, 777_777, 999_998, 999_999]) {
        const { y } = boxOf(layout, index);
        const at = Math.round(scale.toScroll(Math.min(Math.max(0, y - 100), scale.maxTop)));
        const top = scale.toTop(at);
        const [from, to] = cardsBetween(layout, top, top + 560);
        expect(from).toBeLessThanOrEqual(index);
        expect(to).toBeGreaterThan(index);
      }
      const end = scale.toTop(scale.inner - 560);
      expect(cardsBetween(layout, end, end + 560)[1]).toBe(1_000_000);
    }
  });
});
