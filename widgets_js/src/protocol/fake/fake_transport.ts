/** A transport whose kernel lives in the page. Messages pass through the wire's form both ways, so guards and names are used. */
import { signal } from "@preact/signals";
import { toSnake } from "../camel";
import { type Buffer, decodeArray, decodeItemSet, encodeItemSet } from "../codec";
import {
  type AnswerTo,
  type Event,
  FRAME_BYTES,
  KernelError,
  type Progress,
  type ReplyPayload,
  type RequestPayload,
  readEvent,
  readReply,
  VERSION,
} from "../messages";
import type { Answer, Status, Transport } from "../transport";
import { FakeKernel, type Outcome } from "./fake_kernel";
import { clusterAgain, harvestNoise, neighboursInTime, proposeSplit, regrouping } from "./offers";
import { pastOf } from "./past";
import { sceneOf } from "./pictures";

interface Options {
  n: number;
  seed?: number;
  /** How long each request takes, ms. */
  delay?: number;
  /** Every seventh item was rejected by a step; it lies where it lies. */
  rejected?: boolean;
}

const text = new TextEncoder();
/** Columns of the fake kernel come as they are. */
const WHOLE = { origin: null, step: null, words: null } as const;
/** Why the fake's rejected items were rejected; one more is no reason. */
const WORDS = ["blurred", "small"];
const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

export class FakeTransport implements Transport {
  readonly status = signal<Status>("connected");
  readonly kernel: FakeKernel;
  readonly #delay: number;
  readonly #reasons: Int32Array | null = null;
  readonly #listeners = new Set<(event: Event, buffers: readonly Buffer[]) => void>();
  /** All requests, for tests. */
  readonly log: RequestPayload[] = [];
  #count = 0;
  #cancelled = false;

  constructor({ n, seed, delay = 4, rejected = false }: Options) {
    this.kernel = new FakeKernel(n, seed);
    this.#delay = delay;
    if (rejected)
      this.#reasons = Int32Array.from({ length: n }, (_, row) => (row % 7 ? WORDS.length : row % 2));
  }

  owns(id: string | null | undefined): boolean {
    return typeof id === "string" && id.startsWith("fake-");
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
    const id = `fake-${++this.#count}`;
    if (this.#delay >= 0) await pause(this.#delay);
    const out: Uint8Array[] = [];
    const answer = await this.#answer(payload, buffers, out, base, id);
    const wire = {
      v: VERSION,
      type: "reply",
      id,
      ok: true,
      revision: this.kernel.revision,
      payload: toSnake(answer),
    };
    const reply = readReply(wire);
    if (!reply?.payload) throw new Error(`The fake kernel's reply to ${payload.kind} is not one.`);
    return { reply: reply.payload as AnswerTo<P>, revision: reply.revision, buffers: out };
  }

  /** Let an event reach all views. */
  emit(payload: Event["payload"], buffers: Uint8Array[] = [], source: string | null = null): void {
    const wire = {
      v: VERSION,
      type: "event",
      revision: this.kernel.revision,
      source,
      payload: toSnake(payload),
    };
    const event = readEvent(wire);
    if (!event) throw new Error(`The fake kernel's event ${payload.kind} is not one.`);
    for (const listener of this.#listeners) listener(event, buffers);
  }

  #done(outcome: Outcome, source: string): ReplyPayload {
    this.emit(outcome.changed, outcome.buffers, source);
    return { kind: "done", label: outcome.label, cluster: outcome.cluster };
  }

  #checkBase(base: number | undefined): void {
    if (base !== this.kernel.revision) {
      throw new KernelError(
        "conflict",
        "The review changed meanwhile; nothing was done.",
        "Look again, then repeat it.",
      );
    }
  }

