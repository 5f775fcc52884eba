/** The map pane: the point view in its frame, with tools, colours, tooltip and the line below. */
import { effect, untracked } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { measureToPaint } from "../lib/marks";
import { clusterColor, NOISE, parseHex, rampAt } from "../lib/palette";
import { visible } from "../lib/text";
import { mapMask } from "../state/map_filter";
import { type Store, useStore } from "../state/store";
import type { Tool } from "../state/ui_state";
import { Button, MenuButton } from "./controls";
import { gridOf } from "./grid/grid";
import type { IconName } from "./icons";
import { mapOf, setMap } from "./map_handle";
import { Legend } from "./map_legend";
import { colourItems, type Hover, Tip } from "./map_parts";
import { Scatter, type SelectMode } from "./scatter/scatter";

const TOOLS: readonly { tool: Tool; icon: IconName; label: string }[] = [
  { tool: "lasso", icon: "lasso", label: "Lasso" },
  { tool: "rect", icon: "rect", label: "Rectangle" },
  { tool: "brush", icon: "brush", label: "Brush" },
  { tool: "pan", icon: "pan", label: "Move the map" },
];

/** What a stroke on the map means: a click goes to the item, a stroke gathers items in the grid. */
function select(store: Store, rows: Uint32Array, mode: SelectMode, how: string): void {
  const { kernel, shown, ui } = store;
  // From when the hand let go, which is before its points were looked for.
  const start = Math.min(performance.now(), globalThis.event?.timeStamp ?? Number.POSITIVE_INFINITY);
  kernel.selection.apply(rows, mode);
  if (how === "click") {
    const row = rows[0];
    if (rows.length === 1 && row !== undefined && mode === "replace") goTo(store, row);
  } else if (kernel.selection.count > 0) {
    const all = kernel.selection.rows();
    ui.active.value = -1;
    ui.anchor.value = -1;
    shown.gather(all, how === "lasso" ? "Lasso" : how === "rect" ? "Rectangle" : "Brush");
  }
  measureToPaint("shoal:lasso-to-grid", start);
}

/** Show a row in the grid: where it is shown already, else in its cluster. */
export function goTo(store: Store, row: number): void {
  const { kernel, shown, ui } = store;
  let index = shown.indexOf(row);
  if (index < 0) {
    const cluster = kernel.clusterOf(kernel.codes[row] as number);
    if (!cluster) return;
    shown.show([cluster.id]);
    index = shown.indexOf(row);
  }
  ui.active.value = index;
  ui.anchor.value = index;
  gridOf(store)?.view.reveal(index, "centre");
}

const rgbOf = (store: Store) => (code: number) => {
  const cluster = store.kernel.clusterOf(code);
  return parseHex(cluster?.kind === "cluster" ? clusterColor(cluster.color) : NOISE);
};

function readTheme(root: Element) {
  const css = getComputedStyle(root);
  const at = (name: string) => css.getPropertyValue(name).trim();
  return {
    background: "var(--bg)",
    ink: "var(--ink)",
    accent: "var(--accent)",
    line: "var(--line)",
    noise: at("--noise") || NOISE,
  };
}

