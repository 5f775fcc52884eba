import { describe, expect, it } from "vitest";
import { randoms } from "../../lib/geometry/randoms.testing";
import { RunCursor } from "./runs";

describe("RunCursor", () => {
  it("hands out every point once, in order, never more than asked, never across styles", () => {
    const random = randoms(9);
    for (let trial = 0; trial < 40; trial++) {
      const segments = Array.from({ length: 3 }, (_, style) => ({
        style,
        runs: Array.from({ length: 2 * Math.floor(random() * 4) }, (_, i) =>
          i % 2 === 0 ? 1000 * style + 100 * i : Math.floor(random() * 90),
        ),
      }));
      const expected = segments.flatMap(({ style, runs }) =>
        runs.flatMap((start, i) =>
          i % 2 === 0 ? Array.from({ length: runs[i + 1] as number }, (_, k) => `${style}:${start + k}`) : [],
        ),
      );
      const cursor = new RunCursor(segments);
      expect(cursor.total).toBe(expected.length);
      const got: string[] = [];
      for (let part = cursor.take(17); part !== null; part = cursor.take(1 + Math.floor(random() * 30))) {
        for (let i = 0; i < part.runs.length; i += 2)
          for (let k = 0; k < (part.runs[i + 1] as number); k++)
            got.push(`${part.style}:${(part.runs[i] as number) + k}`);
      }
      expect(got).toEqual(expected);
      expect(cursor.finished).toBe(true);
    }
  });

  it("keeps to the number asked for", () => {
    const cursor = new RunCursor([{ style: 0, runs: [0, 10, 20, 10] }]);
    expect(cursor.take(12)?.runs).toEqual([0, 10, 20, 2]);
    expect(cursor.given).toBe(12);
    expect(cursor.take(100)?.runs).toEqual([22, 8]);
    expect(cursor.take(1)).toBeNull();
  });
});
