/** What is drawn over the points: the lasso, rectangle or brush stroke, the outline kept after it, and the ring under the pointer. */

export interface OverlayTheme {
  readonly accent: string;
  readonly ink: string;
  readonly background: string;
}

export interface OverlayState {
  /** A stroke under way or kept, x and y interleaved in CSS pixels. */
  readonly stroke: { readonly kind: "lasso" | "rect" | "brush"; readonly path: ArrayLike<number> } | null;
  /** A stroke that takes points away is dashed. */
  readonly subtract: boolean;
  /** A point to ring: x, y and its diameter, CSS pixels. */
  readonly ring: readonly [number, number, number] | null;
  /** The brush at the pointer: x, y and its radius, CSS pixels. */
  readonly brush: readonly [number, number, number] | null;
}

export const NOTHING: OverlayState = { stroke: null, subtract: false, ring: null, brush: null };

function sameNumbers(a: ArrayLike<number> | null, b: ArrayLike<number> | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Would both be drawn alike? */
export function sameOverlay(a: OverlayState, b: OverlayState): boolean {
  return (
    a.subtract === b.subtract &&
    a.stroke?.kind === b.stroke?.kind &&
    sameNumbers(a.stroke?.path ?? null, b.stroke?.path ?? null) &&
    sameNumbers(a.ring, b.ring) &&
    sameNumbers(a.brush, b.brush)
  );
}

export class Overlay {
  private readonly g: CanvasRenderingContext2D;
  private dpr = 1;
  private blank = true;
  private drawn: { state: OverlayState; look: string } | null = null;

  constructor(readonly canvas: HTMLCanvasElement) {
    const g = canvas.getContext("2d");
    if (g === null) throw new Error("this browser gives no 2D canvas context, so no lasso can be drawn");
    this.g = g;
  }

  resize(width: number, height: number, dpr: number): void {
    this.canvas.width = Math.max(1, Math.round(width * dpr));
    this.canvas.height = Math.max(1, Math.round(height * dpr));
    this.dpr = dpr;
    this.setBlank(true);
    this.drawn = null;
  }

  draw(state: OverlayState, theme: OverlayTheme, brushRadius: number): void {
    const { g, dpr } = this;
    const empty = state.stroke === null && state.ring === null && state.brush === null;
    if (empty && this.blank) return;
    const look = `${theme.accent} ${theme.ink} ${theme.background} ${brushRadius}`;
    // Points may go on being drawn for a while under an overlay that stays as it is.
    if (this.drawn !== null && this.drawn.look === look && sameOverlay(this.drawn.state, state)) return;
    this.drawn = { state, look };
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.setBlank(empty);
    g.setTransform(dpr, 0, 0, dpr, 0, 0);
    g.lineJoin = "round";
    g.lineCap = "round";
    if (state.stroke !== null) this.drawStroke(state.stroke, state.subtract, theme, brushRadius);
    if (state.ring !== null) this.drawRing(state.ring, theme);
    if (state.brush !== null) this.circle(state.brush, theme.accent, 1);
  }

  /** The style sheet may hide an empty canvas. */
  private setBlank(blank: boolean): void {
    this.blank = blank;
    this.canvas.toggleAttribute("data-blank", blank);
  }

  destroy(): void {
    this.canvas.width = 0;
    this.canvas.height = 0;
    this.canvas.remove();
  }

  private drawStroke(
    stroke: NonNullable<OverlayState["stroke"]>,
    subtract: boolean,
    theme: OverlayTheme,
    brushRadius: number,
  ): void {
    const { g } = this;
    const { path, kind } = stroke;
    if (path.length < 4) return;
    g.beginPath();
    g.moveTo(path[0] as number, path[1] as number);
    for (let i = 2; i + 1 < path.length; i += 2) g.lineTo(path[i] as number, path[i + 1] as number);
    g.strokeStyle = theme.accent;
    if (kind === "brush") {
      g.globalAlpha = 0.22;
      g.lineWidth = 2 * brushRadius;
      g.stroke();
      g.globalAlpha = 1;
      return;
    }
    g.closePath();
    g.globalAlpha = 0.1;
    g.fillStyle = theme.accent;
    g.fill();
    g.globalAlpha = 1;
    g.lineWidth = 1.5;
    g.setLineDash(subtract ? [5, 4] : []);
    g.stroke();
    g.setLineDash([]);
  }

  private drawRing(ring: readonly [number, number, number], theme: OverlayTheme): void {
    const [x, y, size] = ring;
    // A light line outside the dark one, so that the ring is seen on points of any colour.
    this.circle([x, y, size / 2 + 3], theme.background, 3.5);
    this.circle([x, y, size / 2 + 3], theme.ink, 1.5);
  }

  private circle(at: readonly [number, number, number], colour: string, width: number): void {
    const { g } = this;
    g.beginPath();
    g.arc(at[0], at[1], at[2], 0, 2 * Math.PI);
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.stroke();
  }
}
