import { describe, expect, it } from "vitest";
import { seeded } from "../protocol/fake/make_review";
import { difference, indexOfRow, normalise, rowsOfMask, union } from "./sorted";

const random = seeded(5);
const randomSet = (n: number) =>
  Uint32Array.from(new Set(Array.from({ length: n }, () => Math.floor(random() * 60)))).sort();

describe("sets of rows", () => {
  it("agree with Set for 300 random pairs", () => {
    for (let k = 0; k < 300; k++) {
      const a = randomSet(Math.floor(random() * 30));
      const b = randomSet(Math.floor(random() * 30));
      const inB = new Set(b);
      expect([...union(a, b)]).toEqual([...new Set([...a, ...b])].sort((x, y) => x - y));
      expect([...difference(a, b)]).toEqual([...a].filter((x) => !inB.has(x)));
    }
  });

  it("find a row or say that it is not there", () => {
    const rows = Uint32Array.of(2, 5, 9, 40);
    expect([2, 9, 40, 0, 6, 41].map((r) => indexOfRow(rows, r))).toEqual([0, 2, 3, -1, -1, -1]);
  });

  it("sort and drop repeats", () => {
    expect([...normalise(Uint32Array.of(7, 1, 7, 3))]).toEqual([1, 3, 7]);
    const sorted = Uint32Array.of(1, 2);
    expect(normalise(sorted)).toBe(sorted);
  });

  it("read a mask, also when its count is too low", () => {
    const mask = Uint8Array.of(1, 1, 0, 0, 1, 1, 1, 0, 1);
    expect([...rowsOfMask(mask, 6)]).toEqual([0, 1, 4, 5, 6, 8]);
    expect([...rowsOfMask(mask, 3)]).toEqual([0, 1, 4]);
  });
});
