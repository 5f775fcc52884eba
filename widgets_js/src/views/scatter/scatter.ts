/**
 * The map: up to millions of points, panned, zoomed, and selected by lasso, rectangle, brush or click. It knows nothing of
 * Jupyter or of any framework: give it an element, arrays and callbacks.
 */
import { NO_PLACE } from "../../lib/geometry/grid";
import { type Camera, fitted, fittedLike, type Size, toScreen, zoomed } from "./camera";
import { type Rgb, readCssColour } from "./colours";
import { styleOf } from "./density";
import { Gestures, type Tool } from "./gestures";
import { Hands } from "./hands";
import { Loop, prefersStill } from "./loop";
import { Overlay } from "./overlay";
import { type Look, Painter } from "./painter";
import { Points } from "./points";
import { Rings } from "./rings";
import { Stage } from "./stage";
import { LIGHT_THEME, type ScatterProps, type ScatterStats, type ScatterTheme } from "./types";

export type { Rgb } from "./colours";
export type { Tool } from "./gestures";
export type { SelectMode, StrokeKind } from "./picking";
export type { ScatterProps, ScatterStats, ScatterTheme } from "./types";

const PADDING = 22;
/** How much of the other points comes through beside selected ones, and beside a focused cluster. */
const FADE = { selection: 0.6, focus: 0.25 } as const;

export class Scatter {
  private readonly stage: Stage;
  private readonly points = new Points();
  private painter: Painter;
  private readonly overlay: Overlay;
  private readonly rings: Rings;
  private readonly hands: Hands;
  private readonly gestures: Gestures;
  private readonly loop: Loop;
  private camera: Camera = { cx: 0.5, cy: 0.5, sx: 500, sy: 500 };
  /** The camera shows all, and goes on doing so when the pane changes its size. */
  private follows = true;
  private top = { selected: 0, focused: 0 };
  private background: Rgb = [255, 255, 255];
  private theme = { ...LIGHT_THEME };
  private gone = false;

  constructor(private readonly props: ScatterProps) {
    this.stage = new Stage(props.container, props.label ?? "Map of the items", props.renderer ?? "auto", {
      resized: () => this.resized(),
      lost: () => this.painter.forget(),
      restored: () => this.replaceSurface(),
      error: (e) => this.fail(e),
    });
    this.painter = new Painter(this.stage.surface);
    this.overlay = new Overlay(this.stage.overlay);
    this.rings = new Rings(this.stage.root);
    this.loop = new Loop(
      (now, moving) => this.draw(now, moving),
      (camera) => this.setCamera(camera),
      (now) => !this.empty && !this.stage.paused && this.painter.work(this.look(), now),
    );
    this.hands = this.makeHands();
    this.gestures = new Gestures(this.stage.root, this.hands);
    this.resized();
    this.setTheme(LIGHT_THEME);
  }

  get stats(): ScatterStats {
    const { lastFrameMs } = this.loop;
    const { lastPassMs } = this.painter;
    const points = this.points.grid?.count ?? 0;
    return { points, lastFrameMs, lastPassMs, renderer: this.stage.surface.kind };
  }

  /** Places in any unit, y upwards; rows with NaN have no place and are not drawn. Throws RangeError on unequal lengths. */
  setPoints(x: Float32Array, y: Float32Array): void {
    if (x.length !== y.length) throw new RangeError(`x has ${x.length} values and y has ${y.length}`);
    this.hands.forget();
    this.points.setPlaces(
      x,
      y,
      () => {
        this.giveGrid();
        this.follows = true;
        this.refit();
      },
      (e) => this.fail(e),
    );
  }

  /** Cluster code per row: −1 noise, −2 hidden. Copied. */
  setCodes(codes: Int32Array): void {
    this.points.codes = codes.slice();
    this.repaintAll();
    if (this.points.focus !== null) this.givePicks();
  }

  /** Give some rows other codes: one for all, or one each. Throws RangeError on unequal lengths. */
  updateCodes(rows: Uint32Array, code: number | Int32Array): void {
    const changed = this.points.recode(rows, code);
    if (changed === null) return;
    this.painter.patched(changed.positions, changed.runs);
    if (this.points.focus !== null) this.givePicks();
    this.loop.wake();
  }

