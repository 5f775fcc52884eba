/**
 * Thumbnails on demand: what is wanted is asked for in batches, what is no longer wanted is dropped from the queue or called
 * off in the kernel, and a bounded number of object URLs is kept.
 */
import { Lru } from "../lib/lru";
import { bytesOf, encodeRows } from "../protocol/codec";
import type { Thumb } from "../protocol/messages";
import type { Transport } from "../protocol/transport";

export interface Picture {
  /** Object URL, or null when there is no picture. */
  url: string | null;
  /** Why there is none. */
  reason: string | null;
}

type Listener = (picture: Picture) => void;

interface Wanted {
  row: number;
  side: number;
  listeners: Set<Listener>;
  /** The request that it is in. */
  batch: Batch | null;
  ahead: boolean;
}

/** One request under way. */
interface Batch {
  readonly ticket: string;
  readonly items: Wanted[];
  calledOff: boolean;
}

/** Sides that are asked for, px; few, so that a change of size often finds what it needs. */
export const SIDES = [96, 192, 384, 512] as const;
const BATCH = 48;
const IN_FLIGHT = 3;
const KEEP = 3_000;

export function sideFor(px: number): number {
  return SIDES.find((s) => s >= px) ?? (SIDES[SIDES.length - 1] as number);
}

/** URL of bytes that the kernel sent as a picture; anything but an image is refused. */
export function pictureUrl(bytes: Uint8Array<ArrayBuffer>, mediaType: string): string {
  if (!/^image\/[\w.+-]+$/.test(mediaType)) throw new Error(`${mediaType} is not a picture.`);
  return URL.createObjectURL(new Blob([bytes], { type: mediaType }));
}

export class Thumbs {
  readonly #have: Lru<number, Picture>;
  readonly #wanted = new Map<number, Wanted>();
  readonly #users = new Map<number, number>();
  readonly #batches = new Set<Batch>();
  #tickets = 0;
  /** Tickets of several views of one kernel differ. */
  readonly #name = Math.random().toString(36).slice(2, 10);
  #scheduled = false;
  #epoch = 0;

