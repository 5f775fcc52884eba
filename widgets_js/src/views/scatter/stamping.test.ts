import { describe, expect, it } from "vitest";
import { pack } from "./colours";
import { Stamps, stampOf, unmultiply } from "./stamping";

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

const AS_IS = { ax: 1, ay: 1, bx: 0, by: 0 };

/** Points at whole pixels of a picture of `width` × `height`, stamped one after the other. */
function stamped(
  width: number,
  height: number,
  places: readonly (readonly [number, number])[],
  words: readonly number[],
  size: number,
  alpha: number,
): Uint8Array {
  const pixels = new Uint32Array(width * height);
  const points = { xy: Float32Array.from(places.flat()), colours: Uint32Array.from(words), list: null };
  new Stamps(size, alpha).draw(pixels, width, height, points, 0, words.length, AS_IS);
  return new Uint8Array(pixels.buffer);
}

describe("Stamps", () => {
  const word = pack([200, 100, 50], 255);

  it("lay colour over, more opaque each time, premultiplied", () => {
    const middle = 4 * (4 * 9 + 4);
    const once = stamped(9, 9, [[4, 4]], [word], 3, 0.5);
    expect([...once.slice(middle, middle + 4)]).toEqual([100, 50, 25, 127]);
    const twice = stamped(9, 9, Array(2).fill([4, 4]), [word, word], 3, 0.5);
    expect(twice[middle + 3]).toBeGreaterThan(185);
    expect(twice[0]).toBe(0);
  });

  it("lay what the exact sum says, within the rounding of each layer", () => {
    let seed = 7;
    const random = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    for (let round = 0; round < 50; round++) {
      const n = 1 + Math.floor(random() * 12);
      const alpha = 0.1 + 0.9 * random();
      const words = Array.from({ length: n }, () =>
        pack([random() * 255, random() * 255, random() * 255], 255),
      );
      const got = stamped(3, 3, Array(n).fill([1, 1]), words, 2.4, alpha);
      const a = Math.round(alpha * 256) / 256;
      const exact = [0, 0, 0, 0];
      for (const w of words) {
        const bytes = [w & 255, (w >>> 8) & 255, (w >>> 16) & 255, 255];
        for (let c = 0; c < 4; c++) exact[c] = (bytes[c] as number) * a + (exact[c] as number) * (1 - a);
      }
      for (let c = 0; c < 4; c++) {
        const off = (got[4 * 4 + c] as number) - (exact[c] as number);
        expect(Math.abs(off)).toBeLessThanOrEqual(1 + 1 / a);
      }
    }
  });

  it("never let a channel run over into its neighbour, however much lies on top of each other", () => {
    const white = pack([255, 255, 255], 255);
    for (const alpha of [0.05, 0.2, 0.5, 0.77, 0.999, 1]) {
      const bytes = stamped(1, 1, Array(600).fill([0, 0]), Array(600).fill(white), 2, alpha);
      expect(new Set(bytes).size).toBe(1); // white stays white
      expect(bytes[3]).toBeGreaterThan(alpha < 0.1 ? 220 : 240);
    }
  });

  it("cut off what lies outside, at every corner, and leave out what is not shown", () => {
    const corners = [
      [0, 0],
      [4, 0],
      [0, 4],
      [4, 4],
      [-1, 2],
      [2, 5],
      [2, 2],
    ] as const;
    const hidden = pack([200, 100, 50], 0);
    const bytes = stamped(5, 5, corners, [word, word, word, word, word, word, hidden], 2, 1);
    for (const k of [0, 4, 20, 24]) expect(bytes[4 * k + 3]).toBe(255);
    expect(bytes[4 * 12 + 3]).toBe(0);
  });

  it("stamp only the positions of a list", () => {
    const pixels = new Uint32Array(25);
    const xy = Float32Array.of(0, 0, 4, 4);
    const points = { xy, colours: Uint32Array.of(word, word), list: Uint32Array.of(1) };
    new Stamps(1, 1).draw(pixels, 5, 5, points, 0, 1, AS_IS);
    expect([pixels[0], pixels[24] as number]).toEqual([0, word]);
  });
});

describe("unmultiply", () => {
  it("brings the plain colour back", () => {
    const pixels = new Uint32Array(Uint8Array.of(100, 50, 25, 128, 0, 0, 0, 0, 9, 8, 7, 255).buffer);
    const plain = new Uint32Array(3);
    unmultiply(pixels, plain);
    expect([...new Uint8Array(plain.buffer)]).toEqual([199, 100, 50, 128, 0, 0, 0, 0, 9, 8, 7, 255]);
  });
});
