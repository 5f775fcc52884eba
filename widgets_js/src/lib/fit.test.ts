import { expect, it } from "vitest";
import { fitSquares } from "./fit";

const SIZES = { gap: 6, least: 56, most: 160 };
const tall = (count: number, columns: number, side: number) =>
  Math.ceil(count / columns) * (side + SIZES.gap) - SIZES.gap;

it("makes the squares as large as the box lets them be", () => {
  expect(fitSquares(60, 612, 372, SIZES)).toEqual({ columns: 9, side: 62 });
  expect(fitSquares(4, 612, 372, SIZES)).toEqual({ columns: 4, side: 148 });
  expect(fitSquares(2, 612, 372, SIZES)).toEqual({ columns: 4, side: 148 });
});

it("never makes them wider than the box, smaller than they may be, or larger than there is room for", () => {
  for (const count of [1, 2, 7, 24, 60])
    for (let width = 60; width < 1_900; width += 37)
      for (let height = 0; height < 1_400; height += 53) {
        const { columns, side } = fitSquares(count, width, height, SIZES);
        expect(columns * (side + SIZES.gap) - SIZES.gap).toBeLessThanOrEqual(width);
        expect(side).toBeGreaterThanOrEqual(SIZES.least);
        expect(side).toBeLessThanOrEqual(SIZES.most);
        if (tall(count, columns, side) > height) expect(columns).toBe(Math.floor((width + 6) / 62));
        const larger = columns > 1 ? Math.floor((width + SIZES.gap) / (columns - 1) - SIZES.gap) : Infinity;
        if (larger <= SIZES.most) expect(tall(count, columns - 1, larger)).toBeGreaterThan(height);
      }
});
