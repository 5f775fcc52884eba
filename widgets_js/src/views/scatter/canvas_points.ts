/**
 * The Canvas 2D surface, for browsers without WebGL2 or with one that is emulated in software: the same discs, stamped into
 * image data by the main thread. The painter hands it less at a time, and what stands at rest is the same picture.
 */
import { Stamps, unmultiply } from "./stamping";
import type { Frame, Placement, Slot, Source, Surface } from "./surface";

interface Picture {
  readonly canvas: HTMLCanvasElement;
  readonly g: CanvasRenderingContext2D;
  /** Premultiplied. */
  pixels: Uint32Array;
  image: ImageData;
  /** Pixels were stamped since they were last put onto the canvas. */
  stale: boolean;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  // Kept in main memory: pixels come from there, and a canvas in an emulated graphics memory is slow to reach.
  const g = canvas.getContext("2d", { willReadFrequently: true });
  if (g === null) throw new Error("this browser gives neither a WebGL2 nor a 2D canvas context");
  return g;
}

/** Points drawn on the main thread, no graphics hardware needed. Throws Error where there is no 2D canvas either. */
export class CanvasSurface implements Surface {
  readonly kind = "canvas2d";
  readonly synchronous = true;
  readonly longestSide = 8192;
  private readonly g: CanvasRenderingContext2D;
  private readonly pictures: (Picture | null)[] = [null, null, null];
  private xy = new Float32Array(0);
  private colours = new Uint32Array(0);
  private stamps = new Stamps(1, 1);
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
    if (this.stamps.size !== size || this.stamps.alpha !== alpha) this.stamps = new Stamps(size, alpha);
    const [ax, ay] = [camera.sx * dpr, -camera.sy * dpr];
    const place = { ax, ay, bx: width / 2 - camera.cx * ax, by: height / 2 - camera.cy * ay };
    const list = source === "all" ? null : this.lists[source];
    const points = { xy: this.xy, colours: this.colours, list };
    for (let i = 0; i + 1 < runs.length; i += 2) {
      const start = runs[i] as number;
      this.stamps.draw(picture.pixels, width, height, points, start, start + (runs[i + 1] as number), place);
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
        unmultiply(picture.pixels, new Uint32Array(picture.image.data.buffer));
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
      pixels: new Uint32Array(frame.width * frame.height),
      image: g.createImageData(frame.width, frame.height),
      stale: true,
    };
    this.pictures[slot] = picture;
    return picture;
  }
}
