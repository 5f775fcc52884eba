/** Dragging items or clusters onto the sidebar: by pointer events, so that it works alike in every host, with a badge. */
import type { Store } from "../state/store";

/** The cluster row under the pointer, by what the page has there. */
export function clusterAt(store: Store, x: number, y: number): string | null {
  const root = roots.get(store);
  if (!root) return null;
  const host = root.getRootNode() as Document | ShadowRoot;
  const hit = host.elementFromPoint(x, y)?.closest<HTMLElement>("[data-cluster-id]");
  return hit && root.contains(hit) ? (hit.dataset.clusterId ?? null) : null;
}

const roots = new WeakMap<Store, HTMLElement>();
export const rootOf = (store: Store): HTMLElement | undefined => roots.get(store);
export const setRoot = (store: Store, root: HTMLElement): void => {
  roots.set(store, root);
};

/** Give the widget the focus when what had it is gone, so that its keys go on working. */
export function keepFocus(store: Store): void {
  const root = roots.get(store);
  const host = root?.getRootNode() as Document | ShadowRoot | undefined;
  const now = host?.activeElement;
  if (!now || now === document.body) root?.focus({ preventScroll: true });
}

function place(store: Store, event: PointerEvent): { x: number; y: number } {
  const box = roots.get(store)?.getBoundingClientRect();
  return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
}

export function startItemDrag(store: Store, row: number, event: PointerEvent): void {
  const cover = store.thumbs.peek(row, 192)?.url ?? null;
  const count = store.kernel.selection.count;
  store.ui.drag.value = { kind: "items", count, ids: [], over: null, cover, ...place(store, event) };
}

export function startClusterDrag(store: Store, ids: readonly string[], event: PointerEvent): void {
  const first = store.kernel.clusters.get(ids[0] ?? "");
  const row = (first && store.kernel.coverOf(first)) ?? -1;
  const cover = store.thumbs.peek(row, 96)?.url ?? null;
  store.ui.drag.value = {
    kind: "clusters",
    count: ids.length,
    ids,
    over: null,
    cover,
    ...place(store, event),
  };
}

export function moveDrag(store: Store, event: PointerEvent): void {
  const drag = store.ui.drag.peek();
  if (!drag) return;
  scrollList(store, event.clientY);
  const over = clusterAt(store, event.clientX, event.clientY);
  const allowed = over !== null && mayDrop(store, over);
  store.ui.drag.value = { ...drag, ...place(store, event), over: allowed ? over : null };
}

const EDGE = 40;
let scrolling: ReturnType<typeof setInterval> | undefined;

/** Near the ends of the list of clusters it scrolls under what is dragged. */
function scrollList(store: Store, y: number): void {
  clearInterval(scrolling);
  const list = roots.get(store)?.querySelector<HTMLElement>(".sh-list");
  const drag = store.ui.drag.peek();
  const box = list?.getBoundingClientRect();
  const frame = roots.get(store)?.getBoundingClientRect();
  if (!list || !box || !frame || !drag || drag.x > box.right - frame.left) return;
  const by = y < box.top + EDGE ? y - box.top - EDGE : Math.max(0, y - box.bottom + EDGE);
  if (by === 0) return;
  scrolling = setInterval(() => {
    if (store.ui.drag.peek()) list.scrollTop += by / 3;
    else clearInterval(scrolling);
  }, 16);
}

function mayDrop(store: Store, target: string): boolean {
  const drag = store.ui.drag.peek();
  const cluster = store.kernel.clusters.get(target);
  if (!drag || !cluster) return false;
  return drag.kind === "items" || (cluster.kind === "cluster" && !drag.ids.includes(target));
}

/** Let go; `null` gives up. */
export function finishDrag(store: Store, event: PointerEvent | null): void {
  const drag = store.ui.drag.peek();
  store.ui.drag.value = null;
  clearInterval(scrolling);
  if (!drag || !event) return;
  const target = clusterAt(store, event.clientX, event.clientY);
  const cluster = target === null ? undefined : store.kernel.clusters.get(target);
  if (!cluster) return;
  if (drag.kind === "items") {
    const done = cluster.kind === "trash" ? store.actions.trash() : store.actions.move(cluster.id);
    done.catch(store.ui.fail);
  } else if (cluster.kind === "cluster" && !drag.ids.includes(cluster.id)) {
    store.ui.dialog.value = { kind: "merge", ids: [cluster.id, ...drag.ids], name: cluster.name };
  }
}
