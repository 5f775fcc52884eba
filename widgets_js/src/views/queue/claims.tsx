/** Questions of yes and no: pairs side by side, groups of noise. */
import { plural, visible } from "../../lib/text";
import type { ClaimInfo, QuestionInfo } from "../../protocol/messages";
import type { Mark, QueueState } from "../../state/queue_state";
import { Cover } from "../controls";

const STRIP = 6;

const WORDS: Record<QuestionInfo["kind"], readonly [string, string]> = {
  same: ["Same", "Different"],
  pair: ["Same", "Different"],
  place: ["Belongs", "Does not"],
  group: ["One", "Several"],
  who: ["Yes", "No"],
  page: ["Marked", ""],
};

function asked(question: QuestionInfo): string {
  switch (question.kind) {
    case "group":
      return "Does each of these groups show one and the same?";
    case "pair":
      return "Do these two show the same?";
    default:
      return question.claims.length === 1 ? "Are these two the same?" : "Which of these pairs are the same?";
  }
}

/** "character_3 · character_7", "inside character_3". */
function about(claim: ClaimInfo): string {
  const [one, other] = claim.names.map(visible);
  if (one && other) return `${one} · ${other}`;
  if (one && claim.sort === "move") return `1 item for ${one}`;
  return one ? `inside ${one}` : plural(claim.size, "item");
}

export function Pictures({ rows, px, most = STRIP }: { rows: readonly number[]; px: number; most?: number }) {
  return (
    <span class="sq-strip">
      {rows.slice(0, most).map((row) => (
        <Cover key={row} row={row} px={px} fluid />
      ))}
    </span>
  );
}

/** A button that was clicked goes with its question, and the focus with it: the keys are for the whole view. */
export function keepKeys(event: MouseEvent): void {
  if (event.detail === 0 || !(event.currentTarget instanceof Element)) return; // pressed by a key
  event.currentTarget.closest<HTMLElement>('[role="application"]')?.focus({ preventScroll: true });
}

/** What is under the pointer, or reached by Tab, is what a key is about. */
export function pointing(state: QueueState, place: number) {
  const point = () => {
    state.pointed.value = place;
  };
  const leave = (event: Event) => {
    const hovered = event.type === "blur" && (event.currentTarget as Element).matches(":hover");
    if (state.pointed.peek() === place && !hovered) state.pointed.value = null;
  };
  return { onPointerEnter: point, onPointerLeave: leave, onFocus: point, onBlur: leave };
}

function One({
  state,
  question,
  place,
  mark,
}: {
  state: QueueState;
  question: QuestionInfo;
  place: number;
  mark: Mark;
}) {
  const claim = question.claims[place] as ClaimInfo;
  const [yes, no] = WORDS[question.kind];
  const word = mark === null ? "Unsure" : mark ? yes : no;
  const turn = (event: MouseEvent) => {
    keepKeys(event);
    state.turn(place, event.shiftKey || event.altKey);
  };
  const px = question.kind === "pair" ? 512 : 96;
  const pair = question.kind === "pair";
  const key = !pair && place < 9 ? String(place + 1) : "";
  return (
    <button
      type="button"
      class="sq-claim"
      data-mark={mark === null ? "unsure" : mark ? "yes" : "no"}
      data-testid="claim"
      aria-pressed={mark === true}
      aria-label={`${key ? `${key}: ` : ""}${about(claim)}: ${word}${
        claim.reason ? `; the models disagree: ${visible(claim.reason)}` : ""
      }`}
      onClick={turn}
      {...pointing(state, place)}
    >
      {key && <kbd class="sh-kbd">{key}</kbd>}
      {claim.reason && (
        <span class="sq-dispute" title={visible(claim.reason)} aria-hidden="true">
          ≠
        </span>
      )}
      <span class="sq-sides">
        {claim.beside.length > 0 && <Pictures rows={claim.beside} px={px} />}
        {claim.beside.length > 0 && <span class="sq-or" aria-hidden="true" />}
        <Pictures rows={claim.rows} px={px} most={8} />
      </span>
      <span class="sq-word">{pair && mark !== null ? `Looks ${word.toLowerCase()}` : word}</span>
      <span class="sq-about">{about(claim)}</span>
    </button>
  );
}

export function Claims({ state, question }: { state: QueueState; question: QuestionInfo }) {
  const marks = state.marks.value;
  return (
    <section class={`sq-page sq-${question.kind}`} aria-label={asked(question)} data-testid="question">
      <h3 class="sq-ask">{asked(question)}</h3>
      <div class="sq-claims">
        {question.claims.map((claim, place) => (
          <One
            key={`${claim.rows[0]}-${claim.beside[0] ?? ""}`}
            state={state}
            question={question}
            place={place}
            mark={marks[place] ?? null}
          />
        ))}
      </div>
    </section>
  );
}
