/** Frames on demand: none is asked for while nothing changes. */
import { between, type Camera } from "./camera";

/** The map counts as moving this long after its last motion (ms); crisp pictures are drawn after that. */
const REST = 120;

/** How long a journey to another camera takes, ms. */
export const JOURNEY = 150;

interface Journey {
  readonly from: Camera;
  readonly to: Camera;
  readonly began: number;
}

export class Loop {
  /** Main-thread time of the last frame, ms. */
  lastFrameMs = 0;
  private asked: number | null = null;
  private lastMotion = Number.NEGATIVE_INFINITY;
  private journey: Journey | null = null;
  private waiting: (() => void)[] = [];
  private readonly channel = new MessageChannel();
  private posted = false;

  /**
   * `draw(now, moving)` draws one frame and says whether there is more to do; `go` takes a camera on a journey. `work(now)`
   * goes on with what the frame left, without showing it, and says whether there is more: frames are far apart where there is
   * no graphics hardware, and drawing need not wait for them.
   */
  constructor(
    private readonly draw: (now: number, moving: boolean) => boolean,
    private readonly go: (camera: Camera) => void,
    private readonly work: (now: number) => boolean = () => false,
  ) {
    this.channel.port1.onmessage = () => this.between();
  }

  /** Something changed: see that a frame comes. */
  wake(): void {
    this.asked ??= requestAnimationFrame((now) => this.frame(now));
  }

  /** The camera moved. */
  moved(): void {
    this.lastMotion = performance.now();
    this.wake();
  }

  /** Go from one camera to another over `JOURNEY` ms. */
  travel(from: Camera, to: Camera): void {
    this.journey = { from, to, began: performance.now() };
    this.moved();
  }

  /** Stay where we are. */
  halt(): void {
    this.journey = null;
  }

  /** Where a journey under way leads. */
  get destination(): Camera | null {
    return this.journey?.to ?? null;
  }

  /** Resolves when a frame has been drawn after which nothing is left to do. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.wake();
    });
  }

  destroy(): void {
    if (this.asked !== null) cancelAnimationFrame(this.asked);
    // Never to be cleared again: whoever wakes a destroyed loop gets no frame.
    this.asked = -1;
    this.journey = null;
    this.channel.port1.onmessage = null;
    this.channel.port1.close();
    this.channel.port2.close();
    this.resolveAll();
  }

  private frame(now: number): void {
    const began = performance.now();
    this.asked = null;
    this.step(now);
    const moving = this.journey !== null || began - this.lastMotion < REST;
    const more = this.draw(now, moving);
    this.lastFrameMs = performance.now() - began;
    if (more || moving) this.wake();
    else this.resolveAll();
    if (more && !moving) this.post();
  }

  private post(): void {
    if (this.posted) return;
    this.posted = true;
    this.channel.port2.postMessage(0);
  }

  private between(): void {
    this.posted = false;
    const now = performance.now();
    if (this.asked === -1 || this.journey !== null || now - this.lastMotion < REST) return;
    if (this.work(now)) this.post();
  }

  private step(now: number): void {
    const { journey } = this;
    if (journey === null) return;
    const t = Math.min(1, Math.max(0, (now - journey.began) / JOURNEY));
    if (t >= 1) this.journey = null;
    this.lastMotion = performance.now();
    this.go(between(journey.from, journey.to, 1 - (1 - t) ** 3));
  }

  private resolveAll(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Does the person ask for less motion? */
export function prefersStill(): boolean {
  return (
    typeof globalThis.matchMedia === "function" &&
    globalThis.matchMedia("(prefers-reduced-motion: reduce)").matches
  );
}
