/** Rings around the few items that a question is about, so that they are seen whatever their colour: noise is quiet else. */

export interface RingTheme {
  readonly accent: string;
  readonly background: string;
}

/** Where the rings lie now. */
export interface RingLook {
  readonly width: number;
  readonly height: number;
  readonly dpr: number;
  /** Diameter of a point, CSS pixels. */
  readonly pointSize: number;
  /** Changes whenever a row may lie elsewhere. */
  readonly key: string;
  placeOf(row: number): readonly [number, number] | null;
}

/** More than that are no few: they stand out by their number. */
export const MOST_RINGS = 400;
const GAP = 2.5;
const LINE = 1.75;
const HALO = 4;

/** Middles of the rings in view, CSS pixels. */
export function ringsAt(rows: ArrayLike<number>, look: RingLook): [number, number][] {
  const found: [number, number][] = [];
  if (rows.length > MOST_RINGS) return found;
  const far = look.pointSize / 2 + GAP + HALO;
  for (let i = 0; i < rows.length; i++) {
    const at = look.placeOf(rows[i] as number);
    if (at === null || at[0] < -far || at[1] < -far) continue;
    if (at[0] <= look.width + far && at[1] <= look.height + far) found.push([at[0], at[1]]);
  }
  return found;
}

/** A layer of its own over the points, there only while something is ringed. */
export class Rings {
  private rows: ArrayLike<number> = [];
  private version = 0;
  private canvas: HTMLCanvasElement | null = null;
  private drawn = "";

  constructor(private readonly parent: HTMLElement) {}

  set(rows: ArrayLike<number>): void {
    this.rows = rows;
    this.version++;
    if (rows.length === 0) this.destroy();
  }

  draw(look: RingLook, theme: RingTheme): void {
    if (this.rows.length === 0) return;
    const key = `${this.version} ${look.key} ${look.width} ${look.height} ${look.dpr} ${theme.accent} ${theme.background}`;
    if (key === this.drawn) return;
    this.drawn = key;
    const g = this.layer(look);
    if (g === null) return;
    g.setTransform(look.dpr, 0, 0, look.dpr, 0, 0);
    g.clearRect(0, 0, look.width, look.height);
    const middles = ringsAt(this.rows, look);
    const radius = look.pointSize / 2 + GAP;
    // All halos first: a ring must not be cut by the halo of its neighbour.
    for (const [colour, width] of [
      [theme.background, HALO],
      [theme.accent, LINE],
    ] as const) {
      g.strokeStyle = colour;
      g.lineWidth = width;
      for (const [x, y] of middles) {
        g.beginPath();
        g.arc(x, y, radius, 0, 2 * Math.PI);
        g.stroke();
      }
    }
  }

  destroy(): void {
    this.canvas?.remove();
    this.canvas = null;
    this.drawn = "";
  }

  private layer({ width, height, dpr }: RingLook): CanvasRenderingContext2D | null {
    if (this.canvas === null) {
      this.canvas = document.createElement("canvas");
      this.canvas.setAttribute("aria-hidden", "true");
      this.canvas.dataset["testid"] = "rings";
      this.canvas.style.cssText = "position:absolute;inset:0;width:100%;height:100%;pointer-events:none";
      this.parent.append(this.canvas);
    }
    const [w, h] = [Math.max(1, Math.round(width * dpr)), Math.max(1, Math.round(height * dpr))];
    if (this.canvas.width !== w) this.canvas.width = w;
    if (this.canvas.height !== h) this.canvas.height = h;
    this.canvas.dataset["rings"] = String(this.rows.length);
    return this.canvas.getContext("2d");
  }
}
