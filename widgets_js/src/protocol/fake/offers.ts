/** Proposals of the fake kernel: real ones of its kind, from the truth that its pictures are drawn from. */
import { encodeItemSet } from "../codec";
import { type Command, KernelError, type ReplyPayload, type SplitPart } from "../messages";
import type { FakeKernel } from "./fake_kernel";

const EXAMPLES = 12;

export const spread = (rows: readonly number[], most: number): number[] => {
  const step = Math.max(1, rows.length / most);
  return Array.from({ length: Math.min(most, rows.length) }, (_, k) => rows[Math.floor(k * step)] as number);
};

/** Parts by what the items truly show, merged from the smallest up until there are `wanted` of them. */
export function proposeSplit(
  kernel: FakeKernel,
  cluster: string,
  method: string,
  wanted: number | null,
  out: Uint8Array[],
): ReplyPayload {
  const info = kernel.clusters.get(cluster);
  if (!info) throw new KernelError("missing", `There is no cluster ${cluster}.`, "");
  const { codes, truth } = kernel.review;
  const rows = [...codes.keys()].filter((row) => codes[row] === info.code);
  if (rows.length < 4)
    throw new KernelError("not_allowed", `${info.name} has too few items.`, "Split by hand.");
  const groups = new Map<number, number[]>();
  for (const row of rows) {
    const key = truth[row] as number;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const found = [...groups.values()].sort((a, b) => b.length - a.length);
  const suggested = method === "even" ? 2 : Math.min(found.length, 6);
  const k = wanted ?? Math.max(2, suggested);
  const parts = found.slice(0, k);
  for (const rest of found.slice(k)) parts[parts.length - 1]?.push(...rest);
  while (parts.length < k) {
    const largest = parts.sort((a, b) => b.length - a.length)[0] as number[];
    parts.push(largest.splice(largest.length >> 1));
  }
  parts.sort((a, b) => b.length - a.length);
  const other = [...kernel.clusters.values()].find((c) => c.kind === "cluster" && c.id !== cluster);
  const listed = parts.map(
    (part, at): SplitPart => ({
      items: encodeItemSet(Uint32Array.from(part).sort(), out),
      examples: spread(part, EXAMPLES),
      cohesion: 0.93 - 0.04 * at,
      near: other ? { cluster: other.id, similarity: at === 0 ? 0.41 : 0.88 } : null,
    }),
  );
  const levels = [2, 3, 4, 5];
  return {
    kind: "split",
    cluster,
    method: method === "even" ? "even" : "natural",
    levels,
    scores: levels.map((level) => (level === suggested ? 0.62 : 0.3)),
    suggested,
    parts: listed,
  };
}

/** Each item of noise belongs to what it truly shows, as surely as it is near. */
export function harvestNoise(kernel: FakeKernel, least: number, out: Uint8Array[]): ReplyPayload {
  const { codes, truth, xy } = kernel.review;
  const noise = [...codes.keys()].filter((row) => codes[row] === -1);
  const sure = (row: number) => 0.55 + 0.4 * Math.abs(Math.sin((xy[2 * row] as number) * 37));
  const groups = new Map<number, number[]>();
  for (const row of noise) {
    if (sure(row) < least) continue;
    const code = truth[row] as number;
    groups.set(code, [...(groups.get(code) ?? []), row]);
  }
  const living = new Map([...kernel.clusters.values()].map((c) => [c.code, c.id]));
  const listed = [...groups]
    .filter(([code]) => living.has(code))
    .sort((a, b) => b[1].length - a[1].length)
    .map(([code, rows]) => {
      const sample = [...rows].sort((a, b) => sure(b) - sure(a));
      return {
        cluster: living.get(code) ?? "",
        items: encodeItemSet(Uint32Array.from(rows).sort(), out),
        sample: sample.slice(0, 24),
        best: sure(sample[0] as number),
        least: sure(sample[sample.length - 1] as number),
        closeCalls: Math.floor(rows.length / 5),
      };
    });
  const steps = [0.56, 0.65, 0.75, 0.85, 0.94];
  return { kind: "harvest", groups: listed, nNoise: noise.length, nUnknown: 0, more: 0, steps };
}

export function neighboursInTime(kernel: FakeKernel, row: number, count: number): ReplyPayload {
  const { n, times } = kernel.review;
  const first = Math.max(0, row - count);
  const rows = Array.from({ length: Math.min(n, row + count + 1) - first }, (_, k) => first + k);
  const shot = Math.floor(row / 40);
  return {
    kind: "film",
    rows,
    times: rows.map((r) => times[r] as number),
    shots: rows.map((r) => Math.floor(r / 40)),
    firstS: 0,
    lastS: times[n - 1] as number,
    shotFirstS: times[shot * 40] as number,
    shotLastS: times[Math.min(n - 1, shot * 40 + 39)] as number,
  };
}

/** Items that are not where they truly belong, by the cluster that they are in and the one that they should be in. */
function astray(kernel: FakeKernel): { source: string; target: string; rows: number[] }[] {
  const { codes, truth } = kernel.review;
  const byCode = new Map([...kernel.clusters.values()].map((c) => [c.code, c.id]));
  const found = new Map<string, { source: string; target: string; rows: number[] }>();
  for (const [row, code] of codes.entries()) {
    const [source, target] = [byCode.get(code), byCode.get(truth[row] as number)];
    if (!source || !target || source === target || code < -1) continue;
    const key = `${source} ${target}`;
    const move = found.get(key) ?? { source, target, rows: [] };
    move.rows.push(row);
    found.set(key, move);
  }
  return [...found.values()].sort((a, b) => b.rows.length - a.rows.length);
}

/** The edit that puts all of them right. */
export function regrouping(kernel: FakeKernel, out: Uint8Array[]): Command {
  const parts = astray(kernel).map(({ target, rows }) => ({
    items: encodeItemSet(Uint32Array.from(rows), out),
    to: target,
    name: null,
  }));
  return { type: "assign_items", parts, label: "Clustered again" };
}

export function clusterAgain(kernel: FakeKernel, out: Uint8Array[]): ReplyPayload {
  const moves = astray(kernel);
  const change = new Map<string, number>();
  for (const { source, target, rows } of moves) {
    change.set(source, (change.get(source) ?? 0) - rows.length);
    change.set(target, (change.get(target) ?? 0) + rows.length);
  }
  const real = [...kernel.clusters.values()].filter((c) => c.kind === "cluster");
  const name = (id: string) => kernel.clusters.get(id)?.name ?? id;
  return {
    kind: "reclustering",
    proposal: "fake",
    moved: moves.reduce((n, m) => n + m.rows.length, 0),
    kept: 12,
    pinnedTouched: 0,
    same: real.filter((c) => !change.has(c.id)).length,
    clusters: real
      .filter((c) => change.get(c.id))
      .map((c) => ({
        cluster: c.id,
        name: c.name,
        before: c.size,
        after: c.size + (change.get(c.id) as number),
      })),
    moves: moves.map(({ source, target, rows }) => ({
      source,
      sourceName: name(source),
      target,
      targetName: name(target),
      items: encodeItemSet(Uint32Array.from(rows), out),
      examples: spread(rows, 8),
      beside: spread(
        [...kernel.review.codes.keys()].filter(
          (r) => kernel.review.codes[r] === kernel.clusters.get(target)?.code,
        ),
        4,
      ),
    })),
    more: 0,
  };
}
