/** Context menus of items and clusters. */

import { visible } from "../lib/text";
import type { ClusterInfo } from "../protocol/messages";
import { shownName } from "../state/cluster_list";
import type { Store } from "../state/store";
import type { MenuItem } from "../state/ui_state";
import { commands } from "./commands";
import { openMenu, shownKeys } from "./controls";
import { mapOf } from "./map_handle";

const LINE: MenuItem = { label: "", run: null };

export function itemMenu(store: Store, index: number, row: number, event: MouseEvent): void {
  const all = commands(store);
  const { kernel, ui, actions } = store;
  const cluster = kernel.clusterOf(kernel.codes[row] as number);
  const entry = (key: keyof typeof all): MenuItem => {
    const c = all[key];
    return { label: c.label, run: c.run, keys: shownKeys(c.action), disabled: c.disabled };
  };
  const items: MenuItem[] = [
    {
      label: "Show large",
      keys: "Space",
      run: () => {
        ui.dialog.value = { kind: "preview", index, row };
      },
    },
    entry("compare"),
    LINE,
    { ...entry("move"), label: "Move to…" },
    { ...entry("split"), label: "Split off…" },
    entry("to_noise"),
  ];
  if (cluster?.kind === "trash") {
    const keys = shownKeys("trash");
    items.push({ label: "Restore", keys, run: () => void actions.restore().catch(ui.fail) });
  } else items.push(entry("trash"));
  items.push(
    LINE,
    { ...entry("tag"), label: "Tag…" },
    {
      label: "Caption…",
      run: () => {
        ui.dialog.value = { kind: "caption" };
      },
    },
  );
  if (cluster?.kind === "cluster") {
    const edit = { type: "set_cover", cluster: cluster.id, row } as const;
    items.push({
      label: `Make cover of ${visible(cluster.name)}`,
      run: () => void actions.edit(edit).catch(ui.fail),
    });
  }
  items.push(LINE, { label: "Find on the map", run: () => mapOf(store)?.fit(kernel.selection.rows()) });
  openMenu(store, event, "Item", items);
}

export function clusterMenu(store: Store, cluster: ClusterInfo, at: MouseEvent | Element): void {
  const { ui, actions, kernel, shown } = store;
  const chosen = shown.ids.peek().filter((id) => kernel.clusters.get(id)?.kind === "cluster");
  const many = chosen.includes(cluster.id) && chosen.length > 1;
  const items: MenuItem[] = [];
  if (cluster.kind === "cluster") {
    items.push(
      {
        label: "Rename",
        keys: "F2",
        run: () => {
          ui.renaming.value = cluster.id;
        },
      },
      {
        label: "Describe…",
        run: () => {
          ui.dialog.value = { kind: "describe", id: cluster.id };
        },
      },
      {
        label: "Tags…",
        run: () => {
          ui.dialog.value = { kind: "tags", target: "clusters", ids: many ? chosen : [cluster.id] };
        },
      },
      {
        label: cluster.reviewed ? "Mark as not reviewed" : "Mark as reviewed",
        keys: "R",
        run: () => void actions.markReviewed(many ? chosen : [cluster.id], !cluster.reviewed).catch(ui.fail),
      },
      LINE,
      {
        label: many ? `Merge these ${chosen.length}…` : "Merge…",
        keys: "G",
        disabled: many ? false : "choose two or more clusters first (Ctrl-click)",
        run: () => {
          ui.dialog.value = { kind: "merge", ids: chosen };
        },
      },
      {
        label: "Propose a split…",
        keys: "Shift S",
        disabled: many ? "of one cluster at a time" : false,
        run: () => {
          ui.dialog.value = { kind: "propose", id: cluster.id };
        },
      },
      {
        label: "Let the tool choose the cover",
        run: () => void actions.edit({ type: "set_cover", cluster: cluster.id, row: null }).catch(ui.fail),
      },
    );
  }
  items.push(
    { label: "Fit in the map", run: () => mapOf(store)?.fit(kernel.rowsOf(cluster.id)) },
    {
      label: "Select all its items",
      run: () => kernel.selection.apply(kernel.rowsOf(cluster.id), "replace"),
    },
  );
  if (cluster.kind === "noise" && cluster.size > 0) {
    items.push(
      {
        label: "Bring noise home…",
        keys: "N",
        run: () => {
          ui.dialog.value = { kind: "harvest" };
        },
      },
      {
        label: "Propose a split…",
        run: () => {
          ui.dialog.value = { kind: "propose", id: cluster.id };
        },
      },
    );
  }
  if (cluster.kind === "trash") {
    items.push({
      label: "Restore all",
      run: () => {
        kernel.selection.apply(kernel.rowsOf(cluster.id), "replace");
        actions.restore().catch(ui.fail);
      },
    });
  }
  if (cluster.kind === "cluster") {
    items.push(LINE, {
      label: "Delete; its items go to noise…",
      danger: true,
      run: () => {
        ui.dialog.value = { kind: "delete", id: cluster.id };
      },
    });
  }
  openMenu(store, at, visible(shownName(cluster)), items);
}
