/** Auto-move: a slider over thresholds, with how many would move and how many of them rightly. */
import { useEffect, useState } from "preact/hooks";
import { grouped, plural } from "../../lib/text";
import type { AutoMoveStep } from "../../protocol/messages";
import type { QueueState } from "../../state/queue_state";
import { Button } from "../controls";

const WISH = 0.98;

/** The lowest stop whose precision is as wished from there on; else the highest that moves anything. */
export function firstStop(steps: readonly AutoMoveStep[]): number {
  let found = steps.length - 1;
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i] as AutoMoveStep;
    if (step.precision !== null && step.precision < WISH) break;
    if (step.precision !== null) found = i;
  }
  return Math.max(0, found);
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

export function AutoMove({ state, close }: { state: QueueState; close(): void }) {
  const { transport, kernel, ui } = state.store;
  const [steps, setSteps] = useState<readonly AutoMoveStep[] | null>(null);
  const [at, setAt] = useState(0);
  const revision = kernel.revision.value;
  useEffect(() => {
    let open = true;
    transport.send({ kind: "get_auto_moves" }).then(({ reply }) => {
      if (!open) return;
      setSteps(reply.steps);
      setAt(firstStop(reply.steps));
    }, ui.fail);
    return () => {
      open = false;
    };
  }, [revision]);
  const step = steps?.[at];
  const run = () => {
    if (!step) return;
    transport.send({ kind: "run_auto_move", threshold: step.threshold }).then(({ reply }) => {
      state.label.value = reply.label;
      close();
    }, ui.fail);
  };
  return (
    <section class="sq-auto" aria-label="Auto-move" data-testid="auto-move-panel">
      {steps === null && <p>Reckoning…</p>}
      {steps?.length === 0 && <p>Nothing is left to move.</p>}
      {step && steps && (
        <>
          <label>
            Similarity of at least <b>{step.threshold.toFixed(2)}</b>
            <input
              type="range"
              min={0}
              max={steps.length - 1}
              value={at}
              aria-valuetext={`${step.threshold.toFixed(2)}: ${plural(step.count, "item")}`}
              data-testid="auto-move-slider"
              onInput={(e) => setAt(Number(e.currentTarget.value))}
            />
          </label>
          <p data-testid="auto-move-count">
            <b>{plural(step.count, "item")}</b> would move.{" "}
            {step.precision === null
              ? "Nothing that you placed by hand is that similar, so nobody can say how many rightly."
              : `About ${percent(step.precision)} of them rightly (${percent(step.low)} to ${percent(
                  step.high,
                )}), going by ${grouped(step.heldOut)} that you placed.`}
          </p>
          <Button
            primary
            label={`Move ${grouped(step.count)}`}
            disabled={step.count === 0 && "nothing is that similar"}
            testid="auto-move-run"
            onClick={run}
          />
        </>
      )}
    </section>
  );
}
