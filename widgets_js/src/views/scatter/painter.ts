/**
 * When to draw what. The map is two pictures: the base (all points) and the top (focused and selected points), each drawn
 * once with a margin and then only moved and scaled. A picture that no longer serves is drawn anew on a third one, a
 * bounded number of points at a time, and exchanged when whole: so neither a pan nor an edit waits for a million points.
 */
import { type Grid, runsOf } from "../../lib/geometry/grid";
import { type Camera, type Size, viewRect } from "./camera";
import { differs, type PointStyle, styleOf } from "./density";
import { coverage, fitness, frameFor, placementOf } from "./placing";
import { RunCursor, type Segment } from "./runs";
import type { Frame, Placement, Slot, Surface } from "./surface";

interface Ink {
  readonly size: number;
  readonly alpha: number;
}

type Role = "base" | "top";

interface Layer {
  slot: Slot | null;
  frame: Frame | null;
  style: PointStyle | null;
  /** The points have changed since the picture was drawn. */
  dirty: boolean;
}

interface Pass {
  readonly role: Role;
  readonly slot: Slot;
  readonly frame: Frame;
  readonly style: PointStyle;
  readonly cursor: RunCursor<Ink>;
  readonly began: number;
}

/** What the view looks like now. */
export interface Look {
  readonly camera: Camera;
  readonly size: Size;
  readonly dpr: number;
  readonly background: readonly [number, number, number];
  /** How much of the base comes through under selected or focused points, 0..1. */
  readonly baseFade: number;
}

const FIRST_CHUNK = 1 << 16;
const LEAST_CHUNK = 1 << 14;
/** How long one chunk may keep the graphics busy, ms: a hand that starts to move waits no longer than this. */
const CHUNK_MS = { moving: 25, rest: 55 } as const;
/**
 * The same where the main thread draws, beside all else that it does in a frame. What is drawn is shown at most so often
 * (ms) until it is whole: where there is no graphics hardware, bringing a picture to the screen costs more than drawing it.
 */
const MAIN_CHUNK_MS = { moving: 8, rest: 16, first: 32 } as const;
const MAIN_SHOW_MS = 150;
const MOST_CHUNK = 1 << 22;
/** Runs closer than this many points are drawn as one. */
const GAP = 512;
/** Edits that keep coming may start a pass over for this long (ms); then it is let through to the end. */
const PATIENCE = 700;
/** Changed points up to this many are drawn over the picture at once, before it is drawn anew. */
const MOST_PATCH = 100_000;

export class Painter {
  /** Milliseconds from the start to the end of the last whole pass. */
  lastPassMs = 0;
  private readonly layers: Record<Role, Layer> = {
    base: { slot: null, frame: null, style: null, dirty: true },
    top: { slot: null, frame: null, style: null, dirty: false },
  };
  private pass: Pass | null = null;
  private chunk = FIRST_CHUNK;
  private asked = 0;
  /** Points of the last chunk, and the main thread's time for it, ms. */
  private drawn = 0;
  private spent = 0;
  private restartedSince: number | null = null;
  private picks = { focused: 0, selected: 0 };
  private composed = "";
  private composedAt = Number.NEGATIVE_INFINITY;
  private showing: Slot[] = [];
  private stale = true;

  private grid: Grid | null = null;
  private shownShare = 1;

  constructor(private readonly surface: Surface) {}

  /** Other points altogether. */
  setGrid(grid: Grid, colours: Uint32Array): void {
    this.grid = grid;
    this.surface.setPoints(grid.xy, colours);
    this.pass = null;
    for (const role of ["base", "top"] as const)
      this.layers[role] = { slot: null, frame: null, style: null, dirty: role === "base" };
    this.setPicks(new Uint32Array(0), 0);
  }

  /** Which share of the points shows at all (0..1): filters thin the map, and its points may be larger then. */
  setShownShare(share: number): void {
    this.shownShare = share;
  }

  /** Every colour may have changed. */
  recoloured(): void {
    if (this.grid === null) return;
    this.surface.coloursChanged(0, this.grid.count);
    this.layers.base.dirty = true;
    this.layers.top.dirty = this.hasTop;
  }

