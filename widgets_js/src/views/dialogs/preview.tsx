/** One picture large, with its facts; arrows walk through the grid. And up to four side by side, zoomed and moved together. */
import { useEffect, useRef, useState } from "preact/hooks";
import { grouped, visible } from "../../lib/text";
import { shownName } from "../../state/cluster_list";
import type { Preview } from "../../state/facts";
import { useStore } from "../../state/store";
import { Button, Dot, Keys } from "../controls";
import { gridOf } from "../grid/grid";
import { moveFocus } from "../grid/select";
import { Icon } from "../icons";
import { DialogFrame, wordsOf } from "./dialog";
import { FilmStrip } from "./film";

const SIDE = 1600;

function usePreview(row: number): { preview: Preview | null; error: string } {
  const { facts } = useStore();
  const [state, setState] = useState<{ row: number; preview: Preview | null; error: string }>({
    row,
    preview: null,
    error: "",
  });
  useEffect(() => {
    let open = true;
    facts.preview(row, SIDE).then(
      (preview) => open && setState({ row, preview, error: "" }),
      (error: unknown) => open && setState({ row, preview: null, error: wordsOf(error) }),
    );
    return () => {
      open = false;
    };
  }, [row]);
  return state.row === row ? state : { preview: null, error: "" };
}

interface Look {
  zoom: number;
  x: number;
  y: number;
}
const STILL: Look = { zoom: 1, x: 0, y: 0 };
const MOST_ZOOM = 12;
const STEP = 1.5;

/** Keys of the pictures: + − zoom about the middle, 0 shows them whole. Null for other keys. */
function lookAfter(key: string, look: Look): Look | null {
  if (key === "0") return STILL;
  const by = key === "+" || key === "=" ? STEP : key === "-" || key === "−" ? 1 / STEP : 0;
  if (!by) return null;
  const zoom = Math.min(MOST_ZOOM, look.zoom * by);
  if (zoom <= 1) return STILL;
  const k = zoom / look.zoom;
  return { zoom, x: look.x * k, y: look.y * k };
}

/** A picture that follows a shared look; the wheel zooms about the pointer, dragging moves. */
function Stage({
  row,
  look,
  setLook,
  focused = false,
}: {
  row: number;
  look: Look;
  setLook(look: Look): void;
  /** Takes the focus when the dialog opens. */
  focused?: boolean;
}) {
  const store = useStore();
  const { preview, error } = usePreview(row);
  const box = useRef<HTMLDivElement>(null);
  const grip = useRef<{ x: number; y: number } | null>(null);
  const now = useRef(look);
  now.current = look;
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { zoom, x, y } = now.current;
      const next = Math.min(MOST_ZOOM, Math.max(1, zoom * Math.exp(-event.deltaY * 0.002)));
      const frame = element.getBoundingClientRect();
      const px = (event.clientX - frame.left - frame.width / 2) / frame.width;
      const py = (event.clientY - frame.top - frame.height / 2) / frame.height;
      const k = next / zoom;
      setLook(next === 1 ? STILL : { zoom: next, x: px - (px - x) * k, y: py - (py - y) * k });
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);
  const small = store.thumbs.peek(row, 512)?.url;
  const src = preview?.url ?? (error ? null : small);
  return (
    <div
      class="sh-stage"
      ref={box}
      tabIndex={focused ? 0 : undefined}
      data-autofocus={focused ? "" : undefined}
      role={focused ? "group" : undefined}
      aria-label={focused ? "The picture; arrows show the next" : undefined}
      onPointerDown={(e) => {
        grip.current = { x: e.clientX, y: e.clientY };
        e.currentTarget.setPointerCapture(e.pointerId);
      }}
      onPointerMove={(e) => {
        const g = grip.current;
        if (!g || look.zoom === 1) return;
        const frame = e.currentTarget.getBoundingClientRect();
        setLook({
          ...look,
          x: look.x + (e.clientX - g.x) / frame.width,
          y: look.y + (e.clientY - g.y) / frame.height,
        });
        grip.current = { x: e.clientX, y: e.clientY };
      }}
      onPointerUp={() => {
        grip.current = null;
      }}
    >
      {src && (
        <img
          src={src}
          alt={visible(preview?.info.path ?? "")}
          draggable={false}
          data-testid="preview-img"
          style={{ transform: `translate(${100 * look.x}%,${100 * look.y}%) scale(${look.zoom})` }}
        />
      )}
      {error && (
        <p class="sh-broken-large">
          <Icon name="broken" /> cannot be shown: {visible(error)}
        </p>
      )}
    </div>
  );
}

