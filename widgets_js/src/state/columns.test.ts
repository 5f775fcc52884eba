import { describe, expect, it } from "vitest";
import { FakeTransport } from "../protocol/fake/fake_transport";
import type { Transport } from "../protocol/transport";
import { loadColumn } from "./columns";
import { Store } from "./store";

const settled = () => new Promise((done) => setTimeout(done, 5));

async function loaded(n = 400) {
  const transport = new FakeTransport({ n, delay: -1 });
  const store = new Store(transport);
  await store.kernel.sync();
  const array = await store.kernel.columns.load("similarity");
  const now = {
    rowsOf: (id: string) => store.kernel.rowsOf(id),
    revision: () => store.kernel.revision.peek(),
  };
  return { transport, store, array, now, review: transport.kernel.review, columns: store.kernel.columns };
}

describe("a column that changed for some clusters", () => {
  it("is patched: only their values travel, and the array is a new one", async () => {
    const { transport, store, array, now, review, columns } = await loaded();
    const touched = store.kernel.rowsOf("c1");
    for (const row of touched) review.similarity[row] = 0.125;
    review.similarity[store.kernel.rowsOf("c2")[0] as number] = 0.5; // not told of: not fetched
    const lost = store.kernel.rowsOf("c3").slice(0, 2);
    const before = transport.log.length;
    columns.patch(["similarity", "outlier"], ["c1"], [lost], now);
    expect(columns.peek("similarity")).toBe(array); // the old one serves until the new one is here
    await settled();
    const patched = columns.peek("similarity");
    expect(patched).not.toBe(array);
    for (const row of touched) expect(patched?.[row]).toBe(0.125);
    for (const row of lost) expect(patched?.[row]).toBeNaN();
    const other = store.kernel.rowsOf("c2")[0] as number;
    expect(patched?.[other]).toBe(array[other]);
    expect(transport.log.slice(before).map((p) => p.kind)).toEqual(["get_values"]);
  });

  it("is fetched whole when much of it changed, or the review has moved on meanwhile", async () => {
    const { store, now, columns } = await loaded();
    columns.patch(["similarity"], [...store.kernel.clusters.keys()], [], now);
    expect(columns.peek("similarity")).toBeUndefined();
    await columns.load("similarity");
    columns.patch(["similarity"], ["c1"], [], { ...now, revision: () => 99 });
    await settled();
    expect(columns.peek("similarity")).toBeUndefined();
  });
});

describe("a column that comes in steps", () => {
  it("is read as numbers, and the greatest step as none", async () => {
    const steps = Uint16Array.of(0, 65534, 65535, 65535, 100, 0);
    const array = { dtype: "uint16", shape: [3, 2], buffer: 0 };
    const buffers = [new Uint8Array(steps.buffer)];
    const reply = { kind: "array", name: "xy", start: 0, array };
    const transport = { send: async () => ({ reply, revision: 1, buffers }) } as unknown as Transport;
    const info = {
      name: "xy",
      title: "Map",
      dtype: "uint16",
      perItem: 2,
      role: "position",
      ascending: true,
    } as const;
    const { array: places } = await loadColumn(
      transport,
      { ...info, origin: [-1, 10], step: [0.5, 0.25] },
      3,
    );
    expect([...places]).toEqual([-1, 10 + 65534 * 0.25, Number.NaN, Number.NaN, 49, 10]);
  });
});
