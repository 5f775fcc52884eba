/** The queue inside the browser: over the grid while it is open, with what it asks about marked on the map. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { QueueReply } from "../protocol/messages";
import { type QueueMode, QueueState } from "./queue_state";
import type { Store } from "./store";

/** Edits come in rows; the audit is asked about after the last, ms. */
const ANEW_MS = 800;
const NONE = new Uint32Array(0);

export class Asking {
  /** The queue, while it is open. */
  readonly open = signal<QueueState | null>(null);
  /** What the question shows, for the map: ascending; none while nothing is asked. */
  readonly rows: ReadonlySignal<Uint32Array>;
  /** 1 per such row; null while nothing is asked. */
  readonly mask: ReadonlySignal<Uint8Array | null>;
  /** How right the review is, from the audit; null before enough was looked at. */
  readonly audit = signal<{ estimate: string; advice: string } | null>(null);
  #mode: QueueMode = "review";
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #stops: (() => void)[];

  constructor(readonly store: Store) {
    this.rows = computed(() => this.#rows());
    this.mask = computed(() => this.#mask());
    let seen = store.shown.wished.peek();
    // Whoever chooses a cluster, draws on the map or follows a point wants to see the grid.
    const stop = effect(() => {
      const wished = store.shown.wished.value;
      if (wished !== seen) this.leave();
      seen = wished;
    });
    this.#stops = [stop, store.kernel.onApplied(() => this.#askAnew())];
  }

  /** Open the queue, or change what it does; the grid stays as it is underneath. */
  begin(mode: QueueMode = this.#mode): void {
    const { ui } = this.store;
    const now = this.open.peek();
    if (now) {
      if (now.mode.peek() !== mode) now.go(mode).catch(ui.fail);
      return;
    }
    this.store.replay.leave();
    const state = new QueueState(this.store, mode);
    this.open.value = state;
    state.ask().catch(ui.fail);
  }

  /** Back to the grid. What was asked is asked again next time. */
  leave(): void {
    const now = this.open.peek();
    if (!now) return;
    this.#mode = now.mode.peek();
    this.open.value = null;
    this.store.ui.pointed.value = null;
    now.close();
  }

  /** What a reply of the queue says of the audit. */
  hear({ estimate, advice }: QueueReply["status"]): void {
    this.audit.value = estimate ? { estimate, advice } : null;
  }

  /** An edit may have put right what the audit saw: ask once no other follows. An open queue asks by itself. */
  #askAnew(): void {
    clearTimeout(this.#timer);
    if (!this.audit.peek() || this.open.peek()) return;
    this.#timer = setTimeout(() => {
      this.store.transport
        .send({ kind: "ask_queue", mode: "audit" })
        .then(({ reply }) => this.hear(reply.status), this.store.ui.fail);
    }, ANEW_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
    this.open.peek()?.close();
  }

  #rows(): Uint32Array {
    const state = this.open.value;
    const question = state?.question.value;
    if (!state || !question) return NONE;
    const claims = state.pointed.value === null ? question.claims : [question.claims[state.pointed.value]];
    const rows = new Set(question.shown);
    for (const claim of claims)
      for (const row of [...(claim?.rows ?? []), ...(claim?.beside ?? [])]) rows.add(row);
    return Uint32Array.from(rows).sort();
  }

  #mask(): Uint8Array | null {
    if (!this.open.value?.question.value) return null;
    const mask = new Uint8Array(this.store.kernel.codes.length);
    for (const row of this.rows.value) mask[row] = 1;
    return mask;
  }
}
