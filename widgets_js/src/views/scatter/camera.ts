/**
 * The camera: which part of the unit square shows where. Pure functions on frozen values.
 *
 * Units come from `lib/geometry/grid` (data moved and scaled so that its longer side is 1, y upwards). The screen is in
 * CSS pixels from the top left corner of the view, y downwards:
 * `screenX = (x − cx) · sx + width / 2`, `screenY = (cy − y) · sy + height / 2`.
 */
import type { Rect } from "../../lib/geometry/polygon";

export interface Camera {
  /** The unit point in the middle of the view. */
  readonly cx: number;
  readonly cy: number;
  /** CSS pixels per unit, > 0. */
  readonly sx: number;
  readonly sy: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How far one may zoom, in CSS pixels per unit: float32 places stay apart on the screen up to here. */
export const SCALE_LIMITS = { least: 20, most: 2_000_000 } as const;

/** How much x and y may be stretched against each other to fill a pane; beyond that the map would mislead. */
export const MOST_STRETCH = 1.6;

/** Unit → screen. */
export function toScreen(camera: Camera, size: Size, x: number, y: number): [number, number] {
  return [(x - camera.cx) * camera.sx + size.width / 2, (camera.cy - y) * camera.sy + size.height / 2];
}

/** Screen → unit. */
export function toUnit(camera: Camera, size: Size, px: number, py: number): [number, number] {
  return [camera.cx + (px - size.width / 2) / camera.sx, camera.cy - (py - size.height / 2) / camera.sy];
}

/** The part of the unit plane that shows, grown by `margin` CSS pixels on every side. */
export function viewRect(camera: Camera, size: Size, margin = 0): Rect {
  const rx = (size.width / 2 + margin) / camera.sx;
  const ry = (size.height / 2 + margin) / camera.sy;
  return { x0: camera.cx - rx, x1: camera.cx + rx, y0: camera.cy - ry, y1: camera.cy + ry };
}

/** Moved so that what lay at (0, 0) on the screen lies at (dx, dy). */
export function panned(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, cx: camera.cx - dx / camera.sx, cy: camera.cy + dy / camera.sy };
}

/** Zoomed by `factor` (> 1 is nearer) about the screen point (px, py), which keeps its place; held within the limits. */
export function zoomed(camera: Camera, size: Size, factor: number, px: number, py: number): Camera {
  const { least, most } = SCALE_LIMITS;
  const low = least / Math.min(camera.sx, camera.sy);
  const high = most / Math.max(camera.sx, camera.sy);
  const f = Math.max(Math.min(1, low), Math.min(Math.max(1, high), factor));
  const [ux, uy] = toUnit(camera, size, px, py);
  const next = { ...camera, sx: camera.sx * f, sy: camera.sy * f };
  return { ...next, cx: ux - (px - size.width / 2) / next.sx, cy: uy + (py - size.height / 2) / next.sy };
}

/**
 * The camera that shows `rect` whole with `padding` CSS pixels around it. x and y are stretched to fill the view, by at most
 * `MOST_STRETCH`; a rectangle without extent is shown at `most` CSS pixels per unit or less.
 */
export function fitted(rect: Rect, size: Size, padding: number, most = 4000): Camera {
  const width = Math.max(1, size.width - 2 * padding);
  const height = Math.max(1, size.height - 2 * padding);
  const fx = Math.min(most, width / Math.max(1e-9, rect.x1 - rect.x0));
  const fy = Math.min(most, height / Math.max(1e-9, rect.y1 - rect.y0));
  const clamp = (s: number): number => Math.max(SCALE_LIMITS.least, Math.min(SCALE_LIMITS.most, s));
  const sx = clamp(Math.min(fx, fy * MOST_STRETCH));
  const sy = clamp(Math.min(fy, fx * MOST_STRETCH));
  return { cx: (rect.x0 + rect.x1) / 2, cy: (rect.y0 + rect.y1) / 2, sx, sy };
}

/** As `fitted`, but keeping the stretch of `camera`: for going to a part of a map that is already on the screen. */
export function fittedLike(camera: Camera, rect: Rect, size: Size, padding: number, most = 4000): Camera {
  const stretch = camera.sy / camera.sx;
  const flat = { x0: rect.x0, x1: rect.x1, y0: rect.y0 * stretch, y1: rect.y1 * stretch };
  const width = Math.max(1, size.width - 2 * padding);
  const height = Math.max(1, size.height - 2 * padding);
  const s = Math.min(
    width / Math.max(1e-9, flat.x1 - flat.x0),
    height / Math.max(1e-9, flat.y1 - flat.y0),
    most,
  );
  const sx = Math.max(SCALE_LIMITS.least, Math.min(SCALE_LIMITS.most, s));
  return { cx: (rect.x0 + rect.x1) / 2, cy: (rect.y0 + rect.y1) / 2, sx, sy: sx * stretch };
}

/** On the way from `a` to `b`, t in 0..1: the scale runs geometrically, so that a zoom feels even. */
export function between(a: Camera, b: Camera, t: number): Camera {
  if (t <= 0) return a;
  if (t >= 1) return b;
  const mix = (p: number, q: number): number => p + (q - p) * t;
  const grow = (p: number, q: number): number => p * (q / p) ** t;
  return { cx: mix(a.cx, b.cx), cy: mix(a.cy, b.cy), sx: grow(a.sx, b.sx), sy: grow(a.sy, b.sy) };
}
