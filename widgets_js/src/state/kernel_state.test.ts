import { describe, expect, it } from "vitest";
import { encodeItemSet } from "../protocol/codec";
import { FakeTransport } from "../protocol/fake/fake_transport";
import { seeded } from "../protocol/fake/make_review";
import type { Changed, Command } from "../protocol/messages";
import { RowsByCode } from "./rows_by_code";
import { Store } from "./store";

async function opened(n = 400) {
  const transport = new FakeTransport({ n, delay: -1 });
  const store = new Store(transport);
  await store.kernel.sync();
  store.actions.showFirst();
  return { transport, store, kernel: store.kernel, fake: transport.kernel };
}

/** The mirror equals what a fresh reading would give. */
function expectMirror({ kernel, fake }: Awaited<ReturnType<typeof opened>>) {
  expect(kernel.revision.peek()).toBe(fake.revision);
  expect(kernel.codes).toEqual(fake.review.codes);
  expect([...kernel.clusters.keys()].sort()).toEqual([...fake.clusters.keys()].sort());
  for (const [id, info] of fake.clusters) expect(kernel.clusters.get(id)).toEqual(info);
  const fresh = new RowsByCode(fake.review.codes);
  for (const info of fake.clusters.values()) {
    expect([...kernel.index.get(info.code)]).toEqual([...fresh.get(info.code)]);
    expect(kernel.index.get(info.code).length).toBe(info.size);
  }
  expect(kernel.history.peek()).toEqual(fake.historyState());
}

describe("the mirror", () => {
  it("follows 200 random edits, undos and redos", async () => {
    const all = await opened();
    const { store, kernel } = all;
    const random = seeded(23);
    const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
    for (let k = 0; k < 200; k++) {
      const ids = [...kernel.clusters.values()].filter((c) => c.kind === "cluster").map((c) => c.id);
      const buffers: Uint8Array[] = [];
      const rows = Uint32Array.from({ length: 400 }, (_, i) => i).filter(() => random() < 0.05);
      const items = encodeItemSet(rows, buffers);
      const commands: Command[] = [
        { type: "move_items", items, to: pick([...ids, "noise"]) },
        { type: "split_cluster", items, name: `new_${k}` },
        { type: "rename_cluster", cluster: pick(ids), name: `name_${k}` },
        { type: "trash_items", items },
        { type: "mark_reviewed", clusters: [pick(ids)], reviewed: random() < 0.5 },
      ];
      if (ids.length > 3) {
        commands.push({ type: "delete_cluster", cluster: pick(ids) });
        const [a, b] = [ids[0] as string, ids[1] as string];
        commands.push({ type: "merge_clusters", clusters: [a, b], name: `merged_${k}`, into: null });
      }
      const chance = random();
      if (chance < 0.2 && kernel.history.peek().cursor > 0) await store.actions.undo();
      else if (chance < 0.3 && kernel.history.peek().redoLabel !== null) await store.actions.redo();
      else await store.actions.edit(pick(commands), buffers);
    }
    expectMirror(all);
    await store.actions.jump(0);
    expectMirror(all);
    store.close();
  });

  it("reads all anew when an event was lost, and takes a repeated one once", async () => {
    const all = await opened();
    const { store, transport, fake } = all;
    const buffers: Uint8Array[] = [];
    const items = encodeItemSet(Uint32Array.of(1, 2, 3), buffers);
    fake.edit({ type: "move_items", items, to: "noise" }, buffers); // nobody is told
    const seen = fake.edit({ type: "rename_cluster", cluster: "c1", name: "after the gap" }, []);
    transport.emit(seen.changed);
    expect(store.kernel.revision.peek()).toBe(1);
    await store.kernel.sync();
    expectMirror(all);
    transport.emit(seen.changed);
    expectMirror(all);
    store.close();
  });

  it("catches up when the reply of an edit is ahead of its event", async () => {
    const all = await opened();
    const { store, transport } = all;
    const emit = transport.emit.bind(transport);
    transport.emit = () => undefined;
    await store.actions.edit({ type: "create_cluster", name: "unheard" });
    transport.emit = emit;
    expectMirror(all);
    store.close();
  });

  it("starts over for a reload", async () => {
    const all = await opened();
    const { store, transport, fake } = all;
    const { changed } = fake.edit({ type: "delete_cluster", cluster: "c2" }, []);
    transport.emit({ ...(changed as Changed), action: "reload", moved: [] });
    await store.kernel.sync();
    expectMirror(all);
    store.close();
  });
});

