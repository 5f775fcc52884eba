/** The queue as an anywidget: the only file of this widget that knows Jupyter. */
import "../style/queue.css";
import type { RenderProps } from "@anywidget/types";
import { effect, signal } from "@preact/signals";
import { render as draw, h } from "preact";
import { AnywidgetTransport } from "../protocol/anywidget_transport";
import { type QueueMode, QueueState } from "../state/queue_state";
import { Store } from "../state/store";
import { QueueApp } from "../views/queue/queue_app";

interface Traits {
  _revision: number;
  mode: QueueMode;
  height: number;
  theme: string;
}

function render({ model, el }: RenderProps<Traits>): () => void {
  const store = new Store(new AnywidgetTransport(model));
  const state = new QueueState(store, model.get("mode") ?? "review");
  const height = signal(model.get("height") ?? 640);
  const theme = () => model.get("theme") ?? "auto";
  const stop = effect(() => draw(h(QueueApp, { store, state, theme, height: height.value }), el));
  const onHeight = () => {
    height.value = model.get("height") ?? 640;
  };
  const onTheme = () => el.querySelector(".shoal")?.dispatchEvent(new CustomEvent("shoal:theme"));
  const onMode = () => state.go(model.get("mode")).catch(store.ui.fail);
  model.on("change:height", onHeight);
  model.on("change:theme", onTheme);
  model.on("change:mode", onMode);
  store.kernel
    .sync()
    .then(() => state.ask())
    .catch(store.ui.fail);
  return () => {
    stop();
    model.off("change:height", onHeight);
    model.off("change:theme", onTheme);
    model.off("change:mode", onMode);
    draw(null, el);
    state.close();
    store.close();
  };
}

export default { render };
