/** Keys while the focus is in the widget. None of them reaches the notebook underneath. */
import { actionOf, isTyping, type KeyAction } from "../lib/keys";
import { neighbour } from "../lib/layout";
import type { QueueState } from "../state/queue_state";
import type { Store } from "../state/store";
import { commands, recentTargets } from "./commands";
import { rootOf } from "./drag";
import { gridOf } from "./grid/grid";
import { moveFocus } from "./grid/select";
import { handleKey as handleQueueKey } from "./queue/queue_keys";
import { replayKey } from "./replay_pane";

const DIGIT = /^[1-9]$/;
const ARROWS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" } as const;

function giveUp(store: Store): void {
  const { ui, kernel, shown } = store;
  const grid = gridOf(store);
  if (grid?.pointer.busy) grid.pointer.cancel();
  else if (ui.drag.peek()) ui.drag.value = null;
  else if (kernel.selection.count > 0) {
    kernel.selection.clear();
    ui.active.value = -1;
  } else shown.leave();
}

function preview(store: Store): void {
  const { ui, shown, kernel } = store;
  let index = ui.active.peek();
  if (index < 0 && kernel.selection.count > 0) index = shown.indexOf(kernel.selection.rows()[0] ?? -1);
  if (index < 0) index = 0;
  const row = shown.rowAt(index);
  if (row >= 0) ui.dialog.value = { kind: "preview", index, row };
}

/** The search field; where there is no room for it, the palette finds clusters too. */
function search(store: Store): void {
  const field = rootOf(store)?.querySelector<HTMLElement>("[data-testid=search]");
  if (field && field.offsetParent !== null) field.focus();
  else store.ui.dialog.value = { kind: "palette" };
}

/** Keys of the grid itself: walking, ranges. True when the key meant something. */
function gridKey(store: Store, event: KeyboardEvent): boolean {
  const grid = gridOf(store);
  if (!grid || event.altKey) return false;
  const { view } = grid;
  const { active, anchor } = store.ui;
  const total = view.total;
  if (total === 0) return false;
  const now = active.peek();
  const arrow = ARROWS[event.key as keyof typeof ARROWS];
  let to: number;
  if (arrow && !event.ctrlKey && !event.metaKey) to = now < 0 ? 0 : neighbour(view.layout, now, arrow);
  else if (event.key === "Home") to = 0;
  else if (event.key === "End") to = total - 1;
  else if (event.key === "PageDown" || event.key === "PageUp") {
    const lines = Math.max(1, Math.floor(view.height / view.layout.pitch) - 1) * view.layout.columns;
    to = Math.max(0, Math.min(total - 1, Math.max(0, now) + (event.key === "PageDown" ? lines : -lines)));
  } else return false;
  if (now < 0) anchor.value = -1;
  moveFocus(store, to, event.shiftKey);
  view.reveal(to);
  return true;
}

function inButton(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return target instanceof Element && target.closest("button,select,[role=menu],.shoal-scatter") !== null;
}

/** Digits move the selection to the recent targets; the list shows which digit is whose. */
function moveToRecent(store: Store, digit: number): void {
  const { actions, kernel, ui } = store;
  const id = recentTargets(store)[digit - 1];
  const all = commands(store);
  if (all.move.disabled) ui.toast({ level: "info", text: `${all.move.label}: ${all.move.disabled}` });
  else if (id === undefined || !kernel.clusters.has(id))
    ui.toast({ level: "info", text: `No recent target ${digit}`, hint: "M moves items to any cluster." });
  else actions.move(id).catch(ui.fail);
}

function run(store: Store, action: KeyAction): void {
  const all = commands(store);
  switch (action) {
    case "escape":
      giveUp(store);
      return;
    case "preview":
      preview(store);
      return;
    case "search":
      search(store);
      return;
    case "next_cluster":
      store.actions.step(1);
      return;
    case "previous_cluster":
      store.actions.step(-1);
      return;
    default: {
      const command = all[action];
      if (command.disabled) store.ui.toast({ level: "info", text: `${command.label}: ${command.disabled}` });
      else command.run();
    }
  }
}

/** What still means the same while the queue is open. */
const BESIDE_QUEUE: readonly (KeyAction | null)[] = [
  "save",
  "palette",
  "help",
  "history",
  "fullscreen",
  "redo",
  "queue",
];

/** Keys while the queue is open: its own first. True when nothing else may hear of it. */
function queueKey(store: Store, asked: QueueState, event: KeyboardEvent, typing: boolean): boolean {
  const target = event.composedPath()[0];
  const elsewhere = inButton(event) && target instanceof Element && !target.closest(".sq-pane");
  if (elsewhere && (event.key === "Enter" || event.key === " ")) return true; // the button's own
  handleQueueKey(asked, event);
  if (event.defaultPrevented || typing) return !typing;
  if (event.key === "Escape") {
    event.preventDefault();
    store.asking.leave();
    rootOf(store)?.focus({ preventScroll: true });
    return true;
  }
  return !BESIDE_QUEUE.includes(actionOf(event));
}

export function handleKey(store: Store, event: KeyboardEvent): void {
  // Whatever it means here, the notebook must not take it as a shortcut of its own (dd would delete the cell).
  event.stopPropagation();
  if (event.defaultPrevented) return;
  const target = event.composedPath()[0] ?? event.target;
  const { ui } = store;
  if (ui.dialog.peek() || ui.menu.peek()) return;
  const typing = isTyping(target);
  const asked = store.asking.open.peek();
  if (asked && queueKey(store, asked, event, typing)) return;
  if (store.replay.open.peek() && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    if (inButton(event) && (event.key === "Enter" || event.key === " ")) return;
    if (replayKey(store, event.key)) event.preventDefault();
    if (event.defaultPrevented || !BESIDE_QUEUE.includes(actionOf(event))) return;
  }
  const action = actionOf(event);
  if (typing) {
    const global = action === "save" || action === "palette";
    if (!global) return;
  }
  const button = inButton(event);
  if (button && (event.key === "Enter" || event.key === " ")) return;
  if (button && ARROWS[event.key as keyof typeof ARROWS]) return;
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    run(store, "preview");
    return;
  }
  if (action) {
    event.preventDefault();
    run(store, action);
    return;
  }
  if (!typing && DIGIT.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    moveToRecent(store, Number(event.key));
    return;
  }
  if (!typing && gridKey(store, event)) event.preventDefault();
  // Notebook runners (Shift+Enter, Ctrl+Enter) stay out too.
  if (event.key === "Enter") event.preventDefault();
}
