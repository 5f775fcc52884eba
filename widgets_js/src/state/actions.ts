/** What a person can do. Every edit goes through `#edit`: one after the other, errors shown, a toast with Undo at the end. */
import { measureToPaint } from "../lib/marks";
import { EMPTY_ROWS } from "../lib/sorted";
import { encodeItemSet } from "../protocol/codec";
import { type Command, type DoneReply, KernelError, type RequestPayload } from "../protocol/messages";
import { clusterOrder } from "./cluster_list";
import type { Applied } from "./kernel_state";
import type { Store } from "./store";

type EditRequest = Extract<RequestPayload, { kind: "edit" | "undo" | "redo" | "jump" | "checkpoint" }>;

/** Answers usually come before anybody could read a word of waiting for them, ms. */
const SLOW_MS = 150;

export class Actions {
  #queue: Promise<unknown> = Promise.resolve();
  /** When the edit under way was asked for, until its change is mirrored. */
  #began: number | null = null;
  readonly #stop: () => void;

  constructor(readonly store: Store) {
    this.#stop = store.kernel.onApplied((applied) => this.#follow(applied));
  }

  close(): void {
    this.#stop();
  }

  /** Send an edit when the ones before it are answered, so that its base is the newest revision. */
  run(payload: EditRequest, buffers: Uint8Array[] = []): Promise<DoneReply | null> {
    const { kernel, ui, transport } = this.store;
    const start = performance.now();
    const next = this.#queue.then(async () => {
      let slow = false;
      const timer = setTimeout(() => {
        slow = true;
        ui.working.value++;
      }, SLOW_MS);
      this.#began = start;
      try {
        const { reply, revision } = await transport.send(payload, buffers, kernel.revision.peek());
        if (revision > kernel.revision.peek()) await kernel.sync(); // the event was lost on the way
        this.#measure();
        return reply;
      } catch (error) {
        if (error instanceof KernelError && error.code === "name_taken") throw error;
        ui.fail(error);
        if (error instanceof KernelError && error.code === "conflict") await kernel.sync();
        return null;
      } finally {
        this.#began = null;
        clearTimeout(timer);
        if (slow) ui.working.value--;
      }
    });
    this.#queue = next.catch(() => undefined);
    return next;
  }

  /** The change is in the page now, once for each edit: with its event, which comes before the answer. */
  #measure(): void {
    if (this.#began !== null) measureToPaint("shoal:edit-to-pixels", this.#began);
    this.#began = null;
  }

  async edit(command: Command, buffers: Uint8Array[] = []): Promise<DoneReply | null> {
    const done = await this.run({ kind: "edit", command }, buffers);
    if (done) this.store.ui.toast({ text: done.label, undoAt: this.store.kernel.history.peek().cursor });
    return done;
  }

  /** Items of an edit: the selection, or the focused card when nothing is selected. */
  subject(): Uint32Array {
    const { kernel, ui, shown } = this.store;
    if (kernel.selection.count > 0) return kernel.selection.rows();
    const row = shown.rowAt(ui.active.peek());
    return row >= 0 ? Uint32Array.of(row) : EMPTY_ROWS;
  }

  async #editItems(make: (items: ReturnType<typeof encodeItemSet>) => Command): Promise<DoneReply | null> {
    const rows = this.subject();
    if (rows.length === 0) return null;
    const buffers: Uint8Array[] = [];
    const done = await this.edit(make(encodeItemSet(rows, buffers)), buffers);
    if (done) this.store.kernel.selection.apply(rows, "subtract");
    return done;
  }

  async move(to: string): Promise<void> {
    const done = await this.#editItems((items) => ({ type: "move_items", items, to }));
    if (done && to !== "noise") this.store.ui.remember(to);
  }

  async toNoise(): Promise<void> {
    const noise = [...this.store.kernel.clusters.values()].find((c) => c.kind === "noise");
    await this.#editItems((items) => ({ type: "move_items", items, to: noise?.id ?? "noise" }));
  }

  async trash(): Promise<void> {
    await this.#editItems((items) => ({ type: "trash_items", items }));
  }

  async restore(): Promise<void> {
    await this.#editItems((items) => ({ type: "restore_items", items }));
  }

  async split(name: string): Promise<void> {
    const done = await this.#editItems((items) => ({ type: "split_cluster", items, name }));
    if (done?.cluster) this.store.ui.remember(done.cluster);
  }

  /** Put sets of items each into its own cluster, as one edit. Throws when a name is taken. */
  async assign(
    parts: readonly { rows: Uint32Array; to?: string; name?: string }[],
    label: string,
  ): Promise<DoneReply | null> {
    const buffers: Uint8Array[] = [];
    const sent = parts.map(({ rows, to, name }) => ({
      items: encodeItemSet(rows, buffers),
      to: to ?? null,
      name: name ?? null,
    }));
    const done = await this.edit({ type: "assign_items", parts: sent, label }, buffers);
    if (done) for (const { rows } of parts) this.store.kernel.selection.apply(rows, "subtract");
    return done;
  }

  async tagItems(add: string[], remove: string[]): Promise<void> {
    const rows = this.subject();
    const buffers: Uint8Array[] = [];
    const items = encodeItemSet(rows, buffers);
    await this.edit({ type: "tag_items", items, add, remove }, buffers);
    this.store.facts.forget();
  }

  async caption(caption: string): Promise<void> {
    const rows = this.subject();
    const buffers: Uint8Array[] = [];
    const items = encodeItemSet(rows, buffers);
    await this.edit({ type: "caption_items", items, caption }, buffers);
    this.store.facts.forget();
  }

  /** Merge; the result is shown. */
  async merge(clusters: readonly string[], name: string, into: string | null = null): Promise<void> {
    const done = await this.edit({ type: "merge_clusters", clusters: [...clusters], name, into });
    if (done?.cluster) this.store.shown.show([done.cluster]);
  }

  /** Rename; a name that is taken opens the question whether to merge. */
  async rename(id: string, name: string): Promise<void> {
    const { kernel, ui } = this.store;
    const trimmed = name.trim();
    if (trimmed === "" || trimmed === kernel.clusters.get(id)?.name) return;
    try {
      await this.edit({ type: "rename_cluster", cluster: id, name: trimmed });
    } catch (error) {
      const folded = trimmed.toLowerCase();
      const other = [...kernel.clusters.values()].find((c) => c.id !== id && c.name.toLowerCase() === folded);
      if (other) ui.dialog.value = { kind: "name_taken", id, other: other.id, name: other.name };
      else ui.fail(error);
    }
  }

  async create(name: string): Promise<string | null> {
    const done = await this.edit({ type: "create_cluster", name });
    return done?.cluster ?? null;
  }

  async markReviewed(ids: readonly string[], reviewed: boolean): Promise<void> {
    await this.edit({ type: "mark_reviewed", clusters: [...ids], reviewed });
  }

  /** Mark what is shown, or take the mark back when all of it has one. */
  async toggleReviewed(): Promise<void> {
    const { kernel, shown } = this.store;
    const ids = shown.ids.peek().filter((id) => kernel.clusters.get(id)?.kind === "cluster");
    if (ids.length === 0) return;
    await this.markReviewed(ids, !ids.every((id) => kernel.clusters.get(id)?.reviewed));
  }

  undo(): Promise<DoneReply | null> {
    return this.#step({ kind: "undo" });
  }

  redo(): Promise<DoneReply | null> {
    return this.#step({ kind: "redo" });
  }

  async #step(payload: EditRequest): Promise<DoneReply | null> {
    const done = await this.run(payload);
    if (done) this.store.ui.toast({ text: done.label, level: "info" });
    return done;
  }

  async jump(cursor: number): Promise<void> {
    const done = await this.run({ kind: "jump", cursor });
    if (done) this.store.ui.toast({ text: done.label, level: "info" });
  }

  async checkpoint(name: string): Promise<void> {
    const done = await this.run({ kind: "checkpoint", name });
    if (done) this.store.ui.toast({ text: `Checkpoint “${name}” set`, level: "info" });
  }

  /** Show the first cluster when nothing is shown yet. */
  showFirst(): void {
    const { kernel, shown, ui } = this.store;
    const view = shown.view.peek();
    if (view.kind !== "clusters" || view.ids.some((id) => kernel.clusters.has(id))) return;
    const first = clusterOrder(kernel, ui.prefs.peek().clusterSort)[0];
    if (first) shown.settle([first.id]);
  }

  /** Next or previous cluster of the sidebar. */
  step(by: number): void {
    const { kernel, shown, ui } = this.store;
    const list = clusterOrder(kernel, ui.prefs.peek().clusterSort);
    const last = shown.ids.peek()[shown.ids.peek().length - 1];
    const at = list.findIndex((c) => c.id === last);
    const next = list[Math.min(list.length - 1, Math.max(0, at + by))];
    if (next) shown.show([next.id]);
  }

  /** An edit made elsewhere: in a cell, by another view, by another person. */
  #tellOther({ action, label, actor }: Applied["changed"]): void {
    this.store.ui.toast({
      level: "info",
      text: action === "checkpoint" ? `Checkpoint: ${label}` : label,
      hint: actor ? `by ${actor}, elsewhere` : "elsewhere",
    });
  }

  /** After a change: drop clusters that are gone from what is shown. */
  #follow({ changed, source }: Applied): void {
    const { kernel, shown, ui, transport } = this.store;
    if (transport.owns(source)) this.#measure();
    else if (changed.label) this.#tellOther(changed);
    const view = shown.view.peek();
    if (changed.staleColumns.length > 0) this.store.facts.forget();
    if (view.kind === "gathered") {
      if (changed.removed.some((id) => view.back.includes(id))) {
        shown.view.value = { ...view, back: view.back.filter((id) => kernel.clusters.has(id)) };
      }
      return;
    }
    const left = view.ids.filter((id) => kernel.clusters.has(id));
    if (left.length < view.ids.length) {
      shown.settle(left);
      if (left.length === 0) this.showFirst();
      ui.active.value = -1;
    }
  }
}
