/** How many squares go side by side. */

export interface Fit {
  /** Squares in a row. */
  columns: number;
  /** Width and height of one, px. */
  side: number;
}

/**
 * The largest squares, of at most `most` px, with which `count` of them fit into a box; of `least` px where even
 * those do not fit, and the box has to be scrolled.
 */
export function fitSquares(
  count: number,
  width: number,
  height: number,
  { gap, least, most }: { gap: number; least: number; most: number },
): Fit {
  const across = (side: number) => Math.max(1, Math.floor((width + gap) / (side + gap)));
  const fewest = Math.max(1, Math.ceil((width + gap) / (most + gap)));
  for (let columns = Math.min(fewest, across(least)); columns <= across(least); columns++) {
    const side = Math.min(most, Math.floor((width + gap) / columns - gap));
    if (Math.ceil(count / columns) * (side + gap) - gap <= height) return { columns, side };
  }
  const columns = across(least);
  return { columns, side: Math.min(most, Math.floor((width + gap) / columns - gap)) };
}
