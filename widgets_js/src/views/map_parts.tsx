/** What lies around the points: the tooltip, the choice of colours, the line below. */
import { useEffect, useState } from "preact/hooks";
import { visible } from "../lib/text";
import { shownName } from "../state/cluster_list";
import { type Store, useStore } from "../state/store";
import type { MenuItem } from "../state/ui_state";
import { Cover, Dot } from "./controls";

/** A row under the pointer, in client px. */
export interface Hover {
  row: number;
  x: number;
  y: number;
}

export function Tip({ hover, frame }: { hover: Hover; frame: HTMLElement | null }) {
  const store = useStore();
  const { kernel, facts } = store;
  const [, redraw] = useState(0);
  const info = facts.peek(hover.row);
  useEffect(() => {
    if (facts.peek(hover.row)) return undefined;
    const timer = setTimeout(() => {
      facts.info(hover.row).then(() => redraw((n) => n + 1), store.ui.fail);
    }, 80);
    return () => clearTimeout(timer);
  }, [hover.row]);
  const box = frame?.getBoundingClientRect();
  if (!box) return null;
  const x = hover.x - box.left;
  const y = hover.y - box.top;
  const cluster = kernel.clusterOf(kernel.codes[hover.row] as number);
  const right = x > box.width / 2;
  const low = y > box.height / 2;
  const style = {
    ...(right ? { right: `${box.width - x + 12}px` } : { left: `${x + 12}px` }),
    ...(low ? { bottom: `${box.height - y + 12}px` } : { top: `${y + 12}px` }),
  };
  return (
    <div class="sh-tip" style={style} role="status">
      <Cover row={hover.row} px={72} />
      <div class="sh-tip-text">
        <b>
          <Dot cluster={cluster} /> {cluster ? visible(shownName(cluster)) : ""}
        </b>
        {info && <span>{visible(info.path.split("/").pop() ?? "")}</span>}
        {info &&
          Object.entries(info.facts)
            .slice(0, 2)
            .map(([k, v]) => (
              <span key={k} class="sh-muted">
                {visible(k)} {visible(v)}
              </span>
            ))}
      </div>
    </div>
  );
}

export function colourItems(store: Store): MenuItem[] {
  const { ui, kernel } = store;
  const now = ui.prefs.peek().colourBy;
  const numbers = kernel.columns.infos.filter((c) => c.role === "colour" || c.role === "sort");
  const item = (label: string, name: string | null): MenuItem => ({
    label,
    checked: now === name,
    run: () => {
      ui.mapFilter.value = null;
      ui.set({ colourBy: name });
    },
  });
  return [item("Cluster", null), ...numbers.map((c) => item(visible(c.title), c.name))];
}
