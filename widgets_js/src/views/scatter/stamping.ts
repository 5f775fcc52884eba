/**
 * Discs stamped into pixels by plain integer arithmetic: a million small points in some tens of milliseconds on one core,
 * where a graphics card that is only emulated takes seconds.
 *
 * Pixels are premultiplied r, g, b, a bytes, one little-endian word each. Two channels are blended with one multiplication:
 * red and blue lie 16 bits apart in `word & 0xff00ff`, green and opacity in `(word >>> 8) & 0xff00ff`.
 */

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

/** Cells of a stamp that mark anything, with what one colour lays there: numbers per cell in `ink` (see `CELL`). */
interface Ink {
  /** dx, dy, what is left of the ground (0..256), red and blue, green and opacity; for each cell. */
  readonly cells: Int32Array;
}

const CELL = 5;
/** Colours kept ready: a column shown as a ramp has 256, clusters have as many as there are clusters in view. */
const MOST_INKS = 8192;

/** Stamps of one size and opacity, in whatever colours come. */
export class Stamps {
  private readonly inks = new Map<number, Ink>();
  readonly stamp: Stamp;

  constructor(
    readonly size: number,
    readonly alpha: number,
  ) {
    this.stamp = stampOf(size);
  }

  private inkOf(word: number): Ink {
    const known = this.inks.get(word);
    if (known !== undefined) return known;
    if (this.inks.size >= MOST_INKS) this.inks.clear();
    const { side, coverage } = this.stamp;
    const half = (side - 1) / 2;
    const strength = ((word >>> 24) / 255) * this.alpha;
    const [r, g, b] = [word & 255, (word >>> 8) & 255, (word >>> 16) & 255];
    const cells: number[] = [];
    for (let k = 0; k < coverage.length; k++) {
      const a = Math.round((coverage[k] as number) * strength * 256);
      if (a === 0) continue;
      const redBlue = ((r * a) >> 8) | (((b * a) >> 8) << 16);
      const greenAlpha = ((g * a) >> 8) | (((255 * a) >> 8) << 16);
      cells.push((k % side) - half, Math.floor(k / side) - half, 256 - a, redBlue, greenAlpha);
    }
    const ink = { cells: Int32Array.from(cells) };
    this.inks.set(word, ink);
    return ink;
  }

  /**
   * Stamp positions `from` … `to` of `list` (of all when null) onto `pixels`, `width` × `height`. A position's place is
   * `xy · (ax, ay) + (bx, by)`; what lies outside is left out, what reaches outside is cut off.
   */
  draw(
    pixels: Uint32Array,
    width: number,
    height: number,
    points: { readonly xy: Float32Array; readonly colours: Uint32Array; readonly list: Uint32Array | null },
    from: number,
    to: number,
    place: { readonly ax: number; readonly ay: number; readonly bx: number; readonly by: number },
  ): void {
    const { xy, colours, list } = points;
    const { ax, ay, bx, by } = place;
    const half = (this.stamp.side - 1) / 2;
    let last = 0;
    let cells = new Int32Array(0);
    for (let k = from; k < to; k++) {
      const p = list === null ? k : (list[k] as number);
      const word = colours[p] as number;
      if (word >>> 24 === 0) continue;
      const px = Math.floor((xy[2 * p] as number) * ax + bx);
      const py = Math.floor((xy[2 * p + 1] as number) * ay + by);
      if (px < 0 || py < 0 || px >= width || py >= height) continue;
      if (word !== last || cells.length === 0) {
        cells = this.inkOf(word).cells as Int32Array<ArrayBuffer>;
        last = word;
      }
      const inside = px >= half && py >= half && px < width - half && py < height - half;
      if (inside) stampWhole(pixels, width, cells, py * width + px);
      else stampCut(pixels, width, height, cells, px, py);
    }
  }
}

function stampWhole(pixels: Uint32Array, width: number, cells: Int32Array, at: number): void {
  for (let c = 0; c < cells.length; c += CELL) {
    const i = at + (cells[c + 1] as number) * width + (cells[c] as number);
    pixels[i] = laid(pixels[i] as number, cells, c);
  }
}

function stampCut(
  pixels: Uint32Array,
  width: number,
  height: number,
  cells: Int32Array,
  px: number,
  py: number,
): void {
  for (let c = 0; c < cells.length; c += CELL) {
    const x = px + (cells[c] as number);
    const y = py + (cells[c + 1] as number);
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    pixels[y * width + x] = laid(pixels[y * width + x] as number, cells, c);
  }
}

/** `ground` with cell `c` laid over it. What is laid is rounded down and the ground to the nearest: no channel overflows. */
function laid(ground: number, cells: Int32Array, c: number): number {
  const rest = cells[c + 2] as number;
  const redBlue = ((Math.imul(ground & 0xff00ff, rest) + 0x800080) >>> 8) & 0xff00ff;
  const greenAlpha = ((Math.imul((ground >>> 8) & 0xff00ff, rest) + 0x800080) >>> 8) & 0xff00ff;
  return (redBlue + (cells[c + 3] as number)) | ((greenAlpha + (cells[c + 4] as number)) << 8);
}

const PER_OPACITY = Float32Array.from({ length: 256 }, (_, a) => (a === 0 ? 0 : 255 / a));

/** Premultiplied words → the plain ones that `ImageData` holds. */
export function unmultiply(pixels: Uint32Array, into: Uint32Array): void {
  for (let i = 0; i < pixels.length; i++) {
    const word = pixels[i] as number;
    const a = word >>> 24;
    if (a === 255 || a === 0) {
      into[i] = word;
      continue;
    }
    const f = PER_OPACITY[a] as number;
    const r = Math.min(255, ((word & 255) * f + 0.5) | 0);
    const g = Math.min(255, (((word >>> 8) & 255) * f + 0.5) | 0);
    const b = Math.min(255, (((word >>> 16) & 255) * f + 0.5) | 0);
    into[i] = r | (g << 8) | (b << 16) | (a << 24);
  }
}
