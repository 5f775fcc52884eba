/** One cluster in the list. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { grouped, visible } from "../lib/text";
import type { ClusterInfo } from "../protocol/messages";
import { looksMixed, mixedShare, shownName, whyMixed } from "../state/cluster_list";
import { useStore } from "../state/store";
import { recentTargets } from "./commands";
import { Cover, Dot, Keys } from "./controls";

interface Props {
  cluster: ClusterInfo;
  chosen: boolean;
  flat: boolean;
  /** From the start of the list, px. */
  offset: number;
  place: number;
  total: number;
}

/** Inline rename: Enter keeps, Esc and leaving the field by Tab or click keep what is meant (Esc gives up). */
function NameField({ cluster }: { cluster: ClusterInfo }) {
  const { ui, actions } = useStore();
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  // In the same task as the key that asked for it: what is typed next belongs here.
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const finish = (keep: boolean, refocus: boolean) => {
    if (done.current) return;
    done.current = true;
    const name = field.current?.value ?? "";
    if (refocus) field.current?.closest<HTMLElement>("[role=listbox]")?.focus();
    ui.renaming.value = null;
    if (keep) actions.rename(cluster.id, name).catch(ui.fail);
  };
  return (
    <input
      ref={field}
      class="sh-input sh-rename"
      defaultValue={cluster.name}
      aria-label={`New name of ${visible(cluster.name)}`}
      data-testid="rename-input"
      maxLength={200}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") finish(true, true);
        if (event.key === "Escape") finish(false, true);
      }}
      onBlur={() => finish(true, false)}
    />
  );
}

function Sub({ cluster }: { cluster: ClusterInfo }) {
  if (cluster.kind !== "cluster") {
    const words = cluster.kind === "noise" ? "not in a cluster" : "left out, kept on disk";
    return <span class="sh-sub-text">{words}</span>;
  }
  if (cluster.reviewed) return <span class="sh-ok">✓ reviewed</span>;
  if (looksMixed(cluster)) {
    const share = `${Math.round(100 * mixedShare(cluster))}%`;
    const tip = whyMixed(cluster);
    return (
      <span class="sh-sub-text" title={tip}>
        looks mixed
        <span class="sh-mix">
          <i style={{ width: share }} />
        </span>
      </span>
    );
  }
  return <span class="sh-sub-text">not reviewed</span>;
}

export function ClusterRow({ cluster, chosen, flat, offset, place, total }: Props) {
  const store = useStore();
  const { ui, kernel } = store;
  const renaming = ui.renaming.value === cluster.id;
  const over = ui.drag.value?.over === cluster.id;
  kernel.selection.version.value;
  const digit = kernel.selection.count > 0 ? recentTargets(store).indexOf(cluster.id) + 1 : 0;
  const name = visible(shownName(cluster));
  const tags = cluster.tags.length > 0 ? ` · ${cluster.tags.map(visible).join(", ")}` : "";
  const tip = `${name} · ${grouped(cluster.size)}${cluster.description ? ` · ${visible(cluster.description)}` : ""}${tags}`;
  return (
    <div
      class={`sh-row sh-${cluster.kind}${chosen ? " sh-on" : ""}${over ? " sh-drop" : ""}`}
      id={`${ui.key}-${cluster.id}`}
      role="option"
      aria-selected={chosen}
      aria-posinset={place}
      aria-setsize={total}
      title={renaming ? undefined : tip}
      data-testid="cluster-row"
      data-cluster-id={cluster.id}
      style={{ transform: flat ? `translateX(${offset}px)` : `translateY(${offset}px)` }}
    >
      <Cover row={kernel.coverOf(cluster)} px={flat ? 60 : 40} />
      <div class="sh-row-text">
        {renaming ? <NameField cluster={cluster} /> : <div class="sh-name">{name}</div>}
        <div class="sh-sub">
          <Dot cluster={cluster} />
          <Sub cluster={cluster} />
        </div>
      </div>
      {digit > 0 && digit < 10 && !flat && <Keys text={String(digit)} />}
      <span class="sh-num">{grouped(cluster.size)}</span>
    </div>
  );
}
