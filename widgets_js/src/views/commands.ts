/** The commands of the top bar, the palette, the menus and the keys: one list, each saying why it cannot be used now. */
import type { KeyAction } from "../lib/keys";
import type { Store } from "../state/store";
import { rootOf } from "./drag";
import type { IconName } from "./icons";

export interface CommandState {
  action: KeyAction;
  label: string;
  icon?: IconName;
  disabled: string | false;
  run(): void;
}

/** Clusters chosen for a merge: two or more shown together. */
export function mergeable(store: Store): readonly string[] {
  return store.shown.ids.value.filter((id) => store.kernel.clusters.get(id)?.kind === "cluster");
}

/** Ids of the clusters that were moved to last and are still there, newest first. */
export const recentTargets = (store: Store): string[] =>
  store.ui.recent.value.filter((id) => store.kernel.clusters.has(id));

/** Items in noise. */
function noiseOf(store: Store): number {
  store.kernel.clustersVersion.value;
  return [...store.kernel.clusters.values()].find((c) => c.kind === "noise")?.size ?? 0;
}

/** Whether the trash alone is shown. */
function inTrash(store: Store): boolean {
  store.kernel.clustersVersion.value;
  const ids = store.shown.ids.value;
  return ids.length === 1 && store.kernel.clusters.get(ids[0] ?? "")?.kind === "trash";
}

function needItems(store: Store): string | false {
  if (store.kernel.meta.value?.readOnly) return "this review is read-only";
  store.kernel.selection.version.value;
  return store.kernel.selection.count > 0 || store.ui.active.value >= 0 ? false : "select items first";
}

/** All commands in their present state. Reads signals: call it while drawing, or in a handler. */
export function commands(
  store: Store,
): Record<
  | "undo"
  | "redo"
  | "move"
  | "merge"
  | "split"
  | "propose"
  | "harvest"
  | "queue"
  | "recluster"
  | "replay"
  | "to_noise"
  | "trash"
  | "save"
  | "rename"
  | "reviewed"
  | "tag"
  | "history"
  | "help"
  | "palette"
  | "fullscreen"
  | "compare"
  | "select_all",
  CommandState
