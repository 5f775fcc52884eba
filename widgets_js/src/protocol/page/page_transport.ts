/** A transport whose kernel lives in a stand-alone page: no server, no other process; saving hands out a file. */
import { encodeItemSet } from "../codec";
import { type LocalColumn, LocalTransport, type OwnPayload } from "../local_transport";
import { type ItemInfo, KernelError, type ReplyPayload, type Thumb } from "../messages";
import { bytesFrom, type PageData, valuesOf } from "./page_data";
import { PageKernel } from "./page_kernel";

/** Hand a file to the person. */
export type HandOut = (name: string, text: string) => void;

const NO_VECTORS = "Open the folder in a notebook for that: this page carries pictures, but no vectors.";

export class PageTransport extends LocalTransport<PageKernel> {
  readonly exportsFile = true;
  readonly kernel: PageKernel;
  readonly #data: PageData;
  readonly #handOut: HandOut;

  constructor(data: PageData, handOut: HandOut) {
    super("page");
    this.#data = data;
    this.#handOut = handOut;
    this.kernel = new PageKernel(data);
  }

  protected wait(): Promise<void> {
    return Promise.resolve();
  }

  protected answer(p: OwnPayload, out: Uint8Array[], id: string): ReplyPayload {
    switch (p.kind) {
      case "hello":
        return this.#hello(out);
      case "get_preview":
        return this.#preview(p.row, out);
      case "get_split":
      case "get_harvest":
      case "get_reclustering":
      case "accept_reclustering":
        throw new KernelError("not_allowed", "This page cannot propose anything.", NO_VECTORS);
      case "get_film":
        return this.#film(p.row, p.count);
      case "get_plan":
        return this.#plan();
      case "save":
        return this.#save(id);
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

  protected column(name: string): LocalColumn | null {
    const info = this.#data.columns.find((c) => c.name === name);
    if (!info) return null;
    const values = name === "codes" ? this.kernel.review.codes : valuesOf(info);
    return { values, dtype: info.dtype === "int32" ? "int32" : "float32", per: info.perItem };
  }

  protected thumb(row: number, _side: number, out: Uint8Array[]): Thumb {
    const picture = this.#data.pictures[row];
    if (!Array.isArray(picture))
      return { row, mediaType: null, buffer: null, reason: picture?.reason ?? "not in this page" };
    out.push(bytesFrom(picture[1]));
    return { row, mediaType: picture[0], buffer: out.length - 1, reason: null };
  }

  #preview(row: number, out: Uint8Array[]): ReplyPayload {
    const thumb = this.thumb(row, 0, out);
    if (thumb.mediaType === null)
      throw new KernelError("bad_input", thumb.reason ?? "", "It can still be moved.");
    const [width, height] = this.#data.sizes[row] ?? [0, 0];
    return {
      kind: "preview",
      row,
      mediaType: thumb.mediaType,
      buffer: 0,
      width,
      height,
      info: this.info(row),
    };
  }

  protected info(row: number): ItemInfo {
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
    this.done(this.kernel.saved(), id);
    return { kind: "saved", save: 0, nFiles: actions.length, changesFile, backup: null, seconds: 0 };
  }
}
