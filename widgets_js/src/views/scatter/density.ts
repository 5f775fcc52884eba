/** How large and how opaque points are drawn, by how many share the view. */
import { crowdOf, type Grid } from "../../lib/geometry/grid";
import { type Camera, type Size, viewRect } from "./camera";

/** Diameters in CSS pixels, opacity in 0..1. */
export interface PointStyle {
  readonly size: number;
  readonly alpha: number;
  /** Diameter and opacity of selected points: opaque, but where thousands share a few pixels. */
  readonly selectedSize: number;
  readonly selectedAlpha: number;
}

const LEAST_SIZE = 1.8;
const MOST_SIZE = 10;
const LEAST_ALPHA = 0.2;
const MOST_ALPHA = 0.78;

/**
 * The style for `points` points over `area` CSS pixels² of occupied ground.
 *
 * The diameter falls with the fifth root of the count (500 points 6.5 px, 1 M points 1.8 px). The opacity falls with the
 * root of the ink laid over each pixel, so that crowded ground still shows where it is most crowded.
 */
export function styleFor(points: number, area: number): PointStyle {
  const n = Math.max(1, points);
  const size = Math.max(LEAST_SIZE, Math.min(MOST_SIZE, 6.5 * (500 / n) ** 0.19));
  const ink = (n * Math.PI * size * size) / 4 / Math.max(1, area);
  const alpha = Math.max(LEAST_ALPHA, Math.min(MOST_ALPHA, MOST_ALPHA / Math.sqrt(Math.max(1, ink))));
  const selectedSize = size + Math.max(0.3, Math.min(2.4, 0.45 * (size - 1.3)));
  const selectedAlpha = 0.55 + (0.45 * (alpha - LEAST_ALPHA)) / (MOST_ALPHA - LEAST_ALPHA);
  return { size, alpha, selectedSize, selectedAlpha };
}

/** The style for what `camera` shows of `grid`. */
export function styleOf(grid: Grid, camera: Camera, size: Size, shownShare: number): PointStyle {
  const crowd = crowdOf(grid, viewRect(camera, size));
  const cell = (grid.frame.width / grid.side) * camera.sx * (grid.frame.height / grid.side) * camera.sy;
  return styleFor(crowd.points * shownShare, crowd.cells * cell);
}

/** Do two styles differ enough to be worth drawing anew? */
export function differs(a: PointStyle, b: PointStyle): boolean {
  return Math.abs(a.size / b.size - 1) > 0.12 || Math.abs(a.alpha / b.alpha - 1) > 0.15;
}
