/** One item (or a small cluster): who is it? Suggestions by number, others by name, or somebody new. */
import { useRef, useState } from "preact/hooks";
import { plural, visible } from "../../lib/text";
import type { QuestionInfo, SuggestionInfo } from "../../protocol/messages";
import type { QueueState } from "../../state/queue_state";
import { Cover, Dot } from "../controls";
import { SuggestionPager } from "./pager";

function title(state: QueueState, question: QuestionInfo): string {
  if (state.mode.value === "audit" || state.mode.value === "disputed") return "Where does this belong?";
  if (question.kind === "who" && question.cluster && question.label === "")
    return `Which of these is ${visible(question.name ?? "")}?`;
  return "Who is this?";
}

function Choice({ state, found, place }: { state: QueueState; found: SuggestionInfo; place: number }) {
  const { kernel, ui } = state.store;
  const percent = Math.max(0, Math.round(100 * found.similarity));
  return (
    <button
      type="button"
      class="sq-choice"
      data-testid="suggestion"
      aria-label={`${place + 1}: ${visible(found.name)}, ${percent} % similar`}
      onClick={() => state.choose(found.cluster).catch(ui.fail)}
      onPointerEnter={() => {
        ui.pointed.value = found.cluster;
      }}
      onPointerLeave={() => {
        ui.pointed.value = null;
      }}
    >
      <kbd class="sh-kbd">{place + 1}</kbd>
      <span class="sq-strip">
        {found.rows.slice(0, 3).map((row) => (
          <Cover key={row} row={row} px={72} fluid />
        ))}
      </span>
      <span class="sq-name">
        <Dot cluster={kernel.clusters.get(found.cluster)} /> {visible(found.name)}
        <small>
          {percent} % · {plural(found.size, "item")}
        </small>
      </span>
    </button>
  );
}

/** Type a name: Enter takes the first cluster that has it, or begins a new one. */
export function Find({ state }: { state: QueueState }) {
  const { kernel, ui } = state.store;
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const wanted = text.trim().toLowerCase();
  const all = [...kernel.clusters.values()].filter((c) => c.kind === "cluster");
  const found = wanted === "" ? [] : all.filter((c) => c.name.toLowerCase().includes(wanted)).slice(0, 6);
  const exact = all.some((c) => c.name.toLowerCase() === wanted);
  const take = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      setText("");
      field.current?.blur();
    }
    if (event.key !== "Enter" || wanted === "") return;
    event.preventDefault();
    const first = found[0];
    const done = first && !event.shiftKey ? state.choose(first.id) : state.choose("new", text.trim());
    setText("");
    done.catch(ui.fail);
  };
  return (
    <div class="sq-find">
      <input
        ref={field}
        class="sh-input"
        placeholder="Another name ( / )"
        aria-label="Another cluster, or the name of a new one"
        data-testid="queue-find"
        value={text}
        onInput={(e) => setText(e.currentTarget.value)}
        onKeyDown={take}
      />
      {wanted !== "" && (
        <span class="sq-found">
          {found.map((c) => (
            <button
              key={c.id}
              type="button"
              class="sh-btn sh-ghost"
              onClick={() => state.choose(c.id).catch(ui.fail)}
            >
              <Dot cluster={c} /> {visible(c.name)}
            </button>
          ))}
          {!exact && (
            <button
              type="button"
              class="sh-btn sh-ghost"
              onClick={() => state.choose("new", text.trim()).catch(ui.fail)}
            >
              New: {visible(text.trim())}
            </button>
          )}
        </span>
      )}
    </div>
  );
}

export function Who({ state, question }: { state: QueueState; question: QuestionInfo }) {
  const placed = state.mode.value === "audit" || state.mode.value === "disputed";
  const { ui } = state.store;
  const many = question.shown.length > 1;
  return (
    <section class="sq-page sq-who" aria-label={title(state, question)} data-testid="question">
      <div class="sq-subject">
        <h3 class="sq-ask">{title(state, question)}</h3>
        {question.reason && <p class="sq-why">{visible(question.reason)}</p>}
        {placed && question.cluster && (
          <button
            type="button"
            class="sh-btn sh-primary"
            data-testid="audit-here"
            onClick={() => state.choose("here").catch(ui.fail)}
          >
            In {visible(question.name ?? "")}: right <kbd class="sh-kbd">Y</kbd>
          </button>
        )}
        <div
          class={many ? "sq-many" : "sq-one"}
          role="img"
          aria-label={visible(question.label || "the item")}
        >
          {question.shown.slice(0, many ? 6 : 1).map((row) => (
            <Cover key={row} row={row} px={many ? 192 : 512} fluid />
          ))}
        </div>
        <p class="sq-path">{visible(question.label)}</p>
      </div>
      <div class="sq-side">
        <div class="sq-choices" role="group" aria-label="Suggestions">
          {state.listed.map((found, place) => (
            <Choice key={found.cluster} state={state} found={found} place={place} />
          ))}
        </div>
        <SuggestionPager state={state} total={question.suggestions.length} />
        <Find state={state} />
      </div>
    </section>
  );
}
