import { describe, expect, it } from "vitest";
import { NOTHING, type OverlayState, sameOverlay } from "./overlay";

describe("sameOverlay", () => {
  const state: OverlayState = {
    stroke: { kind: "lasso", path: Float64Array.of(1, 2, 3, 4) },
    subtract: false,
    ring: [1, 2, 3],
    brush: null,
  };

  it("knows equal states by their numbers and tells every difference", () => {
    expect(sameOverlay(state, { ...state, stroke: { kind: "lasso", path: [1, 2, 3, 4] } })).toBe(true);
    const others: OverlayState[] = [
      NOTHING,
      { ...state, subtract: true },
      { ...state, ring: [1, 2, 4] },
      { ...state, ring: null },
      { ...state, brush: [1, 1, 1] },
      { ...state, stroke: { kind: "rect", path: [1, 2, 3, 4] } },
      { ...state, stroke: { kind: "lasso", path: [1, 2, 3, 4, 5, 6] } },
      { ...state, stroke: null },
    ];
    for (const other of others) expect(sameOverlay(state, other)).toBe(false);
  });
});
