/** Per-item columns, pulled in frames when somebody needs them. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { afterPaint } from "../lib/marks";
import { CAN_UNPACK, decodeArray, type TypedArray, unpackArray } from "../protocol/codec";
import { type ColumnInfo, FRAME_BYTES } from "../protocol/messages";
import type { Transport } from "../protocol/transport";

const SIZES = { uint8: 1, uint16: 2, int32: 4, float32: 4 } as const;
const MAKERS = { uint8: Uint8Array, uint16: Uint16Array, int32: Int32Array, float32: Float32Array } as const;
const IN_FLIGHT = 2;
/** Bytes of an item in the columns that are asked for before they are known. */
const USUAL_BYTES = 4;

export interface Loaded {
  array: TypedArray;
  /** Lowest and highest revision among the frames: equal when the column is of one piece. */
  revisions: [number, number];
}

/** Put `part` into `array` from `at` on; values that came in steps become numbers, the greatest one "no value". */
function put(array: TypedArray, part: TypedArray, at: number, info: ColumnInfo): void {
  const { origin, step, perItem } = info;
  if (!origin || !step) {
    array.set(part, at);
    return;
  }
  const none = 2 ** (8 * SIZES[info.dtype]) - 1;
  for (let k = 0; k < perItem; k++) {
    const from = origin[k] as number;
    const by = step[k] as number;
    for (let i = k; i < part.length; i += perItem) {
      const value = part[i] as number;
      array[at + i] = value === none ? Number.NaN : from + by * value;
    }
  }
}

/**
 * Fetch all `n` rows of a column, two frames at a time. `ahead` of what is `known` of it, all frames are asked for at
 * once and wait to be read.
 */
export async function loadColumn(
  transport: Transport,
  known: ColumnInfo | Promise<ColumnInfo>,
  n: number,
  ahead?: string,
): Promise<Loaded> {
  const bytes = known instanceof Promise ? USUAL_BYTES : SIZES[known.dtype] * known.perItem;
  const perFrame = Math.max(1, Math.floor(FRAME_BYTES / bytes));
  let array: TypedArray | undefined;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let next = 0;
  const fetchSpan = async (start: number, count: number): Promise<void> => {
    let at = start;
    while (at < start + count) {
      const answer = await transport.send({
        kind: "get_array",
        name: ahead ?? (await known).name,
        start: at,
        count: start + count - at,
        packed: CAN_UNPACK,
      });
      const info = await known;
      array ??= new (info.step ? Float32Array : MAKERS[info.dtype])(n * info.perItem);
      const part = await unpackArray(answer.reply.array, answer.buffers);
      const rows = part.length / info.perItem;
      if (rows === 0) throw new Error(`Column ${info.name} ended at row ${at} of ${n}.`);
      put(array, part, at * info.perItem, info);
      low = Math.min(low, answer.revision);
      high = Math.max(high, answer.revision);
      at += rows;
    }
  };
  const worker = async (): Promise<void> => {
    while (next < n) {
      const start = next;
      next = Math.min(n, start + perFrame);
      await fetchSpan(start, next - start);
    }
  };
  await Promise.all(Array.from({ length: ahead ? Math.ceil(n / perFrame) : IN_FLIGHT }, worker));
  const info = await known;
  array ??= new (info.step ? Float32Array : MAKERS[info.dtype])(0);
  return { array, revisions: [low, high] };
}

interface Known {
  promise: Promise<ColumnInfo>;
  resolve(info: ColumnInfo): void;
  reject(why: Error): void;
}

function unknown(): Known {
  const known = {} as Known;
  known.promise = new Promise((resolve, reject) => Object.assign(known, { resolve, reject }));
  known.promise.catch(() => undefined);
  return known;
}

/** Columns that are asked for before anything is known of the review but how many items it has. */
export class Ahead {
  readonly #known = new Map<string, Known>();
  readonly #loading = new Map<string, Promise<Loaded>>();

  constructor(
    transport: Transport,
    readonly n: number,
    names: readonly string[],
  ) {
    for (const name of names) {
      const known = unknown();
      this.#known.set(name, known);
      const loading = loadColumn(transport, known.promise, n, name);
      loading.catch(() => undefined); // whoever takes it hears of it
      this.#loading.set(name, loading);
    }
  }

  /** A column, once; undefined when it was not asked for, or there are more or fewer items after all. */
  take(info: ColumnInfo, n: number): Promise<Loaded> | undefined {
    const known = this.#known.get(info.name);
    if (n === this.n) known?.resolve(info);
    else known?.reject(new Error(`There are ${n} items, not ${this.n}.`));
    const found = n === this.n ? this.#loading.get(info.name) : undefined;
    this.#loading.delete(info.name);
    return found;
  }
}

/** More than this share of all items at once: the whole column is fetched instead. */
const MOST_PATCHED = 0.3;

/** What a patch must know of the present state. */
export interface PatchNow {
  rowsOf(cluster: string): Uint32Array;
  revision(): number;
}

