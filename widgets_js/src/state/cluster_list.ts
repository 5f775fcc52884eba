/** The sidebar's list: order and filters over the cluster table. */
import { byName, matches } from "../lib/text";
import type { ClusterInfo } from "../protocol/messages";
import type { KernelState } from "./kernel_state";
import type { ClusterSort, ReviewedFilter } from "./ui_state";

export interface ClusterFilter {
  search: string;
  reviewed: ReviewedFilter;
  tag: string | null;
  leastSize: number;
}

const COMPARE: Record<ClusterSort, (a: ClusterInfo, b: ClusterInfo) => number> = {
  size: (a, b) => b.size - a.size,
  name: (a, b) => byName(a.name, b.name),
  // Least coherent first: that is where work is. Unknown last.
  cohesion: (a, b) => (a.cohesion ?? 2) - (b.cohesion ?? 2),
  color: (a, b) => a.color - b.color,
};

/** All clusters in order; noise and a trash that holds something come last. */
export function clusterOrder(kernel: KernelState, sort: ClusterSort, filter?: ClusterFilter): ClusterInfo[] {
  const list: ClusterInfo[] = [];
  const last: ClusterInfo[] = [];
  for (const c of kernel.clusters.values()) {
    if (c.kind === "cluster") {
      if (!filter || passes(c, filter)) list.push(c);
    } else if (c.kind === "noise" || c.size > 0) {
      if (!filter || matches(filter.search, shownName(c))) last.push(c);
    }
  }
  const compare = COMPARE[sort];
  list.sort((a, b) => compare(a, b) || (sort === "name" ? 0 : byName(a.name, b.name)) || a.code - b.code);
  last.sort((a, b) => (a.kind === "noise" ? -1 : 1) - (b.kind === "noise" ? -1 : 1));
  return [...list, ...last];
}

function passes(c: ClusterInfo, filter: ClusterFilter): boolean {
  if (filter.reviewed !== "all" && c.reviewed !== (filter.reviewed === "reviewed")) return false;
  if (filter.tag !== null && !c.tags.includes(filter.tag)) return false;
  if (c.size < filter.leastSize) return false;
  return filter.search === "" || matches(filter.search, c.name, c.description, c.tags.join(" "));
}

/** Name as people read it. */
export function shownName(c: ClusterInfo): string {
  if (c.kind === "noise") return "Noise / Unclassified";
  if (c.kind === "trash") return "Trash";
  return c.name;
}

/** Below this mean similarity to its centroid a cluster is said to look mixed. */
export const MIXED_BELOW = 0.75;

export const looksMixed = (c: ClusterInfo | undefined): boolean =>
  c?.kind === "cluster" && c.cohesion !== null && c.cohesion < MIXED_BELOW;

/** How mixed, 0..1, for the small bar. */
export const mixedShare = (c: ClusterInfo): number =>
  c.cohesion === null ? 0 : Math.min(1, Math.max(0.08, (MIXED_BELOW - c.cohesion) / 0.4));
