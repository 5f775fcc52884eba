import { describe, expect, it } from "vitest";
import { FakeTransport } from "../protocol/fake/fake_transport";
import { unsureBelow } from "./marks";
import { Store } from "./store";

const settled = () => new Promise((done) => setTimeout(done, 5));

async function opened() {
  const transport = new FakeTransport({ n: 400, delay: -1 });
  const store = new Store(transport);
  await store.kernel.sync();
  return { transport, store, review: transport.kernel.review };
}

/** Rows of a cluster. */
const rowsOf = (store: Store, code: number) => [...store.kernel.index.get(code)];

describe("what is unsure", () => {
  it("has less than a usual probability", () => {
    expect(unsureBelow([0.9, 0.2, 0.8, 0.7, 0.9, 1, NaN])).toBe(0.45);
    expect(unsureBelow([])).toBe(0.45);
  });
  it("is the least sure fifth where most of a cluster has less", () => {
    const all = Array.from({ length: 20 }, (_, i) => i / 100);
    const below = unsureBelow(all);
    expect(all.filter((p) => p < below)).toEqual([0, 0.01, 0.02, 0.03]);
    expect([0, 0, 0].some((p) => p < unsureBelow([0, 0, 0]))).toBe(false);
  });
});

describe("marks", () => {
  it("come for the clusters that are looked at, and for no others", async () => {
    const { store, transport, review } = await opened();
    const mixed = [...store.kernel.clusters.values()].find((c) =>
      rowsOf(store, c.code).some((row) => c.code >= 0 && (review.outlier[row] as number) > 3.5),
    );
    const rows = rowsOf(store, mixed?.code ?? 0);
    expect(rows.map((row) => store.marks.of(row)).every((m) => m === null)).toBe(true);
    await settled();
    expect(store.marks.version.peek()).toBe(1);
    const marks = rows.map((row) => store.marks.of(row));
    expect(marks).toEqual(
      rows.map((row) => {
        if ((review.outlier[row] as number) > 3.5) return "odd";
        return (review.probability[row] as number) < 0.45 ? "unsure" : null;
      }),
    );
    expect(marks).toContain("odd");
    const asked = transport.log.filter((p) => p.kind === "get_values");
    expect(new Set(asked.map((p) => p.kind === "get_values" && p.cluster))).toEqual(new Set([mixed?.id]));
  });

  it("are never put on noise", async () => {
    const { store, transport } = await opened();
    for (const row of rowsOf(store, -1)) expect(store.marks.of(row)).toBeNull();
    expect(transport.log.some((p) => p.kind === "get_values")).toBe(false);
  });

  it("are asked for again when the cluster has changed", async () => {
    const { store, transport } = await opened();
    const row = rowsOf(store, 0)[0] as number;
    store.marks.of(row);
    await settled();
    const before = transport.log.length;
    store.marks.of(row);
    expect(transport.log.length).toBe(before);
    store.kernel.selection.apply(Uint32Array.of(row), "replace");
    await store.actions.move("c1");
    store.marks.of(row);
    await settled();
    expect(
      transport.log.slice(before).filter((p) => p.kind === "get_values" && p.cluster === "c1"),
    ).toHaveLength(2);
  });

  it("say in the trash why items were rejected, and choose them by it", async () => {
    const transport = new FakeTransport({ n: 400, delay: -1, rejected: true });
    const store = new Store(transport);
    await store.kernel.sync();
    expect(store.marks.rejected()).toEqual([]);
    store.kernel.selection.apply(Uint32Array.of(7, 14, 21, 35, 22), "replace");
    await store.actions.trash();
    store.marks.rejected();
    await settled();
    expect([7, 14, 22].map((row) => store.marks.of(row))).toEqual(["small", "blurred", null]);
    expect(store.marks.rejected().map(([word, rows]) => [word, [...rows]])).toEqual([
      ["small", [7, 21, 35]],
      ["blurred", [14]],
    ]);
    store.kernel.selection.apply(Uint32Array.of(7, 21, 35), "replace");
    await store.actions.restore();
    await settled();
    store.marks.rejected();
    await settled();
    expect(store.marks.rejected().map(([word, rows]) => [word, [...rows]])).toEqual([["blurred", [14]]]);
    expect(store.marks.of(7)).not.toBe("small");
  });
});