  /** Colours of clusters, 0..255 each; noise has the theme's. */
  setPalette(rgb: (code: number) => Rgb): void {
    this.points.colours.setPalette(rgb);
    this.repaintAll();
  }

  /**
   * Colour by a number per row instead of by cluster; null goes back. `ramp` maps 0..1 to a colour, over `domain` or else from
   * the least to the greatest finite value. Rows without a number look like noise.
   */
  setValues(values: Float32Array | null, ramp: (t: number) => Rgb, domain?: readonly [number, number]): void {
    this.points.colours.setValues(values, ramp, domain);
    this.repaintAll();
  }

  /** 1 per selected row. Kept by reference: call again after changing it. */
  setSelection(mask: Uint8Array): void {
    this.points.selection = mask;
    this.givePicks();
    this.hands.selectionChanged(this.top.selected);
  }

  /** Ring these rows, whatever their colour; many are not ringed, they are seen by their number. */
  setRinged(rows: ArrayLike<number>): void {
    this.rings.set(rows);
    this.loop.wake();
  }

  /** Let one cluster stand out; null for none. */
  setFocus(code: number | null): void {
    if (code === this.points.focus) return;
    this.points.focus = code;
    this.givePicks();
  }

  /** 0 per row that a filter hides; null shows all. Kept by reference. */
  setVisible(mask: Uint8Array | null): void {
    this.points.visible = mask;
    this.repaintAll();
  }

  setTool(tool: Tool): void {
    this.hands.setTool(tool);
    this.gestures.setTool(tool);
  }

  setTheme(theme: ScatterTheme): void {
    this.theme = { ...theme };
    const read = (css: string, fallback: Rgb): Rgb => readCssColour(this.stage.root, css, fallback);
    this.background = read(theme.background, [255, 255, 255]);
    const css = (rgb: Rgb): string => `rgb(${rgb.join(" ")})`;
    this.theme.accent = css(read(theme.accent, [47, 111, 237]));
    this.theme.ink = css(read(theme.ink, [28, 34, 48]));
    this.theme.background = css(this.background);
    this.stage.root.style.background = this.theme.background;
    this.stage.root.style.setProperty("--shoal-map-accent", this.theme.accent);
    if (this.points.colours.setNoise(read(theme.noise, [154, 163, 178]))) this.repaintAll();
    this.loop.wake();
  }

  /** Show all points, or the given rows; on the way over 150 ms unless the person asks for less motion. */
  fit(rows?: Uint32Array): void {
    const bounds = this.points.bounds(rows);
    if (bounds === null || this.empty) return;
    const to =
      rows === undefined
        ? fitted(bounds, this.size, PADDING)
        : fittedLike(this.camera, bounds, this.size, 2 * PADDING);
    this.follows = rows === undefined;
    if (prefersStill()) this.setCamera(to);
    else this.loop.travel(this.camera, to);
  }

  /** Zoom about the middle; > 1 is nearer. */
  zoomBy(factor: number): void {
    this.grabbed();
    this.setCamera(zoomed(this.camera, this.size, factor, this.size.width / 2, this.size.height / 2));
  }

  /** Where a row is, CSS pixels from the top left corner of the map; null when it has no place. */
  screenOf(row: number): [number, number] | null {
    const { grid } = this.points;
    const p = grid?.positionOf[row];
    if (grid === null || p === undefined || p === NO_PLACE) return null;
    return toScreen(this.camera, this.size, grid.xy[2 * p] as number, grid.xy[2 * p + 1] as number);
  }

  /** Read the container's size anew; it is watched anyway. */
  resize(): void {
    this.stage.measure();
  }

  /** Resolves when everything given so far is on the screen, crisp. */
  async settled(): Promise<void> {
    if (this.gone) return;
    while (this.points.sorting) await new Promise((resolve) => setTimeout(resolve, 4));
    await this.loop.settled();
  }

