import { describe, expect, it } from "vitest";
import type { AutoMoveStep, QuestionInfo } from "../../protocol/messages";
import type { Mark, QueueState } from "../../state/queue_state";
import { firstStop } from "./auto_move";
import { meaning } from "./queue_keys";

const CLAIM = {
  rows: [1],
  beside: [],
  guess: true,
  probability: 0.9,
  size: 1,
  sort: "move",
  names: [],
} as const;
const ASKED: QuestionInfo = {
  id: "q1",
  kind: "place",
  claims: [
    { ...CLAIM, rows: [1], beside: [], names: [] },
    { ...CLAIM, rows: [2], beside: [], names: [], guess: false },
  ],
  suggestions: [],
  cluster: "c1",
  name: "liz",
  shown: [7],
  label: "",
};
const WHO: QuestionInfo = {
  ...ASKED,
  kind: "who",
  claims: [],
  cluster: null,
  suggestions: [{ cluster: "c4", name: "fox", similarity: 0.5, votes: 0, rows: [], size: 3 }],
};

/** A queue that only writes down what it was told. */
function fake(
  question: QuestionInfo | null,
  mode = "review",
  marks: readonly Mark[] = [true, false],
  from = 0,
) {
  const told: unknown[][] = [];
  const note =
    (name: string) =>
    (...args: unknown[]) => {
      told.push([name, ...args]);
    };
  const state = {
    question: { peek: () => question },
    mode: { peek: () => mode },
    marks: { peek: () => marks },
    listed: question?.suggestions.slice(from, from + 9) ?? [],
    ...Object.fromEntries(
      [
        ...["undo", "skip", "say", "sayAll", "choose", "turn", "turnAll", "sendTo", "sendRunTo", "sendToNew"],
        ...["assign", "markAll", "turnPage", "turnSuggestions"],
      ].map((name) => [name, note(name)]),
    ),
  };
  return { state: state as unknown as QueueState, told };
}

function press(state: QueueState, key: string, facts: Partial<KeyboardEvent> = {}): boolean {
  const event = { key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...facts };
  const act = meaning(state, event as KeyboardEvent);
  act?.();
  return act !== undefined;
}

describe("keys of a question of yes and no", () => {
  it("answers as marked, all yes, all no, unsure, later", () => {
    const { state, told } = fake(ASKED);
    for (const key of ["Enter", " ", "y", "N", "u", "l", "x"]) expect(press(state, key)).toBe(true);
    expect(told).toEqual([
      ["say", [true, false]],
      ["say", [true, false]],
      ["sayAll", true],
      ["sayAll", false],
      ["sayAll", null],
      ["skip"],
      ["turnAll"],
    ]);
  });
  it("turns one by its number, with Shift to unsure", () => {
    const { state, told } = fake(ASKED);
    press(state, "2");
    press(state, '"', { code: "Digit2", shiftKey: true });
    expect(told).toEqual([
      ["turn", 1, false],
      ["turn", 1, true],
    ]);
  });
  it("sends what does not belong to the cluster of the number", () => {
    const { state, told } = fake({ ...ASKED, suggestions: WHO.suggestions });
    press(state, "1");
    press(state, "2");
    expect(told).toEqual([
      ["sendTo", "c4"],
      ["turn", 1, false],
    ]);
    press(state, "!", { code: "Digit1", shiftKey: true });
    expect(told.at(-1)).toEqual(["sendRunTo", "c4"]);
  });
  it("begins a cluster with what does not belong, on a page of items only", () => {
    const { state, told } = fake(ASKED);
    press(state, "s");
    expect(told).toEqual([["sendToNew"]]);
    expect(press(fake({ ...ASKED, kind: "same" }).state, "s")).toBe(false);
  });
  it("leaves other keys alone", () => {
    const { state, told } = fake(ASKED);
    for (const key of ["q", "ArrowDown", "Tab", "F2"]) expect(press(state, key)).toBe(false);
    expect(press(state, "y", { ctrlKey: true })).toBe(false);
    expect(told).toEqual([]);
  });
});