function mount(store: Store, container: HTMLElement, onHover: (hover: Hover | null) => void): () => void {
  const { kernel, ui, asking, replay } = store;
  const scatter = new Scatter({
    container,
    label: "Map of the items. Draw around points to select them.",
    onSelect: (rows, mode, how) => select(store, rows, mode, how),
    onHover: (row, x, y) => onHover(row === null ? null : { row, x, y }),
    onOpen: (row) => {
      goTo(store, row);
      ui.dialog.value = { kind: "preview", index: ui.active.peek(), row };
    },
    onError: ui.fail,
  });
  const fit = (rows?: Uint32Array) => (rows && rows.length === 0 ? undefined : scatter.fit(rows));
  setMap(store, { fit });
  let placed: unknown = null;
  let session: unknown = null;
  const colours = new Map<number, number>();
  /** True when a cluster came or has another colour. */
  const coloursChanged = (): boolean => {
    let changed = false;
    for (const c of kernel.clusters.values()) {
      if (colours.get(c.code) !== c.color) {
        colours.set(c.code, c.color);
        changed = true;
      }
    }
    return changed;
  };
  let filtered = false;
  let back = false; // a look back is shown
  let patched = -1; // version of the codes that the map has already
  const stops = [
    effect(() => {
      kernel.columns.version.value;
      const position = kernel.meta.value?.columns.find((c) => c.role === "position");
      const xy = position && kernel.loaded.value ? kernel.columns.need(position.name) : undefined;
      if (!xy || xy === placed) return;
      placed = xy;
      const n = xy.length / 2;
      const x = new Float32Array(n);
      const y = new Float32Array(n);
      for (let i = 0; i < n; i++) {
        x[i] = xy[2 * i] as number;
        y[i] = xy[2 * i + 1] as number;
      }
      scatter.setPoints(x, y);
    }),
    effect(() => {
      kernel.clustersVersion.value;
      if (kernel.loaded.value && coloursChanged()) scatter.setPalette(rgbOf(store));
    }),
    effect(() => {
      const version = kernel.codesVersion.value;
      if (!kernel.loaded.value) return;
      const { codes } = kernel;
      if (session === codes && patched === version) return;
      session = codes;
      patched = version;
      scatter.setCodes(codes);
    }),
    effect(() => {
      // A look back has codes and colours of its own; what is there now comes back with its end.
      const past = replay.past.value;
      if (!kernel.loaded.value || (past === null && !back)) return;
      back = past !== null;
      const colour = (code: number) => parseHex(clusterColor(past?.colours.get(code) ?? 0));
      scatter.setPalette(
        past ? (code) => (past.colours.has(code) ? colour(code) : parseHex(NOISE)) : rgbOf(store),
      );
      untracked(() => scatter.setCodes(past?.codes ?? kernel.codes));
    }),
    effect(() => {
      kernel.selection.version.value;
      const asked = asking.mask.value ?? replay.mask.value; // what a question or a look back is about stands out
      if (kernel.loaded.value) scatter.setSelection(asked ?? kernel.selection.mask);
    }),
    effect(() => scatter.setRinged(asking.rows.value)),
    effect(() => scatter.setTool(ui.prefs.value.tool)),
    effect(() => {
      const mask = mapMask(store);
      if (!kernel.loaded.value || (mask === null && !filtered)) return; // nothing to paint anew
      filtered = mask !== null;
      untracked(() => scatter.setVisible(mask));
    }),
    effect(() => {
      const pointed = ui.pointed.value;
      const code = pointed === null ? undefined : kernel.clusters.get(pointed)?.code;
      untracked(() => scatter.setFocus(code === undefined || code < 0 ? null : code));
    }),
    effect(() => {
      ui.themeVersion.value;
      scatter.setTheme(readTheme(container));
    }),
    effect(() => {
      const name = ui.prefs.value.colourBy;
      kernel.columns.version.value;
      if (!kernel.loaded.value) return;
      const values = name !== null && kernel.columns.info(name) ? kernel.columns.need(name) : undefined;
      untracked(() => scatter.setValues(values ? new Float32Array(values) : null, rampAt));
    }),
    kernel.onApplied(({ moved, changed }) => {
      // Before the effects run: only the touched points are coloured anew.
      if (changed.clusters.length > 0 && coloursChanged()) scatter.setPalette(rgbOf(store));
      for (const { to, rows } of moved) scatter.updateCodes(rows, to);
      patched = kernel.codesVersion.peek();
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    setMap(store, null);
    scatter.destroy();
  };
}

export function MapPane() {
  const store = useStore();
  const { ui, kernel } = store;
  const plot = useRef<HTMLDivElement>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const hasMap = kernel.meta.value?.columns.some((c) => c.role === "position") ?? true;
  useLayoutEffect(() => {
    if (!plot.current || !hasMap) return undefined;
    return mount(store, plot.current, setHover);
  }, [store, hasMap]);
  const { tool, colourBy } = ui.prefs.value;
  const column = colourBy ? kernel.columns.info(colourBy) : undefined;
  return (
    <section class="sh-map" aria-label="Map">
      <header class="sh-pane-head">
        <span class="sh-tools" role="group" aria-label="Tool of the map">
          {TOOLS.map((t) => (
            <Button
              key={t.tool}
              bare
              label={t.label}
              icon={t.icon}
              pressed={tool === t.tool}
              testid={`tool-${t.tool}`}
              onClick={() => ui.set({ tool: t.tool })}
            />
          ))}
        </span>
        <Button bare label="Show all points" icon="fit" testid="fit" onClick={() => mapOf(store)?.fit()} />
        <span class="sh-grow" />
        <MenuButton
          label={`Colour by ${column ? visible(column.title).toLowerCase() : "cluster"}`}
          title="Colour the points by"
          items={() => colourItems(store)}
          testid="colour-by"
        />
        <Button
          bare
          label="Fold the map away"
          icon="close"
          testid="fold-map"
          onClick={() => ui.set({ mapOpen: false })}
        />
      </header>
      <div class="sh-plot" data-testid="map">
        <div class="sh-plot-host" ref={plot} />
        {!hasMap && (
          <p class="sh-empty">This review has no map. Give one with project() and open it again.</p>
        )}
        {hover && <Tip hover={hover} frame={plot.current} />}
      </div>
      <Legend />
    </section>
  );
}