  constructor(
    readonly transport: Transport,
    readonly onError: (error: unknown) => void,
    keep: number = KEEP,
  ) {
    this.#have = new Lru(keep, (picture, key) => {
      if (this.#users.has(key)) return false;
      if (picture.url) URL.revokeObjectURL(picture.url);
      return true;
    });
  }

  #key(row: number, side: number): number {
    return row * SIDES.length + SIDES.indexOf(side as (typeof SIDES)[number]);
  }

  /** What is here already: of this side, else of any other (to stand in until the right one comes). */
  peek(row: number, side: number): Picture | undefined {
    const exact = this.#have.get(this.#key(row, side));
    if (exact) return exact;
    for (let k = SIDES.length - 1; k >= 0; k--) {
      const other = this.#have.get(row * SIDES.length + k);
      if (other) return other;
    }
    return undefined;
  }

  /** Ask for a thumbnail of one of `SIDES`; `listener` is called at once or later. Call the result when it is out of sight. */
  want(row: number, side: number, listener: Listener): () => void {
    const key = this.#key(row, side);
    this.#users.set(key, (this.#users.get(key) ?? 0) + 1);
    const have = this.#have.get(key);
    let wanted: Wanted | undefined;
    if (have) {
      listener(have);
    } else {
      wanted = this.#wanted.get(key);
      if (!wanted) {
        wanted = { row, side, listeners: new Set(), batch: null, ahead: false };
        this.#wanted.set(key, wanted);
      }
      wanted.ahead = false;
      wanted.listeners.add(listener);
      this.#schedule();
    }
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      const users = (this.#users.get(key) ?? 1) - 1;
      if (users > 0) this.#users.set(key, users);
      else this.#users.delete(key);
      const waiting = this.#wanted.get(key);
      waiting?.listeners.delete(listener);
      if (!waiting || waiting.listeners.size > 0 || waiting.ahead) return;
      if (waiting.batch) this.#callOff(waiting.batch);
      else this.#wanted.delete(key);
    };
  }

  /** Nobody looks at any of a batch now: the kernel need not go on with it. */
  #callOff(batch: Batch): void {
    if (batch.calledOff || batch.items.some((w) => w.listeners.size > 0 || w.ahead)) return;
    batch.calledOff = true;
    this.transport.send({ kind: "cancel", task: batch.ticket }).catch(this.onError);
  }

  /** Look ahead: fetch these when nothing in sight is missing. Replaces the former list. */
  lookAhead(rows: Uint32Array, side: number): void {
    const still = new Set<number>();
    for (const row of rows) still.add(this.#key(row, side));
    for (const [key, w] of this.#wanted) {
      if (!w.ahead || still.has(key)) continue;
      w.ahead = false;
      if (!w.batch && w.listeners.size === 0) this.#wanted.delete(key);
    }
    for (const batch of this.#batches) this.#callOff(batch);
    for (const row of rows) {
      const key = this.#key(row, side);
      if (this.#have.get(key) || this.#wanted.has(key)) continue;
      this.#wanted.set(key, { row, side, listeners: new Set(), batch: null, ahead: true });
    }
    this.#schedule();
  }

  /** Nothing that is in sight is missing. */
  get settled(): boolean {
    for (const w of this.#wanted.values()) if (w.listeners.size > 0) return false;
    return true;
  }

  /** Forget everything (another session). */
  clear(): void {
    this.#epoch++;
    this.#users.clear();
    this.#wanted.clear();
    this.#have.clear();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => {
      this.#scheduled = false;
      this.#send();
    }, 0);
  }

  #nextBatch(): Wanted[] {
    const batch: Wanted[] = [];
    for (const ahead of [false, true]) {
      for (const w of this.#wanted.values()) {
        if (batch.length >= BATCH) break;
        if (w.batch || w.ahead !== ahead) continue;
        if (batch.length > 0 && w.side !== (batch[0] as Wanted).side) continue;
        batch.push(w);
      }
      if (batch.length > 0) break;
    }
    return batch;
  }

  #send(): void {
    while (this.#batches.size < IN_FLIGHT) {
      const items = this.#nextBatch();
      const first = items[0];
      if (!first || (first.ahead && this.#batches.size > 0)) return;
      const batch: Batch = { ticket: `${this.#name}-${++this.#tickets}`, items, calledOff: false };
      for (const w of items) w.batch = batch;
      this.#batches.add(batch);
      this.#fetch(batch, first.side, this.#epoch)
        .catch(this.onError)
        .finally(() => {
          this.#batches.delete(batch);
          this.#schedule();
        });
    }
  }

  async #fetch(batch: Batch, side: number, epoch: number): Promise<void> {
    const { items, ticket } = batch;
    const rows = Uint32Array.from(items, (w) => w.row);
    const came = new Map<number, Thumb>();
    const pictures = new Map<number, Picture>();
    try {
      const sent: Uint8Array[] = [];
      const ref = encodeRows(rows, sent);
      const { reply, buffers } = await this.transport.send(
        { kind: "get_thumbs", rows: ref, side, ticket },
        sent,
      );
      if (epoch !== this.#epoch) return;
      for (const thumb of reply.thumbs) {
        came.set(thumb.row, thumb);
        const has = thumb.buffer !== null && thumb.mediaType !== null;
        pictures.set(thumb.row, {
          url: has ? pictureUrl(bytesOf(buffers[thumb.buffer as number]), thumb.mediaType as string) : null,
          reason: has ? null : (thumb.reason ?? "there is no picture"),
        });
      }
    } catch (error) {
      if (epoch !== this.#epoch) return;
      const reason = error instanceof Error ? error.message : String(error);
      for (const w of items) pictures.set(w.row, { url: null, reason });
      this.onError(error);
    }
    const none = pictures.size === 0 && !batch.calledOff;
    for (const w of items) {
      const picture = none ? { url: null, reason: "no picture came" } : pictures.get(w.row);
      w.batch = null;
      if (!picture) continue; // the frame was full, or it was called off: it stays wanted where somebody looks again
      const key = this.#key(w.row, side);
      this.#wanted.delete(key);
      this.#have.set(key, picture);
      for (const listener of w.listeners) listener(picture);
    }
    for (const [key, w] of this.#wanted) {
      if (!w.batch && !w.ahead && w.listeners.size === 0) this.#wanted.delete(key);
    }
  }
}
