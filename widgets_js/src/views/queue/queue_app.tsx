/** The whole queue: what is asked, the answer by one key, and how far the work is. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { visible } from "../../lib/text";
import type { QueueState } from "../../state/queue_state";
import { type Store, StoreProvider, useStore } from "../../state/store";
import { keepFocus, rootOf, setRoot } from "../drag";
import { Toasts } from "../overlays";
import { watchTheme } from "../theme";
import { Claims } from "./claims";
import { Head } from "./head";
import { Keys } from "./keys_line";
import { PlacePage } from "./place_page";
import { handleKey } from "./queue_keys";
import { SortPage } from "./sort_page";
import { Who } from "./who";

interface Props {
  store: Store;
  state: QueueState;
  theme: () => string;
  height: number;
}

const ALL_SAID = {
  review: "Nothing is left that would be worth asking.",
  pairs: "Nothing is left to compare: the rest is known, or was put off.",
  sort: "Everything has its place: nothing is left in noise.",
  disputed: "The models agree about the rest, or you have said where it belongs.",
  audit: "The whole sample has been looked at.",
};

function Nothing({ state }: { state: QueueState }) {
  const mode = state.mode.value;
  const status = state.status.value;
  const problem = state.problem.value;
  if (problem)
    return (
      <div class="sq-done" data-testid="queue-problem" role="alert">
        <h3>{visible(problem.message)}</h3>
        <p>{visible(problem.hint)}</p>
      </div>
    );
  const later = mode !== "audit" && (status?.later ?? 0) > 0;
  return (
    <div class="sq-done" data-testid="queue-done">
      <h3>{status ? ALL_SAID[mode] : "Reading the review…"}</h3>
      {mode === "audit" && status?.estimate && <p>{status.estimate}</p>}
      {mode === "audit" && status?.advice && <p>{status.advice}</p>}
      {later && (
        <button
          type="button"
          class="sh-btn sh-primary"
          onClick={() => state.set({ again: true }).catch(state.store.ui.fail)}
        >
          Ask about the {status?.later} put off
        </button>
      )}
    </div>
  );
}

function Body({ state }: { state: QueueState }) {
  const question = state.question.value;
  if (!question) return <Nothing state={state} />;
  const Kind = { who: Who, page: SortPage, place: PlacePage }[question.kind as string] ?? Claims;
  return <Kind key={question.id} state={state} question={question} />;
}

/** What is asked, above it how far the work is, below it what the keys do. `close` is there inside the browser. */
export function QueueParts({ state, close }: { state: QueueState; close?: () => void }) {
  const body = useRef<HTMLDivElement>(null);
  const asked = state.question.value?.id;
  useLayoutEffect(() => body.current?.scrollTo(0, 0), [asked]); // not where the last one was left
  return (
    <>
      <Head state={state} close={close} />
      <div class="sq-body" ref={body}>
        <Body state={state} />
      </div>
      <Keys state={state} />
    </>
  );
}

/** The queue in the browser, in the place of the grid. */
export function QueuePane() {
  const store = useStore();
  const { asking } = store;
  const state = asking.open.value;
  useEffect(() => (state ? () => keepFocus(store) : undefined), [state]);
  if (!state) return null;
  const close = () => {
    rootOf(store)?.focus({ preventScroll: true }); // first: a notebook takes the focus of a button that goes
    asking.leave();
  };
  return (
    <section
      class="sq sq-pane"
      aria-label="Review queue"
      data-testid="queue-pane"
      data-mode={state.mode.value}
      data-question={state.question.value?.id ?? ""}
      data-busy={state.busy.value ? "true" : "false"}
    >
      <QueueParts state={state} close={close} />
    </section>
  );
}

export function QueueApp({ store, state, theme, height }: Props) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    setRoot(store, element);
    const stopTheme = watchTheme(element, theme, () => {
      store.ui.themeVersion.value++;
    });
    const onKey = (event: KeyboardEvent) => handleKey(state, event);
    element.addEventListener("keydown", onKey);
    return () => {
      stopTheme();
      element.removeEventListener("keydown", onKey);
    };
  }, [store]);
  return (
    <StoreProvider value={store}>
      <div
        ref={root}
        class="shoal sq"
        style={{ height: `${height}px` }}
        tabIndex={0}
        role="application"
        aria-label="Review queue"
        data-testid="shoal-queue"
        data-mode={state.mode.value}
        data-question={state.question.value?.id ?? ""}
        data-busy={state.busy.value ? "true" : "false"}
      >
        <QueueParts state={state} />
        <Toasts />
      </div>
    </StoreProvider>
  );
}
