/** The line below the question: what the keys do, what the last answer did, and how right it is. */
import { visible } from "../../lib/text";
import type { QueueState } from "../../state/queue_state";

type Hint = readonly [string, string, () => Promise<void> | void];

function hints(state: QueueState): Hint[] {
  const question = state.question.value;
  if (!question) return [];
  if (question.kind === "who") {
    const audit = state.mode.value === "audit";
    const out: Hint[] = [["N", audit ? "nobody here" : "new", () => state.choose("new")]];
    if (!audit) out.push(["U", "later", () => state.skip()], ["Del", "trash", () => state.choose("trash")]);
    return out;
  }
  if (question.kind === "pair")
    return [
      ["Y", "same", () => state.sayAll(true)],
      ["N", "different", () => state.sayAll(false)],
      ["U", "unsure", () => state.sayAll(null)],
      ["L", "later", () => state.skip()],
    ];
  return [
    ["Enter", "take as marked", () => state.say(state.marks.peek())],
    ["Y", "yes to all", () => state.sayAll(true)],
    ["N", "no to all", () => state.sayAll(false)],
    ["X", "turn all round", () => state.turnAll()],
    ["U", "unsure", () => state.sayAll(null)],
    ["L", "later", () => state.skip()],
  ];
}

export function Keys({ state }: { state: QueueState }) {
  const { ui } = state.store;
  const status = state.status.value;
  const notes = [status?.learned, status?.estimate, status?.advice].filter((text) => text);
  return (
    <footer class="sq-foot">
      <span class="sq-hints">
        {hints(state).map(([key, label, act]) => (
          <button
            key={key}
            type="button"
            class="sq-hint"
            onClick={() => {
              state.keys.value++;
              Promise.resolve(act()).catch(ui.fail);
            }}
          >
            <kbd class="sh-kbd">{key}</kbd> {label}
          </button>
        ))}
        {state.question.value?.kind === "pair" && (
          <span class="sq-sub">an answer moves nothing: the next clustering keeps it</span>
        )}
        {state.question.value && !["who", "pair"].includes(state.question.value.kind) && (
          <span class="sq-sub">
            {state.question.value.kind === "place" && state.question.value.suggestions.length > 0
              ? "click what does not belong, with Shift up to there; 1–9 sends it to that cluster"
              : "1–9 or a click turns one; with Shift: unsure"}
          </span>
        )}
      </span>
      <span class="sq-said" role="status" data-testid="queue-said">
        {visible(state.label.value)}
      </span>
      {notes.length > 0 && (
        <span class="sq-notes" data-testid="queue-notes">
          {notes.join(" · ")}
        </span>
      )}
    </footer>
  );
}
