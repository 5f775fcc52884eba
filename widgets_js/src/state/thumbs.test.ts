import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeTransport } from "../protocol/fake/fake_transport";
import { readPrefs, writePrefs } from "./prefs";
import { pictureUrl, sideFor, Thumbs } from "./thumbs";
import { DEFAULT_PREFS } from "./ui_state";

const tick = (ms = 0) => new Promise((done) => setTimeout(done, ms));
const rowsAsked = (transport: FakeTransport) =>
  transport.log.map((p) => (p.kind === "get_thumbs" ? (p.rows.shape[0] ?? 0) : 0)).reduce((a, b) => a + b, 0);

describe("thumbnails", () => {
  let transport: FakeTransport;
  let thumbs: Thumbs;
  const errors: unknown[] = [];
  beforeEach(() => {
    let n = 0;
    URL.createObjectURL = () => `blob:${++n}`;
    URL.revokeObjectURL = vi.fn();
    transport = new FakeTransport({ n: 400, delay: 0 });
    thumbs = new Thumbs(transport, (e) => errors.push(e), 20);
    errors.length = 0;
  });

  it("are asked for in batches, once each", async () => {
    const came: number[] = [];
    for (let row = 0; row < 100; row++) thumbs.want(row, 192, () => came.push(row));
    thumbs.want(5, 192, () => came.push(5));
    await tick(40);
    expect(came.length).toBe(101);
    expect(transport.log.length).toBe(3);
    expect(rowsAsked(transport)).toBe(100);
    expect(thumbs.settled).toBe(true);
  });

  it("are not asked for when scrolled past", async () => {
    for (let row = 0; row < 100; row++) thumbs.want(row, 192, () => undefined)();
    thumbs.want(7, 192, () => undefined);
    await tick(20);
    expect(rowsAsked(transport)).toBe(1);
  });

  it("are called off in the kernel when all of a request are scrolled past, and asked for again when looked at", async () => {
    const stops = Array.from({ length: 48 }, (_, row) => thumbs.want(row, 192, () => undefined));
    await tick(1); // sent
    for (const stop of stops.slice(1)) stop();
    expect(transport.log.map((p) => p.kind)).toEqual(["get_thumbs"]); // one is still looked at
    stops[0]?.();
    const [asked, off] = transport.log;
    expect(off?.kind).toBe("cancel");
    expect(off?.kind === "cancel" && asked?.kind === "get_thumbs" && off.task === asked.ticket).toBe(true);
    // The kernel leaves out what it had not begun.
    const send = transport.send.bind(transport);
    const answer = { reply: { kind: "thumbs", thumbs: [] }, revision: 0, buffers: [] };
    transport.send = (async () => {
      await tick(10);
      return answer;
    }) as unknown as typeof transport.send;
    const early: unknown[] = [];
    const late: unknown[] = [];
    const stop = thumbs.want(200, 192, (p) => early.push(p));
    await tick(1);
    stop();
    transport.send = send;
    thumbs.want(200, 192, (p) => late.push(p));
    await tick(60);
    expect(early).toEqual([]);
    expect(late).toHaveLength(1);
    expect(late[0]).toMatchObject({ reason: null });
  });

  it("looked ahead for are called off when the view has gone elsewhere", async () => {
    thumbs.lookAhead(
      Uint32Array.from({ length: 30 }, (_, i) => i),
      192,
    );
    await tick(1);
    thumbs.lookAhead(
      Uint32Array.from({ length: 30 }, (_, i) => 10 + i),
      192,
    );
    expect(transport.log.map((p) => p.kind)).toEqual(["get_thumbs"]); // twenty of them are still wanted
    thumbs.lookAhead(
      Uint32Array.from({ length: 30 }, (_, i) => 100 + i),
      192,
    );
    expect(transport.log.map((p) => p.kind)).toEqual(["get_thumbs", "cancel"]);
  });

  it("that are out of sight are dropped beyond the limit, and their URLs freed", async () => {
    for (let row = 0; row < 60; row++) thumbs.want(row, 192, () => undefined)();
    const kept = thumbs.want(1, 192, () => undefined);
    const stops = Array.from({ length: 60 }, (_, row) => thumbs.want(100 + row, 192, () => undefined));
    await tick(30);
    for (const stop of stops) stop();
    thumbs.want(300, 192, () => undefined);
    await tick(20);
    expect(URL.revokeObjectURL).toHaveBeenCalled();
    expect(thumbs.peek(1, 192)?.url).toMatch(/^blob:/);
    kept();
  });

  it("say why a picture cannot be shown, and why none came", async () => {
    const reasons: (string | null)[] = [];
    thumbs.want(42, 192, (p) => reasons.push(p.reason));
    await tick(20);
    transport.send = () => Promise.reject(new Error("the disk is gone"));
    thumbs.want(43, 192, (p) => reasons.push(p.reason));
    await tick(20);
    expect(reasons).toEqual(["the file is cut short", "the disk is gone"]);
    expect(errors).toHaveLength(1);
  });

  it("take the next larger side, and only pictures", () => {
    expect([20, 96, 97, 300, 900].map(sideFor)).toEqual([96, 96, 192, 384, 512]);
    expect(() => pictureUrl(new Uint8Array(3), "text/html")).toThrow(/not a picture/);
  });
});

describe("settings", () => {
  it("survive the wire, and only good values are taken", () => {
    const prefs = { ...DEFAULT_PREFS, thumb: 200, clusterSort: "name" as const, sortColumn: "similarity" };
    expect(readPrefs(writePrefs(prefs))).toEqual(prefs);
    expect(writePrefs(prefs)).toHaveProperty("cluster_sort", "name");
    const bad = { thumb: 1e9, tool: "axe", side: "wide", map_open: 1, sort_column: 4, unknown: true };
    expect(readPrefs(bad)).toEqual({});
    expect(readPrefs(null)).toEqual({});
  });
});
