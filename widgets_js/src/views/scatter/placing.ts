/** Where a picture drawn for one camera goes when seen by another. Pure. */
import { type Camera, type Size, toScreen, viewRect } from "./camera";
import type { Frame, Placement, Slot } from "./surface";

/** How far a picture reaches beyond the view, as a share of the view's side, on every side. */
const MARGIN = 0.25;

/** The picture to draw for `camera`: the view and a margin, no longer than `longest` device pixels a side. */
export function frameFor(camera: Camera, size: Size, dpr: number, longest: number): Frame {
  const side = (css: number): number => {
    const view = Math.max(1, Math.round(css * dpr));
    // The same whole number of pixels left and right, so that a picture can be moved by whole pixels.
    const margin = Math.max(0, Math.min(Math.ceil(view * MARGIN), (longest - view) >> 1));
    return view + 2 * margin;
  };
  return { camera, width: side(size.width), height: side(size.height), dpr };
}

/** Is the scale the same, so that the picture can be shown pixel for pixel? */
export function sameScale(a: Camera, b: Camera): boolean {
  return Math.abs(a.sx / b.sx - 1) < 1e-9 && Math.abs(a.sy / b.sy - 1) < 1e-9;
}

/** Place the picture of `frame` for `camera`; at equal scale on whole pixels, so that moving never blurs. */
export function placementOf(
  slot: Slot,
  frame: Frame,
  camera: Camera,
  size: Size,
  dpr: number,
  fade: number,
): Placement {
  const zoomX = (camera.sx * dpr) / (frame.camera.sx * frame.dpr);
  const zoomY = (camera.sy * dpr) / (frame.camera.sy * frame.dpr);
  const [mx, my] = toScreen(camera, size, frame.camera.cx, frame.camera.cy);
  const width = frame.width * zoomX;
  const height = frame.height * zoomY;
  const viewWidth = Math.round(size.width * dpr);
  const viewHeight = Math.round(size.height * dpr);
  // From the middle of the view in device pixels, which need not be the middle in CSS pixels times dpr.
  const x = (mx - size.width / 2) * dpr + (viewWidth - width) / 2;
  const y = (my - size.height / 2) * dpr + (viewHeight - height) / 2;
  const exact = sameScale(frame.camera, camera) && frame.dpr === dpr;
  if (!exact) return { slot, x, y, width, height, fade };
  return { slot, x: Math.round(x), y: Math.round(y), width: frame.width, height: frame.height, fade };
}

/** The share (0..1) of the view at `camera` that the picture of `frame` covers. */
export function coverage(frame: Frame, camera: Camera, size: Size): number {
  const view = viewRect(camera, size);
  const held = viewRect(frame.camera, { width: frame.width / frame.dpr, height: frame.height / frame.dpr });
  const w = Math.min(view.x1, held.x1) - Math.max(view.x0, held.x0);
  const h = Math.min(view.y1, held.y1) - Math.max(view.y0, held.y0);
  if (w <= 0 || h <= 0) return 0;
  return Math.min(1, (w * h) / ((view.x1 - view.x0) * (view.y1 - view.y0)));
}

/**
 * How badly the picture of `frame` serves `camera`: "good"; "soft" (right, but scaled, or near its edge: draw anew at rest);
 * "bad" (it does not cover the view, or is scaled by more than two: draw anew at once).
 */
export function fitness(frame: Frame, camera: Camera, size: Size, dpr: number): "good" | "soft" | "bad" {
  const zoom = camera.sx / frame.camera.sx;
  if (zoom > 2 || zoom < 0.5 || coverage(frame, camera, size) < 0.9999) return "bad";
  if (!sameScale(frame.camera, camera) || frame.dpr !== dpr) return "soft";
  const near = { width: size.width * (1 + MARGIN), height: size.height * (1 + MARGIN) };
  return coverage(frame, camera, near) < 0.9999 ? "soft" : "good";
}
