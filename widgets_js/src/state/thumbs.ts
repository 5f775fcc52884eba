/**
 * Thumbnails on demand: what is wanted is asked for in batches, what is no longer wanted is dropped from the queue, and a
 * bounded number of object URLs is kept.
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
  inFlight: boolean;
  ahead: boolean;
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
  #inFlight = 0;
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
        wanted = { row, side, listeners: new Set(), inFlight: false, ahead: false };
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
      if (waiting && waiting.listeners.size === 0 && !waiting.inFlight && !waiting.ahead)
        this.#wanted.delete(key);
    };
  }

  /** Look ahead: fetch these when nothing in sight is missing. Replaces the former list. */
  lookAhead(rows: Uint32Array, side: number): void {
    for (const [key, w] of this.#wanted) {
      if (w.ahead && !w.inFlight && w.listeners.size === 0) this.#wanted.delete(key);
    }
    for (const row of rows) {
      const key = this.#key(row, side);
      if (this.#have.get(key) || this.#wanted.has(key)) continue;
      this.#wanted.set(key, { row, side, listeners: new Set(), inFlight: false, ahead: true });
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
        if (w.inFlight || w.ahead !== ahead) continue;
        if (batch.length > 0 && w.side !== (batch[0] as Wanted).side) continue;
        batch.push(w);
      }
      if (batch.length > 0) break;
    }
    return batch;
  }

  #send(): void {
    while (this.#inFlight < IN_FLIGHT) {
      const batch = this.#nextBatch();
      const first = batch[0];
      if (!first || (first.ahead && this.#inFlight > 0)) return;
      for (const w of batch) w.inFlight = true;
      this.#inFlight++;
      this.#fetch(batch, first.side, this.#epoch)
        .catch(this.onError)
        .finally(() => {
          this.#inFlight--;
          this.#schedule();
        });
    }
  }

  async #fetch(batch: Wanted[], side: number, epoch: number): Promise<void> {
    const rows = Uint32Array.from(batch, (w) => w.row);
    const came = new Map<number, Thumb>();
    const pictures = new Map<number, Picture>();
    try {
      const sent: Uint8Array[] = [];
      const ref = encodeRows(rows, sent);
      const { reply, buffers } = await this.transport.send({ kind: "get_thumbs", rows: ref, side }, sent);
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
      for (const w of batch) pictures.set(w.row, { url: null, reason });
      this.onError(error);
    }
    const none = pictures.size === 0;
    for (const w of batch) {
      const picture = none ? { url: null, reason: "no picture came" } : pictures.get(w.row);
      w.inFlight = false;
      if (!picture) continue; // the frame was full: it stays wanted
      const key = this.#key(w.row, side);
      this.#wanted.delete(key);
      this.#have.set(key, picture);
      for (const listener of w.listeners) listener(picture);
    }
    for (const [key, w] of this.#wanted) {
      if (!w.inFlight && !w.ahead && w.listeners.size === 0) this.#wanted.delete(key);
    }
  }
}
