import { describe, expect, it } from "vitest";
import { actionOf, chordOf } from "./keys";
import {
  bytes,
  duration,
  freeName,
  matches,
  nextName,
  percent,
  plural,
  rank,
  timecode,
  visible,
} from "./text";

describe("visible", () => {
  it("shows what would not be seen, and leaves the rest", () => {
    expect(visible("a\nb\tc\u0007")).toBe("a⏎b⇥c␇");
    expect(visible("abc\u202egnp.exe\u200b")).toBe("abc�gnp.exe�");
    expect(visible("<b>liz</b> · 🐟 é")).toBe("<b>liz</b> · 🐟 é");
  });
});

describe("words", () => {
  it("count, share and measure", () => {
    expect([plural(1, "item"), plural(12_345, "item")]).toEqual(["1 item", "12,345 items"]);
    expect([percent(0), percent(0.066), percent(0.384), percent(1)]).toEqual([
      "0 %",
      "6.6 %",
      "38 %",
      "100 %",
    ]);
    expect([bytes(12), bytes(200_000), bytes(999_700), bytes(3.4e9)]).toEqual([
      "12 B",
      "200 kB",
      "1.0 MB",
      "3.4 GB",
    ]);
    expect([duration(42), duration(372), duration(7_500)]).toEqual(["42 s", "6 min", "2 h 05 min"]);
  });

  it("find by words and rank by closeness", () => {
    expect(matches("tony ni", "tony · night")).toBe(true);
    expect(matches("tony x", "tony")).toBe(false);
    expect(["liz", "li", "red", "z · r", "q"].map((q) => rank(q, q === "liz" ? "liz" : "liz · red"))).toEqual(
      [5, 4, 3, 2, 0],
    );
    expect(freeName("cluster", ["cluster_1", "CLUSTER_2"])).toBe("cluster_3");
  });
});

const press = (key: string, held = "") => ({
  key,
  ctrlKey: held.includes("c"),
  metaKey: held.includes("m"),
  shiftKey: held.includes("s"),
  altKey: held.includes("a"),
});

describe("keys", () => {
  it("mean the actions of the table, Cmd as Ctrl", () => {
    expect(chordOf(press("z", "ms"))).toBe("Ctrl+Shift+Z");
    const of = (key: string, held = "") => actionOf(press(key, held));
    expect([of("a", "c"), of("z", "c"), of("Z", "cs"), of("y", "m"), of("s", "c")]).toEqual([
      "select_all",
      "undo",
      "redo",
      "redo",
      "save",
    ]);
    expect([of("Delete"), of("m"), of("g"), of("s"), of("F2"), of("/"), of(" "), of("?", "s")]).toEqual([
      "to_noise",
      "move",
      "merge",
      "split",
      "rename",
      "search",
      "preview",
      "help",
    ]);
    expect([of("x"), of("m", "a"), of("Enter", "s")]).toEqual([null, null, null]);
  });
});

describe("names and times", () => {
  it("gives the next free name", () => {
    expect(nextName("liz", ["liz", "LIZ_2"], ["liz_3"])).toBe("liz_4");
    expect(nextName("liz", [])).toBe("liz_2");
  });
  it("writes a place in a film", () => {
    expect(timecode(0)).toBe("0:00.00");
    expect(timecode(61.5)).toBe("1:01.50");
    expect(timecode(59.999)).toBe("1:00.00");
    expect(timecode(3725.25)).toBe("1:02:05.25");
  });
});
