/**
 * What the view knows of the kernel's state: a mirror of one revision, moved on by `changed` events.
 *
 * The kernel is the authority. An event that does not start at the mirror's revision shows a gap; then everything that can have
 * changed is fetched again. Nothing here knows of panes or dialogs.
 */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { type Buffer, decodeItemSet, encodeItemSet } from "../protocol/codec";
import type {
  BrokenItem,
  Changed,
  ClusterInfo,
  ColumnInfo,
  Event,
  HelloReply,
  HistoryState,
  Notice,
  Progress,
} from "../protocol/messages";
import type { Transport } from "../protocol/transport";
import { Ahead, Columns, loadColumn } from "./columns";
import { RowsByCode } from "./rows_by_code";
import { Selection } from "./selection";

export interface Meta {
  session: string;
  title: string;
  root: string;
  nItems: number;
  columns: ColumnInfo[];
  broken: BrokenItem[];
  nBroken: number;
  secondsSpent: number;
  /** When `secondsSpent` was told, ms of `performance.now()`. */
  toldAt: number;
  readOnly: string | null;
}

/** A change that has just been mirrored. */
export interface Applied {
  changed: Changed;
  moved: { to: number; rows: Uint32Array }[];
  source: string | null;
}

const NO_HISTORY: HistoryState = { cursor: 0, length: 0, undoLabel: null, redoLabel: null, unsaved: 0 };
const PUSH_MS = 150;
const MAX_TRIES = 5;

export class KernelState {
  readonly revision = signal(-1);
  readonly meta = signal<Meta | null>(null);
  readonly history = signal<HistoryState>(NO_HISTORY);
  /** True once codes are mirrored: the grid can be shown. */
  readonly loaded = signal(false);
  readonly progress = signal<Progress | null>(null);
  readonly notice = signal<Notice | null>(null);
  readonly selection = new Selection();
  readonly columns: Columns;
  /** There will be a map: its places are asked for together with the codes. */
  placesAtOnce = false;
  /** How many items there are, and the columns of what is shown first, as far as that is known before the kernel is asked. */
  expected: { items: number; columns: readonly string[] } | null = null;
  codes: Int32Array = new Int32Array(0);
  index = new RowsByCode(this.codes);

  readonly #clusters = new Map<string, ClusterInfo>();
  readonly #byCode = new Map<number, ClusterInfo>();
  readonly #clustersVersion = signal(0);
  readonly #codesVersion = signal(0);
  /** Grow with each change of the cluster table, and of any item's cluster. */
  readonly clustersVersion: ReadonlySignal<number> = this.#clustersVersion;
  readonly codesVersion: ReadonlySignal<number> = this.#codesVersion;

  readonly #appliedListeners = new Set<(applied: Applied) => void>();
  readonly #stop: () => void;
  #syncing: Promise<void> | null = null;
  #changedWhileSyncing = false;
  #pushTimer: ReturnType<typeof setTimeout> | undefined;
  #pushing = false;
  /** Which review's columns `columns` holds. */
  #columnsOf = "";

  constructor(
    readonly transport: Transport,
    readonly onError: (error: unknown) => void,
  ) {
    this.columns = new Columns(transport, onError);
    this.selection.onLocalChange = () => this.#schedulePush(PUSH_MS);
    this.#stop = transport.onEvent((event, buffers) => this.#onEvent(event, buffers));
  }

  get clusters(): ReadonlyMap<string, ClusterInfo> {
    return this.#clusters;
  }

  clusterOf(code: number): ClusterInfo | undefined {
    return this.#byCode.get(code);
  }

  /** The row whose picture stands for a cluster: the chosen cover, else one from the middle. Null for an empty cluster. */
  coverOf(info: ClusterInfo): number | null {
    if (info.cover !== null) return info.cover;
    const rows = this.index.get(info.code);
    return rows.length > 0 ? (rows[rows.length >> 1] as number) : null;
  }

  rowsOf(id: string): Uint32Array {
    const info = this.#clusters.get(id);
    return info ? this.index.get(info.code) : new Uint32Array(0);
  }

  onApplied(listener: (applied: Applied) => void): () => void {
    this.#appliedListeners.add(listener);
    return () => this.#appliedListeners.delete(listener);
  }

