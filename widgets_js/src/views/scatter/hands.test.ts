import { beforeEach, describe, expect, it } from "vitest";
import { clumps } from "../../lib/geometry/randoms.testing";
import { type Camera, toScreen } from "./camera";
import type { Modifiers } from "./gestures";
import { type Board, Hands } from "./hands";
import { Points } from "./points";

const size = { width: 900, height: 600 };
const plain: Modifiers = { shift: false, alt: false, ctrl: false };

let points: Points;
let board: Board;
let hands: Hands;
let told: string[];

function place(row: number): [number, number] {
  const { grid } = points;
  const p = grid?.positionOf[row] as number;
  return toScreen(
    board.camera,
    size,
    (grid as NonNullable<typeof grid>).xy[2 * p] as number,
    grid?.xy[2 * p + 1] as number,
  );
}

beforeEach(() => {
  told = [];
  points = new Points();
  const { x, y } = clumps(500, 5, 8);
  points.setPlaces(
    x,
    y,
    () => told.push("ready"),
    (e) => told.push(e.message),
  );
  expect(told).toEqual(["ready"]);
  told = [];
  const camera: Camera = { cx: 0.5, cy: 0.3, sx: 800, sy: 800 };
  board = {
    points,
    size,
    camera,
    grabbed: () => {},
    fit: () => told.push("fit"),
    repaint: () => {},
    screenOf: (row) => place(row),
    pointSize: () => 6,
    clientOf: (x0, y0) => [x0 + 100, y0 + 200],
    onSelect: (rows, mode, how) => told.push(`${mode} ${how} ${rows.length === 1 ? rows[0] : rows.length}`),
    onHover: (row) => told.push(`hover ${row}`),
    onOpen: (row) => told.push(`open ${row}`),
  };
  hands = new Hands(board);
});

function rectangle(keys: Modifiers): void {
  hands.strokeBegin("rect", -2000, -2000, keys);
  hands.strokeMove(3000, 3000);
  hands.strokeEnd();
}

describe("clicks", () => {
  it("take the point, add with Shift, take away with Alt, toggle with Ctrl", () => {
    hands.click(...place(7), plain);
    hands.click(...place(7), { ...plain, shift: true });
    hands.click(...place(7), { ...plain, alt: true });
    hands.click(...place(7), { ...plain, ctrl: true });
    points.selection = new Uint8Array(500).fill(1);
    hands.click(...place(7), { ...plain, ctrl: true });
    expect(told).toEqual([
      "replace click 7",
      "add click 7",
      "subtract click 7",
      "add click 7",
      "subtract click 7",
    ]);
  });

  it("beside all points empty the selection, unless something was to be added", () => {
    hands.click(-900, -900, plain);
    hands.click(-900, -900, { ...plain, shift: true });
    expect(told).toEqual(["replace click 0"]);
  });

  it("twice open a point, or fit beside all points", () => {
    hands.doubleClick(...place(3));
    hands.doubleClick(-900, -900);
    expect(told).toEqual(["open 3", "fit"]);
  });
});

describe("strokes", () => {
  it("select by mode and keep their outline while the selection stands", () => {
    rectangle({ ...plain, alt: true });
    expect(told).toEqual(["subtract rect 500"]);
    expect(hands.overlay().stroke?.path.length).toBe(8);
    expect(hands.overlay().subtract).toBe(true);
    hands.selectionChanged(500);
    expect(hands.overlay().stroke).not.toBeNull();
    hands.selectionChanged(500);
    expect(hands.overlay().stroke).toBeNull();
  });

  it("drop the outline on Esc, on an emptied selection, and when nothing was taken", () => {
    rectangle(plain);
    expect(hands.escape()).toBe(true);
    expect(hands.escape()).toBe(false);
    expect(hands.overlay().stroke).toBeNull();
    rectangle(plain);
    hands.selectionChanged(0);
    expect(hands.overlay().stroke).toBeNull();
    hands.strokeBegin("rect", -20, -20, plain);
    hands.strokeMove(-10, -10);
    hands.strokeEnd();
    expect(told.at(-1)).toBe("replace rect 0");
    expect(hands.overlay().stroke).toBeNull();
  });

  it("tell nothing when cancelled", () => {
    hands.strokeBegin("lasso", 0, 0, plain);
    hands.strokeMove(500, 500);
    hands.strokeCancel();
    hands.strokeEnd();
    expect(told).toEqual([]);
  });
});

describe("hover", () => {
  it("is told once a frame, and null once", () => {
    hands.hover(place(9));
    hands.tellHover();
    hands.tellHover();
    expect(told).toEqual(["hover 9"]);
    expect(hands.overlay().ring?.[2]).toBe(6);
    hands.hover(null);
    hands.tellHover();
    hands.hover(null);
    hands.tellHover();
    expect(told).toEqual(["hover 9", "hover null"]);
  });
});

describe("camera", () => {
  it("pans and zooms, and the brush stays within its sizes", () => {
    const before = place(1);
    hands.pan(10, 20);
    expect(place(1)[0]).toBeCloseTo(before[0] + 10, 6);
    hands.zoom(2, 0, 0);
    expect(board.camera.sx).toBe(1600);
    for (let i = 0; i < 50; i++) hands.brush(1);
    expect(hands.brushRadius).toBe(120);
    for (let i = 0; i < 50; i++) hands.brush(-1);
    expect(hands.brushRadius).toBe(4);
  });
});
