import { describe, expect, it } from "vitest";
import { boundsOf, distanceToSegment2, Polygon, pointInPolygon, simplifyPath } from "./polygon";
import { randoms } from "./randoms.testing";

/** Winding number by summed angles: slow, and shares nothing with the crossing rule. */
function windingByAngle(x: number, y: number, path: ArrayLike<number>): number {
  let total = 0;
  const n = path.length / 2;
  for (let i = 0; i < n; i++) {
    const j = (i + 1) % n;
    const a = Math.atan2((path[2 * i + 1] as number) - y, (path[2 * i] as number) - x);
    const b = Math.atan2((path[2 * j + 1] as number) - y, (path[2 * j] as number) - x);
    let turn = b - a;
    if (turn > Math.PI) turn -= 2 * Math.PI;
    if (turn < -Math.PI) turn += 2 * Math.PI;
    total += turn;
  }
  return Math.round(total / (2 * Math.PI));
}

describe("Polygon", () => {
  it("agrees with the summed angles on random self-crossing polygons", () => {
    const random = randoms(7);
    for (let trial = 0; trial < 60; trial++) {
      const n = 3 + Math.floor(random() * 40);
      const path = Float64Array.from({ length: 2 * n }, () => random());
      const polygon = new Polygon(path);
      for (let k = 0; k < 50; k++) {
        const x = random() * 1.2 - 0.1;
        const y = random() * 1.2 - 0.1;
        const expected = windingByAngle(x, y, path) !== 0;
        expect(polygon.contains(x, y)).toBe(expected);
        expect(pointInPolygon(x, y, path)).toBe(expected);
      }
    }
  });

  it("takes the middle of a figure wound twice, where even-odd would leave a hole", () => {
    const twice = [0, 0, 4, 0, 4, 4, 0, 4, 0, 0, 4, 0, 4, 4, 0, 4];
    expect(new Polygon(twice).contains(2, 2)).toBe(true);
  });

  it("says where it lies and refuses fewer than three vertices", () => {
    expect(new Polygon([1, 2, 3, 2, 3, 5]).bounds).toEqual({ x0: 1, y0: 2, x1: 3, y1: 5 });
    expect(() => new Polygon([0, 0, 1, 1])).toThrow(RangeError);
    expect(boundsOf([])).toBeNull();
  });

  it("holds nothing when it is flat", () => {
    const flat = new Polygon([0, 1, 5, 1, 9, 1]);
    expect(flat.contains(5, 1)).toBe(false);
  });
});

describe("simplifyPath", () => {
  it("keeps ends and corners, drops what lies on the line", () => {
    const path = [0, 0, 1, 0.01, 2, 0, 3, 0, 3, 1, 3, 2];
    expect([...simplifyPath(path, 0.1)]).toEqual([0, 0, 3, 0, 3, 2]);
  });

  it("stays within the tolerance of every vertex it dropped", () => {
    const random = randoms(3);
    const path = Float64Array.from({ length: 400 }, (_, i) =>
      i % 2 === 0 ? i : 20 * Math.sin(i / 30) + random(),
    );
    const short = simplifyPath(path, 1.5);
    expect(short.length).toBeLessThan(path.length / 2);
    for (let i = 0; i < path.length; i += 2) {
      let best = Infinity;
      for (let j = 0; j + 3 < short.length; j += 2) {
        const [ax, ay, bx, by] = [short[j], short[j + 1], short[j + 2], short[j + 3]] as [
          number,
          number,
          number,
          number,
        ];
        best = Math.min(best, distanceToSegment2(path[i] as number, path[i + 1] as number, ax, ay, bx, by));
      }
      expect(Math.sqrt(best)).toBeLessThanOrEqual(1.5 + 1e-9);
    }
  });

  it("survives a path of 200,000 vertices", () => {
    const path = Float64Array.from({ length: 400_000 }, (_, i) => (i % 2 === 0 ? i : (i / 2) % 2));
    expect(simplifyPath(path, 2).length).toBe(4);
  });
});
