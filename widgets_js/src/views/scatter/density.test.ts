import { describe, expect, it } from "vitest";
import { buildGrid } from "../../lib/geometry/grid";
import { clumps } from "../../lib/geometry/randoms.testing";
import { differs, styleFor, styleOf } from "./density";

describe("styleFor", () => {
  it("draws fewer points larger and more opaque", () => {
    const counts = [10, 500, 10_000, 100_000, 1_000_000, 5_000_000];
    const styles = counts.map((n) => styleFor(n, 200_000));
    for (let i = 1; i < styles.length; i++) {
      const [more, fewer] = [styles[i], styles[i - 1]];
      if (more === undefined || fewer === undefined) throw new Error("a style is missing");
      expect(more.size).toBeLessThanOrEqual(fewer.size);
      expect(more.alpha).toBeLessThanOrEqual(fewer.alpha);
    }
  });

  it("is the design's at 500 points and fine at a million", () => {
    expect(styleFor(500, 60_000)).toMatchObject({ size: 6.5, alpha: 0.78, selectedAlpha: 1 });
    const dense = styleFor(1_000_000, 200_000);
    expect(dense.size).toBe(1.8);
    expect(dense.alpha).toBeLessThan(0.3);
    expect(dense.selectedSize).toBeGreaterThan(dense.size);
    expect(dense.selectedAlpha).toBeGreaterThan(2 * dense.alpha);
  });

  it("gives sense for no points and no area", () => {
    const style = styleFor(0, 0);
    expect(style.size).toBe(10);
    expect(style.alpha).toBeGreaterThan(0.05);
  });
});

describe("styleOf", () => {
  const { x, y } = clumps(60_000, 9, 1);
  const grid = buildGrid(x, y);
  const size = { width: 900, height: 600 };
  const far = { cx: 0.5, cy: 0.3, sx: 850, sy: 850 };

  it("grows points as one zooms in, and when a filter hides most", () => {
    const near = styleOf(grid, { ...far, sx: 20_000, sy: 20_000 }, size, 1);
    expect(near.size).toBeGreaterThan(styleOf(grid, far, size, 1).size);
    expect(styleOf(grid, far, size, 0.02).size).toBeGreaterThan(styleOf(grid, far, size, 1).size);
  });

  it("does not differ for a small pan", () => {
    expect(differs(styleOf(grid, far, size, 1), styleOf(grid, { ...far, cx: 0.51 }, size, 1))).toBe(false);
    expect(differs(styleFor(100, 1e5), styleFor(100_000, 1e5))).toBe(true);
  });
});
