import { expect, it, vi } from "vitest";
import type { QuestionInfo, RequestPayload } from "../protocol/messages";
import { QueueState } from "./queue_state";
import type { Store } from "./store";

const CLAIM = { guess: true, probability: 0.9, size: 1, sort: "check", beside: [], names: [] } as const;
const PAGE = {
  id: "q1",
  kind: "place",
  claims: [1, 2, 3, 4, 5].map((row) => ({ ...CLAIM, rows: [row] })),
  suggestions: ["c4", "c5"].map((cluster) => ({ cluster, name: cluster, rows: [], size: 3 })),
  cluster: "c1",
  name: "liz",
  shown: [7],
  label: "",
} as unknown as QuestionInfo;

/** A page of items to sort. */
const SORT = {
  ...PAGE,
  id: "page-1",
  kind: "page",
  claims: [1, 2, 3].map((row) => ({
    ...CLAIM,
    guess: false,
    rows: [row],
    cluster: row === 3 ? "" : `c${row}`,
  })),
  suggestions: Array.from({ length: 20 }, (_, i) => ({ cluster: `c${i}`, name: `c${i}`, rows: [], size: 3 })),
} as unknown as QuestionInfo;

/** A page of five items, and what the kernel was told. */
async function page(question = PAGE): Promise<{ state: QueueState; told: RequestPayload[] }> {
  const told: RequestPayload[] = [];
  const send = async (payload: RequestPayload) => {
    told.push(payload);
    return { reply: { kind: "queue", mode: "review", question, label: "", status: {} } };
  };
  const store = {
    kernel: { onApplied: () => () => {} },
    transport: { send },
    ui: { pointed: { value: null }, fail: vi.fn() },
    asking: { hear: () => {} },
  };
  const state = new QueueState(store as unknown as Store);
  await state.ask();
  return { state, told };
}

it("marks a run from the item turned last up to the one that is clicked with Shift", async () => {
  const { state } = await page();
  state.turn(1);
  state.turnUpTo(3);
  expect(state.marks.value).toEqual([true, false, false, false, true]);
  state.turn(2);
  state.turnUpTo(1);
  expect(state.marks.value).toEqual([true, true, true, false, true]);
});

it("sends what is marked and not sent yet, and carries it out with the page", async () => {
  const { state, told } = await page();
  state.turn(0);
  state.turn(1);
  state.sendTo("c4");
  state.turn(3);
  state.sendTo("c5");
  state.turn(1); // it does belong after all
  expect(state.sent.value).toEqual(["c4", null, null, "c5", null]);
  await state.say(state.marks.peek());
  expect(told.at(-1)).toMatchObject({
    verdicts: [false, true, true, false, true],
    sent: ["c4", null, null, "c5", null],
  });
});

it("begins clusters with what is marked and not sent yet", async () => {
  const { state, told } = await page();
  state.turn(0);
  state.turn(1);
  state.sendToNew();
  state.turn(3);
  state.sendToNew();
  state.turn(4);
  state.sendTo("c4");
  await state.say(state.marks.peek());
  expect(told.at(-1)).toMatchObject({ sent: ["+1", "+1", null, "+2", "c4"] });
});

it("sends what is pointed at alone, sends it elsewhere, and takes it back by the same digit", async () => {
  const { state, told } = await page();
  state.turn(0); // marked, and waits for its digit
  state.pointed.value = 3;
  state.sendTo("c4");
  expect(state.marks.value).toEqual([false, true, true, false, true]);
  expect(state.sent.value).toEqual([null, null, null, "c4", null]);
  state.sendTo("c5");
  expect(state.sent.value[3]).toBe("c5");
  state.sendTo("c5");
  expect([state.marks.value[3], state.sent.value[3]]).toEqual([true, null]);
  state.sendToNew();
  expect(state.sent.value[3]).toBe("+1");
  state.pointed.value = 0; // it is marked itself: all that are marked go
  state.turn(1);
  state.sendTo("c4");
  expect(state.sent.value).toEqual(["c4", "c4", null, "+1", null]);
  await state.say(state.marks.peek());
  expect(told.at(-1)).toMatchObject({ sent: ["c4", "c4", null, "+1", null] });
});

it("sends a run by a digit on its first and the digit with Shift on its last", async () => {
  const { state } = await page();
  state.pointed.value = 3;
  state.sendTo("c4");
  state.pointed.value = 1;
  state.sendRunTo("c4");
  expect(state.marks.value).toEqual([true, false, false, false, true]);
  expect(state.sent.value).toEqual([null, "c4", "c4", "c4", null]);
  state.pointed.value = 2; // inside: sent elsewhere, from the last one on
  state.sendRunTo("c5");
  expect(state.sent.value).toEqual([null, "c5", "c5", "c4", null]);
  state.pointed.value = null;
  state.turn(4);
  state.sendRunTo("c4");
  expect(state.sent.value[4]).toBe("c4");
});

it("sends what is marked from a button, wherever the focus is", async () => {
  const { state } = await page();
  state.turn(0);
  state.pointed.value = 3;
  state.sendTo("c4", false);
  expect(state.sent.value).toEqual(["c4", null, null, null, null]);
});

it("sends what is pointed at on a page to sort while nothing is marked, but never by Enter", async () => {
  const { state, told } = await page(SORT);
  state.pointed.value = 1;
  await state.assign(null);
  expect(told).toHaveLength(1);
  await state.choose("c7");
  expect(told.at(-1)).toMatchObject({ sent: [null, "c7", null] });
});

it("sends nothing with an answer for all", async () => {
  const { state, told } = await page();
  state.turn(0);
  state.sendTo("c4");
  await state.sayAll(true);
  expect(told.at(-1)).toMatchObject({ verdicts: [true, true, true, true, true], sent: [] });
});

it("sends what is marked at once, where it is told to or where each looks like it belongs", async () => {
  const { state, told } = await page(SORT);
  await state.choose("c7");
  expect(told).toHaveLength(1);
  expect(state.label.value).toContain("Click pictures first");
  state.turn(0);
  state.turn(2);
  await state.choose("new", "liz");
  expect(told.at(-1)).toMatchObject({ question: "page-1", sent: ["new", null, "new"], name: "liz" });
  await state.assign(null); // the last looks like nobody: it stays
  expect(told.at(-1)).toMatchObject({ sent: ["c1", null, null] });
  await state.skip();
  expect(told.at(-1)).toMatchObject({ kind: "skip_queue", places: [0, 2] });
  await state.turnPage(1);
  expect(told.at(-1)).toMatchObject({ kind: "set_queue", turn: 1, paged: null });
});

it("shows nine suggestions at a time, and stops at both ends", async () => {
  const { state } = await page(SORT);
  const first = () => state.listed[0]?.cluster;
  state.turnSuggestions(-1);
  expect(first()).toBe("c0");
  state.turnSuggestions(1);
  state.turnSuggestions(1);
  expect([first(), state.listed.length]).toEqual(["c18", 2]);
  state.turnSuggestions(1);
  expect(first()).toBe("c18");
});
