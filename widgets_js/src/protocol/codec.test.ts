import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { toCamel, toSnake } from "./camel";
import { decodeArray, decodeItemSet, encodeItemSet, unpackArray } from "./codec";
import { seeded } from "./fake/make_review";
import { type ArrayRef, readEvent, readReply } from "./messages";

describe("sets of rows on the wire", () => {
  it("come back the same, whatever the encoding", () => {
    const random = seeded(11);
    const seen = new Set<string>();
    for (let k = 0; k < 300; k++) {
      const n = 1 + Math.floor(random() * 400);
      const share = random() ** 3;
      const runs = random() < 0.3;
      const rows: number[] = [];
      let on = false;
      for (let i = 0; i < n; i++) {
        on = runs ? (random() < 0.05 ? !on : on) : random() < share;
        if (on) rows.push(i);
      }
      const buffers: Uint8Array[] = [];
      const set = encodeItemSet(Uint32Array.from(rows), buffers);
      seen.add(set.encoding);
      expect([...decodeItemSet(set, buffers)]).toEqual(rows);
    }
    expect(seen).toEqual(new Set(["ranges", "rows", "bits"]));
  });

  it("are small: a contiguous half million is eight bytes, any set of a million at most 125 kB", () => {
    const buffers: Uint8Array[] = [];
    encodeItemSet(
      Uint32Array.from({ length: 500_000 }, (_, i) => i),
      buffers,
    );
    encodeItemSet(
      Uint32Array.from({ length: 500_000 }, (_, i) => 2 * i),
      buffers,
    );
    expect(buffers.map((b) => b.byteLength)).toEqual([8, 125_000]);
  });

  it("refuse a count that is not theirs", () => {
    const set = { encoding: "rows", count: 3, buffer: 0 } as const;
    expect(() => decodeItemSet(set, [new Uint8Array(8)])).toThrow(/3 rows came with 2/);
    expect(() => decodeItemSet({ ...set, buffer: 1 }, [new Uint8Array(8)])).toThrow(/did not come/);
  });
});

describe("arrays", () => {
  it("are read from views at odd offsets, as comms give them", () => {
    const bytes = new Uint8Array(13);
    new DataView(bytes.buffer).setFloat32(1, 1.5, true);
    new DataView(bytes.buffer).setFloat32(5, -2, true);
    const view = new DataView(bytes.buffer, 1, 8);
    expect([...decodeArray({ dtype: "float32", shape: [1, 2], buffer: 0 }, [view])]).toEqual([1.5, -2]);
    expect(() => decodeArray({ dtype: "int32", shape: [3], buffer: 0 }, [view])).toThrow(/3 int32/);
  });
});

describe("names", () => {
  it("change case both ways, and free dictionaries keep their keys", () => {
    const wire = { from_revision: 1, n_items: [{ media_type: "x" }], facts: { Some_title: "a_b" } };
    const camel = toCamel(wire);
    expect(camel).toEqual({ fromRevision: 1, nItems: [{ mediaType: "x" }], facts: { Some_title: "a_b" } });
    expect(toSnake(camel)).toEqual(wire);
  });
});

describe("guards", () => {
  it("let in replies and events of this version only", () => {
    const reply = { v: 1, type: "reply", id: "a", ok: true, revision: 1, payload: { kind: "ok" } };
    expect(readReply(reply)?.payload).toEqual({ kind: "ok" });
    for (const bad of [{ v: 2 }, { type: "event" }, { payload: null }, { id: 4 }]) {
      expect(readReply({ ...reply, ...bad })).toBeNull();
    }
    expect(readReply({ ...reply, ok: false, payload: null })).toBeNull();
    expect(readEvent({ v: 1, type: "event", revision: 2, payload: { kind: "notice" } })?.revision).toBe(2);
    expect(readEvent({ v: 1, type: "event", payload: { kind: "notice" } })).toBeNull();
    expect(readEvent("hello")).toBeNull();
  });
});

describe("packed arrays", () => {
  /** What the kernel does: the bytes of all records, plane by plane, deflated. */
  function packed(values: Uint16Array | Float32Array, records: number): Uint8Array {
    const bytes = new Uint8Array(values.buffer);
    const size = bytes.length / records;
    const planes = bytes.map((_, at) => bytes[(at % records) * size + Math.floor(at / records)] as number);
    return new Uint8Array(deflateRawSync(planes));
  }

  it("come back as they were", async () => {
    const places = Uint16Array.from({ length: 600 }, (_, i) => i * 97);
    const ref: ArrayRef = { dtype: "uint16", shape: [300, 2], buffer: 0, packing: "planes" };
    expect([...(await unpackArray(ref, [packed(places, 300)]))]).toEqual([...places]);
    const times = Float32Array.from({ length: 50 }, (_, i) => i / 24);
    const one: ArrayRef = { dtype: "float32", shape: [50], buffer: 0, packing: "planes" };
    expect([...(await unpackArray(one, [packed(times, 50)]))]).toEqual([...times]);
    await expect(unpackArray({ ...one, shape: [51] }, [packed(times, 50)])).rejects.toThrow(/51 float32/);
  });

  it("may be plain after all", async () => {
    const plain = Float32Array.of(1, 2);
    const ref: ArrayRef = { dtype: "float32", shape: [2], buffer: 0, packing: "none" };
    expect([...(await unpackArray(ref, [new Uint8Array(plain.buffer)]))]).toEqual([1, 2]);
  });
});
