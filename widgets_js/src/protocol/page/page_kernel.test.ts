import { expect, test } from "vitest";
import { encodeItemSet } from "../codec";
import type { ClusterInfo, Command } from "../messages";
import type { PageData } from "./page_data";
import { PageTransport } from "./page_transport";

const base64 = (values: ArrayLike<number>) =>
  btoa(String.fromCharCode(...new Uint8Array(Int32Array.from(values).buffer)));

function info(code: number, name: string, size: number): ClusterInfo {
  const kind = code === -1 ? "noise" : code === -2 ? "trash" : "cluster";
  const id = kind === "cluster" ? `c${code}` : kind;
  const empty = { description: "", tags: [], cover: null, reviewed: false, cohesion: null };
  return { ...empty, id, code, kind, name, size, color: Math.max(0, code) };
}

/** Six items: 0–2 in "a" (code 0), 3–4 in a name with a hidden character (code 5), 5 in noise. */
function data(): PageData {
  const column = { title: "", perItem: 1, ascending: true };
  return {
    version: 1,
    title: "film <1>",
    ids: [..."012345"].map((n) => `x/${n}.png`),
    paths: [..."012345"].map((n) => `x/${n}.png`),
    sizes: [..."012345"].map(() => [8, 6]),
    pictures: [..."01234"]
      .map((n): [string, string] => ["image/jpeg", btoa(n)])
      .concat([{ reason: "cut" }] as never),
    side: 64,
    columns: [
      { ...column, name: "codes", dtype: "int32", role: "codes", data: base64([0, 0, 0, 5, 5, -1]) },
      { ...column, name: "shot", dtype: "int32", role: "sort", data: base64([0, 0, 1, 1, 1, 1]) },
    ],
    clusters: [info(0, "a", 3), info(5, "b␡", 2), info(-1, "Noise / Unclassified", 1), info(-2, "Trash", 0)],
    trueNames: { "b␡": "b\u007f" },
    facts: [{ Shot: "0" }, {}, {}, {}, {}, {}],
    tags: { 1: ["old"] },
    captions: {},
    broken: [],
  };
}

function open() {
  const files: [string, string][] = [];
  const transport = new PageTransport(data(), (name, text) => files.push([name, text]));
  const edit = (command: (buffers: Uint8Array[]) => Command) => {
    const buffers: Uint8Array[] = [];
    const made = command(buffers);
    return transport.send({ kind: "edit", command: made }, buffers, transport.kernel.revision);
  };
  const rows = (...list: number[]) => Uint32Array.from(list);
  return { transport, files, edit, rows };
}

test("edits leave the page by ids and names, with the true names", async () => {
  const { transport, files, edit, rows } = open();
  await edit((b) => ({ type: "move_items", items: encodeItemSet(rows(0, 5), b), to: "c5" }));
  await edit(() => ({ type: "rename_cluster", cluster: "c0", name: "liz" }));
  await edit((b) => ({ type: "split_cluster", items: encodeItemSet(rows(3), b), name: "new" }));
  await edit((b) => ({ type: "tag_items", items: encodeItemSet(rows(1), b), add: ["x"], remove: ["old"] }));
  await edit((b) => ({ type: "caption_items", items: encodeItemSet(rows(2), b), caption: " hey " }));
  await edit(() => ({ type: "set_cover", cluster: "c0", row: 1 }));
  await edit((b) => ({ type: "trash_items", items: encodeItemSet(rows(2), b) }));
  const { reply } = await transport.send({ kind: "save", backup: "none" });
  expect(reply).toMatchObject({ kind: "saved", save: 0, backup: null });
  const [name, text] = files[0] as [string, string];
  expect(name).toMatch(/^changes_film_1__\d{8}T\d{6}Z\.json$/);
  const made = JSON.parse(text);
  expect([made.type, made.version, made.folder]).toEqual(["changes", 1, "film <1>"]);
  const changes = made.actions.map((a: { change: unknown }) => a.change);
  expect(changes[0].items).toEqual([
    { from: "a", to: "b\u007f", ids: ["x/0.png"] },
    { from: "noise", to: "b\u007f", ids: ["x/5.png"] },
  ]);
  expect(changes[0].clusters).toBeUndefined();
  expect(changes[1].clusters.updated[0].map((f: { name: string }) => f.name)).toEqual(["a", "liz"]);
  expect(changes[2].clusters.added[0]).toMatchObject({ name: "new", color: 6, cover: null });
  expect(changes[2].items).toEqual([{ from: "b\u007f", to: "new", ids: ["x/3.png"] }]);
  expect(changes[3].notes).toEqual({ tags: [["x/1.png", ["old"], ["x"]]] });
  expect(changes[4].notes).toEqual({ caption: [["x/2.png", null, "hey"]] });
  expect(changes[5].clusters.updated[0][1].cover).toBe("x/1.png");
  expect(changes[6].items).toEqual([{ from: "liz", to: "trash", ids: ["x/2.png"] }]);
});

test("what was undone does not leave the page, and notes go back and forth", async () => {
  const { transport, edit, rows } = open();
  await edit((b) => ({ type: "tag_items", items: encodeItemSet(rows(1, 2), b), add: ["x"] }));
  await edit(() => ({ type: "delete_cluster", cluster: "c5" }));
  await transport.send({ kind: "undo" });
  expect(transport.kernel.actions()).toHaveLength(1);
  await transport.send({ kind: "undo" });
  expect([...transport.kernel.tags]).toEqual([
    [1, ["old"]],
    [2, []],
  ]);
  await transport.send({ kind: "redo" });
  expect(transport.kernel.tags.get(2)).toEqual(["x"]);
  await transport.send({ kind: "redo" });
  const last = transport.kernel.actions()[1];
  expect(last?.change.clusters?.removed?.[0]?.name).toBe("b\u007f");
  expect(last?.change.items).toEqual([{ from: "b\u007f", to: "noise", ids: ["x/3.png", "x/4.png"] }]);
});

test("pictures, facts and what cannot be had here", async () => {
  const { transport } = open();
  const preview = await transport.send({ kind: "get_preview", row: 3, maxSide: 2000 });
  expect([preview.reply.width, preview.buffers[0]]).toEqual([8, new Uint8Array([51])]);
  await expect(transport.send({ kind: "get_preview", row: 5, maxSide: 10 })).rejects.toThrow("cut");
  await expect(transport.send({ kind: "get_split", cluster: "c0" })).rejects.toThrow("cannot propose");
  await expect(transport.send({ kind: "get_film", row: 0, count: 2 })).rejects.toThrow("its time");
  const values = await transport.send({ kind: "get_values", name: "shot", cluster: "c5" });
  expect(values.reply.array?.shape).toEqual([2]);
  const plan = await transport.send({ kind: "get_plan" });
  expect(plan.reply.notes[0]).toContain("has no folder");
});
