/** What hands do to the map: intentions become camera moves, strokes, selections and hovers. */
import { nearest } from "../../lib/geometry/pick";
import { type Camera, panned, type Size, toUnit, zoomed } from "./camera";
import type { Intentions, Modifiers, Tool } from "./gestures";
import { NOTHING, type OverlayState } from "./overlay";
import { Gatherer, isShown, type SelectMode, Stroke, type StrokeKind } from "./picking";
import type { Points } from "./points";

/** How near a click or the pointer must be to a point, CSS pixels. */
const REACH = 8;
const BRUSH = { least: 4, most: 120, first: 16, step: 1.25 } as const;

/** What the hands work on, and whom they tell. */
export interface Board {
  readonly points: Points;
  readonly size: Size;
  camera: Camera;
  /** The hand moved the camera itself: journeys end, and the view no longer follows the pane's size. */
  grabbed(): void;
  fit(): void;
  repaint(): void;
  screenOf(row: number): readonly [number, number] | null;
  pointSize(): number;
  clientOf(x: number, y: number): readonly [number, number];
  onSelect(rows: Uint32Array, mode: SelectMode, how: StrokeKind | "click"): void;
  onHover(row: number | null, clientX: number, clientY: number): void;
  onOpen(row: number): void;
}

function modeOf(keys: Modifiers): SelectMode {
  return keys.alt ? "subtract" : keys.shift ? "add" : "replace";
}

export class Hands implements Intentions {
  tool: Tool = "lasso";
  brushRadius: number = BRUSH.first;
  private stroke: Stroke | null = null;
  /** The outline of the last lasso or rectangle, shown as long as its selection stands. */
  private kept: Stroke | null = null;
  private awaitsSelection = false;
  private pointer: readonly [number, number] | null = null;
  private pointerMoved = false;
  private hovered: number | null = null;
  private readonly gatherer = new Gatherer();

  constructor(private readonly board: Board) {}

  pan(dx: number, dy: number): void {
    this.board.grabbed();
    this.board.camera = panned(this.board.camera, dx, dy);
  }

  zoom(factor: number, x: number, y: number): void {
    this.board.grabbed();
    this.board.camera = zoomed(this.board.camera, this.board.size, factor, x, y);
    this.pointerMoved = this.pointer !== null;
  }

  fit(): void {
    this.board.fit();
  }

  hover(place: readonly [number, number] | null): void {
    this.pointer = place;
    this.pointerMoved = true;
    this.board.repaint();
  }

  click(x: number, y: number, keys: Modifiers): void {
    const row = this.at(x, y);
    if (row === null) {
      if (!keys.shift && !keys.alt && !keys.ctrl) this.select(new Uint32Array(0), "replace", "click");
      return;
    }
    const selected = this.board.points.selection?.[row] === 1;
    const mode = keys.ctrl ? (selected ? "subtract" : "add") : modeOf(keys);
    this.select(Uint32Array.of(row), mode, "click");
  }

  doubleClick(x: number, y: number): void {
    const row = this.at(x, y);
    if (row === null) this.board.fit();
    else this.board.onOpen(row);
  }

  strokeBegin(tool: StrokeKind, x: number, y: number, keys: Modifiers): void {
    this.kept = null;
    this.stroke = new Stroke(tool, modeOf(keys));
    this.strokeMove(x, y);
  }

  strokeMove(x: number, y: number): void {
    this.stroke?.push(this.board.camera, this.board.size, x, y);
    if (this.stroke?.kind === "brush") this.pointer = [x, y];
    this.board.repaint();
  }

  strokeEnd(): void {
    const { stroke, board } = this;
    this.stroke = null;
    board.repaint();
    const { grid } = board.points;
    if (stroke === null || grid === null) return;
    const rows = this.gatherer.gather(grid.rows, board.points, (take) =>
      stroke.takeFrom(grid, board.camera, board.size, this.brushRadius, take),
    );
    if (stroke.kind !== "brush" && rows.length > 0) this.kept = stroke;
    this.select(rows, stroke.mode, stroke.kind);
  }

  strokeCancel(): void {
    this.stroke = null;
    this.board.repaint();
  }

  escape(): boolean {
    if (this.kept === null) return false;
    this.kept = null;
    this.board.repaint();
    return true;
  }

  brush(direction: 1 | -1): void {
    const next = this.brushRadius * BRUSH.step ** direction;
    this.brushRadius = Math.max(BRUSH.least, Math.min(BRUSH.most, next));
    this.board.repaint();
  }

  setTool(tool: Tool): void {
    this.tool = tool;
    this.board.repaint();
  }

  /** The selection is another one now; the kept outline goes, but for the change it made itself. */
  selectionChanged(selected: number): void {
    if (!this.awaitsSelection || selected === 0) this.kept = null;
    this.awaitsSelection = false;
  }

  /** Once a frame at most: tell what is under the pointer. */
  tellHover(): void {
    if (!this.pointerMoved) return;
    this.pointerMoved = false;
    const place = this.stroke === null ? this.pointer : null;
    const row = place === null ? null : this.at(place[0], place[1]);
    if (row === null && this.hovered === null) return;
    this.hovered = row;
    this.board.onHover(row, ...this.board.clientOf(place?.[0] ?? 0, place?.[1] ?? 0));
  }

  /** Forget whatever points were pointed at (there are others now). */
  forget(): void {
    this.stroke = null;
    this.kept = null;
    if (this.hovered !== null) this.board.onHover(null, 0, 0);
    this.hovered = null;
  }

  overlay(): OverlayState {
    const { board } = this;
    const stroke = this.stroke ?? this.kept;
    const at = this.hovered === null ? null : board.screenOf(this.hovered);
    const shape =
      stroke === null ? null : { kind: stroke.kind, path: stroke.outline(board.camera, board.size) };
    return {
      ...NOTHING,
      stroke: shape,
      subtract: stroke?.mode === "subtract",
      ring: at === null ? null : [at[0], at[1], board.pointSize()],
      brush: this.tool === "brush" && this.pointer !== null ? [...this.pointer, this.brushRadius] : null,
    };
  }

  private at(x: number, y: number): number | null {
    const { points, camera, size } = this.board;
    if (points.grid === null) return null;
    const [ux, uy] = toUnit(camera, size, x, y);
    return nearest(points.grid, ux, uy, REACH, camera, (row) => isShown(points, row));
  }

  private select(rows: Uint32Array, mode: SelectMode, how: StrokeKind | "click"): void {
    this.awaitsSelection = how !== "click";
    if (how === "click") this.kept = null;
    this.board.onSelect(rows, mode, how);
    this.board.repaint();
  }
}
