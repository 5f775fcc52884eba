/** Messages over the comm of an anywidget model. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { toSnake } from "./camel";
import type { Buffer } from "./codec";
import {
  type AnswerTo,
  type Event,
  KernelError,
  type RequestPayload,
  readEvent,
  readReply,
  VERSION,
} from "./messages";
import type { Answer, Status, Transport } from "./transport";

/** What is used of an anywidget model. */
export interface CommModel {
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBufferView[]): void;
  on(name: string, callback: (...args: unknown[]) => void): void;
  off(name: string, callback: (...args: unknown[]) => void): void;
}

interface Pending {
  content: unknown;
  buffers: Uint8Array[];
  since: number;
  long: boolean;
  resolve(answer: { reply: unknown; revision: number; buffers: readonly Buffer[] }): void;
  reject(error: unknown): void;
}

const BUSY_MS = 2_500;
const SILENT_MS = 10_000;
const TICK_MS = 1_000;

export class AnywidgetTransport implements Transport {
  readonly #status = signal<Status>("connecting");
  readonly status: ReadonlySignal<Status> = this.#status;
  readonly #prefix = Math.random().toString(36).slice(2, 10);
  readonly #pending = new Map<string, Pending>();
  readonly #listeners = new Set<(event: Event, buffers: readonly Buffer[]) => void>();
  readonly #timer: ReturnType<typeof setInterval>;
  #count = 0;
  #heard = Date.now();

  constructor(readonly model: CommModel) {
    model.on("msg:custom", this.#receive);
    model.on("comm_live_update", this.#probe);
    model.on("comm:close", this.#lose);
    this.#timer = setInterval(this.#watch, TICK_MS);
  }

  send<P extends RequestPayload>(payload: P, buffers: Uint8Array[] = [], base?: number): Promise<Answer<P>> {
    const id = `${this.#prefix}-${++this.#count}`;
    const content = toSnake({ v: VERSION, id, base: base ?? null, payload });
    const long = payload.kind === "save" || payload.kind === "get_plan" || payload.kind === "get_split";
    return new Promise<Answer<P>>((resolve, reject) => {
      this.#pending.set(id, {
        content,
        buffers,
        since: Date.now(),
        long,
        resolve: ({ reply, ...rest }) => resolve({ reply: reply as AnswerTo<P>, ...rest }),
        reject,
      });
      this.#post(content, buffers);
    });
  }

  onEvent(listener: (event: Event, buffers: readonly Buffer[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  owns(id: string | null | undefined): boolean {
    return typeof id === "string" && id.startsWith(`${this.#prefix}-`);
  }

  /** Send again what has no answer yet; the kernel gives a repeated id the same reply. */
  resend(): void {
    for (const { content, buffers } of this.#pending.values()) this.#post(content, buffers);
  }

  close(): void {
    clearInterval(this.#timer);
    this.model.off("msg:custom", this.#receive);
    this.model.off("comm_live_update", this.#probe);
    this.model.off("comm:close", this.#lose);
    this.#pending.clear();
    this.#listeners.clear();
  }

  #post(content: unknown, buffers: Uint8Array[]): void {
    try {
      this.model.send(content, undefined, buffers);
    } catch (error) {
      console.warn("shoal: the channel to the kernel is closed.", error);
      this.#lose();
    }
  }

  readonly #receive = (...args: unknown[]): void => {
    const buffers = (args[1] ?? []) as readonly Buffer[];
    const event = readEvent(args[0]);
    const reply = event ? null : readReply(args[0]);
    if (!event && !reply) return;
    this.#heard = Date.now();
    this.#status.value = "connected";
    if (event) for (const listener of this.#listeners) listener(event, buffers);
    if (!reply) return;
    const pending = this.#pending.get(reply.id);
    if (!pending) return; // another view's reply, or a repeated one
    this.#pending.delete(reply.id);
    if (reply.ok) {
      pending.resolve({ reply: reply.payload, revision: reply.revision, buffers });
    } else {
      const { code, message, hint } = reply.error ?? {
        code: "error",
        message: "The kernel gave no reason.",
        hint: "",
      };
      pending.reject(new KernelError(code, message, hint));
    }
  };

  readonly #watch = (): void => {
    if (this.#status.value === "lost") return;
    let oldest = Number.POSITIVE_INFINITY;
    for (const p of this.#pending.values()) if (!p.long) oldest = Math.min(oldest, p.since);
    const waiting = Date.now() - Math.max(oldest, this.#heard);
    if (!Number.isFinite(oldest) || waiting < BUSY_MS) {
      if (this.#status.value !== "connecting" || this.#pending.size === 0) this.#status.value = "connected";
    } else {
      this.#status.value = waiting < SILENT_MS ? "busy" : "silent";
    }
  };

  readonly #probe = (): void => {
    // The manager says that the comm came or went. A dead one throws when something is sent through it.
    this.#status.value = "connecting";
    this.resend();
    if (this.#pending.size === 0 && this.#status.peek() === "connecting") {
      this.send({ kind: "hello" }).catch((error: unknown) =>
        console.warn("shoal: no answer to a probe.", error),
      );
    }
  };

  readonly #lose = (): void => {
    this.#status.value = "lost";
  };
}