/** The columns that views sort and colour by, loaded at first use. */
export class Columns {
  readonly #arrays = new Map<string, TypedArray>();
  readonly #loading = new Map<string, Promise<TypedArray>>();
  /** What is still to be patched, by column. */
  readonly #debts = new Map<string, { clusters: Set<string>; lost: Uint32Array[]; now: PatchNow }>();
  readonly #version = signal(0);
  /** Grows when a column came or became stale. */
  readonly version: ReadonlySignal<number> = this.#version;
  infos: ColumnInfo[] = [];
  n = 0;

  constructor(
    readonly transport: Transport,
    readonly onError: (error: unknown) => void,
  ) {}

  reset(infos: ColumnInfo[], n: number): void {
    this.infos = infos;
    this.n = n;
    this.#arrays.clear();
    this.#loading.clear();
    this.#debts.clear();
    this.#version.value++;
  }

  info(name: string): ColumnInfo | undefined {
    return this.infos.find((c) => c.name === name);
  }

  peek(name: string): TypedArray | undefined {
    return this.#arrays.get(name);
  }

  /** The column if it is here; else it is fetched, or was asked for `ahead`, and `version` tells when it came. */
  need(name: string, ahead?: Promise<Loaded>): TypedArray | undefined {
    const have = this.#arrays.get(name);
    if (!have && !this.#loading.has(name)) this.load(name, ahead).catch(this.onError);
    return have;
  }

  async load(name: string, ahead?: Promise<Loaded>): Promise<TypedArray> {
    const have = this.#arrays.get(name) ?? this.#loading.get(name);
    if (have) return have;
    const info = this.info(name);
    if (!info) throw new Error(`This review has no column ${name}.`);
    const promise = (ahead ?? loadColumn(this.transport, info, this.n)).then(({ array }) => {
      if (this.#loading.get(name) !== promise) return array; // became stale meanwhile
      this.#loading.delete(name);
      this.#arrays.set(name, array);
      this.#version.value++;
      return array;
    });
    this.#loading.set(name, promise);
    promise.catch(() => this.#loading.delete(name));
    return promise;
  }

  /**
   * Values changed for the items of some clusters. Columns that are here are patched once the change itself has been painted:
   * a few kB instead of the whole column. `lost` are rows that have no value any more (they went to noise).
   */
  patch(
    names: readonly string[],
    clusters: readonly string[],
    lost: readonly Uint32Array[],
    now: PatchNow,
  ): void {
    const here = names.filter((name) => this.#arrays.has(name));
    this.markStale(names.filter((name) => !here.includes(name)));
    for (const name of here) this.#owe(name, clusters, lost, now);
  }

  #owe(name: string, clusters: readonly string[], lost: readonly Uint32Array[], now: PatchNow): void {
    const debt = this.#debts.get(name) ?? { clusters: new Set<string>(), lost: [], now };
    for (const id of clusters) debt.clusters.add(id);
    debt.lost.push(...lost);
    if (this.#debts.size === 0) afterPaint(() => this.#settle());
    this.#debts.set(name, debt);
  }

  #settle(): void {
    const debts = [...this.#debts];
    this.#debts.clear();
    for (const [name, { clusters, lost, now }] of debts) {
      const left = [...clusters].filter((id) => now.rowsOf(id).length > 0);
      const revision = now.revision();
      if (left.reduce((n, id) => n + now.rowsOf(id).length, 0) > this.n * MOST_PATCHED) {
        this.markStale([name]);
        continue;
      }
      this.#patchOne(name, left, lost, now).catch((error: unknown) => {
        this.markStale([name]);
        if (now.revision() === revision) this.onError(error); // else: it asked about what is gone by now
      });
    }
  }

  async #patchOne(
    name: string,
    clusters: readonly string[],
    lost: readonly Uint32Array[],
    now: PatchNow,
  ): Promise<void> {
    const asked = now.revision();
    const answers = await Promise.all(
      clusters.map((cluster) => this.transport.send({ kind: "get_values", name, cluster })),
    );
    const before = this.#arrays.get(name);
    if (!before) return; // fetched anew anyway
    const read = answers.map(({ reply, buffers }) => ({
      rows: now.rowsOf(reply.cluster),
      values: reply.array ? decodeArray(reply.array, buffers) : null,
    }));
    if (read.some(({ values }) => values === null)) {
      this.markStale([name]); // too many for one message
      return;
    }
    const current = answers.every((a) => a.revision === now.revision());
    if (!current || read.some(({ rows, values }) => values?.length !== rows.length)) {
      if (now.revision() === asked) this.markStale([name]);
      else this.#owe(name, clusters, lost, now); // it has moved on meanwhile
      return;
    }
    const array = before.slice(); // a new array: whoever sorted by the old one sees that it changed
    for (const rows of lost) for (const row of rows) array[row] = Number.NaN;
    for (const { rows, values } of read)
      rows.forEach((row, k) => {
        array[row] = values?.[k] as number;
      });
    this.#arrays.set(name, array);
    this.#version.value++;
  }

  markStale(names: readonly string[]): void {
    for (const name of names) {
      this.#debts.delete(name);
      this.#arrays.delete(name);
      this.#loading.delete(name);
    }
    if (names.length > 0) this.#version.value++;
  }
}