> {
  const { ui, kernel, actions, shown, asking } = store;
  const history = kernel.history.value;
  const readOnly = kernel.meta.value?.readOnly ? "this review is read-only" : false;
  const items = needItems(store);
  const merge = mergeable(store);
  const one = merge.length === 1 ? merge[0] : undefined;
  const go = (promise: Promise<unknown>) => void promise.catch(ui.fail);
  const selected = kernel.selection.count;
  return {
    undo: {
      action: "undo",
      label: history.undoLabel ? `Undo: ${history.undoLabel}` : "Undo",
      icon: "undo",
      disabled: history.undoLabel === null ? "nothing to undo" : readOnly,
      run: () => go(actions.undo()),
    },
    redo: {
      action: "redo",
      label: history.redoLabel ? `Redo: ${history.redoLabel}` : "Redo",
      icon: "redo",
      disabled: history.redoLabel === null ? "nothing to redo" : readOnly,
      run: () => go(actions.redo()),
    },
    move: {
      action: "move",
      label: "Move",
      icon: "move",
      disabled: items,
      run: () => {
        ui.dialog.value = { kind: "move" };
      },
    },
    merge: {
      action: "merge",
      label: "Merge",
      icon: "merge",
      disabled:
        readOnly ||
        (merge.length >= 2 ? false : "choose two or more clusters first (Ctrl-click in the list)"),
      run: () => {
        ui.dialog.value = { kind: "merge", ids: merge };
      },
    },
    split: {
      action: "split",
      label: "Split off",
      icon: "split",
      disabled: items,
      run: () => {
        ui.dialog.value = { kind: "split" };
      },
    },
    propose: {
      action: "propose",
      label: "Propose a split",
      icon: "split",
      disabled: readOnly || (one ? false : "show one cluster first"),
      run: () => {
        if (one) ui.dialog.value = { kind: "propose", id: one };
      },
    },
    harvest: {
      action: "harvest",
      label: "Bring noise home",
      icon: "harvest",
      disabled: readOnly || (noiseOf(store) > 0 ? false : "there is no noise"),
      run: () => {
        ui.dialog.value = { kind: "harvest" };
      },
    },
    queue: {
      action: "queue",
      label: asking.open.value ? "Back to the grid" : "Review queue",
      icon: "queue",
      disabled: store.transport.exportsFile ? "it needs a kernel: open the folder in a notebook" : readOnly,
      run: () => {
        if (asking.open.peek()) asking.leave();
        else asking.begin();
        rootOf(store)?.focus({ preventScroll: true });
      },
    },
    recluster: {
      action: "recluster",
      label: "Cluster again…",
      icon: "again",
      disabled: store.transport.exportsFile ? "it needs a kernel: open the folder in a notebook" : readOnly,
      run: () => {
        ui.dialog.value = { kind: "recluster" };
      },
    },
    replay: {
      action: "replay",
      label: "Play the history back",
      icon: "play",
      disabled: history.length > 0 ? false : "there is no history yet",
      run: () => {
        ui.dialog.value = null;
        store.replay.begin();
        rootOf(store)?.focus({ preventScroll: true });
      },
    },
    to_noise: {
      action: "to_noise",
      label: "To noise",
      icon: "trash",
      disabled: items,
      run: () => go(actions.toNoise()),
    },
    trash: inTrash(store)
      ? { action: "trash", label: "Restore", disabled: items, run: () => go(actions.restore()) }
      : { action: "trash", label: "To trash", disabled: items, run: () => go(actions.trash()) },
    save: {
      action: "save",
      label: "Save to disk",
      disabled: readOnly || (history.unsaved > 0 ? false : "everything is on disk"),
      run: () => {
        ui.dialog.value = { kind: "save" };
      },
    },
    rename: {
      action: "rename",
      label: "Rename the cluster",
      disabled: readOnly || (one ? false : "show one cluster first"),
      run: () => {
        ui.renaming.value = one ?? null;
      },
    },
    reviewed: {
      action: "reviewed",
      label: "Mark as reviewed",
      icon: "check",
      disabled: readOnly || (merge.length > 0 ? false : "show a cluster first"),
      run: () => go(actions.toggleReviewed()),
    },
    tag: {
      action: "tag",
      label: "Tag items",
      icon: "tag",
      disabled: items,
      run: () => {
        ui.dialog.value = { kind: "tags", target: "items", ids: [] };
      },
    },
    history: {
      action: "history",
      label: "History",
      icon: "history",
      disabled: false,
      run: () => {
        ui.dialog.value = { kind: "history" };
      },
    },
    help: {
      action: "help",
      label: "Keys and gestures",
      icon: "help",
      disabled: false,
      run: () => {
        ui.dialog.value = { kind: "help" };
      },
    },
    palette: {
      action: "palette",
      label: "All commands",
      disabled: false,
      run: () => {
        ui.dialog.value = { kind: "palette" };
      },
    },
    fullscreen: {
      action: "fullscreen",
      label: ui.fullscreen.value ? "Leave full screen" : "Full screen",
      icon: ui.fullscreen.value ? "small" : "full",
      disabled: false,
      run: () => go(toggleFullscreen(store)),
    },
    compare: {
      action: "compare",
      label: "Compare side by side",
      disabled: selected >= 2 && selected <= 4 ? false : "select 2 to 4 items first",
      run: () => {
        ui.dialog.value = { kind: "compare", rows: [...kernel.selection.rows()] };
      },
    },
    select_all: {
      action: "select_all",
      label: "Select all shown",
      disabled: shown.total.value > 0 ? false : "nothing is shown",
      run: () => kernel.selection.apply(shown.allRows(), "replace"),
    },
  };
}

async function toggleFullscreen(store: Store): Promise<void> {
  const root = rootOf(store);
  if (!root) return;
  if (document.fullscreenElement) await document.exitFullscreen();
  else await root.requestFullscreen();
}
