/** A transport whose kernel lives in a stand-alone page: no server, no other process; saving hands out a file. */
import { signal } from "@preact/signals";
import { toSnake } from "../camel";
import { type Buffer, decodeArray, decodeItemSet, encodeItemSet } from "../codec";
import type { Outcome } from "../fake/fake_kernel";
import { pastOf } from "../fake/past";
import {
  type AnswerTo,
  type Event,
  FRAME_BYTES,
  KernelError,
  type ReplyPayload,
  type RequestPayload,
  readEvent,
  readReply,
  VERSION,
} from "../messages";
import type { Answer, Status, Transport } from "../transport";
import { bytesFrom, type PageData, valuesOf } from "./page_data";
import { PageKernel } from "./page_kernel";

/** Hand a file to the person. */
export type HandOut = (name: string, text: string) => void;

const NO_VECTORS = "Open the folder in a notebook for that: this page carries pictures, but no vectors.";

export class PageTransport implements Transport {
  readonly status = signal<Status>("connected");
  readonly exportsFile = true;
  readonly kernel: PageKernel;
  readonly #data: PageData;
  readonly #handOut: HandOut;
  readonly #listeners = new Set<(event: Event, buffers: readonly Buffer[]) => void>();
  #count = 0;

  constructor(data: PageData, handOut: HandOut) {
    this.#data = data;
    this.#handOut = handOut;
    this.kernel = new PageKernel(data);
  }

  owns(id: string | null | undefined): boolean {
    return typeof id === "string" && id.startsWith("page-");
  }

  onEvent(listener: (event: Event, buffers: readonly Buffer[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#listeners.clear();
  }

  async send<P extends RequestPayload>(
    payload: P,
    buffers: Uint8Array[] = [],
    base?: number,
  ): Promise<Answer<P>> {
    const id = `page-${++this.#count}`;
    const out: Uint8Array[] = [];
    await Promise.resolve();
    const answer = this.#answer(payload, buffers, out, base, id);
    const wire = { v: VERSION, type: "reply", id, ok: true, revision: this.kernel.revision };
    const reply = readReply({ ...wire, payload: toSnake(answer) });
    if (!reply?.payload) throw new Error(`The page's reply to ${payload.kind} is not one.`);
    return { reply: reply.payload as AnswerTo<P>, revision: reply.revision, buffers: out };
  }

  #done(outcome: Outcome, source: string): ReplyPayload {
    const wire = { v: VERSION, type: "event", revision: this.kernel.revision, source };
    const event = readEvent({ ...wire, payload: toSnake(outcome.changed) });
    if (!event) throw new Error("The page's event is not one.");
    for (const listener of this.#listeners) listener(event, outcome.buffers);
    return { kind: "done", label: outcome.label, cluster: outcome.cluster };
  }

  #answer(
    p: RequestPayload,
    sent: Uint8Array[],
    out: Uint8Array[],
    base: number | undefined,
    id: string,
  ): ReplyPayload {
    const { kernel } = this;
    switch (p.kind) {
      case "hello":
        return this.#hello(out);
      case "get_array":
        return this.#array(p.name, p.start, p.count, out);
      case "edit":
        if (base !== kernel.revision)
          throw new KernelError("conflict", "The review changed meanwhile.", "Look again, then repeat it.");
        return this.#done(kernel.edit(p.command, sent), id);
      case "undo":
        return this.#done(kernel.go(kernel.cursor - 1, "undo"), id);
      case "redo":
        return this.#done(kernel.go(kernel.cursor + 1, "redo"), id);
      case "jump":
        return this.#done(kernel.go(p.cursor, "jump"), id);
      case "checkpoint":
        return this.#done(kernel.checkpoint(p.name), id);
      case "get_history":
        return { kind: "history", start: p.start, entries: kernel.entries(p.start, p.count) };
      case "get_thumbs":
        return {
          kind: "thumbs",
          thumbs: [...(decodeArray(p.rows, sent) as Uint32Array)].map((row) => this.#thumb(row, out)),
        };
      case "get_info":
        return {
          kind: "info",
          items: [...(decodeArray(p.rows, sent) as Uint32Array)].map((row) => this.#info(row)),
        };
      case "get_preview":
        return this.#preview(p.row, out);
      case "get_split":
      case "get_harvest":
      case "get_reclustering":
      case "accept_reclustering":
        throw new KernelError("not_allowed", "This page cannot propose anything.", NO_VECTORS);
      case "get_past":
        return pastOf(kernel, p.cursor, out);
      case "get_film":
        return this.#film(p.row, p.count);
      case "get_values":
        return this.#values(p.name, p.cluster, out);
      case "set_selection":
        kernel.selection = decodeItemSet(p.items, sent);
        return { kind: "ok" };
      case "get_plan":
        return this.#plan();
      case "save":
        return this.#save(id);
      case "ask_queue":
      case "answer_queue":
      case "skip_queue":
      case "set_queue":
      case "get_auto_moves":
      case "run_auto_move":
        throw new KernelError("not_allowed", "The queue needs a kernel.", "Open it in a notebook.");
      case "cancel":
        return { kind: "ok" };
      default:
        return p satisfies never;
    }
  }

  #hello(out: Uint8Array[]): ReplyPayload {
    const { kernel } = this;
    const data = this.#data;
    return {
      kind: "hello",
      session: "page",
      title: data.title,
      root: data.title,
      nItems: kernel.review.n,
      clusters: [...kernel.clusters.values()],
      columns: data.columns.map(({ data: _, ...info }) => info),
      history: kernel.historyState(),
      selection: encodeItemSet(kernel.selection, out),
      broken: data.broken,
      nBroken: data.broken.length,
      secondsSpent: 0,
      readOnly: null,
    };
  }

  #column(name: string): { values: Int32Array | Float32Array; dtype: "int32" | "float32"; per: number } {
    const info = this.#data.columns.find((c) => c.name === name);
    if (!info) throw new KernelError("missing", `There is no column ${name}.`, "");
    const values = name === "codes" ? this.kernel.review.codes : valuesOf(info);
    return { values, dtype: info.dtype === "int32" ? "int32" : "float32", per: info.perItem };
  }

  #array(name: string, start: number, count: number, out: Uint8Array[]): ReplyPayload {
    const { values, dtype, per } = this.#column(name);
    const n = Math.min(count, Math.floor(FRAME_BYTES / (4 * per)), this.kernel.review.n - start);
    const part = values.slice(start * per, (start + n) * per);
    out.push(new Uint8Array(part.buffer as ArrayBuffer));
    return { kind: "array", name, start, array: { dtype, shape: per === 1 ? [n] : [n, per], buffer: 0 } };
  }