  /** The colours of these positions changed, and were uploaded as `runs` say. */
  patched(positions: Uint32Array, runs: readonly (readonly [number, number])[]): void {
    if (positions.length === 0) return;
    for (const [from, to] of runs) this.surface.coloursChanged(from, to);
    const { base, top } = this.layers;
    if (base.slot !== null && base.frame !== null && base.style !== null && positions.length <= MOST_PATCH) {
      this.surface.setList("patch", positions);
      const { size, alpha } = base.style;
      const all = [0, positions.length];
      this.surface.points(base.slot, base.frame, "patch", all, size * base.frame.dpr, Math.max(alpha, 0.75));
      this.stale = true;
    }
    base.dirty = true;
    top.dirty = this.hasTop;
  }

  /** The points on top: first `focused` of them in the common style, the rest selected. */
  setPicks(positions: Uint32Array, focused: number): void {
    this.surface.setList("picks", positions);
    this.picks = { focused, selected: positions.length - focused };
    const top = this.layers.top;
    // The old picture shows what is selected no more: it goes at once, the new one fills in as it is drawn.
    top.slot = null;
    top.frame = null;
    top.dirty = this.hasTop;
    if (this.pass?.role === "top") this.pass = null;
    this.stale = true;
  }

  /** The pictures are gone (lost context). */
  forget(): void {
    this.pass = null;
    for (const layer of [this.layers.base, this.layers.top]) {
      layer.slot = null;
      layer.frame = null;
    }
    this.layers.base.dirty = true;
    this.layers.top.dirty = this.hasTop;
    this.stale = true;
  }

  /**
   * One step: look after the pass under way, start one where needed, put the view together if it changed. Returns whether
   * there is more to do.
   */
  step(look: Look, moving: boolean, now: number): boolean {
    if (this.grid !== null) this.advance(look, moving, now);
    this.compose(look, now);
    return this.pass !== null || !this.surface.done();
  }

  /**
   * Go on with the first picture between two frames, without showing it: only where the main thread draws, and only while there
   * is nothing to show, since it makes frames wait. Returns whether there is more to draw before the next frame looks after it.
   */
  work(look: Look, now: number): boolean {
    if (!this.surface.synchronous || this.grid === null || this.layers.base.slot !== null) return false;
    this.advance(look, false, now);
    return this.pass !== null && !this.pass.cursor.finished;
  }

  private get hasTop(): boolean {
    return this.picks.focused + this.picks.selected > 0;
  }

  private advance(look: Look, moving: boolean, now: number): void {
    const ready = this.surface.done();
    if (this.pass !== null && ready) {
      if (this.surface.synchronous) this.adapt(this.spent, this.mainBudget(moving));
      else this.adapt(now - this.asked, moving ? CHUNK_MS.moving : CHUNK_MS.rest);
      if (this.pass.cursor.finished) this.finish(this.pass, now);
    }
    this.dropStalePass(look, now);
    if (this.pass === null) this.pass = this.nextPass(look, moving, now);
    if (this.pass !== null && ready && !this.pass.cursor.finished) this.draw(this.pass, now);
  }

  /** How long the main thread may draw in one frame, ms: longer while there is no picture at all yet. */
  private mainBudget(moving: boolean): number {
    if (this.layers.base.slot === null) return MAIN_CHUNK_MS.first;
    return moving ? MAIN_CHUNK_MS.moving : MAIN_CHUNK_MS.rest;
  }

  /** Steer the chunk towards the time it may take: a frame or two while the map moves, a few at rest. */
  private adapt(took: number, aim: number): void {
    if (this.drawn * 2 < this.chunk) return; // the rest of a pass says little of how long a chunk takes
    const change = Math.max(0.5, Math.min(2, aim / Math.max(1, took)));
    this.chunk = Math.max(LEAST_CHUNK, Math.min(MOST_CHUNK, this.chunk * change));
  }

  private draw(pass: Pass, now: number): void {
    this.asked = now;
    const began = performance.now();
    let left = Math.round(this.chunk);
    while (left > 0) {
      const before = pass.cursor.given;
      const part = pass.cursor.take(left);
      if (part === null) break;
      const source = pass.role === "base" ? "all" : "picks";
      this.surface.points(pass.slot, pass.frame, source, part.runs, part.style.size, part.style.alpha);
      left -= pass.cursor.given - before;
    }
    this.drawn = Math.round(this.chunk) - left;
    this.spent = performance.now() - began;
    const often = !this.surface.synchronous || now - this.composedAt >= MAIN_SHOW_MS;
    if (often && this.showing.includes(pass.slot)) this.stale = true;
  }

