import { describe, expect, it } from "vitest";
import { randoms } from "../../lib/geometry/randoms.testing";
import {
  between,
  type Camera,
  fitted,
  fittedLike,
  MOST_STRETCH,
  panned,
  SCALE_LIMITS,
  toScreen,
  toUnit,
  viewRect,
  zoomed,
} from "./camera";

const size = { width: 900, height: 600 };
const camera: Camera = { cx: 0.4, cy: 0.3, sx: 800, sy: 1000 };

function close(a: readonly number[], b: readonly number[]): void {
  expect(a.length).toBe(b.length);
  a.forEach((v, i) => {
    expect(v).toBeCloseTo(b[i] as number, 6);
  });
}

describe("camera", () => {
  it("goes to the screen and back", () => {
    const random = randoms(1);
    for (let i = 0; i < 100; i++) {
      const p = [random(), random()] as const;
      close(toUnit(camera, size, ...toScreen(camera, size, ...p)), p);
    }
  });

  it("puts larger y higher", () => {
    expect(toScreen(camera, size, 0.4, 0.5)[1]).toBeLessThan(toScreen(camera, size, 0.4, 0.1)[1]);
  });

  it("moves every point by what it is panned", () => {
    const [x, y] = toScreen(camera, size, 0.2, 0.9);
    close(toScreen(panned(camera, 13, -7), size, 0.2, 0.9), [x + 13, y - 7]);
  });

  it("keeps the point under the pointer when zooming, at any stretch", () => {
    const random = randoms(2);
    for (let i = 0; i < 100; i++) {
      const [px, py] = [random() * 900, random() * 600];
      const near = zoomed(camera, size, 0.2 + 4 * random(), px, py);
      close(toUnit(near, size, px, py), toUnit(camera, size, px, py));
      expect(near.sy / near.sx).toBeCloseTo(camera.sy / camera.sx, 9);
    }
  });

  it("stops zooming at its limits, and comes back from there", () => {
    let c = camera;
    for (let i = 0; i < 200; i++) c = zoomed(c, size, 2, 10, 10);
    expect(Math.max(c.sx, c.sy)).toBeCloseTo(SCALE_LIMITS.most, 0);
    for (let i = 0; i < 400; i++) c = zoomed(c, size, 0.5, 10, 10);
    expect(Math.min(c.sx, c.sy)).toBeCloseTo(SCALE_LIMITS.least, 6);
    expect(zoomed(c, size, 2, 0, 0).sx).toBeGreaterThan(c.sx);
  });

  it("fits a rectangle with its padding, filling the pane as far as the stretch allows", () => {
    const rect = { x0: 0.1, x1: 0.9, y0: 0.2, y1: 0.6 };
    const c = fitted(rect, size, 20);
    const view = viewRect(c, size, -20);
    expect(view.x0).toBeLessThanOrEqual(rect.x0 + 1e-9);
    expect(view.x1).toBeGreaterThanOrEqual(rect.x1 - 1e-9);
    expect(view.y0).toBeLessThanOrEqual(rect.y0 + 1e-9);
    expect(view.y1).toBeGreaterThanOrEqual(rect.y1 - 1e-9);
    close([(rect.x1 - rect.x0) * c.sx, (rect.y1 - rect.y0) * c.sy], [860, 560]);
    const tall = fitted({ x0: 0, x1: 1, y0: 0, y1: 1 }, { width: 200, height: 2000 }, 0);
    expect(tall.sy / tall.sx).toBeCloseTo(MOST_STRETCH, 9);
  });

  it("fits a part with the stretch that is there, and a single point without dividing by nothing", () => {
    const part = fittedLike(camera, { x0: 0.1, x1: 0.2, y0: 0.1, y1: 0.2 }, size, 10);
    expect(part.sy / part.sx).toBeCloseTo(camera.sy / camera.sx, 9);
    const point = fitted({ x0: 0.5, x1: 0.5, y0: 0.5, y1: 0.5 }, size, 20);
    close([point.cx, point.cy], [0.5, 0.5]);
    expect(Number.isFinite(point.sx) && Number.isFinite(point.sy)).toBe(true);
  });

  it("travels from one camera to the other, geometrically in scale", () => {
    const to = { cx: 0, cy: 1, sx: 3200, sy: 4000 };
    expect(between(camera, to, 0)).toBe(camera);
    expect(between(camera, to, 1)).toBe(to);
    expect(between(camera, to, 0.5).sx).toBeCloseTo(1600, 6);
  });
});
