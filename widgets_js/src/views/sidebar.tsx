/** The list of clusters: virtual, sorted, searched, filtered; a drop target; a strip of covers when the widget is narrow. */
import { useComputed } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { plural, visible } from "../lib/text";
import type { ClusterInfo } from "../protocol/messages";
import { clusterOrder } from "../state/cluster_list";
import { type Store, useStore } from "../state/store";
import type { ClusterSort, MenuItem } from "../state/ui_state";
import { ClusterRow } from "./cluster_row";
import { Button, MenuButton, openMenu } from "./controls";
import { finishDrag, moveDrag, startClusterDrag } from "./drag";
import { clusterMenu } from "./item_menu";

const SORTS: Record<ClusterSort, string> = {
  size: "Largest",
  name: "By name",
  cohesion: "Mixed",
  color: "Colour",
};
const LENGTH = { tall: 50, flat: 68 } as const;
const THRESHOLD = 5;
const RESTING_MS = 180;

function sortItems(store: Store): MenuItem[] {
  const now = store.ui.prefs.peek().clusterSort;
  return (Object.keys(SORTS) as ClusterSort[]).map((key) => ({
    label: SORTS[key],
    checked: key === now,
    run: () => store.ui.set({ clusterSort: key }),
  }));
}

function filterItems(store: Store): MenuItem[] {
  const { ui, kernel } = store;
  const reviewed = (label: string, value: "all" | "reviewed" | "open"): MenuItem => ({
    label,
    checked: ui.reviewedFilter.peek() === value,
    run: () => {
      ui.reviewedFilter.value = value;
    },
  });
  const tags = [...new Set([...kernel.clusters.values()].flatMap((c) => c.tags))].sort().slice(0, 20);
  const least = (n: number): MenuItem => ({
    label: n === 0 ? "Any size" : `At least ${n} items`,
    checked: ui.leastSize.peek() === n,
    run: () => {
      ui.leastSize.value = n;
    },
  });
  const line: MenuItem = { label: "", run: null };
  return [
    reviewed("All", "all"),
    reviewed("Not reviewed", "open"),
    reviewed("Reviewed", "reviewed"),
    line,
    ...[0, 5, 20, 100].map(least),
    ...(tags.length > 0 ? [line] : []),
    ...tags.map((tag) => ({
      label: `Tag: ${visible(tag)}`,
      checked: ui.tagFilter.peek() === tag,
      run: () => {
        ui.tagFilter.value = ui.tagFilter.peek() === tag ? null : tag;
      },
    })),
  ];
}

/** Plain click shows one cluster, Ctrl adds or takes away, Shift takes the range. */
export function chooseCluster(
  store: Store,
  list: readonly ClusterInfo[],
  id: string,
  event: MouseEvent | KeyboardEvent,
): void {
  const { shown, ui, kernel } = store;
  const now = shown.ids.peek();
  ui.active.value = -1;
  ui.anchor.value = -1;
  if (event.shiftKey && ui.clusterAnchor.peek()) {
    const a = list.findIndex((c) => c.id === ui.clusterAnchor.peek());
    const b = list.findIndex((c) => c.id === id);
    if (a >= 0 && b >= 0) {
      shown.show(list.slice(Math.min(a, b), Math.max(a, b) + 1).map((c) => c.id));
      return;
    }
  }
  ui.clusterAnchor.value = id;
  if (event.ctrlKey || event.metaKey) {
    const next = now.includes(id) ? now.filter((other) => other !== id) : [...now, id];
    if (next.length > 0) shown.show(next);
    return;
  }
  if (now.length === 1 && now[0] === id) return;
  if (kernel.selection.count > 0 && shown.view.peek().kind === "gathered") kernel.selection.clear();
  shown.show([id]);
}

function usePointer(store: Store, list: readonly ClusterInfo[]) {
  const pressed = useRef<{ id: string; x: number; y: number; dragging: boolean } | null>(null);
  const idOf = (event: Event) =>
    event.target instanceof Element
      ? (event.target.closest<HTMLElement>("[data-cluster-id]")?.dataset.clusterId ?? null)
      : null;
  return {
    onPointerDown(event: PointerEvent) {
      const id = idOf(event);
      if (event.button !== 0 || !id || (event.target as Element).closest("input,button")) return;
      pressed.current = { id, x: event.clientX, y: event.clientY, dragging: false };
    },
    onPointerMove(event: PointerEvent) {
      const p = pressed.current;
      if (!p || event.pointerType === "touch") return;
      if (!p.dragging) {
        if (Math.hypot(event.clientX - p.x, event.clientY - p.y) < THRESHOLD) return;
        if (store.kernel.clusters.get(p.id)?.kind !== "cluster") return;
        p.dragging = true;
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
        const ids = store.shown.ids.peek();
        startClusterDrag(store, ids.includes(p.id) ? ids : [p.id], event);
      }
      moveDrag(store, event);
    },
    onPointerUp(event: PointerEvent) {
      const p = pressed.current;
      pressed.current = null;
      if (p?.dragging) finishDrag(store, event);
      else if (p) chooseCluster(store, list, p.id, event);
    },
    onPointerCancel() {
      if (pressed.current?.dragging) finishDrag(store, null);
      pressed.current = null;
    },
    onDblClick(event: MouseEvent) {
      const id = idOf(event);
      if (id && store.kernel.clusters.get(id)?.kind === "cluster") store.ui.renaming.value = id;
    },
    onContextMenu(event: MouseEvent) {
      const cluster = store.kernel.clusters.get(idOf(event) ?? "");
      if (!cluster || event.shiftKey) return;
      event.preventDefault();
      clusterMenu(store, cluster, event);
    },
  };
}

