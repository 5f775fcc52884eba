/** The grid in the page: ties the virtual view to the store, and the pointer's meaning to the selection. */
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { cardsInRect } from "../../lib/layout";
import { afterPaint } from "../../lib/marks";
import { grouped, visible } from "../../lib/text";
import { shownName } from "../../state/cluster_list";
import type { Segment } from "../../state/shown";
import { type Store, useStore } from "../../state/store";
import { dotColor } from "../controls";
import { finishDrag, moveDrag, startItemDrag } from "../drag";
import { itemMenu } from "../item_menu";
import { GridView } from "./grid_view";
import { GridPointer } from "./pointer";
import { selectCard } from "./select";

/** Title of the fact that says why an item was rejected. */
const REJECTED = "Rejected";
const QUALITY = { fast: 0.5, normal: 1, fine: 2 } as const;

/** Handles of the mounted grid, for keys and the map. */
export interface GridHandle {
  view: GridView;
  pointer: GridPointer;
}
const handles = new WeakMap<Store, GridHandle>();
export const gridOf = (store: Store): GridHandle | undefined => handles.get(store);

const chosenMemo = new WeakMap<Segment, { version: number; chosen: number }>();

/** How many items of a segment are selected; counted once per selection, for headings are drawn with every frame. */
function chosenIn(store: Store, segment: Segment): number {
  const { selection } = store.kernel;
  if (selection.count === 0) return 0;
  const version = selection.version.peek();
  const memo = chosenMemo.get(segment);
  if (memo?.version === version) return memo.chosen;
  let chosen = 0;
  const { mask } = selection;
  const rows = segment.unsorted;
  for (let i = 0; i < rows.length; i++) chosen += mask[rows[i] as number] as number;
  chosenMemo.set(segment, { version, chosen });
  return chosen;
}

function fillHead(store: Store, element: HTMLElement, segment: Segment): void {
  const cluster = store.kernel.clusterOf(segment.code);
  const { selection } = store.kernel;
  const chosen = chosenIn(store, segment);
  const name = cluster ? visible(shownName(cluster)) : "";
  const count =
    chosen > 0 ? `${grouped(chosen)} of ${grouped(segment.length)} selected` : grouped(segment.length);
  const key = `${name}|${count}|${dotColor(cluster)}`;
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  const dot = document.createElement("span");
  dot.className = "sh-dot";
  dot.style.background = dotColor(cluster);
  const title = document.createElement("button");
  title.type = "button";
  title.className = "sh-head-name";
  title.textContent = name;
  title.title = `Show all of ${name}`;
  title.onclick = () => cluster && store.shown.show([cluster.id]);
  const note = document.createElement("span");
  note.className = "sh-num";
  note.textContent = count;
  const all = document.createElement("button");
  all.type = "button";
  all.className = "sh-link";
  const whole = chosen === segment.length && chosen > 0;
  all.textContent = whole ? "Select none" : "Select these";
  all.onclick = () => selection.apply(segment.unsorted, whole ? "subtract" : "add");
  element.replaceChildren(dot, title, note, all);
}