  private finish(pass: Pass, now: number): void {
    const layer = this.layers[pass.role];
    layer.slot = pass.slot;
    layer.frame = pass.frame;
    layer.style = pass.style;
    this.pass = null;
    this.restartedSince = null;
    this.lastPassMs = now - pass.began;
    this.stale = true;
  }

  /** Give up a pass whose points or place have been overtaken. */
  private dropStalePass(look: Look, now: number): void {
    const { pass } = this;
    if (pass === null) return;
    const zoom = look.camera.sx / pass.frame.camera.sx;
    const away = zoom > 4 || zoom < 0.25 || coverage(pass.frame, look.camera, look.size) < 0.25;
    if (!away && !this.layers[pass.role].dirty) return;
    this.restartedSince ??= now;
    if (now - this.restartedSince < PATIENCE) this.pass = null;
  }

  private nextPass(look: Look, moving: boolean, now: number): Pass | null {
    // The top first: it is what the hand is on.
    for (const role of ["top", "base"] as const) {
      const layer = this.layers[role];
      if (role === "top" && !this.hasTop) continue;
      const need = layer.dirty || layer.frame === null || this.wants(layer, look, moving);
      if (need) return this.begin(role, look, now);
    }
    return null;
  }

  private wants(layer: Layer, look: Look, moving: boolean): boolean {
    if (layer.frame === null || layer.style === null || this.grid === null) return true;
    const fit = fitness(layer.frame, look.camera, look.size, look.dpr);
    if (fit === "bad") return true;
    if (moving) return false;
    if (fit === "soft") return true;
    const style = styleOf(this.grid, layer.frame.camera, look.size, this.shownShare);
    return differs(style, layer.style);
  }

  private begin(role: Role, look: Look, now: number): Pass | null {
    const { grid } = this;
    if (grid === null) return null;
    const frame = frameFor(look.camera, look.size, look.dpr, this.surface.longestSide);
    const style = styleOf(grid, look.camera, look.size, this.shownShare);
    const common: Ink = { size: style.size * look.dpr, alpha: style.alpha };
    const segments: Segment<Ink>[] = [];
    if (role === "base") {
      const held = viewRect(look.camera, { width: frame.width / look.dpr, height: frame.height / look.dpr });
      segments.push({ runs: runsOf(grid, held, GAP), style: common });
    } else {
      const { focused, selected } = this.picks;
      segments.push({ runs: [0, focused], style: common });
      segments.push({
        runs: [focused, selected],
        style: { size: style.selectedSize * look.dpr, alpha: style.selectedAlpha },
      });
    }
    const slot = this.spare();
    this.surface.clear(slot, frame);
    this.layers[role].dirty = false;
    return { role, slot, frame, style, cursor: new RunCursor(segments), began: now };
  }

  private spare(): Slot {
    const used = [this.layers.base.slot, this.layers.top.slot];
    return ([0, 1, 2] as const).find((s) => !used.includes(s)) ?? 2;
  }

  private compose(look: Look, now: number): void {
    const placements = (["base", "top"] as const).flatMap((role) => this.placementsOf(role, look));
    const { width, height } = look.size;
    const key = JSON.stringify([look.background, width, height, look.dpr, placements]);
    if (!this.stale && key === this.composed) return;
    this.composed = key;
    this.composedAt = now;
    this.stale = false;
    this.showing = placements.map((p) => p.slot);
    this.surface.compose(look.background, placements);
  }

  /** A pass shows as it is drawn where there is nothing, or next to nothing, to show instead. */
  private placementsOf(role: Role, look: Look): Placement[] {
    if (role === "top" && !this.hasTop) return [];
    const fade = role === "base" && this.hasTop ? look.baseFade : 1;
    const layer = this.layers[role];
    const { camera, size, dpr } = look;
    if (layer.slot !== null && layer.frame !== null) {
      const rough = coverage(layer.frame, camera, size) < 0.5;
      const better = this.pass?.role === role && this.pass.cursor.given * 8 >= this.pass.cursor.total;
      if (!(rough && better)) return [placementOf(layer.slot, layer.frame, camera, size, dpr, fade)];
    }
    const { pass } = this;
    if (pass === null || pass.role !== role) return [];
    return [placementOf(pass.slot, pass.frame, camera, size, dpr, fade)];
  }
}