  destroy(): void {
    if (this.gone) return;
    this.gone = true;
    this.loop.destroy();
    this.gestures.destroy();
    this.points.destroy();
    this.overlay.destroy();
    this.rings.destroy();
    this.stage.destroy();
  }

  private get size(): Size {
    return { width: this.stage.width, height: this.stage.height };
  }

  private get empty(): boolean {
    return this.stage.width === 0 || this.stage.height === 0;
  }

  private draw(now: number, moving: boolean): boolean {
    if (this.empty || this.stage.paused) return false;
    this.hands.tellHover();
    const more = this.painter.step(this.look(), moving, now);
    this.overlay.draw(this.hands.overlay(), this.theme, this.hands.brushRadius);
    this.drawRings();
    return more;
  }

  private drawRings(): void {
    const { width, height, dpr } = this.stage;
    const { cx, cy, sx, sy } = this.camera;
    const key = `${cx} ${cy} ${sx} ${sy} ${this.points.grid?.count}`;
    const pointSize = this.pointSize;
    const placeOf = (row: number) => this.screenOf(row);
    this.rings.draw({ width, height, dpr, pointSize, key, placeOf }, this.theme);
  }

  /** Diameter of a point that stands out, CSS pixels. */
  private get pointSize(): number {
    const { grid } = this.points;
    return grid === null ? 0 : styleOf(grid, this.camera, this.size, 1).selectedSize;
  }

  private look(): Look {
    const { selected, focused } = this.top;
    const baseFade = focused > 0 ? FADE.focus : selected > 0 ? FADE.selection : 1;
    const { dpr } = this.stage;
    return { camera: this.camera, size: this.size, dpr, background: this.background, baseFade };
  }

  private setCamera(camera: Camera): void {
    this.camera = camera;
    this.loop.moved();
  }

  private grabbed(): void {
    this.loop.halt();
    this.follows = false;
  }

  /** Show all without a journey. */
  private refit(): void {
    const bounds = this.points.bounds();
    if (bounds === null || this.empty) return;
    this.loop.halt();
    this.camera = fitted(bounds, this.size, PADDING);
    this.loop.wake();
  }

  private resized(): void {
    if (this.empty) return;
    this.overlay.resize(this.stage.width, this.stage.height, this.stage.dpr);
    if (this.follows) this.refit();
    this.loop.wake();
  }

  private repaintAll(): void {
    if (this.points.grid === null) return;
    this.points.paint();
    this.painter.setShownShare(this.points.shownShare());
    this.painter.recoloured();
    this.loop.wake();
  }

  private giveGrid(): void {
    const { grid, colours } = this.points;
    if (grid === null) return;
    this.painter.setGrid(grid, colours.words);
    this.painter.setShownShare(this.points.shownShare());
    this.givePicks();
  }

  private givePicks(): void {
    const { positions, focused, selected } = this.points.picks();
    this.top = { focused, selected };
    this.painter.setPicks(positions, focused);
    this.loop.wake();
  }

  private replaceSurface(): void {
    this.painter = new Painter(this.stage.surface);
    this.giveGrid();
    this.loop.wake();
  }

  private fail(e: Error): void {
    if (this.props.onError !== undefined) this.props.onError(e);
    else console.error("shoal map:", e);
  }

  private makeHands(): Hands {
    const map = this;
    const { props } = this;
    return new Hands({
      points: this.points,
      get size() {
        return map.size;
      },
      get camera() {
        return map.camera;
      },
      set camera(camera: Camera) {
        map.setCamera(camera);
      },
      grabbed: () => this.grabbed(),
      fit: () => this.fit(),
      repaint: () => this.loop.wake(),
      screenOf: (row) => this.screenOf(row),
      pointSize: () => {
        const { grid } = this.points;
        return grid === null ? 0 : styleOf(grid, this.camera, this.size, 1).size;
      },
      clientOf: (x, y) => {
        const box = this.stage.root.getBoundingClientRect();
        return [box.left + x, box.top + y];
      },
      onSelect: (rows, mode, how) => props.onSelect(rows, mode, how),
      onHover: (row, x, y) => props.onHover(row, x, y),
      onOpen: (row) => props.onOpen?.(row),
    });
  }
}
