/**
 * Calm marks on items: "unsure" (a low membership probability) and "odd" (an outlier of its cluster); in the trash, why a step
 * has rejected them. Fetched for clusters in sight.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import { indexOfRow } from "../lib/sorted";
import { decodeArray, type TypedArray } from "../protocol/codec";
import type { Transport } from "../protocol/transport";
import type { Applied, KernelState } from "./kernel_state";

/** "unsure", "odd", or in the trash the word of a reason. */
export type Mark = string | null;

/** Column that says why an item was rejected. */
const REASON = "reason";

/** Below this membership probability an item is said to be unsure. */
export const UNSURE_BELOW = 0.45;
/** Above this robust z-score an item is commonly called an outlier (Iglewicz and Hoaglin, 1993). */
export const ODD_ABOVE = 3.5;
/** Clusters larger than this are marked only where a whole column is here anyway. */
const MOST = 100_000;

/** Where many of a cluster are below that, only so many of it are marked: a mark on all says nothing of any. */
const UNSURE_SHARE = 0.2;

/** Below which probability items of a cluster are marked, given all of them. */
export function unsureBelow(probability: ArrayLike<number>): number {
  const known = Float32Array.from(probability).filter((p) => p < UNSURE_BELOW);
  const most = Math.floor(UNSURE_SHARE * probability.length);
  if (known.length <= most) return UNSURE_BELOW;
  return known.sort()[most] as number;
}

interface Known {
  /** Ascending; the values are in this order. */
  rows: Uint32Array;
  outlier: TypedArray | null;
  probability: TypedArray | null;
  unsure: number;
  reason: TypedArray | null;
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
    if (code < 0 && kernel.clusterOf(code)?.kind !== "trash") return null;
    const rows = kernel.index.get(code);
    const known = this.#known.get(code);
    if (known?.rows !== rows) {
      if (rows.length <= MOST) this.#ask(code);
      return null;
    }
    const at = indexOfRow(rows, row);
    if (at < 0) return null;
    if (known.reason) return this.#word(known.reason[at] as number);
    if (known.outlier && (known.outlier[at] as number) > ODD_ABOVE) return "odd";
    return known.probability && (known.probability[at] as number) < known.unsure ? "unsure" : null;
  }

  /** Rows in the trash by the reason why they were rejected, the most frequent first; asks when that is not known. */
  rejected(): [reason: string, rows: Uint32Array][] {
    const trash = [...this.kernel.clusters.values()].find((c) => c.kind === "trash");
    if (!trash || trash.size === 0) return [];
    const known = this.#known.get(trash.code);
    const rows = this.kernel.index.get(trash.code);
    if (known?.rows !== rows) {
      this.#ask(trash.code);
      return [];
    }
    const found = new Map<string, number[]>();
    rows.forEach((row, at) => {
      const word = known.reason && this.#word(known.reason[at] as number);
      if (!word) return;
      const mine = found.get(word);
      if (mine) mine.push(row);
      else found.set(word, [row]);
    });
    return [...found]
      .map(([word, mine]): [string, Uint32Array] => [word, Uint32Array.from(mine)])
      .sort((a, b) => b[1].length - a[1].length);
  }

  #word(number: number): string | null {
    return this.kernel.columns.info(REASON)?.words?.[number] ?? null;
  }

  #ask(code: number): void {
    const cluster = this.kernel.clusterOf(code);
    if (!cluster || this.#asking.has(code)) return;
    this.#asking.add(code);
    const rows = this.kernel.index.get(code);
    const names = cluster.kind === "trash" ? [REASON] : ["outlier", "probability"];
    Promise.all(names.map((name) => this.#values(name, cluster.id)))
      .then((found) => {
        // Meanwhile it may have changed: then the next look asks again.
        if (this.kernel.index.get(code) !== rows) return;
        if (found.some((values) => values !== null && values.length !== rows.length)) return;
        const of = (name: string) => found[names.indexOf(name)] ?? null;
        this.#known.set(code, {
          rows,
          outlier: of("outlier"),
          probability: of("probability"),
          unsure: unsureBelow(of("probability") ?? []),
          reason: of(REASON),
        });
        if (found.some((values) => values !== null)) this.#version.value++;
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
