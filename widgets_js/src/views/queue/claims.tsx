/** Questions of yes and no: pairs side by side, items for one cluster, groups of noise. */
import { plural, visible } from "../../lib/text";
import type { ClaimInfo, QuestionInfo } from "../../protocol/messages";
import { type Mark, NEW_MARK, type QueueState } from "../../state/queue_state";
import { Cover } from "../controls";

const STRIP = 6;
/** From so many items on a page they are shown smaller, so that no page needs scrolling on a usual screen. */
const MANY = 24;

const WORDS: Record<QuestionInfo["kind"], readonly [string, string]> = {
  same: ["Same", "Different"],
  pair: ["Same", "Different"],
  place: ["Belongs", "Does not"],
  group: ["One", "Several"],
  who: ["Yes", "No"],
  page: ["Marked", ""],
};

function asked(question: QuestionInfo): string {
  const name = visible(question.name ?? "");
  switch (question.kind) {
    case "place":
      return `Click what does not belong to ${name}`;
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
  const item = question.kind === "place";
  const at = question.suggestions.findIndex((found) => found.cluster === state.sent.value[place]);
  const to = question.suggestions[at];
  const sent = state.sent.value[place];
  const begun = sent?.startsWith(NEW_MARK) ? `→ new ${sent.slice(1)}` : "";
  const word =
    begun || to
      ? begun || `→ ${at + 1} ${visible(to?.name ?? "")}`
      : mark === null
        ? "Unsure"
        : mark
          ? yes
          : no;
  const turn = (event: MouseEvent) => {
    keepKeys(event);
    if (item && event.shiftKey) state.turnUpTo(place);
    else state.turn(place, event.shiftKey || event.altKey);
  };
  const px = question.kind === "pair" ? 512 : 96;
  const pair = question.kind === "pair";
  const key = !pair && place < 9 && question.suggestions.length === 0 ? String(place + 1) : "";
  return (
    <button
      type="button"
      class={`sq-claim${item ? " sq-item" : ""}`}
      data-mark={to || begun ? "sent" : mark === null ? "unsure" : mark ? "yes" : "no"}
      data-testid="claim"
      aria-pressed={mark === true}
      aria-label={`${key ? `${key}: ` : ""}${item ? `item ${place + 1}` : about(claim)}: ${word}${
        claim.reason ? `; the models disagree: ${visible(claim.reason)}` : ""
      }`}
      onClick={turn}
      onPointerEnter={() => {
        state.pointed.value = place;
      }}
      onPointerLeave={() => {
        state.pointed.value = null;
      }}
    >
      {key && <kbd class="sh-kbd">{key}</kbd>}
      {claim.reason && (
        <span class="sq-dispute" title={visible(claim.reason)} aria-hidden="true">
          ≠
        </span>
      )}
      {item ? (
        <Cover row={claim.rows[0] ?? null} px={question.claims.length > MANY ? 112 : 160} fluid />
      ) : (
        <span class="sq-sides">
          {claim.beside.length > 0 && <Pictures rows={claim.beside} px={px} />}
          {claim.beside.length > 0 && <span class="sq-or" aria-hidden="true" />}
          <Pictures rows={claim.rows} px={px} most={8} />
        </span>
      )}
      <span class="sq-word">{pair && mark !== null ? `Looks ${word.toLowerCase()}` : word}</span>
      {!item && <span class="sq-about">{about(claim)}</span>}
    </button>
  );
}

/** Where to send what does not belong: a digit, a picture, a name. */
function Rivals({ state }: { state: QueueState }) {
  return (
    <div class="sq-rivals" role="group" aria-label="Send what does not belong to">
      {state.listed.map((found, place) => (
        <button
          key={found.cluster}
          type="button"
          class="sq-rival"
          data-testid="rival"
          aria-label={`${place + 1}: send what is marked to ${visible(found.name)}`}
          onClick={(event) => {
            keepKeys(event);
            state.sendTo(found.cluster);
          }}
        >
          <kbd class="sh-kbd">{place + 1}</kbd>
          <Pictures rows={found.rows} px={48} most={2} />
          <span class="sq-rival-name">{visible(found.name)}</span>
        </button>
      ))}
      <button
        type="button"
        class="sq-rival"
        data-testid="rival-new"
        aria-label="S: begin a cluster with what is marked"
        onClick={(event) => {
          keepKeys(event);
          state.sendToNew();
        }}
      >
        <kbd class="sh-kbd">S</kbd>
        <span class="sq-rival-name">New cluster</span>
      </button>
    </div>
  );
}

export function Claims({ state, question }: { state: QueueState; question: QuestionInfo }) {
  const marks = state.marks.value;
  return (
    <section class={`sq-page sq-${question.kind}`} aria-label={asked(question)} data-testid="question">
      <h3 class="sq-ask">{asked(question)}</h3>
      {question.kind === "place" && (
        <div class="sq-shown" role="img" aria-label={`What ${visible(question.name ?? "")} looks like`}>
          <Pictures rows={question.shown} px={128} />
        </div>
      )}
      {question.kind === "place" && <Rivals state={state} />}
      <div class={`sq-claims${question.claims.length > MANY ? " sq-crowd" : ""}`}>
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
