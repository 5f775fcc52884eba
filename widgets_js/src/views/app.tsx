/** The whole widget: panes, what lies over them, keys, theme and size. */
import { Component, type ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Store, StoreProvider, useStore } from "../state/store";
import { DEFAULT_PREFS } from "../state/ui_state";
import { handleKey } from "./app_keys";
import { Dialogs } from "./dialogs";
import { setRoot } from "./drag";
import { Foot } from "./foot";
import { GridPane } from "./grid_pane";
import { MapPane } from "./map_pane";
import { Banner, DragLayer, MenuLayer, Toasts } from "./overlays";
import { QueuePane } from "./queue/queue_app";
import { ReplayPane } from "./replay_pane";
import { Sidebar } from "./sidebar";
import { Splitter } from "./splitter";
import { watchTheme } from "./theme";
import { TopBar } from "./top_bar";

const MEDIUM = 1000;
const NARROW = 620;

/** Exceptions while drawing are shown in words; the rest of the page goes on. */
class Guard extends Component<
  { children: ComponentChildren; onError(error: unknown): void },
  { failed: string }
> {
  override state = { failed: "" };
  override componentDidCatch(error: unknown): void {
    this.setState({ failed: error instanceof Error ? error.message : String(error) });
    this.props.onError(error);
  }
  render() {
    if (!this.state.failed) return this.props.children;
    return (
      <div class="sh-crash" role="alert">
        <b>The view stopped.</b> Your edits are kept by the kernel.
        <code>{this.state.failed}</code>
        <button type="button" class="sh-btn sh-ghost" onClick={() => this.setState({ failed: "" })}>
          Draw it again
        </button>
      </div>
    );
  }
}

/** Until somebody drags its edge, the map takes its share of a large screen. */
function mapWidth(map: number): string {
  return map === DEFAULT_PREFS.map ? `max(${map}px, min(26%, 1000px))` : `${map}px`;
}

function Panes({ onReady }: { onReady(): void }) {
  const { ui, kernel, asking, replay } = useStore();
  const { side, map, mapOpen, sideOpen } = ui.prefs.value;
  const width = ui.width.value;
  const columns =
    width === "wide"
      ? { "--side": sideOpen ? `${side}px` : "0px", "--map": mapOpen ? mapWidth(map) : "0px" }
      : {};
  return (
    <div class={`sh-app${mapOpen ? "" : " sh-no-map"}${sideOpen ? "" : " sh-no-side"}`} style={columns}>
      <TopBar />
      {sideOpen && <Sidebar />}
      {kernel.loaded.value ? (
        <GridPane onSettled={onReady} covered={asking.open.value !== null || replay.open.value} />
      ) : (
        <Waiting />
      )}
      <QueuePane />
      <ReplayPane />
      {mapOpen && <MapPane />}
      <Foot />
      {width === "wide" && sideOpen && <Splitter pane="side" />}
      {width === "wide" && mapOpen && <Splitter pane="map" />}
    </div>
  );
}

function Waiting() {
  return (
    <section class="sh-main sh-waiting" aria-label="Items" aria-busy="true">
      <p class="sh-empty">Reading the review…</p>
    </section>
  );
}

function Root({ store, theme, height }: { store: Store; theme: () => string; height: number }) {
  const { kernel, ui } = store;
  const root = useRef<HTMLDivElement>(null);
  const [painted, setPainted] = useState(false);
  const position = kernel.meta.value?.columns.find((c) => c.role === "position");
  kernel.columns.version.value;
  const ready =
    painted &&
    kernel.loaded.value &&
    (!position || !ui.prefs.value.mapOpen || kernel.columns.peek(position.name) !== undefined);
  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    setRoot(store, element);
    const observer = new ResizeObserver(([entry]) => {
      const w = entry?.contentRect.width ?? 0;
      if (w > 0) ui.width.value = w > MEDIUM ? "wide" : w > NARROW ? "medium" : "narrow";
    });
    observer.observe(element);
    const stopTheme = watchTheme(element, theme, () => {
      ui.themeVersion.value++;
    });
    const onFull = () => {
      ui.fullscreen.value = document.fullscreenElement === element;
    };
    document.addEventListener("fullscreenchange", onFull);
    // Native listeners: they must see the key before anything outside the widget does.
    const onKey = (event: KeyboardEvent) => {
      element.dataset.keys = "true"; // the focused card is marked while keys are used
      handleKey(store, event);
    };
    const onPointer = () => {
      delete element.dataset.keys;
    };
    element.addEventListener("keydown", onKey);
    element.addEventListener("pointerdown", onPointer, { capture: true });
    return () => {
      observer.disconnect();
      stopTheme();
      document.removeEventListener("fullscreenchange", onFull);
      element.removeEventListener("keydown", onKey);
      element.removeEventListener("pointerdown", onPointer, { capture: true });
    };
  }, [store]);
  const seen = useRef(false);
  const onReady = () => {
    if (seen.current) return;
    seen.current = true;
    setPainted(true);
    performance.measure("shoal:first-paint", { start: store.openedAt, end: performance.now() });
  };
  return (
    <div
      class="shoal"
      ref={root}
      tabIndex={0}
      role="application"
      aria-label="Cluster browser"
      data-testid="shoal-browser"
      data-lm-suppress-shortcuts="true"
      data-jp-suppress-context-menu="true"
      data-width={ui.width.value}
      data-ready={ready ? "true" : undefined}
      data-revision={kernel.revision.value}
      style={{ height: ui.fullscreen.value ? "100%" : `${height}px` }}
    >
      <Guard onError={ui.fail}>
        <Panes onReady={onReady} />
      </Guard>
      <Banner />
      <Guard onError={ui.fail}>
        <Dialogs />
      </Guard>
      <MenuLayer />
      <DragLayer />
      <Toasts />
    </div>
  );
}

export function App(props: { store: Store; theme: () => string; height: number }) {
  return (
    <StoreProvider value={props.store}>
      <Root {...props} />
    </StoreProvider>
  );
}
