import { beforeEach, describe, expect, it } from "vitest";
import { buildGrid } from "../../lib/geometry/grid";
import { clumps } from "../../lib/geometry/randoms.testing";
import { type Camera, panned, zoomed } from "./camera";
import { type Look, Painter } from "./painter";
import type { Frame, Placement, Slot, Source, Surface } from "./surface";

const { x, y } = clumps(300_000, 20, 4);
const grid = buildGrid(x, y);
const size = { width: 900, height: 600 };
const whole: Camera = { cx: 0.5, cy: 0.3, sx: 800, sy: 800 };

/** A surface that counts what it is asked for; each draw takes `busy` asks of `done` to finish. */
class Recorder implements Surface {
  readonly kind = "canvas2d";
  synchronous = false;
  readonly longestSide = 8192;
  readonly canvas = document.createElement("canvas");
  drawn: { slot: Slot; source: Source; points: number; alpha: number }[] = [];
  cleared: Slot[] = [];
  composed: (readonly Placement[])[] = [];
  uploads: [number, number][] = [];
  busy = 0;
  private left = 0;

  resize(): void {}
  setPoints(): void {}
  setList(): void {}
  destroy(): void {}
  coloursChanged(from: number, to: number): void {
    this.uploads.push([from, to]);
  }
  clear(slot: Slot): void {
    this.cleared.push(slot);
  }
  points(
    slot: Slot,
    _frame: Frame,
    source: Source,
    runs: readonly number[],
    _size: number,
    alpha: number,
  ): void {
    let points = 0;
    for (let i = 1; i < runs.length; i += 2) points += runs[i] as number;
    this.drawn.push({ slot, source, points, alpha });
    this.left = this.busy;
  }
  done(): boolean {
    return this.left-- <= 0;
  }
  compose(_background: readonly [number, number, number], placements: readonly Placement[]): void {
    this.composed.push(placements);
  }
  total(source: Source): number {
    return this.drawn.filter((d) => d.source === source).reduce((sum, d) => sum + d.points, 0);
  }
  forget(): void {
    this.drawn = [];
    this.cleared = [];
    this.composed = [];
    this.uploads = [];
  }
}

let surface: Recorder;
let painter: Painter;
let clock = 0;

function look(camera: Camera, fade = 0.5): Look {
  return { camera, size, dpr: 1, background: [255, 255, 255], baseFade: fade };
}

/** Step to rest; the number of steps it took. */
function rest(camera: Camera, moving = false): number {
  for (let i = 1; i < 500; i++) {
    clock += 16;
    if (!painter.step(look(camera), moving, clock)) return i;
  }
  throw new Error("the painter never comes to rest");
}

beforeEach(() => {
  surface = new Recorder();
  painter = new Painter(surface);
  painter.setGrid(grid, new Uint32Array(grid.count).fill(0xffffffff));
  rest(whole);
});

