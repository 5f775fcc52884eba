/**
 * The one place where names change case: snake_case on the wire, camelCase in TypeScript.
 *
 * Keys of free dictionaries are data, not names: what stands under a key of `DATA_KEYS` is left as it is.
 */

type CamelKey<S> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelKey<Tail>>}` : S;

/** `T` with its keys in camelCase, all the way down. */
export type Camel<T> = T extends (infer U)[]
  ? number extends T["length"]
    ? Camel<U>[]
    : T
  : T extends object
    ? { [K in keyof T as CamelKey<K>]: Camel<T[K]> }
    : T;

const DATA_KEYS: ReadonlySet<string> = new Set(["facts"]);

const camelCache = new Map<string, string>();
const snakeCache = new Map<string, string>();

function cached(cache: Map<string, string>, key: string, make: (k: string) => string): string {
  let out = cache.get(key);
  if (out === undefined) {
    out = make(key);
    cache.set(key, out);
  }
  return out;
}

const camelKey = (key: string) => key.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
const snakeKey = (key: string) => key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

function rename(value: unknown, cache: Map<string, string>, make: (k: string) => string): unknown {
  if (Array.isArray(value)) {
    return typeof value[0] === "object" ? value.map((v) => rename(v, cache, make)) : value;
  }
  if (value === null || typeof value !== "object") return value;
  const out: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    out[cached(cache, key, make)] = DATA_KEYS.has(key) ? inner : rename(inner, cache, make);
  }
  return out;
}

/** From the wire: keys to camelCase. */
export const toCamel = (value: unknown): unknown => rename(value, camelCache, camelKey);

/** To the wire: keys to snake_case. */
export const toSnake = (value: unknown): unknown => rename(value, snakeCache, snakeKey);
