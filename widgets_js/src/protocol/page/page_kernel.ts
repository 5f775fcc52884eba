/** The review of a stand-alone page: the in-page kernel on real items, with their tags and captions, and an export. */
import { decodeItemSet } from "../codec";
import { FakeKernel, type Outcome } from "../fake/fake_kernel";
import type { FakeReview } from "../fake/make_review";
import type { ClusterInfo, Command } from "../messages";
import { type PageData, valuesOf } from "./page_data";

type Step = FakeKernel["steps"][number];
/** Value of an item before and after; null for none. */
type Note = [row: number, before: string[] | string | null, after: string[] | string | null];

interface Extra {
  command: Command["type"];
  column: "tags" | "caption" | null;
  notes: Note[];
}

interface Facts {
  name: string;
  description: string;
  color: number;
  cover: string | null;
  reviewed: boolean;
  tags: string[];
}

/** One edit by ids and names, as `shoal.apply_changes` reads it. */
export interface PortableAction {
  label: string;
  timestamp: string;
  change: {
    items?: { from: string; to: string; ids: string[] }[];
    clusters?: { added?: Facts[]; updated?: [Facts, Facts][]; removed?: Facts[] };
    notes?: Record<string, [string, string[] | string | null, string[] | string | null][]>;
  };
}

function reviewOf(data: PageData): FakeReview {
  const n = data.ids.length;
  const found = new Map(data.columns.map((c) => [c.name, valuesOf(c)]));
  const floats = (name: string) => (found.get(name) as Float32Array | undefined) ?? new Float32Array(n);
  return {
    n,
    codes: (found.get("codes") as Int32Array | undefined) ?? new Int32Array(n).fill(-1),
    xy: (found.get("xy") as Float32Array | undefined) ?? new Float32Array(2 * n),
    truth: new Int32Array(n),
    similarity: floats("similarity"),
    outlier: floats("outlier"),
    times: floats("time_s"),
    sharpness: floats("sharpness"),
    probability: floats("probability"),
    clusters: data.clusters.map((c) => ({ ...c })),
  };
}

export class PageKernel extends FakeKernel {
  readonly tags = new Map<number, string[]>();
  readonly captions = new Map<number, string>();
  readonly #extra = new WeakMap<Step, Extra>();
  readonly #names = new Map<number, string>();

  constructor(readonly data: PageData) {
    super(reviewOf(data));
    for (const c of data.clusters)
      this.#names.set(c.code, c.id === "noise" || c.id === "trash" ? c.id : c.name);
    for (const [row, tags] of Object.entries(data.tags)) this.tags.set(Number(row), tags);
    for (const [row, text] of Object.entries(data.captions)) this.captions.set(Number(row), text);
  }

  override edit(command: Command, buffers: readonly Uint8Array[]): Outcome {
    const outcome = super.edit(command, buffers);
    const step = this.steps[this.cursor - 1];
    if (step) {
      const extra: Extra = { command: command.type, column: null, notes: [] };
      if (command.type === "tag_items") {
        const gone = new Set(command.remove ?? []);
        extra.column = "tags";
        for (const row of decodeItemSet(command.items, buffers)) {
          const before = this.tags.get(row) ?? [];
          const all = new Set([...before, ...(command.add ?? [])]);
          const after = [...all].filter((tag) => !gone.has(tag)).sort();
          extra.notes.push([row, before.length > 0 ? before : null, after.length > 0 ? after : null]);
        }
      } else if (command.type === "caption_items") {
        extra.column = "caption";
        for (const row of decodeItemSet(command.items, buffers))
          extra.notes.push([row, this.captions.get(row) ?? null, command.caption.trim() || null]);
      }
      this.#extra.set(step, extra);
      this.#note(step, true);
    }
    return outcome;
  }

  override go(cursor: number, action: "undo" | "redo" | "jump"): Outcome {
    const from = this.cursor;
    const outcome = super.go(cursor, action);
    const path = this.steps.slice(Math.min(from, cursor), Math.max(from, cursor));
    for (const step of cursor > from ? path : path.reverse()) this.#note(step, cursor > from);
    return outcome;
  }

  #note(step: Step, forward: boolean): void {
    const extra = this.#extra.get(step);
    for (const [row, before, after] of extra?.notes ?? []) {
      const value = forward ? after : before;
      if (extra?.column === "tags") this.tags.set(row, (value as string[] | null) ?? []);
      else this.captions.set(row, (value as string | null) ?? "");
    }
  }

  /** The edits in force, from the page's beginning. */
  actions(): PortableAction[] {
    const names = new Map(this.#names);
    return this.steps.slice(0, this.cursor).map((step) => this.#portable(step, names));
  }

  #true(name: string): string {
    return this.data.trueNames[name] ?? name;
  }

  #portable(step: Step, names: Map<number, string>): PortableAction {
    const before = new Map(names);
    for (const [, c] of step.clustersAfter) if (c && c.kind === "cluster") names.set(c.code, c.name);
    const groups = new Map<string, { from: string; to: string; ids: string[] }>();
    step.rows.forEach((row, k) => {
      const [a, b] = [step.before[k] as number, step.after[k] as number];
      if (a === b) return;
      const from = this.#true(before.get(a) ?? String(a));
      const to = this.#true(names.get(b) ?? String(b));
      const key = `${a}>${b}`;
      const group = groups.get(key) ?? { from, to, ids: [] };
      group.ids.push(this.data.ids[row] as string);
      groups.set(key, group);
    });
    const action: PortableAction = { label: step.label, timestamp: step.at, change: {} };
    if (groups.size > 0) action.change.items = [...groups.values()];
    this.#putClusters(step, action);
    const extra = this.#extra.get(step);
    if (extra?.column && extra.notes.length > 0)
      action.change.notes = {
        [extra.column]: extra.notes.map(([row, a, b]) => [this.data.ids[row] as string, a, b]),
      };
    return action;
  }

  #putClusters(step: Step, action: PortableAction): void {
    const covers = this.#extra.get(step)?.command === "set_cover";
    const added: Facts[] = [];
    const updated: [Facts, Facts][] = [];
    const removed: Facts[] = [];
    for (const [id, after] of step.clustersAfter) {
      const before = step.clustersBefore.get(id) ?? null;
      if ((after ?? before)?.kind !== "cluster") continue;
      if (before === null && after) added.push(this.#facts(after, false));
      else if (before && after === null) removed.push(this.#facts(before, false));
      else if (before && after) {
        // A cover that nobody chose is the view's own choice, and no edit.
        const pair: [Facts, Facts] = [this.#facts(before, false), this.#facts(after, covers)];
        if (JSON.stringify(pair[0]) !== JSON.stringify(pair[1])) updated.push(pair);
      }
    }
    const parts: NonNullable<PortableAction["change"]["clusters"]> = {};
    if (added.length > 0) parts.added = added;
    if (updated.length > 0) parts.updated = updated;
    if (removed.length > 0) parts.removed = removed;
    if (Object.keys(parts).length > 0) action.change.clusters = parts;
  }

  #facts(c: ClusterInfo, cover: boolean): Facts {
    return {
      name: this.#true(c.name),
      description: c.description,
      color: c.color,
      cover: cover && c.cover !== null ? (this.data.ids[c.cover] ?? null) : null,
      reviewed: c.reviewed,
      tags: [...c.tags],
    };
  }
}
