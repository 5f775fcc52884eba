/** Long work in short tasks, so that the page stays alive meanwhile. */

/** Longest stretch of work in one task, ms. */
const BUDGET = 10;

export interface Job {
  cancel(): void;
}

/**
 * Run `steps` to the end, a few milliseconds a task, then call `done` with its result. With `atOnce` it all happens before
 * this returns. A cancelled job calls nothing any more. Errors go to `failed`.
 */
export function runSliced<T>(
  steps: Generator<undefined, T, undefined>,
  atOnce: boolean,
  done: (result: T) => void,
  failed: (e: Error) => void,
): Job {
  let cancelled = false;
  const channel = new MessageChannel();
  const close = (): void => {
    channel.port1.onmessage = null;
    channel.port1.close();
    channel.port2.close();
  };
  const slice = (): void => {
    const began = performance.now();
    try {
      while (!cancelled) {
        const step = steps.next();
        if (step.done === true) {
          close();
          done(step.value);
          return;
        }
        if (!atOnce && performance.now() - began > BUDGET) break;
      }
    } catch (e) {
      close();
      failed(e instanceof Error ? e : new Error(String(e)));
      return;
    }
    if (cancelled) close();
    // A message task comes at once; a timeout would be held back to 4 ms after a few of them.
    else channel.port2.postMessage(0);
  };
  channel.port1.onmessage = slice;
  slice();
  return {
    cancel: () => {
      cancelled = true;
      close();
    },
  };
}
