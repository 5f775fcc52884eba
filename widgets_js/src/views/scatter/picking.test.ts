import { describe, expect, it } from "vitest";
import { buildGrid } from "../../lib/geometry/grid";
import { clumps } from "../../lib/geometry/randoms.testing";
import { type Camera, panned, toScreen } from "./camera";
import { HIDDEN } from "./colours";
import { Gatherer, isShown, picksOf, Stroke, type StrokeKind } from "./picking";

const { x, y } = clumps(20_000, 8, 3);
const grid = buildGrid(x, y);
const size = { width: 900, height: 600 };
const camera: Camera = { cx: 0.5, cy: 0.3, sx: 850, sy: 900 };
const all = { codes: null, visible: null };

function rowsOf(kind: StrokeKind, places: readonly (readonly [number, number])[], shown = all): Uint32Array {
  const stroke = new Stroke(kind, "replace");
  for (const [px, py] of places) stroke.push(camera, size, px, py);
  return new Gatherer().gather(grid.rows, shown, (take) => stroke.takeFrom(grid, camera, size, 20, take));
}

function rowsOnScreen(inside: (px: number, py: number) => boolean): number[] {
  const rows: number[] = [];
  for (let p = 0; p < grid.count; p++) {
    const place = toScreen(camera, size, grid.xy[2 * p] as number, grid.xy[2 * p + 1] as number);
    if (inside(...place)) rows.push(grid.rowOf[p] as number);
  }
  return rows.sort((a, b) => a - b);
}

describe("Stroke", () => {
  it("takes a rectangle from any corner to any other", () => {
    const expected = rowsOnScreen((px, py) => px >= 200 && px <= 500 && py >= 150 && py <= 400);
    expect(expected.length).toBeGreaterThan(500);
    for (const [a, b] of [
      [
        [200, 150],
        [500, 400],
      ],
      [
        [500, 400],
        [200, 150],
      ],
      [
        [200, 400],
        [500, 150],
      ],
    ] as const)
      expect([...rowsOf("rect", [a, [321, 222], b])]).toEqual(expected);
  });

  it("takes what a round lasso encloses, ascending", () => {
    const circle = Array.from({ length: 400 }, (_, i) => {
      const a = (2 * Math.PI * i) / 400;
      return [450 + 180 * Math.cos(a), 300 + 180 * Math.sin(a)] as const;
    });
    const rows = [...rowsOf("lasso", circle)];
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
    const surely = rowsOnScreen((px, py) => Math.hypot(px - 450, py - 300) < 179);
    const perhaps = rowsOnScreen((px, py) => Math.hypot(px - 450, py - 300) < 181);
    expect(rows.length).toBeGreaterThanOrEqual(surely.length);
    expect(rows.length).toBeLessThanOrEqual(perhaps.length);
    const taken = new Set(rows);
    expect(surely.every((row) => taken.has(row))).toBe(true);
  });

  it("takes along a brush, and at a brush's single dab", () => {
    const [cx, cy] = toScreen(camera, size, grid.xy[0] as number, grid.xy[1] as number);
    expect([...rowsOf("brush", [[cx, cy]])]).toEqual(
      rowsOnScreen((px, py) => Math.hypot(px - cx, py - cy) <= 20),
    );
    const line = [
      ...rowsOf("brush", [
        [cx - 200, cy],
        [cx + 200, cy],
      ]),
    ];
    expect(line.length).toBeGreaterThan(30);
    expect(line).toEqual(
      rowsOnScreen((px, py) => {
        const along = Math.max(cx - 200, Math.min(cx + 200, px));
        return Math.hypot(px - along, py - cy) <= 20;
      }),
    );
  });

  it("takes nothing with a lasso of fewer than three corners", () => {
    expect(
      rowsOf("lasso", [
        [100, 300],
        [800, 300],
      ]).length,
    ).toBe(0);
  });

  it("stays on its points when the map moves under it", () => {
    const stroke = new Stroke("lasso", "add");
    stroke.push(camera, size, 100, 100);
    const [px, py] = stroke.outline(panned(camera, 30, 40), size);
    expect(px).toBeCloseTo(130, 6);
    expect(py).toBeCloseTo(140, 6);
  });
});

describe("what does not show is not taken", () => {
  it("neither hidden nor filtered rows", () => {
    const codes = new Int32Array(grid.rows).map((_, i) => (i % 3 === 0 ? HIDDEN : 1));
    const visible = new Uint8Array(grid.rows).map((_, i) => (i % 2 === 0 ? 1 : 0));
    const everywhere = [
      [-500, -500],
      [2000, 2000],
    ] as const;
    const rows = [...rowsOf("rect", everywhere, { codes, visible } as unknown as typeof all)];
    expect(rows).toEqual([...Array(grid.rows).keys()].filter((i) => i % 3 !== 0 && i % 2 === 0));
    expect(isShown({ codes, visible }, 0)).toBe(false);
    expect(isShown({ codes, visible }, 2)).toBe(true);
  });
});

describe("picksOf", () => {
  it("gives the focused first, then the selected", () => {
    const codes = new Int32Array(grid.rows).map((_, i) => i % 8);
    const selection = new Uint8Array(grid.rows).map((_, i) => (i < 100 ? 1 : 0));
    const { positions, focused, selected } = picksOf(grid, codes, 3, selection);
    expect([focused, selected]).toEqual([grid.rows / 8, 100]);
    const rows = [...positions].map((p) => grid.rowOf[p] as number);
    expect(rows.slice(0, focused).every((row) => row % 8 === 3)).toBe(true);
    expect(rows.slice(focused).every((row) => row < 100)).toBe(true);
    expect(picksOf(grid, codes, null, null).positions.length).toBe(0);
  });
});