  #values(name: string, cluster: string, out: Uint8Array[]): ReplyPayload {
    const { values, dtype } = this.#column(name);
    const code = this.kernel.clusters.get(cluster)?.code;
    if (code === undefined) throw new KernelError("missing", `There is no cluster ${cluster}.`, "");
    const { codes } = this.kernel.review;
    const found = values.filter((_: number, row: number) => codes[row] === code);
    out.push(new Uint8Array(found.buffer as ArrayBuffer));
    return { kind: "values", name, cluster, array: { dtype, shape: [found.length], buffer: 0 } };
  }

  #thumb(row: number, out: Uint8Array[]) {
    const picture = this.#data.pictures[row];
    if (!Array.isArray(picture))
      return { row, mediaType: null, buffer: null, reason: picture?.reason ?? "not in this page" };
    out.push(bytesFrom(picture[1]));
    return { row, mediaType: picture[0], buffer: out.length - 1, reason: null };
  }

  #preview(row: number, out: Uint8Array[]): ReplyPayload {
    const thumb = this.#thumb(row, out);
    if (thumb.mediaType === null) throw new KernelError("bad_input", thumb.reason, "It can still be moved.");
    const [width, height] = this.#data.sizes[row] ?? [0, 0];
    return {
      kind: "preview",
      row,
      mediaType: thumb.mediaType,
      buffer: 0,
      width,
      height,
      info: this.#info(row),
    };
  }

  #info(row: number) {
    const data = this.#data;
    return {
      row,
      id: data.ids[row] ?? "",
      path: data.paths[row] ?? "",
      tags: this.kernel.tags.get(row) ?? [],
      caption: this.kernel.captions.get(row) ?? "",
      facts: data.facts[row] ?? {},
    };
  }

  #film(row: number, count: number): ReplyPayload {
    const times = this.#data.columns.some((c) => c.name === "time_s") ? this.kernel.review.times : null;
    if (!times || Number.isNaN(times[row]))
      throw new KernelError("missing", "Nothing is known of its time.", "");
    const order = [...times.keys()].filter((r) => !Number.isNaN(times[r]));
    order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
    const at = order.indexOf(row);
    const rows = order.slice(Math.max(0, at - count), at + count + 1);
    const column = this.#data.columns.find((c) => c.name === "shot");
    const shots = column ? valuesOf(column) : new Int32Array(times.length).fill(-1);
    const time = (r: number | undefined) => (r === undefined ? 0 : (times[r] as number));
    const shot = shots[row] as number;
    const same = shot < 0 ? [] : order.filter((r) => shots[r] === shot);
    return {
      kind: "film",
      rows,
      times: rows.map(time),
      shots: rows.map((r) => shots[r] as number),
      firstS: time(order[0]),
      lastS: time(order[order.length - 1]),
      shotFirstS: same.length > 0 ? time(same[0]) : null,
      shotLastS: same.length > 0 ? time(same[same.length - 1]) : null,
    };
  }

  #plan(): ReplyPayload {
    const rows = this.kernel.planRows().map((r) => ({ ...r, sidecars: 0 }));
    const nFiles = rows.reduce((n, r) => n + r.files, 0);
    const n = this.kernel.cursor;
    const notes = [
      `This page has no folder. It hands you a file with ${n === 1 ? "the edit" : `all ${n} edits`} made in it; ` +
        "`shoal apply FOLDER FILE` carries them out.",
    ];
    return {
      kind: "plan",
      rows,
      renamed: [],
      nRenamed: 0,
      refusals: [],
      notes,
      nFiles,
      extraBytes: 0,
      files: [],
    };
  }

  #save(id: string): ReplyPayload {
    const actions = this.kernel.actions();
    const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const plain = this.#data.title.replace(/[^A-Za-z0-9_-]+/g, "_") || "review";
    const changesFile = `changes_${plain}_${stamp}.json`;
    const made = { type: "changes", version: 1, folder: this.#data.title, actions };
    this.#handOut(changesFile, JSON.stringify(made, null, 1));
    this.#done(this.kernel.saved(), id);
    return { kind: "saved", save: 0, nFiles: actions.length, changesFile, backup: null, seconds: 0 };
  }
}
