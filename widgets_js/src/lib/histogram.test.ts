import { describe, expect, it } from "vitest";
import { histogram, maskBetween } from "./histogram";

describe("histogram", () => {
  it("counts every finite value once", () => {
    const values = Float32Array.of(0, 1, 1, 2, 4, Number.NaN, Number.POSITIVE_INFINITY);
    const found = histogram(values, 4);
    expect([found.low, found.high, found.unknown, found.most]).toEqual([0, 4, 2, 2]);
    expect([...found.counts]).toEqual([1, 2, 1, 1]);
  });
  it("takes equal values and none at all", () => {
    expect([...histogram(Float32Array.of(3, 3), 2).counts]).toEqual([2, 0]);
    const none = histogram(Float32Array.of(Number.NaN), 2);
    expect([none.low, none.high, none.most, none.unknown]).toEqual([0, 0, 0, 1]);
  });
  it("masks what lies between", () => {
    expect([...maskBetween(Float32Array.of(0, 1, 2, Number.NaN), 1, 2)]).toEqual([0, 1, 1, 0]);
  });
});
