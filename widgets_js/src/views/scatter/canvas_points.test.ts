import { describe, expect, it } from "vitest";
import { stampOf, stampOnto, unmultiply } from "./canvas_points";
import { pack } from "./colours";

describe("stampOf", () => {
  it("covers the area of its disc", () => {
    for (const size of [1.8, 3, 6.5, 10]) {
      const { coverage, side } = stampOf(size);
      expect(side % 2).toBe(1);
      const area = coverage.reduce((sum, v) => sum + v, 0);
      expect(area / ((Math.PI * size * size) / 4)).toBeGreaterThan(0.75);
      expect(area / ((Math.PI * size * size) / 4)).toBeLessThan(1.25);
    }
  });
});

describe("stampOnto", () => {
  const word = pack([200, 100, 50], 255);

  it("lays colour over, more opaque each time, premultiplied", () => {
    const pixels = new Uint8ClampedArray(4 * 9 * 9);
    stampOnto(pixels, 9, 9, stampOf(3), 4, 4, word, 0.5);
    const middle = 4 * (4 * 9 + 4);
    expect([...pixels.slice(middle, middle + 4)]).toEqual([100, 50, 25, 128]);
    stampOnto(pixels, 9, 9, stampOf(3), 4, 4, word, 0.5);
    expect(pixels[middle + 3]).toBeGreaterThan(185);
    expect(pixels[0]).toBe(0);
  });

  it("cuts off what lies outside, at every corner", () => {
    const pixels = new Uint8ClampedArray(4 * 5 * 5);
    for (const [px, py] of [
      [0, 0],
      [4, 0],
      [0, 4],
      [4, 4],
    ] as const)
      stampOnto(pixels, 5, 5, stampOf(5), px, py, word, 1);
    expect(pixels[3]).toBe(255);
    expect(pixels[4 * 24 + 3]).toBe(255);
  });
});

describe("unmultiply", () => {
  it("brings the plain colour back", () => {
    const plain = new Uint8ClampedArray(8);
    unmultiply(Uint8ClampedArray.of(100, 50, 25, 128, 0, 0, 0, 0), plain);
    expect([...plain]).toEqual([199, 100, 50, 128, 0, 0, 0, 0]);
  });
});