  async #answer(
    p: RequestPayload,
    sent: Uint8Array[],
    out: Uint8Array[],
    base: number | undefined,
    id: string,
  ): Promise<ReplyPayload> {
    const { kernel } = this;
    switch (p.kind) {
      case "hello":
        return this.#hello(out);
      case "get_array":
        return this.#array(p.name, p.start, p.count, out);
      case "edit":
        this.#checkBase(base);
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
      case "get_thumbs": {
        const rows = decodeArray(p.rows, sent) as Uint32Array;
        return { kind: "thumbs", thumbs: [...rows].map((row) => this.#thumb(row, p.side, out)) };
      }
      case "get_info": {
        const rows = decodeArray(p.rows, sent) as Uint32Array;
        return { kind: "info", items: [...rows].map((row) => this.#info(row)) };
      }
      case "get_preview": {
        if (p.row % 97 === 42)
          throw new KernelError("bad_input", "The file is cut short.", "It can still be moved.");
        out.push(text.encode(sceneOf(p.row, kernel.review.truth[p.row] as number, p.maxSide)));
        const size = { width: 1920, height: 1600 };
        return {
          kind: "preview",
          row: p.row,
          mediaType: "image/svg+xml",
          buffer: 0,
          ...size,
          info: this.#info(p.row),
        };
      }
      case "get_split":
        return proposeSplit(kernel, p.cluster, p.method ?? "auto", p.parts ?? null, out);
      case "get_harvest":
        return harvestNoise(kernel, p.least, out);
      case "get_reclustering":
        return this.#clusterAgain(out, id);
      case "accept_reclustering": {
        const buffers: Uint8Array[] = [];
        return this.#done(kernel.edit(regrouping(kernel, buffers), buffers), id);
      }
      case "get_past":
        return pastOf(kernel, p.cursor, out);
      case "get_film":
        return neighboursInTime(kernel, p.row, p.count);
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
        if (p.task === "save" || p.task === "recluster") this.#cancelled = true;
        return { kind: "ok" };
      default:
        return p satisfies never;
    }
  }

  #hello(out: Uint8Array[]): ReplyPayload {
    const { kernel } = this;
    const number = (name: string, title: string, role: "sort" | "colour", ascending: boolean) =>
      ({ name, title, dtype: "float32", perItem: 1, role, ascending, ...WHOLE }) as const;
    return {
      kind: "hello",
      session: "fake",
      title: "clustered",
      root: "big film/reel 2/clustered",
      nItems: kernel.review.n,
      clusters: [...kernel.clusters.values()],
      columns: [
        {
          name: "codes",
          title: "Cluster",
          dtype: "int32",
          perItem: 1,
          role: "codes",
          ascending: true,
          ...WHOLE,
        },
        {
          name: "xy",
          title: "Map",
          dtype: "float32",
          perItem: 2,
          role: "position",
          ascending: true,
          ...WHOLE,
        },
        number("similarity", "Similarity", "sort", true),
        number("outlier", "Outlier score", "sort", false),
        number("time_s", "Time in the film", "sort", true),
        number("sharpness", "Sharpness", "sort", false),
        number("probability", "Probability", "colour", false),
        ...(this.#reasons
          ? [
              {
                ...number("reason", "Why rejected", "sort", true),
                dtype: "int32" as const,
                words: WORDS,
              },
            ]
          : []),
      ],
      history: kernel.historyState(),
      selection: encodeItemSet(new Uint32Array(0), out),
      broken: [{ path: "character_4/frame_0042.png", reason: "the file is cut short" }],
      nBroken: 1,
      secondsSpent: 372,
      readOnly: null,
    };
  }

  #values(name: string, cluster: string, out: Uint8Array[]): ReplyPayload {
    const { review, clusters } = this.kernel;
    const code = clusters.get(cluster)?.code;
    const values = {
      similarity: review.similarity,
      outlier: review.outlier,
      probability: review.probability,
      reason: this.#reasons,
    }[name];
    if (!values || code === undefined) throw new KernelError("missing", `There is no column ${name}.`, "");
    const found = values.filter((_, row) => review.codes[row] === code);
    out.push(new Uint8Array(found.buffer));
    const dtype = name === "reason" ? "int32" : "float32";
    return { kind: "values", name, cluster, array: { dtype, shape: [found.length], buffer: 0 } };
  }

  #array(name: string, start: number, count: number, out: Uint8Array[]): ReplyPayload {
    const { review } = this.kernel;
    const columns = {
      codes: [review.codes, "int32", 1],
      xy: [review.xy, "float32", 2],
      similarity: [review.similarity, "float32", 1],
      outlier: [review.outlier, "float32", 1],
      time_s: [review.times, "float32", 1],
      sharpness: [review.sharpness, "float32", 1],
      probability: [review.probability, "float32", 1],
    } as const;
    const column = columns[name as keyof typeof columns];
    if (!column) throw new KernelError("missing", `There is no column ${name}.`, "");
    const [values, dtype, per] = column;
    const n = Math.min(count, Math.floor(FRAME_BYTES / (4 * per)), review.n - start);
    const part = values.slice(start * per, (start + n) * per);
    out.push(new Uint8Array(part.buffer));
    return { kind: "array", name, start, array: { dtype, shape: per === 1 ? [n] : [n, per], buffer: 0 } };
  }

  #thumb(row: number, side: number, out: Uint8Array[]) {
    if (row % 97 === 42) return { row, mediaType: null, buffer: null, reason: "the file is cut short" };
    out.push(text.encode(sceneOf(row, this.kernel.review.truth[row] as number, side)));
    return { row, mediaType: "image/svg+xml", buffer: out.length - 1, reason: null };
  }

  #info(row: number) {
    const shot = Math.floor(row / 40);
    const path = `${this.kernel.review.truth[row]}/frame_${String(row).padStart(6, "0")}.png`;
    const facts = {
      Shot: String(shot),
      Time: `00:${String(shot % 60).padStart(2, "0")}:04.12`,
      Size: "1920 × 1600",
    };
    return { row, id: `item-${row}`, path, tags: row % 9 === 0 ? ["profile"] : [], caption: "", facts };
  }

  #plan(): ReplyPayload {
    const rows = this.kernel.planRows();
    const nFiles = rows.reduce((n, r) => n + r.files, 0);
    const files = rows
      .slice(0, 40)
      .map((r) => [`${r.source}/frame_000001.png`, `${r.target}/frame_000001.png`] as [string, string]);
    const renamed =
      nFiles > 8
        ? ["2 files share the name frame_0031.png; the second becomes frame_0031__character_9.png."]
        : [];
    const refusals =
      nFiles > 100
        ? [
            {
              path: "character_4/frame_0042.png",
              reason: "the file changed since it was scanned",
              hint: "Open the folder again.",
            },
          ]
        : [];
    return {
      kind: "plan",
      rows,
      renamed,
      nRenamed: renamed.length,
      refusals,
      notes: [],
      nFiles,
      extraBytes: 200_000,
      files,
    };
  }

  async #clusterAgain(out: Uint8Array[], id: string): Promise<ReplyPayload> {
    this.#cancelled = false;
    for (let done = 0; done <= 3; done++) {
      this.emit({ kind: "progress", task: "recluster", what: "comparing the items", done, total: 3 }, [], id);
      await pause(Math.max(0, this.#delay) * 10);
      if (this.#cancelled) throw new KernelError("cancelled", "The step was cancelled.", "Call it again.");
    }
    return clusterAgain(this.kernel, out);
  }

  async #save(id: string): Promise<ReplyPayload> {
    const total = this.kernel.planRows().reduce((n, r) => n + r.files, 0);
    this.#cancelled = false;
    const tell = (done: number) => {
      const progress: Progress = { kind: "progress", task: "save", what: "moving", done, total };
      this.emit(progress, [], id);
    };
    for (let k = 0; k < 8; k++) {
      tell(Math.floor((total * k) / 8));
      await pause(Math.max(0, this.#delay) * 10);
      if (this.#cancelled) {
        tell(total);
        throw new KernelError(
          "save_failed",
          "The save was cancelled; the folders are as before.",
          "Your edits are kept.",
        );
      }
    }
    const outcome = this.kernel.saved();
    tell(total);
    this.emit(outcome.changed, outcome.buffers, id);
    const paths = { changesFile: "changes_2026-11-21T12-00-00.json", backup: ".shoal/backups/1" };
    return { kind: "saved", save: 1, nFiles: total, ...paths, seconds: 0.3 };
  }
}
