/** The cluster browser as an anywidget: the only file of this widget that knows Jupyter. */
import "../style/index.css";
import type { AnyModel, RenderProps } from "@anywidget/types";
import { effect, signal } from "@preact/signals";
import { render as draw, h } from "preact";
import { AnywidgetTransport } from "../protocol/anywidget_transport";
import { readPrefs, writePrefs } from "../state/prefs";
import { Store } from "../state/store";
import { App } from "../views/app";

interface Traits {
  _revision: number;
  _expected: { items: number; columns: string[] };
  height: number;
  theme: string;
  view_state: Record<string, unknown>;
}

const PREFS_MS = 400;

/** Show the prefs of the last view, and keep them when they change. */
function keepPrefs(model: AnyModel<Traits>, store: Store): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = true;
  const stop = effect(() => {
    const prefs = writePrefs(store.ui.prefs.value);
    if (first) {
      first = false;
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(() => {
      model.set("view_state", prefs);
      model.save_changes();
    }, PREFS_MS);
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}

function render({ model, el }: RenderProps<Traits>): () => void {
  const store = new Store(new AnywidgetTransport(model), readPrefs(model.get("view_state")));
  store.kernel.expected = model.get("_expected") ?? null;
  store.open(); // before anything is drawn: the kernel works meanwhile
  const height = signal(model.get("height") ?? 680);
  const theme = () => model.get("theme") ?? "auto";
  const paint = () => draw(h(App, { store, theme, height: height.value }), el);
  const stopPaint = effect(paint);
  const onHeight = () => {
    height.value = model.get("height") ?? 680;
  };
  const onTheme = () => el.querySelector(".shoal")?.dispatchEvent(new CustomEvent("shoal:theme"));
  const onRevision = () => {
    // The trait runs ahead of the messages when an event was lost; give the event a moment, then catch up.
    const wanted = model.get("_revision");
    setTimeout(() => {
      if (store.kernel.loaded.peek() && wanted > store.kernel.revision.peek())
        store.kernel.sync().catch(store.ui.fail);
    }, 1_000);
  };
  model.on("change:height", onHeight);
  model.on("change:theme", onTheme);
  model.on("change:_revision", onRevision);
  const stopPrefs = keepPrefs(model, store);
  return () => {
    stopPaint();
    stopPrefs();
    model.off("change:height", onHeight);
    model.off("change:theme", onTheme);
    model.off("change:_revision", onRevision);
    draw(null, el);
    store.close();
  };
}

export default { render };
