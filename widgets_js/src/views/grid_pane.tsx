/** The middle pane: what is shown, how it is sorted, how large, and the grid. */
import { grouped, plural, visible } from "../lib/text";
import type { ClusterInfo } from "../protocol/messages";
import { looksMixed, shownName } from "../state/cluster_list";
import { type Store, useStore } from "../state/store";
import type { MenuItem, Quality } from "../state/ui_state";
import { commands } from "./commands";
import { Button, Dot, MenuButton } from "./controls";
import { Grid } from "./grid/grid";
import { clusterMenu } from "./item_menu";
import { TrashTools } from "./trash_tools";

/** Words for known columns: ascending, descending. */
const FIRST: Record<string, readonly [string, string]> = {
  disagreement: ["Models agree first", "Models disagree first"],
  outlier: ["Most typical first", "Outliers first"],
  similarity: ["Least like the rest first", "Most like the rest first"],
  probability: ["Least sure first", "Surest first"],
  sharpness: ["Least sharp first", "Sharpest first"],
  time_s: ["Earliest first", "Latest first"],
};

/** "Outliers first" where the column is known, else "Title ↑". */
function sortLabel(store: Store, column: string, descending: boolean): string {
  const words = FIRST[column];
  if (words) return words[descending ? 1 : 0];
  const title = store.kernel.columns.info(column)?.title ?? column;
  return `${visible(title)} ${descending ? "↓" : "↑"}`;
}

function sortItems(store: Store): MenuItem[] {
  const { kernel, shown, ui } = store;
  const now = shown.sort.peek();
  const set = (column: string | null, descending: boolean) => () => {
    shown.sort.value = { column, descending };
    ui.set({ sortColumn: column, sortDescending: descending });
  };
  const items: MenuItem[] = [
    { label: "Original order", checked: now.column === null, run: set(null, false) },
  ];
  for (const info of kernel.columns.infos.filter((c) => c.role === "sort")) {
    for (const descending of [!info.ascending, info.ascending]) {
      const checked = now.column === info.name && now.descending === descending;
      items.push({
        label: sortLabel(store, info.name, descending),
        checked,
        run: set(info.name, descending),
      });
    }
  }
  return items;
}

function qualityItems(store: Store): MenuItem[] {
  const names: Record<Quality, string> = { fast: "Fast, coarser", normal: "Normal", fine: "Fine, slower" };
  return (Object.keys(names) as Quality[]).map((quality) => ({
    label: names[quality],
    checked: store.ui.prefs.peek().quality === quality,
    run: () => store.ui.set({ quality }),
  }));
}

function Chips({ cluster }: { cluster: ClusterInfo }) {
  return (
    <span class="sh-chips sh-opt">
      {cluster.reviewed && <span class="sh-chip sh-ok">✓ reviewed</span>}
      {looksMixed(cluster) && <span class="sh-chip">looks mixed</span>}
      {cluster.tags.slice(0, 3).map((tag) => (
        <span key={tag} class="sh-chip">
          {visible(tag)}
        </span>
      ))}
    </span>
  );
}

function Title() {
  const store = useStore();
  const { kernel, shown, ui } = store;
  kernel.clustersVersion.value;
  kernel.selection.version.value;
  const view = shown.view.value;
  const total = shown.total.value;
  const selected = kernel.selection.count;
  const note = selected > 0 ? ` · ${grouped(selected)} selected` : "";
  if (view.kind === "gathered") {
    const groups = shown.segments.value.length;
    return (
      <>
        <Button
          bare
          label="Back to the clusters"
          icon="back"
          testid="leave-gathered"
          onClick={() => shown.leave()}
        />
        <h2 class="sh-h2">{view.title}</h2>
        <span class="sh-muted sh-opt2" data-testid="shown-count">
          {plural(total, "item")} from {plural(groups, "cluster")}
          {note}
        </span>
      </>
    );
  }
  const infos = view.ids.map((id) => kernel.clusters.get(id)).filter((c) => c !== undefined);
  const one = infos.length === 1 ? infos[0] : undefined;
  if (!one) {
    return (
      <>
        <h2 class="sh-h2">{infos.length === 0 ? "Nothing shown" : plural(infos.length, "cluster")}</h2>
        <span class="sh-muted sh-opt2" data-testid="shown-count">
          {plural(total, "item")}
          {note}
        </span>
        {infos.length > 1 && (
          <Button
            ghost
            label="Merge"
            icon="merge"
            class="sh-opt2"
            onClick={() => {
              ui.dialog.value = {
                kind: "merge",
                ids: infos.filter((c) => c.kind === "cluster").map((c) => c.id),
              };
            }}
          />
        )}
      </>
    );
  }
  return (
    <>
      <Dot cluster={one} />
      <h2
        class="sh-h2"
        data-testid="shown-title"
        title={one.description ? visible(one.description) : "Double-click to rename"}
        onDblClick={() => {
          if (one.kind === "cluster") ui.renaming.value = one.id;
        }}
      >
        {visible(shownName(one))}
      </h2>
      <span class="sh-muted sh-opt2" data-testid="shown-count">
        {plural(total, "item")}
        {note}
      </span>
      <Chips cluster={one} />
      <Button
        bare
        label={`More about ${visible(shownName(one))}`}
        icon="more"
        testid="cluster-menu"
        onClick={(e) => clusterMenu(store, one, e.currentTarget as Element)}
      />
    </>
  );
}

