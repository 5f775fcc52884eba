/** Performance measures by name, taken when the change has been painted. */

/** Call `done` after the next painted frame (two animation frames), or soon where there are none. */
export function afterPaint(done: () => void): void {
  if (typeof document === "undefined" || document.visibilityState === "hidden") {
    setTimeout(done, 0);
    return;
  }
  requestAnimationFrame(() => requestAnimationFrame(done));
}

/** Measure from now until the change that follows is painted: `performance.getEntriesByName(name)`. */
export function measureToPaint(name: string, start: number = performance.now()): void {
  afterPaint(() => performance.measure(name, { start, end: performance.now() }));
}
