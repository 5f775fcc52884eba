/** The kernel's side of the protocol on plain arrays, for the dev page and the tests. It carries out every command for real. */
import { decodeItemSet, encodeItemSet } from "../codec";
import {
  type Changed,
  type ClusterInfo,
  type Command,
  type HistoryEntry,
  type HistoryState,
  KernelError,
  type PlanRow,
} from "../messages";
import { type FakeReview, makeReview } from "./make_review";

interface Step {
  label: string;
  at: string;
  rows: Uint32Array;
  /** Codes of `rows` before and after. */
  before: Int32Array;
  after: Int32Array;
  clustersBefore: Map<string, ClusterInfo | null>;
  clustersAfter: Map<string, ClusterInfo | null>;
  checkpoint: string | null;
}

export type Outcome = { changed: Changed; buffers: Uint8Array[]; label: string; cluster: string | null };

export class FakeKernel {
  readonly review: FakeReview;
  readonly clusters = new Map<string, ClusterInfo>();
  readonly steps: Step[] = [];
  readonly #savedCodes: Int32Array;
  readonly #trashedFrom = new Map<number, number>();
  cursor = 0;
  revision = 1;
  savedAt = 0;
  selection: Uint32Array = new Uint32Array(0);
  #nextCode: number;

  /** A made-up review of so many items, or a given one. */
  constructor(of: number | FakeReview, seed?: number) {
    this.review = typeof of === "number" ? makeReview(of, seed) : of;
    for (const c of this.review.clusters) this.clusters.set(c.id, c);
    this.#nextCode = 1 + Math.max(-1, ...this.review.clusters.map((c) => c.code));
    this.#savedCodes = this.review.codes.slice();
  }

  historyState(): HistoryState {
    return {
      cursor: this.cursor,
      length: this.steps.length,
      undoLabel: this.steps[this.cursor - 1]?.label ?? null,
      redoLabel: this.steps[this.cursor]?.label ?? null,
      unsaved: Math.abs(this.cursor - this.savedAt),
    };
  }

  entries(start: number, count: number): HistoryEntry[] {
    return this.steps.slice(start, start + count).map((s, k) => ({
      index: start + k + 1,
      label: s.label,
      at: s.at,
      actor: "you",
      items: s.rows.length,
      sample: [...s.rows.slice(0, 4)],
      checkpoint: s.checkpoint,
      saved: this.savedAt === start + k + 1 && this.savedAt > 0,
    }));
  }

