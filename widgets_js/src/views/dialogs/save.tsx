/** Save: the plan in words, then progress, then what was done. */
import { useEffect, useState } from "preact/hooks";
import { grouped, plural, visible } from "../../lib/text";
import { KernelError, type PlanReply, type SavedReply } from "../../protocol/messages";
import { useStore } from "../../state/store";
import { Button, Keys } from "../controls";
import { DialogFrame, wordsOf } from "./dialog";
import { type Backup, Plan } from "./plan";

type Phase =
  | { kind: "planning" }
  | { kind: "plan"; plan: PlanReply }
  | { kind: "saving"; plan: PlanReply }
  | { kind: "saved"; saved: SavedReply }
  | { kind: "failed"; message: string; hint: string };

/** One function for all draws: the focus is taken once, when the button comes. */
const focusIt = (button: HTMLButtonElement | null) => button?.focus();

function Progress() {
  const { kernel, transport, ui } = useStore();
  const p = kernel.progress.value;
  const mine = p?.task === "save" ? p : null;
  const share = mine && mine.total > 0 ? mine.done / mine.total : 0;
  return (
    <>
      <div class="sh-sheet-body">
        <p aria-live="polite">
          {mine ? `${visible(mine.what)} · ${grouped(mine.done)} of ${grouped(mine.total)}` : "Starting…"}
        </p>
        <div
          class="sh-bar-outer"
          role="progressbar"
          aria-label="Save"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(100 * share)}
        >
          <i style={{ width: `${100 * share}%` }} />
        </div>
      </div>
      <footer class="sh-answers">
        <span class="sh-muted">Cancelling puts everything back.</span>
        <span class="sh-grow" />
        <Button
          ghost
          autofocus
          label="Cancel the save"
          testid="cancel-save"
          onClick={() => void transport.send({ kind: "cancel", task: "save" }).catch(ui.fail)}
        />
      </footer>
    </>
  );
}

export function SaveDialog() {
  const store = useStore();
  const { kernel, transport, ui } = store;
  const [phase, setPhase] = useState<Phase>({ kind: "planning" });
  const [backup, setBackup] = useState<Backup>("link");
  const [files, setFiles] = useState(false);
  const fail = (error: unknown) => {
    if (error instanceof KernelError) setPhase({ kind: "failed", message: error.message, hint: error.hint });
    else setPhase({ kind: "failed", message: wordsOf(error), hint: "" });
  };
  useEffect(() => {
    transport.send({ kind: "get_plan" }).then(({ reply }) => setPhase({ kind: "plan", plan: reply }), fail);
  }, []);
  const close = () => {
    ui.dialog.value = null;
  };
  const save = () => {
    if (phase.kind !== "plan") return;
    setPhase({ kind: "saving", plan: phase.plan });
    kernel.progress.value = null;
    transport
      .send({ kind: "save", backup }, [], kernel.revision.peek())
      .then(async ({ reply, revision }) => {
        if (revision > kernel.revision.peek()) await kernel.sync();
        setPhase({ kind: "saved", saved: reply });
      }, fail)
      .catch(fail);
  };
  const { unsaved } = kernel.history.value;
  const { exportsFile } = transport;
  const titles: Record<Phase["kind"], string> = {
    planning: "Save to disk",
    plan: exportsFile ? "Export the changes" : `Save ${plural(unsaved, "change")} to disk`,
    saving: "Saving…",
    saved: exportsFile ? "Exported" : "Saved",
    failed: "Not saved",
  };
  return (
    <DialogFrame
      title={titles[phase.kind]}
      sub={<span class="sh-path">{visible(kernel.meta.value?.root ?? "")}</span>}
      width={860}
      testid="save-dialog"
      closable={phase.kind !== "saving"}
      onKeyDown={(e) => {
        if (
          e.key !== "Enter" ||
          (e.target as Element).tagName === "SELECT" ||
          (e.target as Element).tagName === "BUTTON"
        )
          return;
        e.preventDefault();
        if (phase.kind === "plan") save();
        else if (phase.kind === "saved" || phase.kind === "failed") close();
      }}
    >
      {phase.kind === "planning" && <p class="sh-sheet-body">Working out what goes where…</p>}
      {phase.kind === "plan" && (
        <>
          <Plan plan={phase.plan} files={files} backup={backup} setBackup={setBackup} />
          <footer class="sh-answers" key="plan">
            <button
              type="button"
              class="sh-btn sh-primary"
              data-testid="save-confirm"
              ref={focusIt}
              onClick={save}
            >
              <span class="sh-label">{exportsFile ? "Export" : "Save"}</span> <Keys text="Enter" />
            </button>
            {phase.plan.files.length > 0 && (
              <Button
                ghost
                label={files ? "Hide the files" : `Show all ${grouped(phase.plan.nFiles)} files`}
                testid="show-files"
                onClick={() => setFiles(!files)}
              />
            )}
            <span class="sh-grow" />
            <button type="button" class="sh-btn" onClick={close}>
              <span class="sh-label">Cancel</span> <Keys text="Esc" />
            </button>
          </footer>
        </>
      )}
      {phase.kind === "saving" && <Progress />}
      {phase.kind === "saved" && (
        <>
          <div class="sh-sheet-body" data-testid="saved-note">
            {exportsFile ? (
              <p>
                The file is among your downloads. <code>shoal apply FOLDER FILE</code> carries it out;{" "}
                <code>--dry-run</code> shows first what it would do.
              </p>
            ) : (
              <p>
                {phase.saved.nFiles === 1 ? "1 file is" : `${grouped(phase.saved.nFiles)} files are`} where
                they belong, after {phase.saved.seconds.toFixed(1)} s.
              </p>
            )}
            <p>
              Changes: <span class="sh-path">{visible(phase.saved.changesFile)}</span>
            </p>
            {phase.saved.backup && (
              <p>
                Backup: <span class="sh-path">{visible(phase.saved.backup)}</span> ·{" "}
                <code>review.restore({phase.saved.save})</code> brings it back
              </p>
            )}
          </div>
          <Done close={close} />
        </>
      )}
      {phase.kind === "failed" && (
        <>
          <div class="sh-sheet-body" role="alert">
            <p class="sh-error">{visible(phase.message)}</p>
            <p>{visible(phase.hint)}</p>
            <p class="sh-muted">Your edits are kept, and still unsaved.</p>
          </div>
          <Done close={close} />
        </>
      )}
    </DialogFrame>
  );
}

function Done({ close }: { close(): void }) {
  return (
    <footer class="sh-answers">
      <span class="sh-grow" />
      <button type="button" class="sh-btn sh-primary" data-testid="save-close" ref={focusIt} onClick={close}>
        <span class="sh-label">Close</span> <Keys text="Enter" />
      </button>
    </footer>
  );
}
