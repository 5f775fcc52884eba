/** The history: what was done, when, to which pictures; click to go there. */
import { useEffect, useState } from "preact/hooks";
import { clock, plural, visible } from "../../lib/text";
import type { HistoryEntry } from "../../protocol/messages";
import { useStore } from "../../state/store";
import { commands } from "../commands";
import { Button, Cover } from "../controls";
import { DialogFrame } from "./dialog";

const PAGE = 60;

export function HistoryDialog() {
  const store = useStore();
  const { kernel, transport, ui, actions } = store;
  const [entries, setEntries] = useState<readonly HistoryEntry[]>([]);
  const [pages, setPages] = useState(1);
  const [name, setName] = useState("");
  const [startName, setStartName] = useState("");
  const history = kernel.history.value;
  const revision = kernel.revision.value;
  const start = Math.max(0, history.length - pages * PAGE);
  useEffect(() => {
    let open = true;
    transport.send({ kind: "get_history", start, count: history.length - start }).then(({ reply }) => {
      if (!open) return;
      setEntries(reply.entries);
      setStartName(reply.startName ?? "");
    }, ui.fail);
    return () => {
      open = false;
    };
  }, [revision, pages]);
  const jump = (cursor: number) => void actions.jump(cursor).catch(ui.fail);
  const shown = [...entries].reverse();
  return (
    <DialogFrame
      title="History"
      sub={`${plural(history.length, "edit")}, each can be gone back to`}
      width={560}
      testid="history-dialog"
    >
      <form
        class="sh-checkpoint"
        onSubmit={(e) => {
          e.preventDefault();
          if (!name.trim()) return;
          actions.checkpoint(name.trim()).then(() => setName(""), ui.fail);
        }}
      >
        <input
          class="sh-input"
          placeholder="Name this point"
          aria-label="Name of a checkpoint"
          data-testid="checkpoint-name"
          value={name}
          onInput={(e) => setName(e.currentTarget.value)}
        />
        <Button
          ghost
          label="Set checkpoint"
          onClick={(e) => (e.currentTarget as HTMLButtonElement).form?.requestSubmit()}
        />
      </form>
      <div class="sh-sheet-scroll sh-history" tabIndex={0} role="group" aria-label="Edits, newest first">
        {shown.map((e) => {
          const here = e.index === history.cursor;
          const undone = e.index > history.cursor;
          return (
            <button
              key={e.index}
              type="button"
              class={`sh-entry${here ? " sh-on" : ""}${undone ? " sh-undone" : ""}`}
              aria-current={here ? "step" : undefined}
              data-testid="history-entry"
              data-index={e.index}
              onClick={() => jump(e.index)}
            >
              <span class="sh-entry-pics">
                {e.sample.slice(0, 3).map((row) => (
                  <Cover key={row} row={row} px={28} />
                ))}
              </span>
              <span class="sh-grow">
                <span class="sh-entry-label">{visible(e.label)}</span>
                <span class="sh-sub">
                  {clock(e.at)} · {visible(e.actor)}
                  {undone && " · undone"}
                </span>
              </span>
              {e.checkpoint && <span class="sh-chip">{visible(e.checkpoint)}</span>}
              {e.saved && <span class="sh-chip sh-ok">saved</span>}
            </button>
          );
        })}
        {start > 0 && (
          <button type="button" class="sh-entry" onClick={() => setPages(pages + 1)}>
            Show older ones
          </button>
        )}
        {start === 0 && (
          <button
            type="button"
            class={`sh-entry${history.cursor === 0 ? " sh-on" : ""}`}
            data-testid="history-start"
            onClick={() => jump(0)}
          >
            <span class="sh-entry-pics" />
            <span class="sh-grow sh-entry-label">As it was opened</span>
            {startName && <span class="sh-chip">{visible(startName)}</span>}
          </button>
        )}
      </div>
      <footer class="sh-answers">
        <Button
          ghost
          icon="play"
          label="Play back"
          action="replay"
          testid="replay"
          disabled={commands(store).replay.disabled}
          onClick={commands(store).replay.run}
        />
        <span class="sh-grow" />
        <Button
          label="Close"
          autofocus
          onClick={() => {
            ui.dialog.value = null;
          }}
        />
      </footer>
    </DialogFrame>
  );
}
