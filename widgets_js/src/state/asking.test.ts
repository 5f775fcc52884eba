import { afterEach, expect, it, vi } from "vitest";
import { FakeTransport } from "../protocol/fake/fake_transport";
import { KernelError, type QuestionInfo, type RequestPayload } from "../protocol/messages";
import { Store } from "./store";

const CLAIM = { guess: true, probability: 0.9, size: 2, sort: "merge", names: ["a", "b"] } as const;
const ASKED = {
  id: "q1",
  kind: "same",
  claims: [
    { ...CLAIM, rows: [1, 2], beside: [3] },
    { ...CLAIM, rows: [4], beside: [5] },
  ],
  suggestions: [],
  cluster: null,
  name: null,
  shown: [],
  label: "",
} as unknown as QuestionInfo;

/** A store whose kernel always asks the same, or refuses to. */
async function opened(refuse = false): Promise<{ store: Store; asks: string[] }> {
  const transport = new FakeTransport({ n: 60, delay: -1 });
  const send = transport.send.bind(transport);
  const asks: string[] = [];
  transport.send = (async (payload: RequestPayload, ...rest: [Uint8Array[]?, number?]) => {
    if (payload.kind !== "ask_queue") return send(payload, ...rest);
    asks.push(payload.mode);
    if (refuse) throw new KernelError("missing", "this review has no vectors", "Give it some.");
    const reply = { kind: "queue", mode: payload.mode, question: ASKED, label: "", status: {} };
    return { reply, revision: 0, buffers: [] };
  }) as typeof transport.send;
  const store = new Store(transport);
  await store.kernel.sync();
  store.actions.showFirst();
  opened.last = store;
  return { store, asks };
}
opened.last = undefined as Store | undefined;
afterEach(() => opened.last?.close());

const marked = (store: Store) => [...(store.asking.mask.value ?? [])].flatMap((on, row) => (on ? [row] : []));

it("marks on the map what is asked about, or the one claim under the pointer", async () => {
  const { store } = await opened();
  expect(store.asking.mask.value).toBeNull();
  store.asking.begin();
  await vi.waitFor(() => expect(marked(store)).toEqual([1, 2, 3, 4, 5]));
  const state = store.asking.open.peek();
  if (state) state.pointed.value = 1;
  expect(marked(store)).toEqual([4, 5]);
  store.asking.leave();
  expect(store.asking.mask.value).toBeNull();
});

it("opens where it was, and goes when somebody asks for something in the grid", async () => {
  const { store, asks } = await opened();
  store.asking.begin("sort");
  await vi.waitFor(() => expect(asks).toEqual(["sort"]));
  store.asking.begin("audit");
  store.asking.leave();
  store.asking.begin();
  expect(store.asking.open.peek()?.mode.peek()).toBe("audit");
  store.shown.settle(["c1"]);
  expect(store.asking.open.peek()).not.toBeNull();
  store.shown.show(["c2"]);
  expect(store.asking.open.peek()).toBeNull();
});

it("says in its place why nothing can be asked", async () => {
  const { store } = await opened(true);
  store.asking.begin();
  const state = store.asking.open.peek();
  await vi.waitFor(() => expect(state?.problem.peek()?.message).toContain("no vectors"));
  expect(store.ui.toasts.peek()).toEqual([]);
});

it("knows how right the review is once the audit says so, and asks again after edits", async () => {
  const { store, asks } = await opened();
  const status = { estimate: "pairwise precision 97.0% (91.0% to 99.0%), recall …", advice: "Go on." };
  store.asking.hear({ ...status, estimate: "" } as never);
  expect(store.asking.audit.peek()).toBeNull();
  await store.actions.create("one");
  store.asking.hear(status as never);
  expect(store.asking.audit.peek()?.advice).toBe("Go on.");
  await store.actions.create("two");
  await store.actions.create("three");
  await vi.waitFor(() => expect(asks).toEqual(["audit"]), { timeout: 3_000 });
});
