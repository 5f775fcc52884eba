/** Clustering again: what would change, to look at before it is taken as one edit, or let go. */
import { useEffect, useRef, useState } from "preact/hooks";
import { grouped, plural, visible } from "../../lib/text";
import { type Buffer, decodeItemSet } from "../../protocol/codec";
import { KernelError, type ReclusteringReply, type Regrouped } from "../../protocol/messages";
import { useStore } from "../../state/store";
import { Button, Cover, Dot } from "../controls";
import { DialogFrame, wordsOf } from "./dialog";

interface Found {
  reply: ReclusteringReply;
  buffers: readonly Buffer[];
}

/** Ask for a proposal; called off when the dialog goes before the answer is there. */
function useProposal() {
  const { transport, ui } = useStore();
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState("");
  const [round, setRound] = useState(0);
  useEffect(() => {
    let open = true;
    let answered = false;
    setFound(null);
    setError("");
    transport.send({ kind: "get_reclustering" }).then(
      ({ reply, buffers }) => {
        answered = true;
        if (open) setFound({ reply, buffers });
      },
      (reason: unknown) => {
        answered = true;
        if (open && !(reason instanceof KernelError && reason.code === "cancelled"))
          setError(wordsOf(reason));
      },
    );
    return () => {
      open = false;
      if (!answered) transport.send({ kind: "cancel", task: "recluster" }).catch(ui.fail);
    };
  }, [round]);
  return { found, error, setError, again: () => setRound(round + 1) };
}

function Waiting() {
  const { kernel } = useStore();
  const progress = kernel.progress.value;
  const mine = progress?.task === "recluster" ? progress : undefined;
  return (
    <div class="sh-again-wait" data-testid="recluster-working">
      <progress class="sh-task" aria-label="Clustering again" value={mine?.done} max={mine?.total} />
      <span>{mine ? `${mine.what}…` : "Clustering again…"}</span>
    </div>
  );
}

function Sizes({ reply }: { reply: ReclusteringReply }) {
  const { kernel } = useStore();
  return (
    <ul class="sh-again-sizes" aria-label="Clusters that change">
      {reply.clusters.map((c) => {
        const fate = c.before === 0 ? "new" : c.after === 0 ? "goes" : "";
        return (
          <li
            key={c.cluster ?? c.name}
            class="sh-chip"
            data-testid="recluster-size"
            data-fate={fate || "kept"}
          >
            <Dot cluster={kernel.clusters.get(c.cluster ?? "")} />
            <span class="sh-name">{visible(c.name)}</span>
            <b class="sh-num">
              {fate === "new"
                ? `new, ${grouped(c.after)}`
                : fate === "goes"
                  ? `${grouped(c.before)}, goes`
                  : `${grouped(c.before)} → ${grouped(c.after)}`}
            </b>
          </li>
        );
      })}
    </ul>
  );
}

function Move({ move, show }: { move: Regrouped; show(): void }) {
  const { kernel } = useStore();
  const { source, target } = move;
  return (
    <section class="sh-again-move" data-testid="recluster-move">
      <header>
        <span class="sh-inline">
          <Dot cluster={kernel.clusters.get(source)} />
          <span class="sh-name">{visible(move.sourceName)}</span>
        </span>
        <span aria-label="to">→</span>
        <span class="sh-inline">
          <Dot cluster={kernel.clusters.get(target ?? "")} />
          <b class="sh-name">{visible(move.targetName)}</b>
          {target === null && <span class="sh-chip sh-ok">new</span>}
        </span>
        <span class="sh-grow" />
        <span class="sh-muted">{plural(move.items.count, "item")}</span>
        <button type="button" class="sh-link" onClick={show} title="Close this and show them in the grid">
          Show
        </button>
      </header>
      <div class="sh-again-pics">
        {move.examples.map((row) => (
          <Cover key={row} row={row} px={56} fluid />
        ))}
        {move.beside.length > 0 && <span class="sh-again-bar" title={`Now in ${visible(move.targetName)}`} />}
        {move.beside.map((row) => (
          <Cover key={`b${row}`} row={row} px={56} fluid />
        ))}
      </div>
    </section>
  );
}

function summary({ reply }: Found) {
  if (reply.moved === 0) return "The new clustering is the one there is.";
  return (
    <span data-testid="recluster-summary">
      <b>{plural(reply.moved, "item")}</b> would move, {plural(reply.same, "cluster")} would stay as{" "}
      {reply.same === 1 ? "it is" : "they are"}. All <b>{plural(reply.kept, "correction")}</b> kept,{" "}
      {grouped(reply.pinnedTouched)} pinned touched.
    </span>
  );
}

export function ReclusterDialog() {
  const { ui, transport, kernel, shown } = useStore();
  const { found, error, setError, again } = useProposal();
  const busy = useRef(false);
  const revision = useRef(kernel.revision.peek());
  if (!found) revision.current = kernel.revision.value;
  const old = found !== null && kernel.revision.value !== revision.current;
  const close = () => {
    ui.dialog.value = null;
  };
  const moved = found?.reply.moved ?? 0;
  // The answer comes after the dialog has given away the focus: Enter must mean what it offers now.
  const answers = useRef<HTMLElement>(null);
  useEffect(() => answers.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus(), [found]);
  const accept = () => {
    if (!found || moved === 0 || old || busy.current) return;
    busy.current = true;
    transport.send({ kind: "accept_reclustering", proposal: found.reply.proposal }).then(
      ({ reply }) => {
        close();
        ui.toast({ text: reply.label, undoAt: kernel.history.peek().cursor });
      },
      (reason: unknown) => {
        busy.current = false;
        setError(wordsOf(reason));
      },
    );
  };
  const show = (move: Regrouped) => {
    const rows = decodeItemSet(move.items, (found as Found).buffers);
    close();
    kernel.selection.apply(rows, "replace");
    shown.gather(rows, `${visible(move.sourceName)} → ${visible(move.targetName)}`);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || (event.target as Element).tagName === "BUTTON") return;
    event.preventDefault();
    accept();
  };
  return (
    <DialogFrame
      title="Cluster again"
      sub={found ? summary(found) : "Nothing changes before you say so; every correction is kept."}
      class="sh-again"
      width={820}
      testid="recluster-dialog"
      onKeyDown={onKeyDown}
    >
      {!found && !error && <Waiting />}
      {error && (
        <p class="sh-error sh-inset" role="alert">
          {visible(error)}
        </p>
      )}
      {found && moved > 0 && (
        <div class="sh-sheet-scroll sh-again-body" tabIndex={0} role="group" aria-label="What would change">
          <Sizes reply={found.reply} />
          {found.reply.moves.map((move) => (
            <Move key={`${move.source} ${move.targetName}`} move={move} show={() => show(move)} />
          ))}
          {found.reply.more > 0 && (
            <p class="sh-muted">and {plural(found.reply.more, "smaller group")} more</p>
          )}
        </div>
      )}
      <footer class="sh-answers" ref={answers}>
        {moved > 0 && !old && (
          <Button
            primary
            autofocus
            testid="recluster-accept"
            label={`Move ${plural(moved, "item")}`}
            onClick={accept}
          />
        )}
        {(old || (error !== "" && found)) && (
          <Button primary testid="recluster-again" label="The review changed: look again" onClick={again} />
        )}
        <span class="sh-grow" />
        <Button
          label={found && moved === 0 ? "Close" : "Cancel"}
          autofocus={moved === 0}
          testid="recluster-cancel"
          onClick={close}
        />
      </footer>
    </DialogFrame>
  );
}