export function PreviewDialog({ index, row }: { index: number; row: number }) {
  const store = useStore();
  const { kernel, ui, shown, facts, actions } = store;
  const [look, setLook] = useState(STILL);
  const { preview } = usePreview(row);
  const total = shown.total.value;
  kernel.codesVersion.value;
  const cluster = kernel.clusterOf(kernel.codes[row] as number);
  const info = preview?.info ?? facts.peek(row);
  const go = (by: number) => {
    const next = index + by;
    if (index < 0 || next < 0 || next >= total) return;
    setLook(STILL);
    moveFocus(store, next, false);
    gridOf(store)?.view.reveal(next);
    ui.dialog.value = { kind: "preview", index: next, row: shown.rowAt(next) };
  };
  useEffect(() => {
    // The neighbours come ahead of the arrows.
    const timer = setTimeout(() => {
      for (const near of [index + 1, index - 1]) {
        const other = shown.rowAt(near);
        if (other >= 0)
          facts
            .preview(other, SIDE)
            .catch((error: unknown) => console.info("shoal: no preview ahead.", error));
      }
    }, 150);
    return () => clearTimeout(timer);
  }, [row]);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      go(by);
    } else if (event.key === " ") {
      event.preventDefault();
      ui.dialog.value = null;
    } else if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (event.key === "m" || event.key === "Delete") {
      event.preventDefault();
      if (kernel.meta.peek()?.readOnly) return;
      kernel.selection.apply(Uint32Array.of(row), "replace");
      if (event.key === "m") ui.dialog.value = { kind: "move" };
      else toNoise();
    } else {
      const next = lookAfter(event.key, look);
      if (!next) return;
      event.preventDefault();
      setLook(next);
    }
  };
  /** The next item takes the place of one that is sent away. */
  const toNoise = () => {
    actions.toNoise().then(() => {
      if (ui.dialog.peek()?.kind !== "preview") return;
      const next = shown.rowAt(index) >= 0 ? index : index - 1;
      const other = shown.rowAt(next);
      ui.dialog.value = other >= 0 ? { kind: "preview", index: next, row: other } : null;
    }, ui.fail);
  };
  const jump = (other: number) => {
    setLook(STILL);
    const at = shown.indexOf(other);
    if (at >= 0) {
      moveFocus(store, at, false);
      gridOf(store)?.view.reveal(at);
    }
    ui.dialog.value = { kind: "preview", index: at, row: other };
  };
  const name = info?.path.split("/").pop() ?? `Item ${grouped(row + 1)}`;
  return (
    <DialogFrame title={visible(name)} class="sh-preview" width={1400} testid="preview" onKeyDown={onKeyDown}>
      <div class="sh-preview-body">
        <Stage row={row} look={look} setLook={setLook} focused />
        <dl class="sh-facts" tabIndex={0} aria-label="Facts">
          <div>
            <dt>Cluster</dt>
            <dd>
              <Dot cluster={cluster} /> {cluster ? visible(shownName(cluster)) : ""}
            </dd>
          </div>
          {preview && (
            <div>
              <dt>Picture</dt>
              <dd>
                {grouped(preview.width)} × {grouped(preview.height)} px
              </dd>
            </div>
          )}
          {info && (
            <div>
              <dt>File</dt>
              <dd class="sh-path">{visible(info.path)}</dd>
            </div>
          )}
          {info &&
            Object.entries(info.facts).map(([k, v]) => (
              <div key={k}>
                <dt>{visible(k)}</dt>
                <dd>{visible(v)}</dd>
              </div>
            ))}
          {info?.caption && (
            <div>
              <dt>Caption</dt>
              <dd>{visible(info.caption)}</dd>
            </div>
          )}
          {info && info.tags.length > 0 && (
            <div>
              <dt>Tags</dt>
              <dd>{info.tags.map((t) => visible(t)).join(", ")}</dd>
            </div>
          )}
        </dl>
      </div>
      <FilmStrip row={row} show={jump} />
      <footer class="sh-answers">
        <Button
          bare
          label="Previous (←)"
          icon="left"
          disabled={index > 0 ? false : index < 0 ? "it is not in the grid" : "this is the first"}
          onClick={() => go(-1)}
        />
        <Button
          bare
          label="Next (→)"
          icon="right"
          disabled={index < 0 ? "it is not in the grid" : index + 1 < total ? false : "this is the last"}
          onClick={() => go(1)}
        />
        <span class="sh-muted">{index >= 0 && `${grouped(index + 1)} of ${grouped(total)}`}</span>
        <span class="sh-hints sh-opt2">
          <Keys text="M" /> move <Keys text="Del" /> to noise <Keys text="+ − 0" /> zoom
        </span>
        <span class="sh-grow" />
        <Button
          label="Close"
          onClick={() => {
            ui.dialog.value = null;
          }}
        />
      </footer>
    </DialogFrame>
  );
}

export function CompareDialog({ rows }: { rows: readonly number[] }) {
  const { kernel, ui } = useStore();
  const [look, setLook] = useState(STILL);
  return (
    <DialogFrame
      title={`Compare ${rows.length}`}
      sub="The wheel, + and − zoom all of them; dragging moves all of them."
      onKeyDown={(event) => {
        const next = lookAfter(event.key, look);
        if (!next || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        setLook(next);
      }}
      class="sh-preview"
      width={1600}
      testid="compare"
    >
      <div class={`sh-compare sh-compare-${rows.length}`}>
        {rows.map((row) => {
          const cluster = kernel.clusterOf(kernel.codes[row] as number);
          return (
            <figure key={row}>
              <Stage row={row} look={look} setLook={setLook} />
              <figcaption>
                <Dot cluster={cluster} /> {cluster ? visible(shownName(cluster)) : ""}
              </figcaption>
            </figure>
          );
        })}
      </div>
      <footer class="sh-answers">
        <Button
          label="Whole pictures"
          autofocus
          disabled={look.zoom === 1 ? "they are" : false}
          onClick={() => setLook(STILL)}
        />
        <span class="sh-grow" />
        <Button
          label="Close"
          onClick={() => {
            ui.dialog.value = null;
          }}
        />
      </footer>
    </DialogFrame>
  );
}
