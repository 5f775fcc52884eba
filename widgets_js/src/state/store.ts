/** Everything one view of a review works with, wired together. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Transport } from "../protocol/transport";
import { Actions } from "./actions";
import { Asking } from "./asking";
import { Facts } from "./facts";
import { KernelState } from "./kernel_state";
import { Marks } from "./marks";
import { Replay } from "./replay";
import { Shown } from "./shown";
import { Thumbs } from "./thumbs";
import { type Prefs, UiState } from "./ui_state";

export class Store {
  readonly ui: UiState;
  readonly kernel: KernelState;
  readonly shown: Shown;
  readonly thumbs: Thumbs;
  readonly facts: Facts;
  readonly marks: Marks;
  readonly actions: Actions;
  readonly asking: Asking;
  readonly replay: Replay;
  /** When the view was opened, for the measure of the first paint. */
  readonly openedAt = performance.now();

  constructor(
    readonly transport: Transport,
    prefs: Partial<Prefs> = {},
  ) {
    this.ui = new UiState(prefs);
    this.kernel = new KernelState(transport, this.ui.fail);
    this.shown = new Shown(this.kernel);
    this.shown.sort.value = {
      column: this.ui.prefs.peek().sortColumn,
      descending: this.ui.prefs.peek().sortDescending,
    };
    this.thumbs = new Thumbs(transport, this.ui.fail);
    this.facts = new Facts(transport);
    this.marks = new Marks(this.kernel, transport, this.ui.fail);
    this.actions = new Actions(this);
    this.asking = new Asking(this);
    this.replay = new Replay(this);
  }

  /** Fetch the state and show the first cluster. */
  open(): void {
    this.kernel.placesAtOnce = this.ui.prefs.peek().mapOpen;
    this.kernel.sync().then(() => this.actions.showFirst(), this.ui.fail);
  }

  close(): void {
    this.asking.close();
    this.replay.close();
    this.actions.close();
    this.marks.close();
    this.kernel.close();
    this.ui.close();
    this.thumbs.clear();
    this.facts.forget();
    this.transport.close();
  }
}

const StoreContext = createContext<Store | null>(null);
export const StoreProvider = StoreContext.Provider;

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (!store) throw new Error("A view of shoal is drawn outside its store.");
  return store;
}
