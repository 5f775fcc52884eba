/** Playback, in the place of the grid: a line of time, the edit that led here, and the clusters as they were. */
import { useEffect } from "preact/hooks";
import { clock, grouped, plural, visible } from "../lib/text";
import type { PastReply } from "../protocol/messages";
import { SPEEDS } from "../state/replay";
import { useStore } from "../state/store";
import { Button, Cover, Dot, Keys } from "./controls";
import { keepFocus } from "./drag";

const CLUSTERS = 120;

function Head() {
  const { replay, kernel, ui } = useStore();
  const { length, cursor: now } = kernel.history.value;
  const cursor = replay.cursor.value;
  const playing = replay.playing.value;
  const go = (by: number) => void replay.step(by).catch(ui.fail);
  return (
    <header class="sq-head sr-head">
      <span class="sh-tools" role="group" aria-label="Playback">
        <Button bare label="One edit back (←)" icon="left" testid="replay-back" onClick={() => go(-1)} />
        <Button
          bare
          label={playing ? "Pause (Space)" : "Play (Space)"}
          icon={playing ? "pause" : "play"}
          testid="replay-play"
          onClick={() => replay.toggle()}
        />
        <Button bare label="One edit further (→)" icon="right" testid="replay-next" onClick={() => go(1)} />
      </span>
      <input
        type="range"
        class="sh-slider sr-line"
        min={0}
        max={length}
        value={cursor}
        aria-label="Point of the history"
        aria-valuetext={`${cursor} of ${length} edits`}
        data-testid="replay-line"
        onInput={(e) => go(Number(e.currentTarget.value) - replay.cursor.peek())}
      />
      <b class="sh-num" data-testid="replay-at">
        {grouped(cursor)} of {grouped(length)}
      </b>
      <span class="sh-tools" role="group" aria-label="Speed">
        {SPEEDS.map((speed) => (
          <button
            key={speed}
            type="button"
            class="sh-btn sr-speed"
            aria-pressed={replay.speed.value === speed}
            data-testid={`replay-speed-${speed}`}
            onClick={() => {
              replay.speed.value = speed;
            }}
          >
            {speed}×
          </button>
        ))}
      </span>
      <Button
        primary
        label={cursor === now ? "The review is here" : "Make the review so"}
        testid="replay-take"
        disabled={cursor === now && "nothing would change"}
        onClick={() => void replay.take().catch(ui.fail)}
      />
      <Button
        bare
        class="sq-close"
        icon="close"
        label="Back to the grid (Esc)"
        testid="replay-close"
        onClick={() => replay.leave()}
      />
    </header>
  );
}

function Edit({ past }: { past: PastReply }) {
  const { kernel } = useStore();
  return (
    <section class="sr-edit" aria-live="polite">
      <h3 class="sq-ask" data-testid="replay-label">
        {past.cursor === 0 ? "As it was opened" : visible(past.label)}
      </h3>
      <p class="sh-muted">
        {past.cursor > 0 && `${clock(past.at)} · ${visible(past.actor)}`}
        {past.note === "auto" && " · automatic"}
        {past.checkpoint && <span class="sh-chip">{visible(past.checkpoint)}</span>}
        {past.saved && <span class="sh-chip sh-ok">saved</span>}
      </p>
      {past.moves.map((move) => (
        <div key={`${move.sourceName} ${move.targetName}`} class="sh-again-move" data-testid="replay-move">
          <header>
            <span class="sh-name">{visible(move.sourceName)}</span>
            <span aria-label="to">→</span>
            <span class="sh-inline">
              <Dot cluster={kernel.clusters.get(move.target ?? "")} />
              <b class="sh-name">{visible(move.targetName)}</b>
            </span>
            <span class="sh-grow" />
            <span class="sh-muted">{plural(move.count, "item")}</span>
          </header>
          <div class="sh-again-pics">
            {move.examples.map((row) => (
              <Cover key={row} row={row} px={72} fluid />
            ))}
          </div>
        </div>
      ))}
    </section>
  );
}

function Clusters({ past }: { past: PastReply }) {
  const more = past.clusters.length - CLUSTERS;
  return (
    <section aria-label="The clusters at this point">
      <p class="sh-muted">
        {plural(past.clusters.length, "cluster")} · {grouped(past.nNoise)} in noise
        {past.nTrash > 0 && ` · ${grouped(past.nTrash)} in the trash`}
      </p>
      <ul class="sr-clusters">
        {past.clusters.slice(0, CLUSTERS).map((c) => (
          <li
            key={c.id}
            class="sr-cluster"
            data-changed={c.changed ? "" : undefined}
            data-testid="replay-cluster"
          >
            <Cover row={c.cover} px={40} />
            <span class="sh-name">{visible(c.name)}</span>
            <span class="sh-num">{grouped(c.size)}</span>
          </li>
        ))}
        {more > 0 && <li class="sh-muted">and {grouped(more)} more</li>}
      </ul>
    </section>
  );
}

export function ReplayPane() {
  const store = useStore();
  const { replay } = store;
  const open = replay.open.value;
  useEffect(() => (open ? () => keepFocus(store) : undefined), [open]);
  if (!open) return null;
  const past = replay.past.value?.reply;
  return (
    <section
      class="sq sq-pane"
      aria-label="The history, played back"
      data-testid="replay-pane"
      data-cursor={past?.cursor}
    >
      <Head />
      <div class="sq-body sr-body">
        {past && <Edit past={past} />}
        {past && <Clusters past={past} />}
      </div>
      <footer class="sq-foot">
        <span class="sq-hints">
          <span>
            <Keys text="Space" /> play, pause
          </span>
          <span>
            <Keys text="← →" /> step
          </span>
          <span>
            <Keys text="Esc" /> back
          </span>
        </span>
        <span class="sq-said">This is a look back. The review stays as it is.</span>
      </footer>
    </section>
  );
}

/** Keys while the history is played back; true when a key meant something. */
export function replayKey(store: ReturnType<typeof useStore>, key: string): boolean {
  const { replay, ui } = store;
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    PageUp: -10,
    PageDown: 10,
    Home: Number.NEGATIVE_INFINITY,
    End: Number.POSITIVE_INFINITY,
  };
  const by = steps[key];
  if (by !== undefined) replay.step(by).catch(ui.fail);
  else if (key === " ") replay.toggle();
  else if (key === "Escape") replay.leave();
  else return false;
  return true;
}
