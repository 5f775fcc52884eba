/** How a kernel in the page was at any point of its history. */
import { encodeItemSet } from "../codec";
import { type ClusterInfo, FRAME_BYTES, KernelError, type ReplyPayload } from "../messages";
import type { FakeKernel } from "./fake_kernel";
import { spread } from "./offers";

const EXAMPLES = 8;

interface Then {
  codes: Int32Array;
  clusters: Map<string, ClusterInfo>;
}

/** A copy of the state, walked to a point of the history. */
function walked(kernel: FakeKernel, cursor: number): Then {
  const codes = kernel.review.codes.slice();
  const clusters = new Map(kernel.clusters);
  const put = (table: Map<string, ClusterInfo | null>) => {
    for (const [id, c] of table) {
      if (c) clusters.set(id, c);
      else clusters.delete(id);
    }
  };
  for (let at = kernel.cursor; at < cursor; at++) {
    const step = kernel.steps[at];
    step?.rows.forEach((row, k) => {
      codes[row] = step.after[k] as number;
    });
    if (step) put(step.clustersAfter);
  }
  for (let at = kernel.cursor; at > cursor; at--) {
    const step = kernel.steps[at - 1];
    step?.rows.forEach((row, k) => {
      codes[row] = step.before[k] as number;
    });
    if (step) put(step.clustersBefore);
  }
  return { codes, clusters };
}

export function pastOf(kernel: FakeKernel, cursor: number, out: Uint8Array[]): ReplyPayload {
  if (cursor > kernel.steps.length)
    throw new KernelError("not_allowed", `The history has no point ${cursor}.`, "");
  const { codes, clusters } = walked(kernel, cursor);
  const step = kernel.steps[cursor - 1];
  const before = step ? walked(kernel, cursor - 1).clusters : clusters;
  const named = (of: Map<string, ClusterInfo>, code: number) => [...of.values()].find((c) => c.code === code);
  const groups = new Map<string, number[]>();
  step?.rows.forEach((row, k) => {
    const key = `${step.before[k]} ${step.after[k]}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  });
  const changed = new Set([...groups.keys()].flatMap((key) => key.split(" ").map(Number)));
  const members = (code: number) => codes.reduce((n, c) => n + (c === code ? 1 : 0), 0);
  const touched = encodeItemSet(step ? step.rows.slice().sort() : new Uint32Array(0), out);
  const fits = codes.byteLength <= FRAME_BYTES / 2;
  if (fits) out.push(new Uint8Array(codes.buffer));
  return {
    kind: "past",
    cursor,
    label: step?.label ?? "",
    at: step?.at ?? "",
    actor: step ? "you" : "",
    note: "",
    checkpoint: step?.checkpoint ?? null,
    saved: kernel.savedAt === cursor && cursor > 0,
    clusters: [...clusters.values()]
      .filter((c) => c.kind === "cluster")
      .map((c) => ({
        id: c.id,
        code: c.code,
        name: c.name,
        color: c.color,
        size: members(c.code),
        cover: codes.indexOf(c.code) < 0 ? null : codes.indexOf(c.code),
        changed: changed.has(c.code) || (step?.clustersAfter.has(c.id) ?? false),
      }))
      .sort((a, b) => b.size - a.size),
    nNoise: members(-1),
    nTrash: members(-2),
    moves: [...groups].map(([key, rows]) => {
      const [from, to] = key.split(" ").map(Number) as [number, number];
      const target = named(clusters, to);
      return {
        sourceName: named(before, from)?.name ?? "",
        targetName: target?.name ?? "",
        target: target?.id ?? null,
        count: rows.length,
        examples: spread(rows, EXAMPLES),
      };
    }),
    touched,
    codes: fits ? { dtype: "int32", shape: [codes.length], buffer: out.length - 1, packing: "none" } : null,
  };
}
