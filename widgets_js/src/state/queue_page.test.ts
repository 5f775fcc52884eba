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

/** A page of five items, and what the kernel was told. */
async function page(): Promise<{ state: QueueState; told: RequestPayload[] }> {
  const told: RequestPayload[] = [];
  const send = async (payload: RequestPayload) => {
    told.push(payload);
    return { reply: { kind: "queue", mode: "review", question: PAGE, label: "", status: {} } };
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

it("sends nothing with an answer for all", async () => {
  const { state, told } = await page();
  state.turn(0);
  state.sendTo("c4");
  await state.sayAll(true);
  expect(told.at(-1)).toMatchObject({ verdicts: [true, true, true, true, true], sent: [] });
});
