import { describe, expect, it } from "vitest";
import { type Camera, panned, zoomed } from "./camera";
import { coverage, fitness, frameFor, placementOf } from "./placing";

const size = { width: 901, height: 600 };
const camera: Camera = { cx: 0.5, cy: 0.5, sx: 700, sy: 700 };

describe("frameFor", () => {
  it("adds the same whole margin on both sides, within the longest side", () => {
    for (const dpr of [1, 1.25, 2]) {
      const frame = frameFor(camera, size, dpr, 4096);
      expect((frame.width - Math.round(size.width * dpr)) % 2).toBe(0);
      expect(frame.width).toBeGreaterThan(1.4 * size.width * dpr);
    }
    expect(frameFor(camera, size, 1, 1000).width).toBeLessThanOrEqual(1000);
  });
});

describe("placementOf", () => {
  it("centres the picture on its own camera, on whole pixels", () => {
    const frame = frameFor(camera, size, 1, 4096);
    const at = placementOf(0, frame, camera, size, 1, 1);
    expect(at.x).toBe((901 - frame.width) / 2);
    expect(at.width).toBe(frame.width);
  });

  it("moves by whole device pixels when panned, and covers the view till the margin is used up", () => {
    const frame = frameFor(camera, size, 2, 8192);
    const start = placementOf(0, frame, camera, size, 2, 1);
    const moved = placementOf(0, frame, panned(camera, 10.2, -3), size, 2, 1);
    expect([moved.x - start.x, moved.y - start.y]).toEqual([20, -6]);
    expect(coverage(frame, panned(camera, 200, 0), size)).toBe(1);
    expect(coverage(frame, panned(camera, 901, 0), size)).toBeLessThan(0.5);
    expect(coverage(frame, panned(camera, 9000, 0), size)).toBe(0);
  });

  it("keeps the point under the pointer in its place when zoomed", () => {
    const frame = frameFor(camera, size, 1, 4096);
    const start = placementOf(0, frame, camera, size, 1, 1);
    const near = placementOf(0, frame, zoomed(camera, size, 1.5, 300, 200), size, 1, 1);
    const inPicture = [(300 - start.x) / start.width, (200 - start.y) / start.height] as const;
    expect(near.x + inPicture[0] * near.width).toBeCloseTo(300, 6);
    expect(near.y + inPicture[1] * near.height).toBeCloseTo(200, 6);
  });
});

describe("fitness", () => {
  const frame = frameFor(camera, size, 1, 4096);
  it("tells good, soft and bad apart", () => {
    expect(fitness(frame, camera, size, 1)).toBe("good");
    expect(fitness(frame, panned(camera, 40, 0), size, 1)).toBe("good");
    expect(fitness(frame, panned(camera, 200, 0), size, 1)).toBe("soft");
    expect(fitness(frame, panned(camera, 400, 0), size, 1)).toBe("bad");
    expect(fitness(frame, zoomed(camera, size, 1.4, 0, 0), size, 1)).toBe("soft");
    expect(fitness(frame, zoomed(camera, size, 2.4, 0, 0), size, 1)).toBe("bad");
    expect(fitness(frame, zoomed(camera, size, 0.5, 0, 0), size, 1)).toBe("bad");
    expect(fitness(frame, camera, size, 2)).toBe("soft");
  });
});
