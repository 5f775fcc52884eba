/**
 * The Canvas 2D surface, for browsers without WebGL2: the same discs, stamped pixel by pixel into image data. Its speed is
 * that of one core, so the painter hands it less at a time, but what stands at rest is the same picture.
 */
import type { Frame, Placement, Slot, Source, Surface } from "./surface";

/** Coverage (0..1) of a soft disc over a square of `side` pixels, its middle in the middle of the square. */
export interface Stamp {
  readonly side: number;
  readonly coverage: Float32Array;
}

/** The disc of `size` pixels across that the WebGL2 surface draws: one pixel of soft edge. */
export function stampOf(size: number): Stamp {
  const side = Math.max(1, Math.ceil(size + 1) | 1);
  const coverage = new Float32Array(side * side);
  const middle = (side - 1) / 2;
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      coverage[y * side + x] = Math.max(0, Math.min(1, size / 2 + 0.5 - Math.hypot(x - middle, y - middle)));
  return { side, coverage };
}

/**
 * Lay one premultiplied stamp of colour `word` over `pixels` (r, g, b, a bytes, premultiplied, `width` × `height`), its middle
 * at pixel (px, py). Parts outside are cut off.
 */
export function stampOnto(
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
  stamp: Stamp,
  px: number,
  py: number,
  word: number,
  alpha: number,
): void {
  const half = (stamp.side - 1) / 2;
  const r = word & 255;
  const g = (word >>> 8) & 255;
  const b = (word >>> 16) & 255;
  const strength = ((word >>> 24) / 255) * alpha;
  const y0 = Math.max(0, py - half);
  const y1 = Math.min(height - 1, py + half);
  const x0 = Math.max(0, px - half);
  const x1 = Math.min(width - 1, px + half);
  for (let y = y0; y <= y1; y++) {
    let s = (y - py + half) * stamp.side + (x0 - px + half);
    let at = 4 * (y * width + x0);
    for (let x = x0; x <= x1; x++, s++, at += 4) {
      const a = (stamp.coverage[s] as number) * strength;
      if (a === 0) continue;
      const rest = 1 - a;
      pixels[at] = r * a + (pixels[at] as number) * rest;
      pixels[at + 1] = g * a + (pixels[at + 1] as number) * rest;
      pixels[at + 2] = b * a + (pixels[at + 2] as number) * rest;
      pixels[at + 3] = 255 * a + (pixels[at + 3] as number) * rest;
    }
  }
}

/** Premultiplied bytes → the plain ones that `ImageData` holds. */
export function unmultiply(pixels: Uint8ClampedArray, into: Uint8ClampedArray): void {
  for (let i = 0; i < pixels.length; i += 4) {
    const a = pixels[i + 3] as number;
    into[i + 3] = a;
    if (a === 0) continue;
    const f = 255 / a;
    into[i] = (pixels[i] as number) * f;
    into[i + 1] = (pixels[i + 1] as number) * f;
    into[i + 2] = (pixels[i + 2] as number) * f;
  }
}

interface Picture {
  readonly canvas: HTMLCanvasElement;
  readonly g: CanvasRenderingContext2D;
  pixels: Uint8ClampedArray;
  image: ImageData;
  /** Pixels were stamped since they were last put onto the canvas. */
  stale: boolean;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const g = canvas.getContext("2d");
  if (g === null) throw new Error("this browser gives neither a WebGL2 nor a 2D canvas context");
  return g;
}

/** Points drawn on the main thread, no graphics hardware needed. Throws Error where there is no 2D canvas either. */
export class CanvasSurface implements Surface {
  readonly kind = "canvas2d";
  readonly longestSide = 8192;
  private readonly g: CanvasRenderingContext2D;
  private readonly pictures: (Picture | null)[] = [null, null, null];
  private xy = new Float32Array(0);
  private colours = new Uint32Array(0);
  private lists = { picks: new Uint32Array(0), patch: new Uint32Array(0) };

  constructor(readonly canvas: HTMLCanvasElement) {
    this.g = contextOf(canvas);
  }

  resize(width: number, height: number): void {
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
  }

  setPoints(xy: Float32Array, colours: Uint32Array): void {
    this.xy = xy as Float32Array<ArrayBuffer>;
    this.colours = colours as Uint32Array<ArrayBuffer>;
  }

  coloursChanged(): void {
    // The colours are read where they are; there is nothing to bring anywhere.
  }

  setList(source: "picks" | "patch", positions: Uint32Array): void {
    this.lists[source] = positions as Uint32Array<ArrayBuffer>;
  }

  clear(slot: Slot, frame: Frame): void {
    const picture = this.pictureOf(slot, frame);
    picture.pixels.fill(0);
    picture.stale = true;
  }

  points(
    slot: Slot,
    frame: Frame,
    source: Source,
    runs: readonly number[],
    size: number,
    alpha: number,
  ): void {
    const { camera, dpr, width, height } = frame;
    const picture = this.pictureOf(slot, frame);
    const stamp = stampOf(size);
    const list = source === "all" ? null : this.lists[source];
    const [ax, ay] = [camera.sx * dpr, -camera.sy * dpr];
    const [bx, by] = [width / 2 - camera.cx * ax, height / 2 - camera.cy * ay];
    for (let i = 0; i + 1 < runs.length; i += 2) {
      const start = runs[i] as number;
      const end = start + (runs[i + 1] as number);
      for (let k = start; k < end; k++) {
        const p = list === null ? k : (list[k] as number);
        const word = this.colours[p] as number;
        if (word >>> 24 === 0) continue;
        const px = Math.floor((this.xy[2 * p] as number) * ax + bx);
        const py = Math.floor((this.xy[2 * p + 1] as number) * ay + by);
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        stampOnto(picture.pixels, width, height, stamp, px, py, word, alpha);
      }
    }
    picture.stale = true;
  }

  done(): boolean {
    return true;
  }

  compose(background: readonly [number, number, number], placements: readonly Placement[]): void {
    const { g, canvas } = this;
    g.globalAlpha = 1;
    g.fillStyle = `rgb(${background.join(" ")})`;
    g.fillRect(0, 0, canvas.width, canvas.height);
    for (const p of placements) {
      const picture = this.pictures[p.slot];
      if (picture === null || picture === undefined) continue;
      if (picture.stale) {
        unmultiply(picture.pixels, picture.image.data);
        picture.g.putImageData(picture.image, 0, 0);
        picture.stale = false;
      }
      g.globalAlpha = p.fade;
      g.drawImage(picture.canvas, p.x, p.y, p.width, p.height);
    }
    g.globalAlpha = 1;
  }

  destroy(): void {
    for (const picture of this.pictures) {
      if (picture === null) continue;
      picture.canvas.width = 0;
      picture.canvas.height = 0;
    }
    this.pictures.fill(null);
    this.canvas.width = 0;
    this.canvas.height = 0;
    this.canvas.remove();
  }

  private pictureOf(slot: Slot, frame: Frame): Picture {
    const old = this.pictures[slot] ?? null;
    if (old !== null && old.canvas.width === frame.width && old.canvas.height === frame.height) return old;
    const canvas = old?.canvas ?? document.createElement("canvas");
    canvas.width = frame.width;
    canvas.height = frame.height;
    const g = old?.g ?? contextOf(canvas);
    const picture: Picture = {
      canvas,
      g,
      pixels: new Uint8ClampedArray(4 * frame.width * frame.height),
      image: g.createImageData(frame.width, frame.height),
      stale: true,
    };
    this.pictures[slot] = picture;
    return picture;
  }
}
