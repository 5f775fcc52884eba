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
  // Most mixed first: that is where work is. Then the least coherent, unknown last.
  cohesion: (a, b) => (b.mixed ?? 0) - (a.mixed ?? 0) || (a.cohesion ?? 2) - (b.cohesion ?? 2),
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

/** Above this share of what two clusters differ by, a cluster is said to look mixed. */
export const MIXED_ABOVE = 0.5;
/** Where that is not known: below this mean similarity to its centroid. */
export const MIXED_BELOW = 0.75;

export function looksMixed(c: ClusterInfo | undefined): boolean {
  if (c?.kind !== "cluster") return false;
  if (typeof c.mixed === "number") return c.mixed > MIXED_ABOVE;
  return c.cohesion !== null && c.cohesion < MIXED_BELOW;
}

/** How mixed, 0..1, for the small bar. */
export function mixedShare(c: ClusterInfo): number {
  if (typeof c.mixed === "number") return Math.max(0.08, c.mixed);
  return c.cohesion === null ? 0 : Math.min(1, Math.max(0.08, (MIXED_BELOW - c.cohesion) / 0.4));
}

/** In words, for a tooltip. */
export function whyMixed(c: ClusterInfo): string {
  const alike =
    c.cohesion === null
      ? ""
      : `Its items are ${Math.round(100 * c.cohesion)} % similar to their centre on average`;
  if (typeof c.mixed !== "number") return alike;
  const halves = `its two halves differ ${Math.round(100 * c.mixed)} % as much as two clusters do`;
  return alike ? `${alike}; ${halves}` : halves;
}