describe("keys of who is this", () => {
  it("chooses by number, a new one, later, trash", () => {
    const { state, told } = fake(WHO);
    for (const key of ["1", "n", "u", "Delete"]) press(state, key);
    expect(told).toEqual([["choose", "c4"], ["choose", "new"], ["skip"], ["choose", "trash"]]);
    expect(press(state, "5")).toBe(false);
    expect(press(state, "y")).toBe(false);
  });
  it("says right place in an audit, and has no trash there", () => {
    const { state, told } = fake({ ...WHO, cluster: "c1" }, "audit");
    expect(press(state, "y")).toBe(true);
    expect(press(state, "Delete")).toBe(false);
    expect(told).toEqual([["choose", "here"]]);
  });
});

describe("keys of an item that two models dispute", () => {
  it("says right place where it has one, and has a trash", () => {
    const { state, told } = fake({ ...WHO, cluster: "c1" }, "disputed");
    for (const key of ["y", "Delete", "l"]) press(state, key);
    expect(told).toEqual([["choose", "here"], ["choose", "trash"], ["skip"]]);
    expect(press(fake(WHO, "disputed").state, "y")).toBe(false);
  });
});

describe("keys of long lists", () => {
  const many = Array.from({ length: 12 }, (_, i) => ({ ...WHO.suggestions[0], cluster: `c${i}` }));
  const LONG = { ...WHO, suggestions: many } as QuestionInfo;
  it("turns the pages of suggestions; digits stand for those in view", () => {
    const { state, told } = fake(LONG, "sort", [], 9);
    for (const key of ["ArrowRight", "ArrowLeft", "2", "4"]) press(state, key);
    expect(told).toEqual([
      ["turnSuggestions", 1],
      ["turnSuggestions", -1],
      ["choose", "c10"],
    ]);
    expect(press(fake(WHO).state, "ArrowRight")).toBe(false);
  });
  it("marks, sends and turns the pages of items", () => {
    const { state, told } = fake({ ...LONG, kind: "page" }, "sort");
    for (const key of ["3", "Enter", "n", "Delete", "u", "x", "PageDown", "PageUp", "Escape"])
      press(state, key);
    press(state, "a", { ctrlKey: true });
    expect(told).toEqual([
      ["choose", "c2"],
      ["assign", null],
      ["choose", "new"],
      ["choose", "trash"],
      ["skip"],
      ["turnAll"],
      ["turnPage", 1],
      ["turnPage", -1],
      ["markAll", false],
      ["markAll", true],
    ]);
  });
  it("leaves Escape alone where nothing is marked: it closes the queue", () => {
    expect(press(fake({ ...LONG, kind: "page" }, "sort", [false]).state, "Escape")).toBe(false);
  });
});

describe("undo", () => {
  it("works without a question too", () => {
    const { state, told } = fake(null);
    expect(press(state, "z", { ctrlKey: true })).toBe(true);
    expect(press(state, "y")).toBe(false);
    expect(told).toEqual([["undo"]]);
  });
});

describe("the first stop of the slider", () => {
  const step = (threshold: number, precision: number | null): AutoMoveStep => ({
    threshold,
    count: 1,
    precision,
    low: 0,
    high: 1,
    heldOut: precision === null ? 0 : 9,
  });
  it("is the lowest from which on nearly all go right", () => {
    expect(firstStop([step(0.1, 0.7), step(0.2, 0.99), step(0.3, 0.9), step(0.4, 0.98), step(0.5, 1)])).toBe(
      3,
    );
  });
  it("is the highest when nothing says how many", () => {
    expect(firstStop([step(0.1, null), step(0.2, null)])).toBe(1);
    expect(firstStop([])).toBe(0);
  });
});
