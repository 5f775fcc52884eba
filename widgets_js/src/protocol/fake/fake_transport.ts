/** The kernel of the dev page and of the tests: a made-up review, real edits, replies after a moment. */
import { encodeItemSet } from "../codec";
import { type LocalColumn, LocalTransport, type OwnPayload } from "../local_transport";
import { type ItemInfo, KernelError, type Progress, type ReplyPayload, type Thumb } from "../messages";
import { FakeKernel } from "./fake_kernel";
import { clusterAgain, harvestNoise, neighboursInTime, proposeSplit, regrouping } from "./offers";
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

export class FakeTransport extends LocalTransport<FakeKernel> {
  readonly kernel: FakeKernel;
  readonly #delay: number;
  readonly #reasons: Int32Array | null = null;
  #cancelled = false;

  constructor({ n, seed, delay = 4, rejected = false }: Options) {
    super("fake");
    this.kernel = new FakeKernel(n, seed);
    this.#delay = delay;
    if (rejected)
      this.#reasons = Int32Array.from({ length: n }, (_, row) => (row % 7 ? WORDS.length : row % 2));
  }

  protected async wait(): Promise<void> {
    if (this.#delay >= 0) await pause(this.#delay);
  }

  protected answer(p: OwnPayload, out: Uint8Array[], id: string): ReplyPayload | Promise<ReplyPayload> {
    const { kernel } = this;
    switch (p.kind) {
      case "hello":
        return this.#hello(out);
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
          info: this.info(p.row),
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
        return this.done(kernel.edit(regrouping(kernel, buffers), buffers), id);
      }
      case "get_film":
        return neighboursInTime(kernel, p.row, p.count);
      case "get_plan":
        return this.#plan();
      case "save":
        return this.#save(id);
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

  protected column(name: string): LocalColumn | null {
    const { review } = this.kernel;
    if (name === "codes") return { values: review.codes, dtype: "int32", per: 1 };
    if (name === "xy") return { values: review.xy, dtype: "float32", per: 2 };
    if (name === "reason") return this.#reasons && { values: this.#reasons, dtype: "int32", per: 1 };
    const values = {
      similarity: review.similarity,
      outlier: review.outlier,
      time_s: review.times,
      sharpness: review.sharpness,
      probability: review.probability,
    }[name];
    return values ? { values, dtype: "float32", per: 1 } : null;
  }

  protected thumb(row: number, side: number, out: Uint8Array[]): Thumb {
    if (row % 97 === 42) return { row, mediaType: null, buffer: null, reason: "the file is cut short" };
    out.push(text.encode(sceneOf(row, this.kernel.review.truth[row] as number, side)));
    return { row, mediaType: "image/svg+xml", buffer: out.length - 1, reason: null };
  }

  protected info(row: number): ItemInfo {
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
