/** The line above the question: modes, progress, figures, switches, undo. */
import { useState } from "preact/hooks";
import { grouped, plural } from "../../lib/text";
import type { QueueMode, QueueState } from "../../state/queue_state";
import { Button } from "../controls";
import { AutoMove } from "./auto_move";

const MODES: readonly [QueueMode, string, string][] = [
  ["review", "Review", "Ask what helps most"],
  ["pairs", "Pairs", "Two pictures at a time: do they show the same?"],
  ["sort", "Sort", "What is left in noise, one by one or in pages"],
  ["disputed", "Disputed", "Where two models put the same picture into different clusters"],
  ["audit", "Audit", "Look at a random sample: how right is it?"],
];

function figures(state: QueueState): string {
  const s = state.status.value;
  if (!s) return "";
  if (state.mode.value === "disputed") {
    const later = s.later > 0 ? ` · ${grouped(s.later)} later` : "";
    return `${plural(s.disputed ?? 0, "disputed item")} left${later}`;
  }
  if (state.mode.value === "audit") return `${grouped(s.lookedAt)} of ${grouped(s.sample)} looked at`;
  const parts =
    state.mode.value === "review" || state.mode.value === "pairs"
      ? [`${grouped(s.answered)} answered`, `${grouped(s.confirmed)} of ${grouped(s.items)} confirmed`]
      : [`${grouped(s.items - s.remaining)} of ${grouped(s.items)} sorted`, `${grouped(s.manual)} by hand`];
  if (s.auto > 0) parts.push(`${grouped(s.auto)} automatic`);
  if (s.later > 0) parts.push(`${grouped(s.later)} later`);
  if (s.perMinute !== null) parts.push(`${s.perMinute.toFixed(0)} a minute`);
  if (s.minutesLeft !== null && s.minutesLeft > 0.5) parts.push(`${Math.ceil(s.minutesLeft)} min left`);
  return parts.join(" · ");
}

function share(state: QueueState): number {
  const s = state.status.value;
  if (!s) return 0;
  if (state.mode.value === "audit") return s.sample ? s.lookedAt / s.sample : 0;
  const done = state.mode.value !== "sort" ? s.confirmed : s.items - s.remaining;
  return s.items ? done / s.items : 1;
}

export function Head({ state, close }: { state: QueueState; close?: (() => void) | undefined }) {
  const { kernel, ui } = state.store;
  const [moving, setMoving] = useState(false);
  const mode = state.mode.value;
  const status = state.status.value;
  const history = kernel.history.value;
  const part = share(state);
  return (
    <header class="sq-head">
      <div class="sq-modes" role="tablist" aria-label="What to do">
        {MODES.filter(([name]) => name !== "disputed" || (status?.disputed ?? null) !== null).map(
          ([name, label, title]) => (
            <button
              key={name}
              type="button"
              role="tab"
              class="sq-mode"
              aria-selected={mode === name}
              title={title}
              data-testid={`mode-${name}`}
              onClick={() => state.go(name).catch(ui.fail)}
            >
              {label}
            </button>
          ),
        )}
      </div>
      <span class="sq-figures" data-testid="queue-figures">
        {figures(state)}
      </span>
      {mode === "sort" && (
        <>
          <label class="sq-switch">
            <input
              type="checkbox"
              checked={status?.paged ?? false}
              data-testid="paged"
              onChange={(e) => state.set({ paged: e.currentTarget.checked }).catch(ui.fail)}
            />
            Pages
          </label>
          <label class="sq-switch">
            <input
              type="checkbox"
              checked={status?.manualOnly ?? false}
              onChange={(e) => state.set({ manualOnly: e.currentTarget.checked }).catch(ui.fail)}
            />
            Manual only
          </label>
          <label class="sq-switch">
            <input
              type="checkbox"
              checked={status?.shuffled ?? false}
              onChange={(e) => state.set({ shuffle: e.currentTarget.checked }).catch(ui.fail)}
            />
            Shuffle
          </label>
          <Button ghost label="Auto-move…" testid="auto-move" onClick={() => setMoving(!moving)} />
        </>
      )}
      <Button
        ghost
        bare={close !== undefined}
        icon="undo"
        label="Undo"
        action="undo"
        disabled={history.cursor === 0 && "there is nothing to undo"}
        class="sq-undo"
        testid="queue-undo"
        onClick={() => state.undo().catch(ui.fail)}
      />
      {close && (
        <Button
          bare
          class="sq-close"
          icon="close"
          label="Back to the grid (Esc)"
          testid="queue-close"
          onClick={close}
        />
      )}
      <div
        class="sq-bar"
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * part)}
      >
        <span style={{ width: `${100 * part}%` }} />
      </div>
      {mode === "sort" && moving && <AutoMove state={state} close={() => setMoving(false)} />}
    </header>
  );
}
