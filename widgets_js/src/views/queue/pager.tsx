/** Where one is in a list that is longer than what is in view, and the way on and back. */
import { grouped } from "../../lib/text";
import { type QueueState, SUGGESTED } from "../../state/queue_state";
import { Button } from "../controls";

interface Props {
  /** What is listed, in the plural. */
  what: string;
  /** The first in view, from 0; how many are in view; how many there are. */
  first: number;
  count: number;
  total: number;
  /** Names of the keys that do the same. */
  keys: readonly [back: string, on: string];
  testid: string;
  turn(by: 1 | -1): void;
}

/** "10–18 of 54" between two buttons; nothing where all is in view. */
export function Pager({ what, first, count, total, keys, testid, turn }: Props) {
  if (total <= count && first === 0) return null;
  const last = first + count;
  return (
    <nav class="sq-pager" aria-label={`Pages of ${what}`} data-testid={testid}>
      <Button
        bare
        icon="left"
        label={`Earlier ${what} (${keys[0]})`}
        disabled={first === 0 && "these are the first"}
        testid={`${testid}-back`}
        onClick={() => turn(-1)}
      />
      <span role="status">
        {grouped(first + 1)}–{grouped(last)} of {grouped(total)} {what}
      </span>
      <Button
        bare
        icon="right"
        label={`More ${what} (${keys[1]})`}
        disabled={last >= total && "these are the last"}
        testid={`${testid}-on`}
        onClick={() => turn(1)}
      />
    </nav>
  );
}

/** The same for the suggestions of a question. */
export function SuggestionPager({ state, total }: { state: QueueState; total: number }) {
  const first = state.from.value;
  return (
    <Pager
      what="suggestions"
      first={first}
      count={Math.min(SUGGESTED, total - first)}
      total={total}
      keys={["←", "→"]}
      testid="suggestion-pager"
      turn={(by) => state.turnSuggestions(by)}
    />
  );
}
