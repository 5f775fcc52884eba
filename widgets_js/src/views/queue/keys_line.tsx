/** The line below the question: what the keys do, what the last answer did, and how right it is. */
import { visible } from "../../lib/text";
import type { QueueState } from "../../state/queue_state";

type Hint = readonly [string, string, () => Promise<void> | void];

function hints(state: QueueState): Hint[] {
  const question = state.question.value;
  if (!question) return [];
  if (question.kind === "who") {
    const audit = state.mode.value === "audit";
    const out: Hint[] = [];
    if (question.cluster && state.mode.value === "disputed")
      out.push(["Y", "right here", () => state.choose("here")]);
    out.push(["N", audit ? "nobody here" : "new", () => state.choose("new")]);
    if (!audit) out.push(["U", "later", () => state.skip()], ["Del", "trash", () => state.choose("trash")]);
    return out;
  }
  if (question.kind === "page")
    return [
      ["Enter", "as guessed", () => state.assign(null)],
      ["N", "new", () => state.choose("new")],
      ["U", "later", () => state.skip()],
      ["Del", "trash", () => state.choose("trash")],
      ["X", "turn all round", () => state.turnAll()],
    ];
  if (question.kind === "pair")
    return [
      ["Y", "same", () => state.sayAll(true)],
      ["N", "different", () => state.sayAll(false)],
      ["U", "unsure", () => state.sayAll(null)],
      ["L", "later", () => state.skip()],
    ];
  const begin: Hint[] = question.kind === "place" ? [["S", "new cluster", () => state.sendToNew()]] : [];
  return [
    ["Enter", "take", () => state.say(state.marks.peek())],
    ...begin,
    ["Y", "all yes", () => state.sayAll(true)],
    ["N", "all no", () => state.sayAll(false)],
    ["X", "turn all", () => state.turnAll()],
    ["U", "unsure", () => state.sayAll(null)],
    ["L", "later", () => state.skip()],
  ];
}

/** What the keys cannot say by themselves. */
function more(state: QueueState): string {
  const question = state.question.value;
  switch (question?.kind) {
    case "pair":
      return "an answer moves nothing: the next clustering keeps it";
    case "page":
      return "1–9 sends the picture under the pointer, or those clicked";
    case "same":
    case "group":
      return "1–9 or a click turns one; with Shift: unsure";
    case "place":
      return question.suggestions.length > 0
        ? "1–9 sends the picture under the pointer (Shift: all up to it), or those clicked"
        : "1–9 or a click turns one; with Shift: unsure";
    default:
      return "";
  }
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
        {more(state) && <span class="sq-sub">{more(state)}</span>}
      </span>
      <span class="sq-said" role="status" data-testid="queue-said" title={visible(state.label.value)}>
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
