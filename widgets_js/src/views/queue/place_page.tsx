/** A page of pictures for one cluster: what does not belong is pointed at and sent, or clicked away. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Fit, fitSquares } from "../../lib/fit";
import { visible } from "../../lib/text";
import type { ClaimInfo, QuestionInfo } from "../../protocol/messages";
import { NEW_MARK, type QueueState } from "../../state/queue_state";
import { Cover } from "../controls";
import { keepKeys, Pictures, pointing } from "./claims";

const TILES = { gap: 4, least: 52, most: 150 };
/** What a tile's frame and its word take of its height, px. */
const FRAME = 8;

/** As large as the box lets all of them be: a page is judged at a glance, not by scrolling. */
function useTiles(count: number) {
  const grid = useRef<HTMLDivElement>(null);
  const [fit, setFit] = useState<Fit>({ columns: 8, side: 72 });
  useLayoutEffect(() => {
    const box = grid.current?.closest<HTMLElement>(".sq-body");
    const top = grid.current?.previousElementSibling as HTMLElement | null;
    if (!box || !top) return undefined;
    const measure = () => {
      const { paddingTop, paddingBottom, paddingLeft, paddingRight } = getComputedStyle(box);
      const width = box.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
      const tall = box.clientHeight - Number.parseFloat(paddingTop) - Number.parseFloat(paddingBottom);
      const found = fitSquares(count, width, tall - top.offsetHeight - FRAME, TILES);
      setFit((now) => (now.columns === found.columns && now.side === found.side ? now : found));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    observer.observe(top);
    measure();
    return () => observer.disconnect();
  }, [count]);
  return { grid, fit };
}

/** Where a picture is sent: "→ 3", "new 1"; in full for those who hear it. */
function target(state: QueueState, question: QuestionInfo, place: number): [string, string] | null {
  const sent = state.sent.value[place];
  if (!sent) return null;
  if (sent.startsWith(NEW_MARK)) return [`new ${sent.slice(1)}`, `begins new cluster ${sent.slice(1)}`];
  const at = question.suggestions.findIndex((found) => found.cluster === sent);
  return [`→ ${at + 1}`, `→ ${at + 1} ${visible(question.suggestions[at]?.name ?? "")}`];
}

function Tile({ state, question, place }: { state: QueueState; question: QuestionInfo; place: number }) {
  const claim = question.claims[place] as ClaimInfo;
  const mark = state.marks.value[place] ?? null;
  const to = target(state, question, place);
  const key = place < 9 && question.suggestions.length === 0 ? String(place + 1) : "";
  const word = to?.[1] ?? (mark === null ? "Unsure" : mark ? "Belongs" : "Does not");
  const reason = claim.reason ? `; the models disagree: ${visible(claim.reason)}` : "";
  return (
    <button
      type="button"
      class="sq-claim sq-item"
      data-mark={to ? "sent" : mark === null ? "unsure" : mark ? "yes" : "no"}
      data-testid="claim"
      aria-pressed={mark === true}
      aria-label={`${key ? `${key}: ` : ""}item ${place + 1}: ${word}${reason}`}
      onClick={(event) => {
        keepKeys(event);
        if (event.shiftKey) state.turnUpTo(place);
        else state.turn(place, event.altKey);
      }}
      {...pointing(state, place)}
    >
      {key && <kbd class="sh-kbd">{key}</kbd>}
      {claim.reason && (
        <span class="sq-dispute" title={visible(claim.reason)} aria-hidden="true">
          ≠
        </span>
      )}
      <Cover row={claim.rows[0] ?? null} px={160} fluid />
      {mark !== true && (
        <span class="sq-verdict" aria-hidden="true">
          {to?.[0] ?? (mark === null ? "?" : "✕")}
        </span>
      )}
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
          title={visible(found.name)}
          aria-label={`${place + 1}: send what is marked to ${visible(found.name)}`}
          onClick={(event) => {
            keepKeys(event);
            state.sendTo(found.cluster, false);
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
          state.sendToNew(false);
        }}
      >
        <kbd class="sh-kbd">S</kbd>
        <span class="sq-rival-name">New cluster</span>
      </button>
    </div>
  );
}

export function PlacePage({ state, question }: { state: QueueState; question: QuestionInfo }) {
  const name = visible(question.name ?? "");
  const { grid, fit } = useTiles(question.claims.length);
  const wrong = state.marks.value.filter((mark) => mark === false).length;
  return (
    <section class="sq-page sq-place" aria-label={`What does not belong to ${name}?`} data-testid="question">
      <header class="sq-top">
        <div class="sq-asked">
          <h3 class="sq-ask">What does not belong to {name}?</h3>
          <span class="sq-marked" role="status">
            {wrong > 0 ? `${wrong} of ${question.claims.length}` : `${question.claims.length} pictures`}
          </span>
          <div class="sq-shown" role="img" aria-label={`What ${name} looks like`}>
            <Pictures rows={question.shown} px={96} />
          </div>
        </div>
        <Rivals state={state} />
      </header>
      <div
        ref={grid}
        class="sq-claims"
        data-side={fit.side}
        style={{ gridTemplateColumns: `repeat(${fit.columns}, ${fit.side}px)`, gap: `${TILES.gap}px` }}
      >
        {question.claims.map((claim, place) => (
          <Tile key={claim.rows[0]} state={state} question={question} place={place} />
        ))}
      </div>
    </section>
  );
}