describe("edits", () => {
  it("sent in one breath are carried out one after the other", async () => {
    const all = await opened();
    const { store, fake } = all;
    const name = (n: number) => store.actions.edit({ type: "create_cluster", name: `quick_${n}` });
    const done = await Promise.all([1, 2, 3].map(name));
    expect(done.every((d) => d !== null)).toBe(true);
    expect(fake.steps.length).toBe(3);
    store.close();
  });

  it("that conflict are told, and the view is brought up to date", async () => {
    const all = await opened();
    const { store, fake } = all;
    fake.edit({ type: "create_cluster", name: "from elsewhere" }, []);
    expect(await store.actions.edit({ type: "delete_cluster", cluster: "c0" })).toBeNull();
    expect(store.ui.toasts.peek()[0]).toMatchObject({
      level: "error",
      text: expect.stringContaining("changed meanwhile"),
    });
    expectMirror(all);
    store.close();
  });

  it("onto a taken name ask whether to merge", async () => {
    const { store, kernel } = await opened();
    const [a, b] = [...kernel.clusters.values()];
    await store.actions.rename(a?.id ?? "", (b?.name ?? "").toUpperCase());
    expect(store.ui.dialog.peek()).toEqual({ kind: "name_taken", id: a?.id, other: b?.id, name: b?.name });
    store.close();
  });

  it("take the selection, and let go of what was moved", async () => {
    const { store, kernel, fake } = await opened();
    kernel.selection.apply(Uint32Array.of(3, 4, 5), "replace");
    await store.actions.toNoise();
    expect([3, 4, 5].map((r) => fake.review.codes[r])).toEqual([-1, -1, -1]);
    expect(kernel.selection.count).toBe(0);
    expect(store.ui.toasts.peek()[0]?.undoAt).toBe(1);
    store.close();
  });
});

describe("what is shown", () => {
  it("follows a merge to the cluster that is left, and drops what is gone", async () => {
    const { store } = await opened();
    store.shown.show(["c0", "c1", "c2"]);
    await store.actions.merge(["c0", "c1"], "both");
    expect(store.shown.ids.peek()).toHaveLength(1);
    const [left] = store.shown.ids.peek();
    expect(store.kernel.clusters.get(left ?? "")?.name).toBe("both");
    await store.actions.edit({ type: "delete_cluster", cluster: left ?? "" });
    expect(store.shown.ids.peek()).toHaveLength(1);
    expect(store.shown.total.peek()).toBeGreaterThan(0);
    store.close();
  });

  it("is a gathered set, apart by cluster, largest first, until it is left", async () => {
    const { store, kernel } = await opened();
    const before = store.shown.ids.peek();
    const rows = Uint32Array.from({ length: 50 }, (_, i) => i * 8);
    store.shown.gather(rows, "Lasso");
    const segments = store.shown.segments.peek();
    expect(segments.reduce((n, s) => n + s.rows.length, 0)).toBe(50);
    expect(segments.map((s) => s.rows.length)).toEqual(
      segments.map((s) => s.rows.length).sort((a, b) => b - a),
    );
    for (const s of segments) for (const r of s.rows) expect(kernel.codes[r]).toBe(s.code);
    expect(store.shown.leave()).toBe(true);
    expect(store.shown.ids.peek()).toEqual(before);
    store.close();
  });

  it("is sorted by a column, and finds its rows again", async () => {
    const { store, kernel, fake } = await opened();
    await kernel.columns.load("similarity");
    store.shown.sort.value = { column: "similarity", descending: false };
    const rows = store.shown.segments.peek().flatMap((s) => [...s.rows]);
    const values = rows.map((r) => fake.review.similarity[r] as number);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    for (let i = 0; i < rows.length; i++) expect(store.shown.indexOf(rows[i] as number)).toBe(i);
    store.close();
  });
});

describe("opening", () => {
  for (const [map, places] of [
    [true, 1],
    [false, 0],
  ] as const)
    it(`asks for the map's places ${map ? "with the codes, once" : "only when they are needed"}`, async () => {
      const transport = new FakeTransport({ n: 400, delay: -1 });
      const asked: string[] = [];
      const send = transport.send.bind(transport);
      transport.send = ((request: Parameters<typeof send>[0], ...rest: []) => {
        if (request.kind === "get_array") asked.push(request.name);
        return send(request, ...rest);
      }) as typeof transport.send;
      const store = new Store(transport, { mapOpen: map });
      store.open();
      await store.kernel.sync();
      await store.kernel.sync();
      expect(asked.filter((name) => name === "xy")).toHaveLength(places);
      expect(asked[0]).toBe("codes");
      expect(store.kernel.columns.peek("xy") !== undefined).toBe(map);
      store.close();
    });
});

describe("the selection", () => {
  it("counts what changes, and tells only of its own changes", async () => {
    const { store, kernel, transport } = await opened();
    const { selection } = kernel;
    selection.apply(Uint32Array.of(1, 2, 3), "replace");
    selection.apply(Uint32Array.of(3, 4), "add");
    selection.apply(Uint32Array.of(1, 9), "subtract");
    selection.toggle(2);
    expect([...selection.rows()]).toEqual([3, 4]);
    expect(selection.count).toBe(2);
    const buffers: Uint8Array[] = [];
    transport.emit({ kind: "selection", items: encodeItemSet(Uint32Array.of(7, 8), buffers) }, buffers);
    expect([...selection.rows()]).toEqual([7, 8]);
    const own: Uint8Array[] = [];
    transport.emit({ kind: "selection", items: encodeItemSet(Uint32Array.of(1), own) }, own, "fake-1");
    expect([...selection.rows()]).toEqual([7, 8]);
    store.close();
  });
});
