import { expect, it } from "vitest";
import { Lru } from "./lru";

it("forgets what was used longest ago, but not what is in use", () => {
  const dropped: string[] = [];
  const lru = new Lru<string, number>(2, (_, key) => {
    if (key === "held") return false;
    dropped.push(key);
    return true;
  });
  lru.set("held", 0);
  lru.set("a", 1);
  lru.get("a");
  lru.set("b", 2);
  lru.set("c", 3);
  expect(dropped).toEqual(["a", "b"]);
  expect([lru.get("held"), lru.get("c"), lru.size]).toEqual([0, 3, 2]);
});
