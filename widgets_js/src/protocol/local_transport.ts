/** A transport whose kernel lives in the page. Messages pass through the wire's form both ways, so guards and names are used. */
import { signal } from "@preact/signals";
import { toSnake } from "./camel";
import { type Buffer, decodeArray, decodeItemSet } from "./codec";
import type { FakeKernel, Outcome } from "./fake/fake_kernel";
import { pastOf } from "./fake/past";
import {
  type AnswerTo,
  type Event,
  FRAME_BYTES,
  type ItemInfo,
  KernelError,
  type ReplyPayload,
  type RequestPayload,
  readEvent,
  readReply,
  type Thumb,
  VERSION,
} from "./messages";
import type { Answer, Status, Transport } from "./transport";

type Shared =
  | "get_array"
  | "edit"
  | "undo"
  | "redo"
  | "jump"
  | "checkpoint"
  | "get_history"
  | "get_thumbs"
  | "get_info"
  | "get_past"
  | "get_values"
  | "set_selection"
  | "ask_queue"
  | "answer_queue"
  | "skip_queue"
  | "set_queue"
  | "get_auto_moves"
  | "run_auto_move";
/** Requests that each kind of page answers in its own way. */
export type OwnPayload = Exclude<RequestPayload, { kind: Shared }>;

export interface LocalColumn {
  values: Int32Array | Float32Array;
  dtype: "int32" | "float32";
  /** Values per item. */
  per: number;
}

export abstract class LocalTransport<K extends FakeKernel> implements Transport {
  readonly status = signal<Status>("connected");
  abstract readonly kernel: K;
  /** All requests, for tests. */
  readonly log: RequestPayload[] = [];
  readonly #prefix: string;
  readonly #listeners = new Set<(event: Event, buffers: readonly Buffer[]) => void>();
  #count = 0;

  /** `prefix`: of the ids of its requests. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  protected abstract answer(
    p: OwnPayload,
    out: Uint8Array[],
    id: string,
  ): ReplyPayload | Promise<ReplyPayload>;
  /** A column by its name, or null where there is none. */
  protected abstract column(name: string): LocalColumn | null;
  protected abstract thumb(row: number, side: number, out: Uint8Array[]): Thumb;
  protected abstract info(row: number): ItemInfo;
  /** What passes before a request is looked at. */
  protected abstract wait(): Promise<void>;

  owns(id: string | null | undefined): boolean {
    return typeof id === "string" && id.startsWith(`${this.#prefix}-`);
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
    this.log.push(payload);
    const id = `${this.#prefix}-${++this.#count}`;
    await this.wait();
    const out: Uint8Array[] = [];
    const answer = await this.#answer(payload, buffers, out, base, id);
    const wire = { v: VERSION, type: "reply", id, ok: true, revision: this.kernel.revision };
    const reply = readReply({ ...wire, payload: toSnake(answer) });
    if (!reply?.payload) throw new Error(`The page's reply to ${payload.kind} is not one.`);
    return { reply: reply.payload as AnswerTo<P>, revision: reply.revision, buffers: out };
  }

  /** Let an event reach all views. */
  emit(payload: Event["payload"], buffers: Uint8Array[] = [], source: string | null = null): void {
    const wire = { v: VERSION, type: "event", revision: this.kernel.revision, source };
    const event = readEvent({ ...wire, payload: toSnake(payload) });
    if (!event) throw new Error(`The page's event ${payload.kind} is not one.`);
    for (const listener of this.#listeners) listener(event, buffers);
  }

  protected done(outcome: Outcome, source: string): ReplyPayload {
    this.emit(outcome.changed, outcome.buffers, source);
    return { kind: "done", label: outcome.label, cluster: outcome.cluster };
  }

  #answer(
    p: RequestPayload,
    sent: Uint8Array[],
    out: Uint8Array[],
    base: number | undefined,
    id: string,
  ): ReplyPayload | Promise<ReplyPayload> {
    const { kernel } = this;
    switch (p.kind) {
      case "get_array":
        return this.#array(p.name, p.start, p.count, out);
      case "edit":
        if (base !== kernel.revision) {
          throw new KernelError(
            "conflict",
            "The review changed meanwhile; nothing was done.",
            "Look again, then repeat it.",
          );
        }
        return this.done(kernel.edit(p.command, sent), id);
      case "undo":
        return this.done(kernel.go(kernel.cursor - 1, "undo"), id);
      case "redo":
        return this.done(kernel.go(kernel.cursor + 1, "redo"), id);
      case "jump":
        return this.done(kernel.go(p.cursor, "jump"), id);
      case "checkpoint":
        return this.done(kernel.checkpoint(p.name), id);
      case "get_history":
        return { kind: "history", start: p.start, entries: kernel.entries(p.start, p.count) };
      case "get_past":
        return pastOf(kernel, p.cursor, out);
      case "get_thumbs": {
        const rows = decodeArray(p.rows, sent) as Uint32Array;
        return { kind: "thumbs", thumbs: [...rows].map((row) => this.thumb(row, p.side, out)) };
      }
      case "get_info": {
        const rows = decodeArray(p.rows, sent) as Uint32Array;
        return { kind: "info", items: [...rows].map((row) => this.info(row)) };
      }
      case "get_values":
        return this.#values(p.name, p.cluster, out);
      case "set_selection":
        kernel.selection = decodeItemSet(p.items, sent);
        return { kind: "ok" };
      case "ask_queue":
      case "answer_queue":
      case "skip_queue":
      case "set_queue":
      case "get_auto_moves":
      case "run_auto_move":
        throw new KernelError("not_allowed", "The queue needs a kernel.", "Open it in a notebook.");
      default:
        return this.answer(p, out, id);
    }
  }

  #column(name: string): LocalColumn {
    const column = this.column(name);
    if (!column) throw new KernelError("missing", `There is no column ${name}.`, "");
    return column;
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
}
