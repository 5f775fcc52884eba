/** How many values lie where: for the legend of a coloured map. */

export interface Histogram {
  low: number;
  high: number;
  counts: Uint32Array;
  most: number;
  /** Values that are no number. */
  unknown: number;
}

/** Counts of the finite values in equal bins from the least to the greatest. */
export function histogram(values: ArrayLike<number>, bins: number): Histogram {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if (v < low && v > Number.NEGATIVE_INFINITY) low = v;
    if (v > high && v < Number.POSITIVE_INFINITY) high = v;
  }
  const counts = new Uint32Array(bins);
  let known = 0;
  if (low <= high) {
    const scale = high > low ? bins / (high - low) : 0;
    for (let i = 0; i < values.length; i++) {
      const v = values[i] as number;
      if (!Number.isFinite(v)) continue;
      const bin = Math.min(bins - 1, Math.floor((v - low) * scale));
      counts[bin] = (counts[bin] as number) + 1;
      known++;
    }
  } else {
    low = 0;
    high = 0;
  }
  return {
    low,
    high,
    counts,
    most: counts.reduce((a, b) => Math.max(a, b), 0),
    unknown: values.length - known,
  };
}

/** 1 where low ≤ value ≤ high; values that are no number are 0. */
export function maskBetween(values: ArrayLike<number>, low: number, high: number): Uint8Array {
  const mask = new Uint8Array(values.length);
  for (let i = 0; i < mask.length; i++) {
    const v = values[i] as number;
    mask[i] = v >= low && v <= high ? 1 : 0;
  }
  return mask;
}