function List({ list, flat }: { list: readonly ClusterInfo[]; flat: boolean }) {
  const store = useStore();
  const { shown, ui } = store;
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState({ from: 0, room: 1200 });
  const length = flat ? LENGTH.flat : LENGTH.tall;
  const pointer = usePointer(store, list);
  const measure = () => {
    const element = box.current;
    if (!element) return;
    const from = flat ? element.scrollLeft : element.scrollTop;
    const room = flat ? element.clientWidth : element.clientHeight;
    setAt((old) => (old.from === from && old.room === room ? old : { from, room }));
  };
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [flat]);
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(resting.current), []);
  const ids = shown.ids.value;
  const current = ids[ids.length - 1];
  useEffect(() => {
    const index = list.findIndex((c) => c.id === current);
    const element = box.current;
    if (index < 0 || !element) return;
    const now = flat ? element.scrollLeft : element.scrollTop;
    const room = flat ? element.clientWidth : element.clientHeight;
    const to =
      index * length < now
        ? index * length
        : (index + 1) * length > now + room
          ? (index + 1) * length - room + 6
          : now;
    if (flat) element.scrollLeft = to;
    else element.scrollTop = to;
  }, [current, flat]);
  const first = Math.max(0, Math.floor(at.from / length) - 4);
  const last = Math.min(list.length, Math.ceil((at.from + at.room) / length) + 4);
  const chosen = new Set(ids);
  const inSight = list.slice(first, last).some((c) => c.id === current);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, PageDown: 10, PageUp: -10 }[
      event.key
    ];
    const now = list.findIndex((c) => c.id === current);
    const edge = event.key === "Home" ? 0 : event.key === "End" ? list.length - 1 : null;
    if ((by === undefined && edge === null) || ui.renaming.peek()) return;
    event.preventDefault();
    event.stopPropagation();
    const next = list[edge ?? Math.max(0, Math.min(list.length - 1, now + (by ?? 0)))];
    if (!next) return;
    if (event.shiftKey && !ui.clusterAnchor.peek()) ui.clusterAnchor.value = current ?? next.id;
    chooseCluster(store, list, next.id, event.shiftKey ? event : new KeyboardEvent("keydown"));
  };
  const size = `${list.length * length}px`;
  return (
    <div class="sh-list" ref={box} onScroll={measure} data-testid="cluster-list">
      <div
        class="sh-list-inner"
        role="listbox"
        tabIndex={0}
        aria-label="Clusters"
        aria-multiselectable="true"
        aria-activedescendant={inSight ? `${ui.key}-${current}` : undefined}
        style={flat ? { width: size } : { height: size }}
        onKeyDown={onKeyDown}
        onPointerOver={(event) => {
          const row = (event.target as Element).closest<HTMLElement>("[data-cluster-id]");
          clearTimeout(resting.current);
          // A pointer that only passes by changes nothing.
          resting.current = setTimeout(() => {
            ui.pointed.value = ui.drag.peek() ? null : (row?.dataset.clusterId ?? null);
          }, RESTING_MS);
        }}
        onPointerLeave={() => {
          clearTimeout(resting.current);
          ui.pointed.value = null;
        }}
        {...pointer}
      >
        {list.slice(first, last).map((c, k) => (
          <ClusterRow
            key={c.id}
            cluster={c}
            chosen={chosen.has(c.id)}
            flat={flat}
            offset={(first + k) * length}
            place={first + k + 1}
            total={list.length}
          />
        ))}
      </div>
      {list.length === 0 && <p class="sh-empty">No cluster fits.</p>}
    </div>
  );
}

function filterCount(store: Store): number {
  const { ui } = store;
  return (
    Number(ui.reviewedFilter.value !== "all") +
    Number(ui.tagFilter.value !== null) +
    Number(ui.leastSize.value > 0)
  );
}

export function Sidebar() {
  const store = useStore();
  const { kernel, ui } = store;
  const list = useComputed(() => {
    kernel.clustersVersion.value;
    return clusterOrder(kernel, ui.prefs.value.clusterSort, {
      search: ui.search.value,
      reviewed: ui.reviewedFilter.value,
      tag: ui.tagFilter.value,
      leastSize: ui.leastSize.value,
    });
  }).value;
  const total = [...kernel.clusters.values()].filter((c) => c.kind === "cluster").length;
  const found = list.filter((c) => c.kind === "cluster").length;
  const flat = ui.width.value === "narrow";
  const filters = filterCount(store);
  return (
    <aside class="sh-side" aria-label="Clusters">
      <header class="sh-pane-head">
        <b data-testid="cluster-count">
          {found === total ? plural(total, "cluster") : `${found} of ${plural(total, "cluster")}`}
        </b>
        <span class="sh-grow" />
        <Button
          bare
          label={filters > 0 ? `Filter (${filters} set)` : "Filter"}
          icon="filter"
          pressed={filters > 0}
          testid="filter"
          onClick={(e) => openMenu(store, e.currentTarget as Element, "Show", filterItems(store))}
        />
        <MenuButton
          label={SORTS[ui.prefs.value.clusterSort]}
          title="Order of the clusters"
          items={() => sortItems(store)}
          testid="cluster-sort"
        />
        <Button
          bare
          label="New cluster"
          icon="plus"
          testid="create"
          disabled={kernel.meta.value?.readOnly ? "this review is read-only" : false}
          onClick={() => {
            ui.dialog.value = { kind: "create" };
          }}
        />
      </header>
      <List list={list} flat={flat} />
    </aside>
  );
}
