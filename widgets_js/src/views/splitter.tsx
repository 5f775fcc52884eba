/** The line between two panes: drag it, or move it by the arrow keys; double-click puts it back. */
import { useRef } from "preact/hooks";
import { useStore } from "../state/store";
import { DEFAULT_PREFS } from "../state/ui_state";

const LIMITS = { side: [180, 480], map: [220, 1100] } as const;

/** Dragged this far below its least width, px, a pane folds away. */
const FOLD = 90;

export function Splitter({ pane }: { pane: "side" | "map" }) {
  const { ui } = useStore();
  const from = useRef<{ x: number; width: number } | null>(null);
  const sign = pane === "side" ? 1 : -1;
  const [low, high] = LIMITS[pane];
  const now = ui.prefs.value[pane];
  /** As wide as the pane is: on large screens wider than what is set. */
  const shown = (element: HTMLElement) =>
    element.parentElement?.querySelector<HTMLElement>(pane === "side" ? ".sh-side" : ".sh-map")
      ?.offsetWidth ?? now;
  const set = (width: number) => {
    if (width < low - FOLD) ui.set(pane === "side" ? { sideOpen: false } : { mapOpen: false });
    else ui.set({ [pane]: Math.round(Math.max(low, Math.min(high, width))) });
  };
  return (
    <div
      class={`sh-split sh-split-${pane}`}
      role="separator"
      aria-orientation="vertical"
      aria-label={pane === "side" ? "Width of the cluster list" : "Width of the map"}
      aria-valuemin={low}
      aria-valuemax={high}
      aria-valuenow={now}
      tabIndex={0}
      onPointerDown={(e) => {
        from.current = { x: e.clientX, width: shown(e.currentTarget) };
        e.currentTarget.setPointerCapture(e.pointerId);
      }}
      onPointerMove={(e) => {
        const start = from.current;
        if (start) set(start.width + sign * (e.clientX - start.x));
      }}
      onPointerUp={() => {
        from.current = null;
      }}
      onDblClick={() => ui.set({ [pane]: DEFAULT_PREFS[pane] })}
      onKeyDown={(e) => {
        const by = { ArrowLeft: -16, ArrowRight: 16 }[e.key];
        if (by === undefined) return;
        e.preventDefault();
        e.stopPropagation();
        set(shown(e.currentTarget) + sign * by);
      }}
    />
  );
}
