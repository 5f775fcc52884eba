/** The elements of the map, and the watch over their size and pixel density. */
import { CanvasSurface } from "./canvas_points";
import { GlSurface } from "./gl_points";

export type Renderer = "auto" | "webgl2" | "canvas2d";

/** Time for the browser to bring a lost context back (ms); after that points are drawn without WebGL. */
const RESTORE_PATIENCE = 3000;

export interface StageEvents {
  /** Size or pixel density changed. */
  resized(): void;
  /** Pictures and buffers are gone; draw again once `restored`. */
  lost(): void;
  /** There is a surface again: the old one, restored, or another kind of one. */
  restored(): void;
  error(e: Error): void;
}

function layer(): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.style.cssText = "position:absolute;inset:0;width:100%;height:100%;display:block";
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

export class Stage {
  readonly root: HTMLDivElement;
  readonly overlay: HTMLCanvasElement;
  surface: GlSurface | CanvasSurface;
  width = 0;
  height = 0;
  dpr = 1;
  /** Between a lost context and its return nothing can be drawn. */
  paused = false;
  private readonly off = new AbortController();
  private readonly observer: ResizeObserver;
  private densityOff: (() => void) | null = null;
  private fallbackTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    container: HTMLElement,
    label: string,
    renderer: Renderer,
    private readonly events: StageEvents,
  ) {
    this.root = document.createElement("div");
    this.root.className = "shoal-scatter";
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "application");
    this.root.setAttribute("aria-label", label);
    // JupyterLab listens for its shortcuts on the document, before the event gets here; this keeps them off the map.
    this.root.setAttribute("data-lm-suppress-shortcuts", "true");
    this.root.style.cssText =
      "position:relative;width:100%;height:100%;overflow:hidden;touch-action:none;user-select:none;-webkit-user-select:none";
    this.surface = this.makeSurface(renderer);
    this.overlay = layer();
    this.overlay.style.pointerEvents = "none";
    this.root.append(this.surface.canvas, this.overlay);
    container.append(this.root);
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.root);
    this.watchDensity();
    this.watchFocus();
    this.measure(true);
  }

  /** Read size and density; tells `resized` when they changed. */
  measure(quiet = false): void {
    const { clientWidth: width, clientHeight: height } = this.root;
    const dpr = Math.max(0.5, Math.min(4, globalThis.devicePixelRatio || 1));
    if (width === this.width && height === this.height && dpr === this.dpr) return;
    this.width = width;
    this.height = height;
    this.dpr = dpr;
    this.sizeSurface();
    if (!quiet) this.events.resized();
  }

  destroy(): void {
    clearTimeout(this.fallbackTimer);
    this.observer.disconnect();
    this.densityOff?.();
    this.off.abort();
    this.surface.destroy();
    this.root.remove();
  }

  private sizeSurface(): void {
    if (this.width === 0 || this.height === 0) return;
    this.surface.resize(Math.round(this.width * this.dpr), Math.round(this.height * this.dpr));
  }

  private makeSurface(renderer: Renderer): GlSurface | CanvasSurface {
    if (renderer === "canvas2d") return new CanvasSurface(layer());
    const canvas = layer();
    let surface: GlSurface | null = null;
    try {
      surface = GlSurface.make(canvas, renderer === "webgl2");
    } catch (e) {
      this.events.error(e instanceof Error ? e : new Error(String(e)));
    }
    // A canvas that once gave a WebGL context never gives a 2D one: the fallback takes another.
    if (surface === null) return new CanvasSurface(layer());
    this.watchContext(surface);
    return surface;
  }

  private watchContext(surface: GlSurface): void {
    const { signal } = this.off;
    surface.canvas.addEventListener(
      "webglcontextlost",
      (e) => {
        if (this.surface !== surface) return;
        e.preventDefault();
        this.paused = true;
        this.events.lost();
        this.fallbackTimer = setTimeout(() => this.fallBack(surface), RESTORE_PATIENCE);
      },
      { signal },
    );
    surface.canvas.addEventListener(
      "webglcontextrestored",
      () => {
        if (this.surface !== surface) return;
        clearTimeout(this.fallbackTimer);
        try {
          surface.restore();
        } catch (e) {
          this.events.error(e instanceof Error ? e : new Error(String(e)));
          this.fallBack(surface);
          return;
        }
        this.paused = false;
        this.events.restored();
      },
      { signal },
    );
  }

  private fallBack(old: GlSurface): void {
    const next = new CanvasSurface(layer());
    this.surface = next;
    this.root.insertBefore(next.canvas, this.overlay);
    old.destroy();
    this.sizeSurface();
    this.paused = false;
    this.events.restored();
  }

  /** Keys need to see where they go; a hand on the map does not. */
  private watchFocus(): void {
    const { signal } = this.off;
    const ring = (on: boolean) => () => {
      this.root.style.outline = on ? "2px solid var(--shoal-map-accent)" : "none";
    };
    let pressed = false;
    ring(false)();
    this.root.style.outlineOffset = "-2px";
    this.root.addEventListener("pointerdown", ring(false), { signal });
    this.root.addEventListener("pointerdown", () => (pressed = true), { signal, capture: true });
    this.root.addEventListener("pointerup", () => (pressed = false), { signal, capture: true });
    this.root.addEventListener("focus", () => !pressed && ring(true)(), { signal });
    this.root.addEventListener("keydown", ring(true), { signal });
    this.root.addEventListener("blur", ring(false), { signal });
  }

  /** A window dragged to another screen, or zoomed, changes its pixel density without changing its size. */
  private watchDensity(): void {
    this.densityOff?.();
    if (typeof globalThis.matchMedia !== "function") return;
    const query = globalThis.matchMedia(`(resolution: ${globalThis.devicePixelRatio || 1}dppx)`);
    const changed = (): void => {
      this.watchDensity();
      this.measure();
    };
    query.addEventListener("change", changed);
    this.densityOff = () => query.removeEventListener("change", changed);
  }
}
