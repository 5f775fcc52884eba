/** The queue inside the browser: over the grid while it is open, with what it asks about marked on the map. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { type QueueMode, QueueState } from "./queue_state";
import type { Store } from "./store";

export class Asking {
  /** The queue, while it is open. */
  readonly open = signal<QueueState | null>(null);
  /** 1 per row that the question shows, for the map; null while nothing is asked. */
  readonly mask: ReadonlySignal<Uint8Array | null>;
  #mode: QueueMode = "review";
  readonly #stop: () => void;

  constructor(readonly store: Store) {
    this.mask = computed(() => this.#mask());
    let seen = store.shown.wished.peek();
    // Whoever chooses a cluster, draws on the map or follows a point wants to see the grid.
    this.#stop = effect(() => {
      const wished = store.shown.wished.value;
      if (wished !== seen) this.leave();
      seen = wished;
    });
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

  close(): void {
    this.#stop();
    this.open.peek()?.close();
  }

  #mask(): Uint8Array | null {
    const state = this.open.value;
    const question = state?.question.value;
    if (!state || !question) return null;
    const claims = state.pointed.value === null ? question.claims : [question.claims[state.pointed.value]];
    const mask = new Uint8Array(this.store.kernel.codes.length);
    for (const row of question.shown) mask[row] = 1;
    for (const claim of claims)
      for (const row of [...(claim?.rows ?? []), ...(claim?.beside ?? [])]) mask[row] = 1;
    return mask;
  }
}
