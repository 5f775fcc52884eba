/** The history played back: how the review was, edit after edit, while the review itself stays as it is. */
import { batch, effect, type ReadonlySignal, signal } from "@preact/signals";
import { CAN_UNPACK, decodeItemSet, unpackArray } from "../protocol/codec";
import type { PastReply } from "../protocol/messages";
import type { Store } from "./store";

/** What is looked at. */
export interface Past {
  reply: PastReply;
  /** Cluster of each item then; null where it is not known. */
  codes: Int32Array | null;
  /** 1 per row that the edit touched. */
  mask: Uint8Array;
  /** Colour of a code then. */
  colours: ReadonlyMap<number, number>;
}

export const SPEEDS = [1, 2, 5, 10] as const;
/** Between two steps at the first speed, ms. */
const STEP_MS = 1_500;

export class Replay {
  readonly open = signal(false);
  /** The point that is asked for; what is shown may be a moment behind. */
  readonly cursor = signal(0);
  readonly past = signal<Past | null>(null);
  readonly playing = signal(false);
  readonly speed = signal<(typeof SPEEDS)[number]>(1);
  readonly mask: ReadonlySignal<Uint8Array | null>;
  readonly #mask = signal<Uint8Array | null>(null);
  readonly #stops: (() => void)[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(readonly store: Store) {
    this.mask = this.#mask;
    let seen = store.shown.wished.peek();
    this.#stops = [
      effect(() => {
        const wished = store.shown.wished.value;
        if (wished !== seen) this.leave();
        seen = wished;
      }),
      store.kernel.onApplied(() => this.leave()), // the history goes on: what is shown is not its end any more
    ];
  }

  get length(): number {
    return this.store.kernel.history.peek().length;
  }

  /** Look at the history from a point on. */
  begin(cursor = 0): void {
    this.store.asking.leave();
    this.open.value = true;
    this.go(cursor).catch(this.store.ui.fail);
  }

  leave(): void {
    if (!this.open.peek()) return;
    this.pause();
    this.#asked++;
    batch(() => {
      this.open.value = false;
      this.past.value = null;
      this.#mask.value = null;
    });
  }

  /** Show a point; resolves when it is shown, or when a later wish has overtaken it. */
  async go(cursor: number): Promise<void> {
    const wanted = Math.max(0, Math.min(this.length, cursor));
    const mine = ++this.#asked;
    this.cursor.value = wanted;
    const { reply, buffers } = await this.store.transport.send({ kind: "get_past", cursor: wanted });
    const readable = reply.codes && (CAN_UNPACK || reply.codes.packing !== "planes");
    const codes = reply.codes && readable ? await unpackArray(reply.codes, buffers) : null;
    if (mine !== this.#asked || !this.open.peek()) return;
    const mask = new Uint8Array(this.store.kernel.codes.length);
    for (const row of decodeItemSet(reply.touched, buffers)) mask[row] = 1;
    batch(() => {
      this.past.value = {
        reply,
        codes: codes as Int32Array | null,
        mask,
        colours: new Map(reply.clusters.map((c) => [c.code, c.color])),
      };
      this.#mask.value = mask;
    });
  }

  /** A step by hand: it ends the playing. */
  step(by: number): Promise<void> {
    this.pause();
    return this.go(this.cursor.peek() + by);
  }

  play(): void {
    if (this.playing.peek()) return;
    this.playing.value = true;
    const start = this.cursor.peek() >= this.length ? 0 : this.cursor.peek() + 1;
    this.#next(start);
  }

  pause(): void {
    clearTimeout(this.#timer);
    this.playing.value = false;
  }

  toggle(): void {
    if (this.playing.peek()) this.pause();
    else this.play();
  }

  #next(cursor: number): void {
    this.go(cursor).then(
      () => {
        if (!this.playing.peek()) return;
        if (cursor >= this.length) this.pause();
        else this.#timer = setTimeout(() => this.#next(cursor + 1), STEP_MS / this.speed.peek());
      },
      (error: unknown) => {
        this.pause();
        this.store.ui.fail(error);
      },
    );
  }

  /** Make what is shown the state of the review: a jump, like one in the list of the history. */
  async take(): Promise<void> {
    const cursor = this.cursor.peek();
    this.leave();
    if (cursor !== this.store.kernel.history.peek().cursor) await this.store.actions.jump(cursor);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
  }
}