describe("Painter", () => {
  it("draws every point once, in parts, and shows the parts as they come where nothing else shows", () => {
    expect(surface.total("all")).toBe(grid.count);
    expect(surface.drawn.length).toBeGreaterThan(1);
    expect(surface.composed.length).toBeGreaterThan(1);
    expect(surface.composed.at(-1)).toHaveLength(1);
  });

  it("does nothing more at rest", () => {
    surface.forget();
    expect(rest(whole)).toBe(1);
    expect(surface.drawn).toEqual([]);
    expect(surface.composed).toEqual([]);
  });

  it("moves the picture while panning within its margin, without drawing a point", () => {
    surface.forget();
    for (let i = 1; i <= 20; i++) rest(panned(whole, 10 * i, 0), true);
    expect(surface.drawn).toEqual([]);
    expect(surface.composed).toHaveLength(20);
    const [first, last] = [surface.composed[0]?.[0]?.x, surface.composed[19]?.[0]?.x];
    expect((last as number) - (first as number)).toBe(190);
  });

  it("draws anew while moving once the margin is used up, and at rest after a zoom", () => {
    surface.forget();
    rest(panned(whole, 500, 0), true);
    expect(surface.total("all")).toBeGreaterThan(0);
    surface.forget();
    const near = zoomed(panned(whole, 500, 0), size, 1.3, 400, 300);
    rest(near, true);
    expect(surface.drawn).toEqual([]);
    rest(near);
    expect(surface.total("all")).toBeGreaterThan(0);
  });

  it("draws only what the picture shows when zoomed in", () => {
    surface.forget();
    rest(zoomed(whole, size, 12, 450, 300));
    expect(surface.total("all")).toBeLessThan(grid.count / 4);
  });

  it("never draws on a picture that shows, except to patch it", () => {
    const near = zoomed(whole, size, 1.5, 450, 300);
    painter.setPicks(
      Uint32Array.from({ length: 50_000 }, (_, i) => i),
      0,
    );
    for (const camera of [whole, near, panned(near, 600, 0)]) {
      rest(camera);
      surface.forget();
      painter.recoloured();
      for (let i = 0; i < 500; i++) {
        const before = surface.drawn.length;
        const showing = (surface.composed.at(-1) ?? []).map((p) => p.slot);
        clock += 16;
        if (!painter.step(look(camera), false, clock)) break;
        for (const d of surface.drawn.slice(before)) expect(showing).not.toContain(d.slot);
      }
    }
  });

  it("lays changed colours over the picture at once, then draws it anew", () => {
    surface.forget();
    painter.patched(Uint32Array.of(5, 9), [[0, 8192]]);
    expect(surface.uploads).toEqual([[0, 8192]]);
    expect(surface.total("patch")).toBe(2);
    clock += 16;
    painter.step(look(whole), false, clock);
    expect(surface.composed).toHaveLength(1);
    rest(whole);
    expect(surface.total("all")).toBe(grid.count);
    surface.forget();
    painter.patched(new Uint32Array(0), []);
    expect(rest(whole)).toBe(1);
  });

  it("puts selected points on top of a faded base, and takes them off without drawing", () => {
    surface.forget();
    painter.setPicks(
      Uint32Array.from({ length: 1000 }, (_, i) => i),
      200,
    );
    rest(whole);
    expect(surface.total("all")).toBe(0);
    expect(surface.drawn.map((d) => d.points)).toEqual([200, 800]);
    const [base, top] = surface.composed.at(-1) as [Placement, Placement];
    expect([base.fade, top.fade]).toEqual([0.5, 1]);
    surface.forget();
    painter.setPicks(new Uint32Array(0), 0);
    rest(whole);
    expect(surface.drawn).toEqual([]);
    expect(surface.composed.at(-1)).toMatchObject([{ fade: 1 }]);
  });

  it("waits for the surface before it asks for more", () => {
    surface.forget();
    surface.busy = 3;
    painter.recoloured();
    const steps = rest(whole);
    expect(steps).toBeGreaterThanOrEqual(3 * surface.drawn.length);
    expect(surface.total("all")).toBe(grid.count);
  });

  it("comes to an end although edits never do", () => {
    surface.forget();
    surface.busy = 2;
    let shown = 0;
    const seen = new Set<Slot>();
    for (let i = 0; i < 400; i++) {
      painter.recoloured();
      clock += 16;
      painter.step(look(whole), false, clock);
      const slot = surface.composed.at(-1)?.[0]?.slot;
      if (slot !== undefined && !seen.has(slot)) {
        seen.add(slot);
        shown++;
      }
    }
    expect(shown).toBeGreaterThan(1);
  });

  it("draws everything again after the pictures are lost", () => {
    painter.setPicks(Uint32Array.of(1, 2, 3), 0);
    rest(whole);
    surface.forget();
    painter.forget();
    rest(whole);
    expect(surface.total("all")).toBe(grid.count);
    expect(surface.total("picks")).toBe(3);
  });

  it("goes on between frames where the main thread draws, and shows it in the next frame", () => {
    surface = new Recorder();
    surface.synchronous = true;
    painter = new Painter(surface);
    painter.setGrid(grid, new Uint32Array(grid.count).fill(0xffffffff));
    painter.step(look(whole), false, 0);
    const shown = surface.composed.length;
    let turns = 1;
    while (painter.work(look(whole), turns) && turns < 1000) turns++;
    expect(turns).toBeLessThan(1000);
    expect(surface.total("all")).toBe(grid.count);
    expect(surface.composed.length).toBe(shown);
    painter.step(look(whole), false, 2000);
    expect(surface.composed.length).toBe(shown + 1);
    expect(painter.work(look(whole), 2001)).toBe(false);
  });

  it("leaves all to the frames where graphics hardware draws", () => {
    painter.setGrid(grid, new Uint32Array(grid.count).fill(0xffffffff));
    painter.step(look(whole), false, clock);
    surface.forget();
    expect(painter.work(look(whole), clock + 1)).toBe(false);
    expect(surface.drawn).toEqual([]);
  });
});