function mount(
  store: Store,
  scroller: HTMLElement,
  bandElement: HTMLElement,
  onSettled: () => void,
): () => void {
  const { kernel, shown, ui } = store;
  const view = new GridView(scroller, {
    thumbs: store.thumbs,
    isSelected: (row) => kernel.selection.has(row),
    markOf: (row) => store.marks.of(row),
    fillHead: (element, segment) => fillHead(store, element, segment),
    onSettled,
  });
  let base = new Uint32Array(0) as Uint32Array;
  let hovered: number | null = null;
  const caption = (row: number) => {
    const info = store.facts.peek(row);
    if (!info) return;
    const card = view.cardOf(scroller.querySelector(`[data-row="${row}"]`));
    const trash = kernel.clusterOf(kernel.codes[row] as number)?.kind === "trash";
    const why = trash ? info.facts[REJECTED] : "";
    card?.caption(info.caption || why || info.path.split("/").pop() || info.path);
  };
  const pointer = new GridPointer({
    view,
    click: (index, mods) => selectCard(store, index, mods),
    tick: (index) => selectCard(store, index, { shift: false, ctrl: true }),
    open: (index) => {
      ui.dialog.value = { kind: "preview", index, row: view.rowAt(index) };
    },
    clear: () => {
      kernel.selection.clear();
      ui.active.value = -1;
    },
    bandStart: () => {
      base = kernel.selection.rows();
    },
    band: (rect, mode) => {
      bandElement.hidden = rect === null;
      if (!rect) return;
      const rows = shown.rowsIn(cardsInRect(view.layout, rect.x0, rect.y0, rect.x1, rect.y1));
      if (mode === "replace") kernel.selection.apply(rows, "replace");
      else {
        kernel.selection.apply(base, "replace");
        kernel.selection.apply(rows, mode);
      }
      const { style } = bandElement;
      style.left = `${Math.min(rect.x0, rect.x1)}px`;
      style.width = `${Math.abs(rect.x1 - rect.x0)}px`;
      style.top = `${Math.min(rect.y0, rect.y1) - view.top}px`;
      style.height = `${Math.abs(rect.y1 - rect.y0)}px`;
    },
    dragStart: (index, event) => {
      const row = view.rowAt(index);
      if (!kernel.selection.has(row)) selectCard(store, index, { shift: false, ctrl: false });
      startItemDrag(store, row, event);
    },
    dragMove: (event) => moveDrag(store, event),
    dragEnd: (event) => finishDrag(store, event),
    hover: (row) => {
      if (row === hovered) return;
      hovered = row;
      if (row === null) return;
      if (store.facts.peek(row)) caption(row);
      else {
        setTimeout(() => {
          if (hovered === row) store.facts.info(row).then(() => caption(row), ui.fail);
        }, 120);
      }
    },
    menu: (index, event) => {
      if (!kernel.selection.has(view.rowAt(index))) selectCard(store, index, { shift: false, ctrl: false });
      itemMenu(store, index, view.rowAt(index), event);
    },
  });
  const handle = { view, pointer };
  handles.set(store, handle);

  let lastView: unknown = null;
  let sized = 0;
  const layOut = () => {
    const segments = shown.segments.value;
    const { thumb, quality } = ui.prefs.value;
    const narrow = ui.width.value === "narrow";
    const now = shown.view.value;
    const sort = shown.sort.value;
    const toTop = lastView !== now && !sameView(lastView, now);
    lastView = now;
    const heads = now.kind === "gathered" || now.ids.length > 1;
    view.setContent(
      segments,
      narrow ? Math.min(thumb, 88) : thumb,
      heads,
      QUALITY[quality],
      toTop || sized !== sortKey(sort),
    );
    sized = sortKey(sort);
  };
  const stops = [
    effect(layOut),
    effect(() => {
      kernel.selection.version.value;
      store.marks.version.value;
      view.mark();
    }),
    effect(() => view.setActive(ui.active.value)),
  ];
  const observer = new ResizeObserver(() => {
    if (scroller.clientWidth > 0) layOut();
  });
  observer.observe(scroller);
  return () => {
    observer.disconnect();
    for (const stop of stops) stop();
    pointer.destroy();
    view.destroy();
    handles.delete(store);
  };
}

const sortKey = (s: { column: string | null; descending: boolean }): number =>
  [...(s.column ?? "")].reduce((h, c) => (h * 31 + c.charCodeAt(0)) | 0, s.descending ? 2 : 1);

function sameView(a: unknown, b: { kind: string; ids?: readonly string[] }): boolean {
  const old = a as { kind: string; ids?: readonly string[] } | null;
  if (!old || old.kind !== b.kind || b.kind === "gathered") return false;
  return old.ids?.length === b.ids?.length && (old.ids ?? []).every((id, i) => id === b.ids?.[i]);
}

export function Grid({ onSettled }: { onSettled: () => void }) {
  const store = useStore();
  const scroller = useRef<HTMLDivElement>(null);
  const band = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!scroller.current || !band.current) return undefined;
    return mount(store, scroller.current, band.current, () => afterPaint(onSettled));
  }, [store]);
  return (
    <div class="sh-grid-frame">
      <div class="sh-scroller" ref={scroller} tabIndex={-1} />
      <div class="sh-band" ref={band} hidden />
    </div>
  );
}
