/** Keys of the queue. None of them reaches the notebook underneath. */
import { isTyping } from "../../lib/keys";
import type { QuestionInfo } from "../../protocol/messages";
import { type QueueState, SUGGESTED } from "../../state/queue_state";

function ofItem(state: QueueState, question: QuestionInfo, key: string) {
  const placed = state.mode.peek() === "audit" || state.mode.peek() === "disputed";
  return key === "y" && placed && question.cluster ? () => state.choose("here") : undefined;
}

function ofPage(state: QueueState, key: string) {
  switch (key) {
    case "Enter":
      return () => state.assign(null);
    case "x":
      return () => state.turnAll();
    case "Escape":
      return state.marks.peek().some(Boolean) ? () => state.markAll(false) : undefined;
    case "PageDown":
      return () => state.turnPage(1);
    case "PageUp":
      return () => state.turnPage(-1);
    default:
      return undefined;
  }
}

/** What a key means for a question; undefined when it means nothing. */
export function meaning(state: QueueState, event: KeyboardEvent): (() => Promise<void> | void) | undefined {
  const question = state.question.peek();
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if ((event.ctrlKey || event.metaKey) && key === "z") return () => state.undo();
  if ((event.ctrlKey || event.metaKey) && key === "a" && question?.kind === "page")
    return () => state.markAll(true);
  if (event.ctrlKey || event.metaKey || event.altKey || !question) return undefined;
  // Shift+digit gives another character: the place of the key counts.
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1] ?? (/^[1-9]$/.test(key) ? key : undefined);
  const found = digit ? state.listed[Number(digit) - 1] : undefined;
  if (question.suggestions.length > SUGGESTED && (key === "ArrowRight" || key === "ArrowLeft"))
    return () => state.turnSuggestions(key === "ArrowRight" ? 1 : -1);
  if (question.kind === "who" || question.kind === "page") {
    if (key === "u" || key === "l") return () => state.skip();
    if (digit) return found && (() => state.choose(found.cluster));
    if (key === "n") return () => state.choose("new");
    if (key === "Delete" && state.mode.peek() !== "audit") return () => state.choose("trash");
    return question.kind === "page" ? ofPage(state, key) : ofItem(state, question, key);
  }
  if (key === "l") return () => state.skip();
  if (key === "u") return () => state.sayAll(null);
  if (found) return () => (event.shiftKey ? state.sendRunTo(found.cluster) : state.sendTo(found.cluster));
  if (digit) return () => state.turn(Number(digit) - 1, event.shiftKey);
  if (key === "s" && question.kind === "place") return () => state.sendToNew();
  switch (key) {
    case "y":
      return () => state.sayAll(true);
    case "n":
      return () => state.sayAll(false);
    case "x":
      return () => state.turnAll();
    case "Enter":
    case " ":
      return () => state.say(state.marks.peek());
    default:
      return undefined;
  }
}

export function handleKey(state: QueueState, event: KeyboardEvent): void {
  event.stopPropagation();
  const target = event.composedPath()[0] ?? event.target;
  if (event.defaultPrevented || isTyping(target)) return;
  if (event.key === "/") {
    const root = event.currentTarget as HTMLElement;
    const field = root.querySelector<HTMLInputElement>("[data-testid=queue-find]");
    if (field) {
      event.preventDefault();
      field.focus();
    }
    return;
  }
  const button = target instanceof Element && target.closest("button,select") !== null;
  // Space presses a button that has the focus; Enter always takes the answer.
  if (button && event.key === " ") return;
  const act = meaning(state, event);
  if (!act) return;
  event.preventDefault();
  state.keys.value++;
  Promise.resolve(act()).catch(state.store.ui.fail);
}
