/** Walking through runs of positions a bounded number at a time. */

/** A list of draws: each a set of runs in one style. */
export interface Segment<S> {
  /** [start, count, start, count, …] */
  readonly runs: readonly number[];
  readonly style: S;
}

/** Hands out segments in order, at most so many points at a time. */
export class RunCursor<S> {
  /** Points in all segments together. */
  readonly total: number;
  /** Points handed out so far. */
  given = 0;
  private segment = 0;
  private run = 0;
  private offset = 0;

  constructor(private readonly segments: readonly Segment<S>[]) {
    let total = 0;
    for (const { runs } of segments) for (let i = 1; i < runs.length; i += 2) total += runs[i] as number;
    this.total = total;
  }

  get finished(): boolean {
    return this.given >= this.total;
  }

  /** The next runs of one style, `most` points or fewer; null at the end. */
  take(most: number): Segment<S> | null {
    const here = this.segments[this.segment];
    if (here === undefined) return null;
    const runs: number[] = [];
    let left = Math.max(1, most);
    while (left > 0 && this.run < here.runs.length) {
      const start = here.runs[this.run] as number;
      const count = here.runs[this.run + 1] as number;
      const part = Math.min(left, count - this.offset);
      if (part > 0) runs.push(start + this.offset, part);
      left -= part;
      this.given += part;
      this.offset += part;
      if (this.offset < count) break;
      this.run += 2;
      this.offset = 0;
    }
    if (this.run >= here.runs.length) {
      this.segment++;
      this.run = 0;
      this.offset = 0;
    }
    return runs.length > 0 ? { runs, style: here.style } : this.take(most);
  }
}