  #need(id: string): ClusterInfo {
    const c = this.clusters.get(id);
    if (!c)
      throw new KernelError(
        "missing",
        `There is no cluster ${id}.`,
        "It may have been merged; look in the history.",
      );
    return c;
  }

  #free(name: string, but?: string): void {
    for (const c of this.clusters.values()) {
      if (c.id !== but && c.name.toLowerCase() === name.toLowerCase()) {
        throw new KernelError(
          "name_taken",
          `The name ${name} is taken.`,
          "Merge into it, or choose another name.",
        );
      }
    }
    if (/[/\\\0]/.test(name))
      throw new KernelError("name_refused", `${name} cannot be a folder.`, "Leave out / and \\.");
  }

  /** Carry out a command: new codes for some rows, new rows of the cluster table. */
  edit(command: Command, buffers: readonly Uint8Array[]): Outcome {
    const { codes } = this.review;
    const table = new Map<string, ClusterInfo | null>();
    const put = (c: ClusterInfo, patch: Partial<ClusterInfo> = {}) => table.set(c.id, { ...c, ...patch });
    let rows: Uint32Array = new Uint32Array(0);
    let to: number | ((row: number) => number) = -1;
    let label = "";
    let cluster: string | null = null;
    const make = (name: string): ClusterInfo => {
      this.#free(name);
      const code = this.#nextCode++;
      cluster = `c${code}`;
      const fresh = { description: "", tags: [], size: 0, cover: null, reviewed: false, cohesion: null };
      return { id: cluster, code, kind: "cluster", name, color: code, ...fresh };
    };
    switch (command.type) {
      case "move_items": {
        rows = decodeItemSet(command.items, buffers);
        const target = this.#need(command.to);
        to = target.code;
        cluster = target.id;
        label = `Moved ${rows.length} to ${target.name}`;
        break;
      }
      case "merge_clusters": {
        const all = command.clusters.map((id) => this.#need(id));
        const into = command.into ? this.#need(command.into) : [...all].sort((a, b) => b.size - a.size)[0];
        if (!into || all.length < 2)
          throw new KernelError("bad_input", "Two clusters make a merge.", "Choose another.");
        this.#free(command.name, all.find((c) => c.name.toLowerCase() === command.name.toLowerCase())?.id);
        const gone = all.filter((c) => c.id !== into.id);
        const goneCodes = new Set(gone.map((c) => c.code));
        rows = this.#rowsWhere((c) => goneCodes.has(c));
        to = into.code;
        for (const c of gone) table.set(c.id, null);
        put(into, { name: command.name });
        cluster = into.id;
        label = `Merged ${all.length} clusters into ${command.name}`;
        break;
      }
      case "split_cluster": {
        rows = decodeItemSet(command.items, buffers);
        const fresh = make(command.name);
        put(fresh);
        to = fresh.code;
        label = `Split ${rows.length} off into ${command.name}`;
        break;
      }
      case "assign_items": {
        const targets = new Map<number, number>();
        const all: number[] = [];
        for (const part of command.parts) {
          const target = part.to ? this.#need(part.to) : make(part.name ?? "");
          if (!part.to) put(target);
          for (const row of decodeItemSet(part.items, buffers)) {
            targets.set(row, target.code);
            all.push(row);
          }
        }
        rows = Uint32Array.from(all).sort();
        to = (row) => targets.get(row) ?? -1;
        label = command.label || `Sorted ${rows.length} into ${command.parts.length} clusters`;
        break;
      }
      case "rename_cluster": {
        const c = this.#need(command.cluster);
        this.#free(command.name, c.id);
        put(c, { name: command.name });
        label = `Renamed ${c.name} to ${command.name}`;
        cluster = c.id;
        break;
      }
      case "describe_cluster":
        put(this.#need(command.cluster), { description: command.description });
        label = `Described ${this.#need(command.cluster).name}`;
        break;
      case "tag_clusters":
        for (const id of command.clusters) {
          const c = this.#need(id);
          const gone = new Set(command.remove ?? []);
          put(c, { tags: [...new Set([...c.tags, ...(command.add ?? [])])].filter((t) => !gone.has(t)) });
        }
        label = `Tagged ${command.clusters.length} clusters`;
        break;
      case "create_cluster":
        put(make(command.name));
        label = `Created ${command.name}`;
        break;
      case "delete_cluster": {
        const c = this.#need(command.cluster);
        rows = this.#rowsWhere((code) => code === c.code);
        table.set(c.id, null);
        label = `Deleted ${c.name}; its items are in noise`;
        break;
      }
      case "set_cover":
        put(this.#need(command.cluster), { cover: command.row });
        label = `Chose a cover for ${this.#need(command.cluster).name}`;
        break;
      case "mark_reviewed":
        for (const id of command.clusters) put(this.#need(id), { reviewed: command.reviewed });
        label = `Marked ${command.clusters.length === 1 ? this.#need(command.clusters[0] ?? "").name : `${command.clusters.length} clusters`} as ${command.reviewed ? "reviewed" : "not reviewed"}`;
        break;
      case "trash_items":
        rows = decodeItemSet(command.items, buffers);
        for (const row of rows) this.#trashedFrom.set(row, codes[row] as number);
        to = -2;
        label = `Put ${rows.length} into the trash`;
        break;
      case "restore_items":
        rows = decodeItemSet(command.items, buffers);
        to = (row) => this.#trashedFrom.get(row) ?? -1;
        label = `Restored ${rows.length}`;
        break;
      case "tag_items":
        label = `Tagged ${command.items.count} items`;
        break;
      case "caption_items":
        label = `Captioned ${command.items.count} items`;
        break;
      default:
        command satisfies never;
    }
    const before = Int32Array.from(rows, (r) => codes[r] as number);
    const after = Int32Array.from(rows, (r) => (typeof to === "number" ? to : to(r)));
    this.#resize(table, before, -1);
    this.#resize(table, after, +1);
    const clustersBefore = new Map(
      [...table.keys()].map((id) => [id, this.clusters.get(id) ?? null] as const),
    );
    const at = new Date().toISOString();
    this.steps.length = this.cursor;
    this.steps.push({
      label,
      at,
      rows,
      before,
      after,
      clustersBefore,
      clustersAfter: table,
      checkpoint: null,
    });
    return { ...this.#apply("do", label, rows, after, table, this.cursor + 1), cluster };
  }

  #rowsWhere(test: (code: number) => boolean): Uint32Array {
    const out: number[] = [];
    const { codes } = this.review;
    for (let i = 0; i < codes.length; i++) if (test(codes[i] as number)) out.push(i);
    return Uint32Array.from(out);
  }

  #resize(table: Map<string, ClusterInfo | null>, codes: Int32Array, by: number): void {
    const counts = new Map<number, number>();
    for (const c of codes) counts.set(c, (counts.get(c) ?? 0) + by);
    for (const [code, delta] of counts) {
      const id =
        [...table.values()].find((c) => c?.code === code)?.id ??
        [...this.clusters.values()].find((c) => c.code === code)?.id;
      if (id === undefined || table.get(id) === null) continue;
      const now = table.get(id) ?? this.#need(id);
      table.set(id, { ...now, size: now.size + delta, cohesion: null });
    }
  }

  #apply(
    action: Changed["action"],
    label: string,
    rows: Uint32Array,
    to: Int32Array,
    table: Map<string, ClusterInfo | null>,
    cursor: number,
  ): Outcome {
    const { codes } = this.review;
    const byCode = new Map<number, number[]>();
    rows.forEach((row, k) => {
      const code = to[k] as number;
      codes[row] = code;
      const list = byCode.get(code);
      if (list) list.push(row);
      else byCode.set(code, [row]);
    });
    for (const [id, c] of table) {
      if (c) this.clusters.set(id, c);
      else this.clusters.delete(id);
    }
    for (const [id, c] of table) {
      if (c && c.cover === null && c.size > 0) {
        const cover = codes.indexOf(c.code);
        const fixed = { ...c, cover: cover < 0 ? null : cover };
        table.set(id, fixed);
        this.clusters.set(id, fixed);
      }
    }
    const buffers: Uint8Array[] = [];
    const moved = [...byCode].map(([code, list]) => ({
      to: code,
      items: encodeItemSet(Uint32Array.from(list).sort(), buffers),
    }));
    const fromRevision = this.revision++;
    this.cursor = cursor;
    const changed: Changed = {
      kind: "changed",
      fromRevision,
      action,
      label,
      actor: "you",
      moved,
      clusters: [...table.values()].filter((c) => c !== null),
      removed: [...table].filter(([, c]) => c === null).map(([id]) => id),
      staleColumns: [],
      history: this.historyState(),
    };
    return { changed, buffers, label, cluster: null };
  }

  /** Go to a point of the history, one reversed or repeated step after the other; one change for all. */
  go(cursor: number, action: "undo" | "redo" | "jump"): Outcome {
    if (cursor < 0 || cursor > this.steps.length) {
      throw new KernelError("not_allowed", `Nothing to ${action}.`, "");
    }
    const now = new Map<number, number>();
    const table = new Map<string, ClusterInfo | null>();
    const forward = cursor > this.cursor;
    const path = forward
      ? this.steps.slice(this.cursor, cursor)
      : this.steps.slice(cursor, this.cursor).reverse();
    for (const s of path) {
      const target = forward ? s.after : s.before;
      s.rows.forEach((row, k) => {
        now.set(row, target[k] as number);
      });
      for (const [id, c] of forward ? s.clustersAfter : s.clustersBefore) table.set(id, c);
    }
    const rows = Uint32Array.from(now.keys()).sort();
    const to = Int32Array.from(rows, (r) => now.get(r) as number);
    const label =
      action === "jump"
        ? `Went to point ${cursor} of the history`
        : `${action === "undo" ? "Undid" : "Redid"}: ${path[0]?.label ?? ""}`;
    return this.#apply(action, label, rows, to, table, cursor);
  }

  checkpoint(name: string): Outcome {
    const step = this.steps[this.cursor - 1];
    if (!step) throw new KernelError("not_allowed", "There is no edit to name yet.", "Make an edit first.");
    step.checkpoint = name;
    return this.#apply(
      "checkpoint",
      `Checkpoint ${name}`,
      new Uint32Array(0),
      new Int32Array(0),
      new Map(),
      this.cursor,
    );
  }

  planRows(): PlanRow[] {
    const counts = new Map<string, number>();
    const { codes } = this.review;
    for (let i = 0; i < codes.length; i++) {
      if (codes[i] !== this.#savedCodes[i]) {
        const key = `${this.#savedCodes[i]}>${codes[i]}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    const nameOf = (code: number) =>
      [...this.clusters.values()].find((c) => c.code === code)?.name ?? `character_${code}`;
    return [...counts].map(([key, files]) => {
      const [from, to] = key.split(">").map(Number) as [number, number];
      const what = to === -1 ? "to noise" : to === -2 ? "trash" : "move";
      return { what, source: nameOf(from), target: nameOf(to), files, sidecars: files > 5 ? files : 0 };
    });
  }

  saved(): Outcome {
    this.#savedCodes.set(this.review.codes);
    this.savedAt = this.cursor;
    return this.#apply("save", "Saved", new Uint32Array(0), new Int32Array(0), new Map(), this.cursor);
  }
}
