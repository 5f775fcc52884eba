import { describe, expect, it } from "vitest";
import { NOTHING, Overlay, type OverlayState, sameOverlay } from "./overlay";

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

describe("Overlay", () => {
  it("says whether anything is drawn, so that an empty layer can be left out", () => {
    const canvas = document.createElement("canvas");
    const context = new Proxy({}, { get: () => () => undefined, set: () => true });
    canvas.getContext = (() => context) as unknown as HTMLCanvasElement["getContext"];
    const overlay = new Overlay(canvas);
    const theme = { accent: "blue", ink: "black", background: "white" };
    overlay.resize(100, 80, 1);
    expect(canvas.hasAttribute("data-blank")).toBe(true);
    overlay.draw({ ...NOTHING, ring: [10, 10, 4] }, theme, 20);
    expect(canvas.hasAttribute("data-blank")).toBe(false);
    overlay.draw(NOTHING, theme, 20);
    expect(canvas.hasAttribute("data-blank")).toBe(true);
  });
});
