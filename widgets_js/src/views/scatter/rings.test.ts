import { describe, expect, it, vi } from "vitest";
import { MOST_RINGS, type RingLook, Rings, ringsAt } from "./rings";

const look = (places: Record<number, [number, number]>): RingLook => ({
  width: 200,
  height: 100,
  dpr: 2,
  pointSize: 6,
  key: "k",
  placeOf: (row) => places[row] ?? null,
});

describe("rings", () => {
  it("lie where their rows are, as far as these have a place in view", () => {
    const here = look({ 1: [10, 20], 2: [-60, 5], 3: [203, 99], 4: [50, 400] });
    expect(ringsAt([1, 2, 3, 4, 9], here)).toEqual([
      [10, 20],
      [203, 99],
    ]);
  });
  it("are left out where there are too many to tell anything", () => {
    const everywhere = look(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [i, [5, 5]])));
    expect(
      ringsAt(
        Uint32Array.from({ length: MOST_RINGS }, (_, i) => i),
        everywhere,
      ),
    ).toHaveLength(MOST_RINGS);
    expect(
      ringsAt(
        Uint32Array.from({ length: MOST_RINGS + 1 }, (_, i) => i),
        everywhere,
      ),
    ).toEqual([]);
  });
  it("are drawn on a layer that is there only while something is ringed, and only when they move", () => {
    const parent = document.createElement("div");
    const g = {
      setTransform: vi.fn(),
      clearRect: vi.fn(),
      beginPath: vi.fn(),
      arc: vi.fn(),
      stroke: vi.fn(),
    };
    const spy = vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(g as never);
    const rings = new Rings(parent);
    const theme = { accent: "blue", background: "white" };
    const here = look({ 1: [10, 20] });
    rings.draw(here, theme);
    expect(parent.children).toHaveLength(0);
    rings.set([1]);
    rings.draw(here, theme);
    rings.draw(here, theme);
    expect(g.stroke).toHaveBeenCalledTimes(2); // its halo and itself
    rings.draw({ ...here, key: "moved" }, theme);
    expect(g.stroke).toHaveBeenCalledTimes(4);
    expect(parent.querySelector("canvas")?.width).toBe(400);
    rings.set([]);
    expect(parent.children).toHaveLength(0);
    spy.mockRestore();
  });
});