  close(): void {
    this.#stop();
    clearTimeout(this.#pushTimer);
  }

  /** Fetch the whole state; calls while one is under way share it. */
  sync(): Promise<void> {
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = null;
    });
    return this.#syncing;
  }

  async #sync(): Promise<void> {
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      this.#changedWhileSyncing = false;
      if ((await this.#syncOnce()) && !this.#changedWhileSyncing) return;
    }
    throw new Error(
      "The review changes faster than it can be read. It will be read again at the next change.",
    );
  }

  async #syncOnce(): Promise<boolean> {
    const hello = this.transport.send({ kind: "hello" });
    const ahead = this.#askAhead();
    const { reply, revision, buffers } = await hello;
    const codesInfo = reply.columns.find((c) => c.role === "codes");
    if (!codesInfo) throw new Error("The kernel named no column of cluster codes.");
    const codes = ahead?.take(codesInfo, reply.nItems) ?? loadColumn(this.transport, codesInfo, reply.nItems); // asked for first: nothing shows without it
    this.#expect(reply, ahead);
    const { array, revisions } = await codes;
    if (reply.nItems > 0 && (revisions[0] !== revision || revisions[1] !== revision)) return false;

    const selected = decodeItemSet(reply.selection, buffers);
    batch(() => this.#adopt(reply, revision, array as Int32Array, selected));
    return true;
  }

  /** The first time, what is shown first need not wait for the answer that says what there is. */
  #askAhead(): Ahead | null {
    const { expected } = this;
    this.expected = null;
    if (!expected || expected.items <= 0 || this.loaded.peek()) return null;
    const names = expected.columns.filter((name) => name === "codes" || this.placesAtOnce);
    return new Ahead(this.transport, expected.items, names);
  }

  /** Another review's columns: forget the old ones, and ask for the map's places, the longest of what will be shown. */
  #expect(reply: HelloReply, ahead: Ahead | null): void {
    const of = `${reply.session} ${reply.nItems}`;
    if (of === this.#columnsOf) return;
    this.#columnsOf = of;
    this.columns.reset(reply.columns, reply.nItems);
    const places = reply.columns.find((c) => c.role === "position");
    if (places && reply.nItems > 0 && this.placesAtOnce)
      this.columns.need(places.name, ahead?.take(places, reply.nItems));
  }

  #adopt(reply: HelloReply, revision: number, codes: Int32Array, selected: Uint32Array): void {
    const before = this.meta.peek();
    const isNew = before?.session !== reply.session || before.nItems !== reply.nItems;
    this.codes = codes;
    this.index = new RowsByCode(this.codes);
    this.#clusters.clear();
    this.#byCode.clear();
    for (const c of reply.clusters) this.#put(c);
    this.meta.value = { ...reply, toldAt: performance.now() };
    if (!isNew)
      this.columns.markStale(this.columns.infos.filter((c) => c.role !== "position").map((c) => c.name));
    this.selection.resize(reply.nItems);
    this.selection.apply(selected, "replace", false);
    this.history.value = reply.history;
    this.revision.value = revision;
    this.#clustersVersion.value++;
    this.#codesVersion.value++;
    this.loaded.value = true;
  }

  #put(info: ClusterInfo): void {
    const old = this.#clusters.get(info.id);
    if (old && old.code !== info.code) this.#byCode.delete(old.code);
    this.#clusters.set(info.id, info);
    this.#byCode.set(info.code, info);
  }

  #onEvent(event: Event, buffers: readonly Buffer[]): void {
    const { payload } = event;
    switch (payload.kind) {
      case "changed":
        this.#onChanged(payload, event.revision, event.source ?? null, buffers);
        break;
      case "selection":
        // Our own selection comes back as an event too; meanwhile it may have moved on.
        if (!this.transport.owns(event.source) && this.loaded.peek()) {
          this.selection.apply(decodeItemSet(payload.items, buffers), "replace", false);
        }
        break;
      case "progress":
        this.progress.value = payload;
        break;
      case "notice":
        this.notice.value = payload;
        break;
      default:
        payload satisfies never;
    }
  }

  #onChanged(changed: Changed, revision: number, source: string | null, buffers: readonly Buffer[]): void {
    if (this.#syncing) {
      this.#changedWhileSyncing = true;
      return;
    }
    if (revision <= this.revision.peek()) return; // known already: a repeated message
    if (changed.fromRevision !== this.revision.peek() || changed.action === "reload") {
      this.sync().catch(this.onError);
      return;
    }
    const moved = changed.moved.map((m) => ({ to: m.to, rows: decodeItemSet(m.items, buffers) }));
    // Listeners run before the effects, so that those which can patch do not draw all anew.
    batch(() => {
      this.#mirror(changed, moved, revision);
      for (const listener of this.#appliedListeners) listener({ changed, moved, source });
    });
  }

  #mirror(changed: Changed, moved: Applied["moved"], revision: number): void {
    for (const { to, rows } of moved) this.index.move(rows, to, this.codes);
    for (const id of changed.removed) {
      const info = this.#clusters.get(id);
      this.#clusters.delete(id);
      if (info && this.#byCode.get(info.code)?.id === id) this.#byCode.delete(info.code);
    }
    for (const c of changed.clusters) this.#put(c);
    if (changed.staleColumns.length > 0) {
      const touched = changed.clusters.filter((c) => c.kind === "cluster").map((c) => c.id);
      const lost = moved.filter((m) => m.to < 0).map((m) => m.rows);
      const now = { rowsOf: (id: string) => this.rowsOf(id), revision: () => this.revision.peek() };
      this.columns.patch(changed.staleColumns, touched, lost, now);
    }
    this.history.value = changed.history;
    this.revision.value = revision;
    if (changed.removed.length > 0 || changed.clusters.length > 0) this.#clustersVersion.value++;
    if (moved.length > 0) this.#codesVersion.value++;
  }

  /** Tell the kernel what is selected, not more often than it answers. */
  #schedulePush(ms: number): void {
    clearTimeout(this.#pushTimer);
    this.#pushTimer = setTimeout(() => void this.#push(), ms);
  }

  async #push(): Promise<void> {
    if (this.#pushing) {
      this.#schedulePush(PUSH_MS);
      return;
    }
    this.#pushing = true;
    try {
      const buffers: Uint8Array[] = [];
      const items = encodeItemSet(this.selection.rows(), buffers);
      await this.transport.send({ kind: "set_selection", items }, buffers);
    } catch (error) {
      this.onError(error);
    } finally {
      this.#pushing = false;
    }
  }
}
