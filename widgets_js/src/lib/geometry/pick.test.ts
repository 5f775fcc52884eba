import { describe, expect, it } from "vitest";
import { buildGrid, type Grid } from "./grid";
import { nearest, takePolygon, takeRect, takeStroke } from "./pick";
import { distanceToSegment2, Polygon, pointInPolygon } from "./polygon";
import { clumps, randoms } from "./randoms.testing";

function rowsOf(run: (take: (row: number) => void) => void): number[] {
  const rows: number[] = [];
  run((row) => rows.push(row));
  return rows.sort((a, b) => a - b);
}

function rowsWhere(grid: Grid, inside: (x: number, y: number) => boolean): number[] {
  const rows: number[] = [];
  for (let p = 0; p < grid.count; p++)
    if (inside(grid.xy[2 * p] as number, grid.xy[2 * p + 1] as number)) rows.push(grid.rowOf[p] as number);
  return rows.sort((a, b) => a - b);
}

const { x, y } = clumps(60_000, 12, 11, 0.01);
const grid = buildGrid(x, y);

describe("taking points by way of the grid equals testing each point", () => {
  it("in rectangles", () => {
    const random = randoms(1);
    for (let trial = 0; trial < 20; trial++) {
      const [a, b, c, d] = [random(), random(), random(), random()] as [number, number, number, number];
      const rect = { x0: Math.min(a, b), x1: Math.max(a, b), y0: Math.min(c, d), y1: Math.max(c, d) };
      expect(rowsOf((take) => takeRect(grid, rect, take))).toEqual(
        rowsWhere(grid, (px, py) => px >= rect.x0 && px <= rect.x1 && py >= rect.y0 && py <= rect.y1),
      );
    }
  });

  it("in polygons, also self-crossing, thin, and partly outside", () => {
    const random = randoms(2);
    for (let trial = 0; trial < 25; trial++) {
      const n = 3 + Math.floor(random() * 30);
      const size = trial % 3 === 0 ? 0.02 : 1.4;
      const path = Float64Array.from({ length: 2 * n }, () => random() * size - (size > 1 ? 0.2 : -0.3));
      expect(rowsOf((take) => takePolygon(grid, new Polygon(path), take))).toEqual(
        rowsWhere(grid, (px, py) => pointInPolygon(px, py, path)),
      );
    }
  });

  it("along brush strokes, on a stretched screen", () => {
    const scale = { sx: 900, sy: 1400 };
    const a = [0.2, 0.1] as const;
    const b = [0.7, 0.4] as const;
    const rows = rowsOf((take) => takeStroke(grid, a, b, 15, scale, take));
    expect(rows.length).toBeGreaterThan(100);
    expect(rows).toEqual(
      rowsWhere(
        grid,
        (px, py) =>
          distanceToSegment2(px * 900, py * 1400, a[0] * 900, a[1] * 1400, b[0] * 900, b[1] * 1400) <= 225,
      ),
    );
  });
});

describe("nearest", () => {
  const scale = { sx: 900, sy: 900 };

  it("finds what a full search finds", () => {
    const random = randoms(5);
    for (let trial = 0; trial < 40; trial++) {
      const [ux, uy] = [random(), random() * 0.6];
      let best = 64;
      let row: number | null = null;
      for (let p = 0; p < grid.count; p++) {
        const d =
          (((grid.xy[2 * p] as number) - ux) * 900) ** 2 + (((grid.xy[2 * p + 1] as number) - uy) * 900) ** 2;
        if (d < best) {
          best = d;
          row = grid.rowOf[p] as number;
        }
      }
      expect(nearest(grid, ux, uy, 8, scale, () => true)).toBe(row);
    }
  });

  it("passes over rows that are not shown, and gives null where nothing is near", () => {
    const [ux, uy] = [grid.xy[0] as number, grid.xy[1] as number];
    const first = nearest(grid, ux, uy, 8, scale, () => true);
    expect(first).not.toBeNull();
    expect(nearest(grid, ux, uy, 8, scale, (row) => row !== first)).not.toBe(first);
    expect(nearest(grid, 40, 40, 8, scale, () => true)).toBeNull();
  });

  it("takes the lowest row of points at one place", () => {
    const same = buildGrid(new Float32Array(50).fill(1), new Float32Array(50).fill(1));
    expect(nearest(same, 0.5, 0.5, 8, scale, () => true)).toBe(0);
    expect(nearest(same, 0.5, 0.5, 8, scale, (row) => row > 6)).toBe(7);
  });
});
