/** A page of what is left in noise: mark some, and say where they belong. */
import { plural, visible } from "../../lib/text";
import type { ClaimInfo, QuestionInfo, SuggestionInfo } from "../../protocol/messages";
import type { QueueState } from "../../state/queue_state";
import { Cover, Dot } from "../controls";
import { keepKeys, Pictures, pointing } from "./claims";
import { Pager, SuggestionPager } from "./pager";
import { Find } from "./who";

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function Item({ state, claim, place }: { state: QueueState; claim: ClaimInfo; place: number }) {
  const marked = state.marks.value[place] === true;
  const name = visible(claim.names[0] ?? "");
  return (
    <button
      type="button"
      class="sq-claim sq-item sq-loose"
      data-mark={marked ? "marked" : "none"}
      data-testid="claim"
      aria-pressed={marked}
      aria-label={`item ${place + 1}${name ? `, looks like ${name}, ${percent(claim.probability)} similar` : ""}`}
      onClick={(event) => {
        keepKeys(event);
        if (event.shiftKey) state.turnUpTo(place);
        else state.turn(place);
      }}
      {...pointing(state, place)}
    >
      <Cover row={claim.rows[0] ?? null} px={160} fluid />
      {name && (
        <span class="sq-guess">
          <Dot cluster={state.store.kernel.clusters.get(claim.cluster ?? "")} />
          <span class="sq-guess-name">{name}</span>
        </span>
      )}
      {name && <small class="sq-likeness">{percent(claim.probability)}</small>}
    </button>
  );
}

function Target({ state, found, place }: { state: QueueState; found: SuggestionInfo; place: number }) {
  const { kernel, ui } = state.store;
  return (
    <button
      type="button"
      class="sq-rival sq-target"
      data-testid="suggestion"
      aria-label={`${place + 1}: send what is marked to ${visible(found.name)}`}
      onClick={(event) => {
        keepKeys(event);
        state.choose(found.cluster).catch(ui.fail);
      }}
      onPointerEnter={() => {
        ui.pointed.value = found.cluster;
      }}
      onPointerLeave={() => {
        ui.pointed.value = null;
      }}
    >
      <kbd class="sh-kbd">{place + 1}</kbd>
      <Pictures rows={found.rows} px={48} most={2} />
      <span class="sq-rival-name">
        <Dot cluster={kernel.clusters.get(found.cluster)} /> {visible(found.name)}
        <small>{plural(found.size, "item")}</small>
      </span>
    </button>
  );
}

export function SortPage({ state, question }: { state: QueueState; question: QuestionInfo }) {
  const { claims, suggestions } = question;
  const status = state.status.value;
  const { ui } = state.store;
  const marked = state.marks.value.filter(Boolean).length;
  return (
    <section class="sq-page sq-sorting" aria-label="Where do these belong?" data-testid="question">
      <header class="sq-ask-line">
        <h3 class="sq-ask">Where do these belong?</h3>
        <span class="sq-marked" role="status">
          {marked > 0 ? `${plural(marked, "picture")} marked` : "none marked"}
        </span>
        <Pager
          what="items"
          first={status?.first ?? 0}
          count={claims.length}
          total={status?.open ?? claims.length}
          keys={["PageUp", "PageDown"]}
          testid="item-pager"
          turn={(by) => {
            state.turnPage(by).catch(ui.fail);
          }}
        />
      </header>
      <div class="sq-sort-body">
        <div class="sq-claims" role="group" aria-label="Items to sort">
          {claims.map((claim, place) => (
            <Item key={claim.rows[0]} state={state} claim={claim} place={place} />
          ))}
        </div>
        <div class="sq-side">
          <div class="sq-targets" role="group" aria-label="Send what is marked to">
            {state.listed.map((found, place) => (
              <Target key={found.cluster} state={state} found={found} place={place} />
            ))}
          </div>
          <SuggestionPager state={state} total={suggestions.length} />
          <Find state={state} />
        </div>
      </div>
    </section>
  );
}
