import { describe, expect, it } from "vitest";
import { buildGrid, buildGridSteps, cellsOf, crowdOf, gridShape, NO_PLACE, runsOf } from "./grid";
import { clumps } from "./randoms.testing";

describe("buildGrid", () => {
  it("gives every finite row exactly one position, and the others none", () => {
    const { x, y } = clumps(60_000, 9, 1, 0.05);
    y[17] = Number.POSITIVE_INFINITY;
    const grid = buildGrid(x, y);
    const placed = [...x.keys()].filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]));
    expect(grid.blocks).toBe(2);
    expect(grid.count).toBe(placed.length);
    expect([...grid.rowOf].sort((a, b) => a - b)).toEqual(placed);
    expect(grid.positionOf[17]).toBe(NO_PLACE);
    for (const row of placed.slice(0, 500)) expect(grid.rowOf[grid.positionOf[row] as number]).toBe(row);
  });

  it("keeps the places: unit coordinates lead back to the data", () => {
    const { x, y } = clumps(5_000, 5, 2);
    const grid = buildGrid(x, y);
    const { x0, y0, span } = grid.frame;
    for (let p = 0; p < grid.count; p++) {
      const row = grid.rowOf[p] as number;
      expect((grid.xy[2 * p] as number) * span + x0).toBeCloseTo(x[row] as number, 3);
      expect((grid.xy[2 * p + 1] as number) * span + y0).toBeCloseTo(y[row] as number, 3);
    }
  });

  it("makes every block a fair sample: the first block has its share of every clump", () => {
    const k = 10;
    const { x, y } = clumps(200_000, k, 3);
    const grid = buildGrid(x, y);
    const end = grid.starts[grid.side * grid.side] as number;
    const perClump = new Array<number>(k).fill(0);
    for (let p = 0; p < end; p++) {
      const clump = (grid.rowOf[p] as number) % k;
      perClump[clump] = (perClump[clump] as number) + 1;
    }
    for (const seen of perClump) expect(seen / (200_000 / k / grid.blocks)).toBeCloseTo(1, 1);
  });

  it("bears no points, one point, and points all alike", () => {
    const none = buildGrid(new Float32Array([Number.NaN]), new Float32Array([1]));
    expect(none.count).toBe(0);
    expect(runsOf(none, { x0: -9, y0: -9, x1: 9, y1: 9 })).toEqual([]);
    const one = buildGrid(new Float32Array([5]), new Float32Array([-3]));
    expect([one.xy[0], one.xy[1]]).toEqual([0.5, 0.5]);
    expect(buildGrid(new Float32Array(100).fill(2), new Float32Array(100).fill(2)).count).toBe(100);
    const line = buildGrid(new Float32Array([0, 1, 2]), new Float32Array([4, 4, 4]));
    expect(runsOf(line, { x0: 0, y0: 0, x1: 1, y1: 1 })).toEqual([0, 3]);
  });

  it("refuses x and y of different lengths", () => {
    expect(() => buildGridSteps(new Float32Array(2), new Float32Array(3)).next()).toThrow(
      /x has 2 .* y has 3/,
    );
  });

  it("grows finer with the number of rows", () => {
    expect(gridShape(100)).toEqual({ side: 32, blocks: 1 });
    expect(gridShape(1_000_000)).toEqual({ side: 128, blocks: 8 });
  });
});

describe("runsOf", () => {
  it("covers every point of the rectangle, and with no gap nothing outside its cells", () => {
    const { x, y } = clumps(60_000, 9, 4);
    const grid = buildGrid(x, y);
    const rect = { x0: 0.2, y0: 0.1, x1: 0.5, y1: 0.4 };
    const covered = new Uint8Array(grid.count);
    const runs = runsOf(grid, rect);
    for (let i = 0; i < runs.length; i += 2) {
      const start = runs[i] as number;
      covered.fill(1, start, start + (runs[i + 1] as number));
    }
    const cells = cellsOf(grid, rect);
    expect(cells).not.toBeNull();
    const slack = 1.01 / grid.side;
    for (let p = 0; p < grid.count; p++) {
      const [px, py] = [grid.xy[2 * p] as number, grid.xy[2 * p + 1] as number];
      const inside = px >= rect.x0 && px <= rect.x1 && py >= rect.y0 && py <= rect.y1;
      if (inside) expect(covered[p]).toBe(1);
      const far =
        px < rect.x0 - slack || px > rect.x1 + slack || py < rect.y0 - slack || py > rect.y1 + slack;
      if (far) expect(covered[p]).toBe(0);
    }
  });

  it("joins runs over small gaps and takes all in one run per block for the whole", () => {
    const { x, y } = clumps(60_000, 9, 5);
    const grid = buildGrid(x, y);
    expect(runsOf(grid, { x0: -1, y0: -1, x1: 2, y1: 2 }, grid.count).length).toBe(2 * grid.blocks);
  });
});

describe("crowdOf", () => {
  it("counts all points for the whole and about the share for a part", () => {
    const { x, y } = clumps(30_000, 9, 6);
    const grid = buildGrid(x, y);
    expect(crowdOf(grid, { x0: 0, y0: 0, x1: 1, y1: 1 }).points).toBeCloseTo(30_000, 0);
    const rect = { x0: 0.1, y0: 0.1, x1: 0.63, y1: 0.45 };
    let inside = 0;
    for (let p = 0; p < grid.count; p++) {
      const [px, py] = [grid.xy[2 * p] as number, grid.xy[2 * p + 1] as number];
      if (px >= rect.x0 && px <= rect.x1 && py >= rect.y0 && py <= rect.y1) inside++;
    }
    expect(crowdOf(grid, rect).points / inside).toBeCloseTo(1, 1);
    expect(crowdOf(grid, { x0: 5, y0: 5, x1: 6, y1: 6 })).toEqual({ points: 0, cells: 0 });
  });
});
