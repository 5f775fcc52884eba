/** The line below the map: what is selected, and a legend that filters: by a range of values, or to what the grid shows. */
import { useMemo, useRef } from "preact/hooks";
import { histogram } from "../lib/histogram";
import { rampAt } from "../lib/palette";
import { grouped, percent, plural, visible } from "../lib/text";
import type { TypedArray } from "../protocol/codec";
import type { ColumnInfo } from "../protocol/messages";
import { visibleRows } from "../state/map_filter";
import { countCodes } from "../state/rows_by_code";
import { useStore } from "../state/store";
import { Button, Dot } from "./controls";

const BINS = 32;
const WIDTH = 96;
const HEIGHT = 18;
/** A shorter stroke is a click: it shows everything again. */
const LEAST_STROKE = 0.03;
const STEP = 0.05;

const numberOf = (x: number): string =>
  Math.abs(x) >= 100 ? grouped(x) : x.toLocaleString("en", { maximumSignificantDigits: 3 });

function Bars({ info, values }: { info: ColumnInfo; values: TypedArray }) {
  const { ui } = useStore();
  const found = useMemo(() => histogram(values, BINS), [values]);
  const box = useRef<HTMLDivElement>(null);
  const start = useRef<number | null>(null);
  const filter = ui.mapFilter.value;
  const span = found.high - found.low;
  const share = (x: number) => (span > 0 ? (x - found.low) / span : 0);
  const range = filter?.kind === "range" ? [share(filter.low), share(filter.high)] : [0, 1];
  const [from, to] = range as [number, number];
  const set = (a: number, b: number) => {
    const low = Math.max(0, Math.min(a, b));
    const high = Math.min(1, Math.max(a, b));
    const whole = high - low < LEAST_STROKE || (low === 0 && high === 1);
    ui.mapFilter.value = whole
      ? null
      : { kind: "range", column: info.name, low: found.low + low * span, high: found.low + high * span };
  };
  const at = (event: PointerEvent): number => {
    const frame = box.current?.getBoundingClientRect();
    return frame ? Math.min(1, Math.max(0, (event.clientX - frame.left) / frame.width)) : 0;
  };
  const title = visible(info.title);
  const words = `${title} ${numberOf(found.low + from * span)} to ${numberOf(found.low + to * span)}`;
  return (
    <div
      ref={box}
      class="sh-bars"
      tabIndex={0}
      role="slider"
      aria-label={`Show points by ${title.toLowerCase()}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * from)}
      aria-valuetext={words}
      title={`${words}. Drag to show a part, click to show all. Arrows move the lower end, Shift the upper.`}
      data-testid="legend-bars"
      onPointerDown={(event) => {
        start.current = at(event);
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (start.current !== null) set(start.current, at(event));
      }}
      onPointerUp={(event) => {
        if (start.current !== null) set(start.current, at(event));
        start.current = null;
      }}
      onKeyDown={(event) => {
        const by = { ArrowRight: STEP, ArrowUp: STEP, ArrowLeft: -STEP, ArrowDown: -STEP }[event.key];
        if (event.key === "Escape" && filter) ui.mapFilter.value = null;
        else if (by === undefined) return;
        else if (event.shiftKey) set(from, Math.max(from + STEP, Math.min(1, to + by)));
        else set(Math.min(to - STEP, Math.max(0, from + by)), to);
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <svg
        width={WIDTH}
        height={HEIGHT}
        viewBox={`0 0 ${BINS} 1`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {Array.from(found.counts, (count, k) => {
          const height = found.most > 0 ? Math.max(count > 0 ? 0.08 : 0, Math.sqrt(count / found.most)) : 0;
          const middle = (k + 0.5) / BINS;
          const [r, g, b] = rampAt(middle);
          const out = middle < from || middle > to;
          return (
            <rect
              key={k}
              x={k}
              y={1 - height}
              width={0.86}
              height={height}
              fill={`rgb(${r} ${g} ${b})`}
              opacity={out ? 0.22 : 1}
            />
          );
        })}
      </svg>
    </div>
  );
}

export function Legend() {
  const store = useStore();
  const { kernel, ui, shown } = store;
  kernel.selection.version.value;
  kernel.clustersVersion.value;
  kernel.codesVersion.value;
  kernel.columns.version.value;
  const { count } = kernel.selection;
  const groups = count > 0 ? countCodes(kernel.selection.rows(), kernel.codes) : 0;
  const noise = [...kernel.clusters.values()].find((c) => c.kind === "noise");
  const n = kernel.meta.value?.nItems ?? 0;
  const by = ui.prefs.value.colourBy;
  const column = by ? kernel.columns.info(by) : undefined;
  const values = column ? kernel.columns.peek(column.name) : undefined;
  const filter = ui.mapFilter.value;
  const take = () => {
    const rows = visibleRows(store);
    kernel.selection.apply(rows, "replace");
    if (rows.length > 0)
      shown.gather(rows, filter?.kind === "range" && column ? visible(column.title) : "Shown on the map");
  };
  return (
    <div class="sh-legend">
      <span data-testid="selected-count">
        <b>{grouped(count)}</b> selected
      </span>
      {count > 0 && !filter && <span class="sh-muted">in {plural(groups, "cluster")}</span>}
      <span class="sh-grow" />
      {filter && (
        <button
          type="button"
          class="sh-link"
          data-testid="legend-take"
          title="Select what the map shows now"
          onClick={take}
        >
          Select these
        </button>
      )}
      {column && values && <Bars info={column} values={values} />}
      {!column && (
        <Button
          bare
          label="Only what the grid shows"
          icon="filter"
          testid="legend-shown"
          class="sh-small"
          pressed={filter?.kind === "shown"}
          onClick={() => {
            ui.mapFilter.value = filter?.kind === "shown" ? null : { kind: "shown" };
          }}
        />
      )}
      {noise && n > 0 && !column && (
        <button type="button" class="sh-link" onClick={() => shown.show([noise.id])} title="Show the noise">
          <Dot cluster={noise} /> noise {percent(noise.size / n)}
        </button>
      )}
    </div>
  );
}
