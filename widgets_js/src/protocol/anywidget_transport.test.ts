import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AnywidgetTransport } from "./anywidget_transport";
import { KernelError } from "./messages";

/** An anywidget model by hand. */
function fakeModel() {
  const handlers = new Map<string, Set<(...args: unknown[]) => void>>();
  const sent: { v: number; id: string; base: number | null; payload: Record<string, unknown> }[] = [];
  return {
    sent,
    dead: false,
    send(content: unknown) {
      if (this.dead) throw new Error("Cannot send");
      sent.push(content as (typeof sent)[number]);
    },
    on(name: string, handler: (...args: unknown[]) => void) {
      handlers.set(name, (handlers.get(name) ?? new Set()).add(handler));
    },
    off(name: string, handler: (...args: unknown[]) => void) {
      handlers.get(name)?.delete(handler);
    },
    fire(name: string, ...args: unknown[]) {
      for (const handler of handlers.get(name) ?? []) handler(...args);
    },
    count: () => [...handlers.values()].reduce((n, set) => n + set.size, 0),
  };
}

const ok = (id: string | undefined) => ({
  v: 1,
  type: "reply",
  id,
  ok: true,
  revision: 3,
  payload: { kind: "ok" },
  error: null,
});

describe("AnywidgetTransport", () => {
  let model: ReturnType<typeof fakeModel>;
  let transport: AnywidgetTransport;
  beforeEach(() => {
    vi.useFakeTimers();
    model = fakeModel();
    transport = new AnywidgetTransport(model);
  });
  afterEach(() => {
    transport.close();
    vi.useRealTimers();
  });

  it("gives each request its own reply, in any order, and ignores others'", async () => {
    const a = transport.send({ kind: "get_plan" });
    const b = transport.send({ kind: "get_history", start: 0, count: 1 }, [], 7);
    expect(model.sent[1]).toMatchObject({ v: 1, base: 7, payload: { kind: "get_history" } });
    model.fire("msg:custom", ok("somebody-else"), []);
    model.fire("msg:custom", ok(model.sent[1]?.id), []);
    model.fire("msg:custom", ok(model.sent[0]?.id), []);
    model.fire("msg:custom", ok(model.sent[0]?.id), []);
    expect((await a).revision).toBe(3);
    expect((await b).reply).toEqual({ kind: "ok" });
    expect(transport.owns(model.sent[0]?.id)).toBe(true);
    expect(transport.owns("x-1")).toBe(false);
  });

  it("rejects in the kernel's words", async () => {
    const answer = transport.send({ kind: "get_plan" });
    const error = { code: "conflict", message: "It changed.", hint: "Look again." };
    model.fire("msg:custom", { ...ok(model.sent[0]?.id), ok: false, payload: null, error }, []);
    await expect(answer).rejects.toEqual(new KernelError("conflict", "It changed.", "Look again."));
  });

  it("says busy, then silent, and never fails because time passed", async () => {
    const answer = transport.send({ kind: "hello" });
    vi.advanceTimersByTime(4_000);
    expect(transport.status.value).toBe("busy");
    vi.advanceTimersByTime(8_000);
    expect(transport.status.value).toBe("silent");
    model.fire("msg:custom", ok(model.sent[0]?.id), []);
    expect(transport.status.value).toBe("connected");
    await answer;
  });

  it("lets a save take its time", () => {
    transport.send({ kind: "save", backup: "link" });
    model.fire("msg:custom", ok("another-view"), []);
    vi.advanceTimersByTime(60_000);
    expect(transport.status.value).toBe("connected");
  });

  it("says lost when the channel is closed, and sends again when it is back", async () => {
    const answer = transport.send({ kind: "hello" });
    model.fire("comm:close");
    expect(transport.status.value).toBe("lost");
    model.fire("comm_live_update");
    expect(model.sent.map((m) => m.id)).toEqual([model.sent[0]?.id, model.sent[0]?.id]);
    model.fire("msg:custom", ok(model.sent[0]?.id), []);
    await answer;
    model.dead = true;
    transport.send({ kind: "get_plan" });
    expect(transport.status.value).toBe("lost");
  });

  it("leaves nothing behind", () => {
    transport.close();
    expect(model.count()).toBe(0);
  });
});
