/** A map that forgets what was used longest ago. */
export class Lru<K, V> {
  readonly #map = new Map<K, V>();
  constructor(
    readonly limit: number,
    /** Called for each dropped value; returning false keeps it (it is in use). */
    readonly onDrop: (value: V, key: K) => boolean | undefined = () => undefined,
  ) {}

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    const value = this.#map.get(key);
    if (value !== undefined) {
      this.#map.delete(key);
      this.#map.set(key, value);
    }
    return value;
  }

  set(key: K, value: V): void {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size <= this.limit) return;
    for (const [k, v] of this.#map) {
      if (this.#map.size <= this.limit) break;
      if (k === key || this.onDrop(v, k) === false) continue;
      this.#map.delete(k);
    }
  }

  clear(): void {
    for (const [k, v] of this.#map) this.onDrop(v, k);
    this.#map.clear();
  }
}
