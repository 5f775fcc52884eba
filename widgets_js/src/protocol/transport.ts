/** How a view talks to its kernel, whatever carries the messages. */
import type { ReadonlySignal } from "@preact/signals";
import type { Buffer } from "./codec";
import type { AnswerTo, Event, RequestPayload } from "./messages";

/** `busy`: a request waits longer than usual. `silent`: very long. `lost`: the channel is closed. */
export type Status = "connecting" | "connected" | "busy" | "silent" | "lost";

export interface Answer<P extends RequestPayload> {
  reply: AnswerTo<P>;
  revision: number;
  buffers: readonly Buffer[];
}

export interface Transport {
  /** Resolves with the reply; rejects with a `KernelError` when the kernel says no. Never rejects because time passed. */
  send<P extends RequestPayload>(payload: P, buffers?: Uint8Array[], base?: number): Promise<Answer<P>>;
  /** Events of the kernel, in their order. Returns the way to stop listening. */
  onEvent(listener: (event: Event, buffers: readonly Buffer[]) => void): () => void;
  /** True for the id of a request that this very transport sent. */
  owns(id: string | null | undefined): boolean;
  readonly status: ReadonlySignal<Status>;
  /** There is no folder behind it: a save hands out a file of changes. */
  readonly exportsFile?: boolean;
  close(): void;
}
