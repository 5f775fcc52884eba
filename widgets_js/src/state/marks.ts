/** Calm marks on items: "unsure" (a low membership probability) and "odd" (an outlier of its cluster). Fetched for clusters in sight. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { indexOfRow } from "../lib/sorted";
import { decodeArray, type TypedArray } from "../protocol/codec";
import type { Transport } from "../protocol/transport";
import type { Applied, KernelState } from "./kernel_state";

export type Mark = "unsure" | "odd" | null;

/** Below this membership probability an item is said to be unsure. */
export const UNSURE_BELOW = 0.45;
/** Above this robust z-score an item is commonly called an outlier (Iglewicz and Hoaglin, 1993). */
export const ODD_ABOVE = 3.5;
/** Clusters larger than this are marked only where a whole column is here anyway. */
const MOST = 100_000;

interface Known {
  /** Ascending; the values are in this order. */
  rows: Uint32Array;
  outlier: TypedArray | null;
  probability: TypedArray | null;
}

export class Marks {
  readonly #known = new Map<number, Known>();
  readonly #asking = new Set<number>();
  readonly #version = signal(0);
  /** Grows when marks came. */
  readonly version: ReadonlySignal<number> = this.#version;
  readonly #stop: () => void;

  constructor(
    readonly kernel: KernelState,
    readonly transport: Transport,
    readonly onError: (error: unknown) => void,
  ) {
    this.#stop = kernel.onApplied((applied) => this.#follow(applied));
  }

  close(): void {
    this.#stop();
  }

  #follow({ changed }: Applied): void {
    if (changed.staleColumns.length === 0) return;
    for (const c of changed.clusters) this.#known.delete(c.code);
  }

  /** The mark of an item as far as it is known; asks for its cluster when it is not. */
  of(row: number): Mark {
    const { kernel } = this;
    const code = kernel.codes[row] as number;
    if (code < 0) return null;
    const rows = kernel.index.get(code);
    const known = this.#known.get(code);
    if (known?.rows !== rows) {
      if (rows.length <= MOST) this.#ask(code);
      return null;
    }
    const at = indexOfRow(rows, row);
    if (at < 0) return null;
    if (known.outlier && (known.outlier[at] as number) > ODD_ABOVE) return "odd";
    return known.probability && (known.probability[at] as number) < UNSURE_BELOW ? "unsure" : null;
  }

  #ask(code: number): void {
    const cluster = this.kernel.clusterOf(code);
    if (!cluster || this.#asking.has(code)) return;
    this.#asking.add(code);
    const rows = this.kernel.index.get(code);
    Promise.all([this.#values("outlier", cluster.id), this.#values("probability", cluster.id)])
      .then(([outlier, probability]) => {
        const fits = (values: TypedArray | null) => values === null || values.length === rows.length;
        // Meanwhile it may have changed: then the next look asks again.
        if (this.kernel.index.get(code) !== rows || !fits(outlier) || !fits(probability)) return;
        this.#known.set(code, { rows, outlier, probability });
        if (outlier ?? probability) this.#version.value++;
      })
      .catch(this.onError)
      .finally(() => this.#asking.delete(code));
  }

  async #values(name: string, cluster: string): Promise<TypedArray | null> {
    if (!this.kernel.columns.info(name)) return null;
    const { reply, buffers } = await this.transport.send({ kind: "get_values", name, cluster });
    return reply.array ? decodeArray(reply.array, buffers) : null;
  }
}