/** `covered`: the queue lies over it; it stays as it is, but takes no focus. */
export function GridPane({ onSettled, covered }: { onSettled: () => void; covered: boolean }) {
  const store = useStore();
  const { kernel, shown, ui, actions } = store;
  const sort = shown.sort.value;
  kernel.clustersVersion.value;
  const ids = shown.ids.value.filter((id) => kernel.clusters.get(id)?.kind === "cluster");
  const reviewed = ids.length > 0 && ids.every((id) => kernel.clusters.get(id)?.reviewed);
  const only = shown.ids.value.length === 1 ? kernel.clusters.get(shown.ids.value[0] ?? "")?.kind : undefined;
  const trash = only === "trash";
  const noise = only === "noise";
  const all = commands(store);
  const empty = kernel.loaded.value && shown.total.value === 0;
  return (
    <section class="sh-main" aria-label="Items" inert={covered}>
      <header class="sh-pane-head">
        {!ui.prefs.value.sideOpen && (
          <Button
            bare
            label="Open the list of clusters"
            icon="panel"
            testid="open-side"
            class="sh-flip"
            onClick={() => ui.set({ sideOpen: true })}
          />
        )}
        <Title />
        <span class="sh-grow" />
        {ids.length > 0 && (
          <Button
            ghost
            class="sh-opt sh-shrink"
            testid="reviewed"
            label={reviewed ? "Reviewed" : "Mark reviewed"}
            icon="check"
            action="reviewed"
            pressed={reviewed}
            disabled={kernel.meta.value?.readOnly ? "this review is read-only" : false}
            onClick={() => void actions.toggleReviewed().catch(ui.fail)}
          />
        )}
        {ids.length === 1 && looksMixed(kernel.clusters.get(ids[0] ?? "")) && (
          <Button
            ghost
            class="sh-opt sh-shrink"
            testid="propose"
            label="Propose a split"
            icon="split"
            disabled={all.propose.disabled}
            onClick={all.propose.run}
          />
        )}
        {noise && (
          <Button
            ghost
            class="sh-opt"
            testid="harvest"
            label="Bring home"
            icon="harvest"
            action="harvest"
            disabled={all.harvest.disabled}
            onClick={all.harvest.run}
          />
        )}
        {trash && <TrashTools />}
        <input
          type="range"
          class="sh-slider sh-opt"
          min={48}
          max={512}
          step={4}
          value={ui.prefs.value.thumb}
          aria-label="Size of the thumbnails"
          title="Size of the thumbnails"
          data-testid="thumb-size"
          onInput={(e) => ui.set({ thumb: Number(e.currentTarget.value) })}
        />
        <MenuButton
          label={sort.column === null ? "Original order" : sortLabel(store, sort.column, sort.descending)}
          title="Order of the items, and quality"
          testid="item-sort"
          items={() => [...sortItems(store), { label: "", run: null }, ...qualityItems(store)]}
        />
        {!ui.prefs.value.mapOpen && (
          <Button
            bare
            label="Open the map"
            icon="panel"
            testid="open-map"
            onClick={() => ui.set({ mapOpen: true })}
          />
        )}
      </header>
      <Grid onSettled={onSettled} />
      {empty && (
        <p class="sh-empty sh-empty-grid">
          {shown.ids.value.length > 0
            ? "This cluster is empty. Drag items onto it."
            : "Choose a cluster on the left."}
        </p>
      )}
    </section>
  );
}
