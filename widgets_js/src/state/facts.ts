/** Facts about items and their large pictures, fetched when somebody looks. */
import { Lru } from "../lib/lru";
import { bytesOf, encodeRows } from "../protocol/codec";
import type { ItemInfo } from "../protocol/messages";
import type { Transport } from "../protocol/transport";
import { pictureUrl } from "./thumbs";

export interface Preview {
  url: string;
  width: number;
  height: number;
  info: ItemInfo;
}

const KEEP_INFO = 2_000;
const KEEP_PREVIEWS = 12;

export class Facts {
  readonly #infos = new Lru<number, ItemInfo>(KEEP_INFO);
  readonly #previews = new Lru<string, Preview>(KEEP_PREVIEWS, (p) => {
    URL.revokeObjectURL(p.url);
    return true;
  });
  readonly #loading = new Map<string, Promise<Preview>>();

  constructor(readonly transport: Transport) {}

  peek(row: number): ItemInfo | undefined {
    return this.#infos.get(row);
  }

  async info(row: number): Promise<ItemInfo> {
    const have = this.#infos.get(row);
    if (have) return have;
    const sent: Uint8Array[] = [];
    const rows = encodeRows(Uint32Array.of(row), sent);
    const { reply } = await this.transport.send({ kind: "get_info", rows }, sent);
    const info = reply.items[0];
    if (!info) throw new Error(`The kernel knows nothing of item ${row}.`);
    this.#infos.set(row, info);
    return info;
  }

  async preview(row: number, maxSide: number): Promise<Preview> {
    const key = `${row}/${maxSide}`;
    const have = this.#previews.get(key);
    if (have) return have;
    let loading = this.#loading.get(key);
    if (!loading) {
      loading = this.#fetch(row, maxSide, key).finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    return loading;
  }

  async #fetch(row: number, maxSide: number, key: string): Promise<Preview> {
    const { reply, buffers } = await this.transport.send({ kind: "get_preview", row, maxSide });
    const url = pictureUrl(bytesOf(buffers[reply.buffer]), reply.mediaType);
    const preview = { url, width: reply.width, height: reply.height, info: reply.info };
    this.#infos.set(row, reply.info);
    this.#previews.set(key, preview);
    return preview;
  }

  /** Tags or captions changed: ask again. */
  forget(): void {
    this.#infos.clear();
    this.#previews.clear();
  }
}
