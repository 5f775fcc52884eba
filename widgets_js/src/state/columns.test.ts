import { describe, expect, it } from "vitest";
import { afterPaint } from "../lib/marks";
import { FakeTransport } from "../protocol/fake/fake_transport";
import type { Transport } from "../protocol/transport";
import { loadColumn } from "./columns";
import { Store } from "./store";

const settled = () => new Promise((done) => afterPaint(() => setTimeout(done, 5)));

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

  it("is fetched whole when much of it changed, or the kernel speaks of another revision", async () => {
    const { store, now, columns } = await loaded();
    columns.patch(["similarity"], [...store.kernel.clusters.keys()], [], now);
    await settled();
    expect(columns.peek("similarity")).toBeUndefined();
    await columns.load("similarity");
    columns.patch(["similarity"], ["c1"], [], { ...now, revision: () => 99 });
    await settled();
    expect(columns.peek("similarity")).toBeUndefined();
  });

  it("is patched once for edits in quick succession, and again when another came meanwhile", async () => {
    const { transport, store, now, review, columns } = await loaded();
    let revision = now.revision();
    const moving = { ...now, revision: () => revision };
    const before = transport.log.length;
    for (const id of ["c1", "c2", "c1"]) columns.patch(["similarity"], [id], [], moving);
    const send = transport.send.bind(transport);
    transport.send = ((...args: Parameters<typeof send>) => {
      revision++; // an edit comes while the values travel
      transport.send = send;
      transport.kernel.revision++;
      return send(...args).then((answer) => ({ ...answer, revision: revision - 1 }));
    }) as typeof send;
    for (const row of store.kernel.rowsOf("c2")) review.similarity[row] = 0.25;
    await settled();
    await settled();
    const asked = transport.log.slice(before).map((p) => (p.kind === "get_values" ? p.cluster : p.kind));
    expect(asked).toEqual(["c1", "c2", "c1", "c2"]);
    for (const row of store.kernel.rowsOf("c2")) expect(columns.peek("similarity")?.[row]).toBe(0.25);
  });

  it("says nothing of a cluster that is gone by then", async () => {
    const { transport, now, columns } = await loaded();
    const before = transport.log.length;
    const rowsOf = (id: string) => (id === "c1" ? new Uint32Array(0) : now.rowsOf(id));
    columns.patch(["similarity"], ["c1"], [], { ...now, rowsOf });
    await settled();
    expect(transport.log.slice(before)).toEqual([]);
    expect(columns.peek("similarity")).toBeDefined();
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

describe("columns that are asked for ahead", () => {
  const opened = async (expected: { items: number; columns: string[] }, n = 400) => {
    const transport = new FakeTransport({ n, delay: -1 });
    const store = new Store(transport);
    store.kernel.expected = expected;
    store.kernel.placesAtOnce = true;
    await store.kernel.sync();
    const places = await store.kernel.columns.load("xy");
    const asked = transport.log.map((p) => (p.kind === "get_array" ? p.name : p.kind));
    return { store, places, asked, truth: transport.kernel.review };
  };

  it("are asked for with the first question, once, and are the same", async () => {
    const plain = await opened({ items: 0, columns: [] });
    const { store, places, asked, truth } = await opened({ items: 400, columns: ["codes", "xy"] });
    expect(asked).toEqual(["hello", "codes", "xy"]);
    expect([...store.kernel.codes]).toEqual([...truth.codes]);
    expect([...places]).toEqual([...plain.places]);
    store.kernel.expected = { items: 400, columns: ["codes"] }; // what is here already is not asked for ahead
    await store.kernel.sync();
    expect([...store.kernel.codes]).toEqual([...truth.codes]);
  });

  it("are asked for again when there are more or fewer items after all, or no such column", async () => {
    for (const items of [399, 401]) {
      const { store, asked, truth } = await opened({ items, columns: ["codes", "xy"] });
      expect(asked).toEqual(["hello", "codes", "xy", "codes", "xy"]);
      expect([...store.kernel.codes]).toEqual([...truth.codes]);
    }
    const { store, truth } = await opened({ items: 400, columns: ["codes", "nothing"] });
    expect([...store.kernel.codes]).toEqual([...truth.codes]);
  });
});
