import { describe, expect, it } from "vitest";
import { FakeTransport } from "../protocol/fake/fake_transport";
import { mapMask, visibleRows } from "./map_filter";
import { Store } from "./store";

async function opened() {
  const store = new Store(new FakeTransport({ n: 300, delay: -1 }));
  await store.kernel.sync();
  store.actions.showFirst();
  return store;
}

describe("what the map shows", () => {
  it("is everything without a filter", async () => {
    const store = await opened();
    expect(mapMask(store)).toBeNull();
    expect(visibleRows(store)).toHaveLength(300);
  });

  it("is a range of the column that colours it, and only of that one", async () => {
    const store = await opened();
    const values = await store.kernel.columns.load("sharpness");
    store.ui.set({ colourBy: "sharpness" });
    store.ui.mapFilter.value = { kind: "range", column: "sharpness", low: 0.25, high: 0.5 };
    const wanted = [...values.keys()].filter((r) => {
      const v = values[r] as number;
      return v >= 0.25 && v <= 0.5;
    });
    expect([...visibleRows(store)]).toEqual(wanted);
    store.ui.set({ colourBy: "similarity" });
    expect(mapMask(store)).toBeNull();
  });

  it("is what the grid shows, and follows it", async () => {
    const store = await opened();
    store.ui.mapFilter.value = { kind: "shown" };
    for (const id of ["c1", "c2"]) {
      store.shown.show([id]);
      expect([...visibleRows(store)]).toEqual([...store.kernel.rowsOf(id)]);
    }
  });
});
