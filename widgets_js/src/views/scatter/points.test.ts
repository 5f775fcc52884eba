import { describe, expect, it } from "vitest";
import { clumps } from "../../lib/geometry/randoms.testing";
import { Points } from "./points";
import { runSliced } from "./slicing";

function made(n: number): Points {
  const points = new Points();
  const { x, y } = clumps(n, 5, 8, 0.1);
  points.codes = new Int32Array(n).map((_, i) => i % 5);
  points.colours.setPalette((code) => [code, code, code]);
  points.setPlaces(
    x,
    y,
    () => {},
    (e) => {
      throw e;
    },
  );
  return points;
}

describe("Points", () => {
  it("recodes rows, one code for all or one each, and says what to upload", () => {
    const points = made(1000);
    const rows = Uint32Array.of(0, 1, 2, 3);
    const changed = points.recode(rows, 4);
    expect([...(points.codes ?? []).slice(0, 4)]).toEqual([4, 4, 4, 4]);
    expect(changed?.runs).toEqual([[0, points.grid?.count]]);
    points.recode(rows, Int32Array.of(9, 8, 7, 6));
    expect([...(points.codes ?? []).slice(0, 5)]).toEqual([9, 8, 7, 6, 4]);
    expect(() => points.recode(rows, Int32Array.of(1))).toThrow(/4 rows but 1 codes/);
    points.codes = null;
    expect(() => points.recode(rows, 1)).toThrow(/before setCodes/);
  });

  it("bounds what shows, or the given rows", () => {
    const points = made(1000);
    const all = points.bounds();
    expect(all?.x1).toBeCloseTo(1, 5);
    points.codes?.fill(-2);
    points.paint();
    expect(points.bounds()).toBeNull();
    expect(points.shownShare()).toBe(0);
    const row = points.grid?.rowOf[0] as number;
    const one = points.bounds(Uint32Array.of(row));
    expect(one?.x0).toBe(one?.x1);
    expect(points.bounds(new Uint32Array(0))).toBeNull();
  });

  it("sorts many points in the background, and gives up a sort that is overtaken", async () => {
    const points = new Points();
    const told: string[] = [];
    const many = clumps(250_000, 5, 1);
    const fail = (e: Error): void => {
      told.push(e.message);
    };
    points.setPlaces(many.x, many.y, () => told.push("many"), fail);
    expect(points.sorting).toBe(true);
    const few = clumps(10, 2, 1);
    points.setPlaces(few.x, few.y, () => told.push("few"), fail);
    expect(points.grid?.count).toBe(10);
    expect(points.sorting).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(told).toEqual(["few"]);
    points.setPlaces(many.x, many.y, () => told.push("many"), fail);
    while (points.sorting) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(told).toEqual(["few", "many"]);
    expect(points.grid?.count).toBe(250_000);
  });
});

describe("runSliced", () => {
  it("tells errors instead of throwing them away", () => {
    const told: string[] = [];
    const steps = (function* (): Generator<undefined, number, undefined> {
      yield undefined;
      throw new Error("no good");
    })();
    runSliced(
      steps,
      true,
      () => told.push("done"),
      (e) => told.push(e.message),
    );
    expect(told).toEqual(["no good"]);
  });
});
