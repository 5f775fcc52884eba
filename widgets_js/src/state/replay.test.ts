import { afterEach, expect, it, vi } from "vitest";
import { FakeTransport } from "../protocol/fake/fake_transport";
import { Store } from "./store";

let store: Store;
afterEach(() => store?.close());

/** A review with three edits, and its codes at each point. */
async function edited(): Promise<{ transport: FakeTransport; points: Int32Array[] }> {
  const transport = new FakeTransport({ n: 200, delay: -1 });
  store = new Store(transport);
  await store.kernel.sync();
  store.actions.showFirst();
  const points = [store.kernel.codes.slice()];
  const [a, b] = [...store.kernel.clusters.values()].filter((c) => c.kind === "cluster");
  await store.actions.rename(a?.id ?? "", "first");
  points.push(store.kernel.codes.slice());
  await store.actions.merge([a?.id ?? "", b?.id ?? ""], "both");
  points.push(store.kernel.codes.slice());
  store.kernel.selection.apply(Uint32Array.of(3, 5), "replace");
  await store.actions.trash();
  points.push(store.kernel.codes.slice());
  return { transport, points };
}

it("shows every point as it was, and changes nothing", async () => {
  const { transport, points } = await edited();
  const { replay, kernel } = store;
  const revision = kernel.revision.peek();
  replay.begin();
  for (const cursor of [0, 2, 1, 3]) {
    await replay.go(cursor);
    expect(replay.past.peek()?.reply.cursor).toBe(cursor);
    expect([...(replay.past.peek()?.codes ?? [])]).toEqual([...(points[cursor] as Int32Array)]);
  }
  expect([...(replay.mask.value ?? [])].flatMap((on, row) => (on ? [row] : []))).toEqual([3, 5]);
  expect(replay.past.peek()?.reply.nTrash).toBe(2);
  expect(kernel.revision.peek()).toBe(revision);
  expect(transport.kernel.cursor).toBe(3);
  replay.leave();
  expect(replay.mask.value).toBeNull();
});

it("plays to the end and stops there; a step by hand stops it", async () => {
  await edited();
  const { replay } = store;
  replay.speed.value = 10;
  replay.begin();
  replay.play();
  await vi.waitFor(() => expect(replay.past.peek()?.reply.cursor).toBe(3), { timeout: 3_000 });
  await vi.waitFor(() => expect(replay.playing.peek()).toBe(false));
  replay.play(); // from the start again
  await vi.waitFor(() => expect(replay.past.peek()?.reply.cursor).toBe(0));
  await replay.step(1);
  expect(replay.playing.peek()).toBe(false);
  expect(replay.past.peek()?.reply.cursor).toBe(1);
});

it("becomes the state of the review only when told to, and goes when the review goes on", async () => {
  const { transport, points } = await edited();
  const { replay, kernel } = store;
  replay.begin();
  await replay.go(1);
  await replay.take();
  expect(replay.open.peek()).toBe(false);
  expect(transport.kernel.cursor).toBe(1);
  expect([...kernel.codes]).toEqual([...(points[1] as Int32Array)]);
  replay.begin();
  await store.actions.create("somebody");
  expect(replay.open.peek()).toBe(false);
});
