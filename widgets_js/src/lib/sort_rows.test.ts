import { describe, expect, it } from "vitest";
import { seeded } from "../protocol/fake/make_review";
import { sortRowsBy } from "./sort_rows";

describe("sortRowsBy", () => {
  it("orders as a stable comparison sort does, both ways", () => {
    const random = seeded(3);
    const values = Float32Array.from({ length: 500 }, () => Math.round((random() - 0.5) * 40) / 4);
    const rows = Uint32Array.from({ length: 400 }, (_, i) => i + 50);
    const at = (r: number) => values[r] as number;
    expect([...sortRowsBy(rows, values, false)]).toEqual([...rows].sort((a, b) => at(a) - at(b)));
    expect([...sortRowsBy(rows, values, true)]).toEqual([...rows].sort((a, b) => at(b) - at(a)));
  });

  it("puts infinities at the ends and rows without a number last", () => {
    const values = Float32Array.of(Number.NaN, 1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, -1);
    const rows = Uint32Array.of(0, 1, 2, 3, 4);
    expect([...sortRowsBy(rows, values, false)]).toEqual([2, 4, 1, 3, 0]);
    expect([...sortRowsBy(rows, values, true)]).toEqual([3, 1, 4, 2, 0]);
  });

  it("orders integer columns", () => {
    expect([...sortRowsBy(Uint32Array.of(0, 1, 2), Int32Array.of(5, -7, 300_000), true)]).toEqual([2, 0, 1]);
  });
});
