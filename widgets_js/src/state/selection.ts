/** The selected rows: one byte a row and a count. Grid, map and kernel share it. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { EMPTY_ROWS, rowsOfMask } from "../lib/sorted";

export type SelectMode = "replace" | "add" | "subtract";

export class Selection {
  #mask = new Uint8Array(0);
  #count = 0;
  #rows: Uint32Array | null = EMPTY_ROWS;
  readonly #version = signal(0);
  /** Grows with each change; read it to follow the selection. */
  readonly version: ReadonlySignal<number> = this.#version;
  /** Called after changes made here (not after those that the kernel told of). */
  onLocalChange: () => void = () => undefined;

  get mask(): Uint8Array {
    return this.#mask;
  }

  get count(): number {
    return this.#count;
  }

  /** Forget all and take room for `n` rows. */
  resize(n: number): void {
    this.#mask = new Uint8Array(n);
    this.#count = 0;
    this.#changed(false);
  }

  has(row: number): boolean {
    return this.#mask[row] === 1;
  }

  /** Selected rows, ascending. */
  rows(): Uint32Array {
    this.#rows ??= rowsOfMask(this.#mask, this.#count);
    return this.#rows;
  }

  apply(rows: Uint32Array, mode: SelectMode, local = true): void {
    const mask = this.#mask;
    if (mode === "replace") {
      mask.fill(0);
      this.#count = 0;
    }
    const to = mode === "subtract" ? 0 : 1;
    let changed = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      if (row < mask.length && mask[row] !== to) {
        mask[row] = to;
        changed++;
      }
    }
    this.#count += to === 1 ? changed : -changed;
    this.#changed(local);
  }

  toggle(row: number): void {
    this.apply(Uint32Array.of(row), this.has(row) ? "subtract" : "add");
  }

  clear(): void {
    if (this.#count > 0) this.apply(EMPTY_ROWS, "replace");
  }

  #changed(local: boolean): void {
    this.#rows = this.#count === 0 ? EMPTY_ROWS : null;
    this.#version.value = this.#version.peek() + 1;
    if (local) this.onLocalChange();
  }
}
