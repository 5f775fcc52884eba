import { describe, expect, it } from "vitest";
import { buildGrid } from "../../lib/geometry/grid";
import { Colours, HIDDEN, NOISE, pack, rangeOf, readCssColour, touchedRuns } from "./colours";

const x = new Float32Array([0, 1, Number.NaN, 3, 4]);
const y = new Float32Array([0, 1, 2, 3, 4]);
const grid = buildGrid(x, y);
const codes = Int32Array.of(0, 1, 0, NOISE, HIDDEN);

function wordAt(colours: Colours, row: number): number {
  return colours.words[grid.positionOf[row] as number] as number;
}

function painted(): Colours {
  const colours = new Colours();
  colours.setPalette((code) => [10 * code, 20, 30]);
  colours.setNoise([7, 8, 9]);
  colours.paintAll(grid, codes, null);
  return colours;
}

describe("Colours", () => {
  it("gives clusters the palette, noise its own quiet colour, and hides the hidden", () => {
    const colours = painted();
    expect(wordAt(colours, 1)).toBe(pack([10, 20, 30], 255));
    expect(wordAt(colours, 3) & 0xffffff).toBe(pack([7, 8, 9], 0));
    expect(wordAt(colours, 3) >>> 24).toBeLessThan(255);
    expect(wordAt(colours, 3) >>> 24).toBeGreaterThan(0);
    expect(wordAt(colours, 4)).toBe(0);
  });

  it("hides what a filter hides", () => {
    const colours = painted();
    colours.paintAll(grid, codes, Uint8Array.of(1, 0, 1, 1, 1));
    expect(wordAt(colours, 0)).not.toBe(0);
    expect(wordAt(colours, 1)).toBe(0);
  });

  it("repaints rows and names only the positions that look different", () => {
    const colours = painted();
    const next = Int32Array.of(1, 1, 1, 1, HIDDEN);
    const changed = colours.paintRows(grid, Uint32Array.of(0, 1, 2, 3, 4), next, null);
    expect([...changed].sort()).toEqual([grid.positionOf[0], grid.positionOf[3]].sort());
    expect(wordAt(colours, 0)).toBe(wordAt(colours, 1));
  });

  it("forgets the colours it knew when the palette changes", () => {
    const colours = painted();
    colours.setPalette(() => [1, 2, 3]);
    colours.paintAll(grid, codes, null);
    expect(wordAt(colours, 0)).toBe(pack([1, 2, 3], 255));
    expect(colours.setNoise([7, 8, 9])).toBe(false);
    expect(colours.setNoise([0, 0, 0])).toBe(true);
  });

  it("colours by a number: ends, middle, no number, and a given domain", () => {
    const colours = painted();
    const ramp = (t: number) => [Math.round(255 * t), 0, 0] as const;
    colours.setValues(Float32Array.of(2, 4, 0, Number.NaN, 3), ramp);
    colours.paintAll(grid, Int32Array.of(0, 0, 0, 0, 0), null);
    expect(wordAt(colours, 0) & 255).toBe(128);
    expect(wordAt(colours, 1) & 255).toBe(255);
    expect(wordAt(colours, 3) & 0xffffff).toBe(pack([7, 8, 9], 0));
    colours.setValues(Float32Array.of(2, 4, 0, Number.NaN, 3), ramp, [4, 8]);
    colours.paintAll(grid, codes, null);
    expect(wordAt(colours, 0) & 255).toBe(0);
    colours.setValues(null, ramp);
    colours.paintAll(grid, codes, null);
    expect(wordAt(colours, 1)).toBe(pack([10, 20, 30], 255));
  });
});

describe("helpers", () => {
  it("pack clamps and rounds", () => {
    expect(pack([300, -4, 1.6], 255)).toBe(0xff0200ff);
  });

  it("rangeOf passes over what is not finite", () => {
    expect(rangeOf(Float32Array.of(Number.NaN, 3, -2, Number.POSITIVE_INFINITY))).toEqual([-2, 3]);
    expect(rangeOf(Float32Array.of(Number.NaN))).toEqual([0, 1]);
  });

  it("touchedRuns joins neighbouring pages and covers each position", () => {
    expect(touchedRuns(Uint32Array.of(5, 12, 95), 100, 10)).toEqual([
      [0, 20],
      [90, 100],
    ]);
    expect(touchedRuns(new Uint32Array(0), 100)).toEqual([]);
  });

  it("readCssColour reads what the browser resolves, else the fallback", () => {
    const host = document.body;
    expect(readCssColour(host, "rgb(1, 2, 3)", [9, 9, 9])).toEqual([1, 2, 3]);
    expect(readCssColour(host, "", [9, 9, 9])).toEqual([9, 9, 9]);
    expect(host.children.length).toBe(0);
  });
});
