/** Timers that a test holds. */
export interface HeldTimers {
  /** How many are under way. */
  readonly size: number;
  /** Ends the time of all that are under way. */
  elapse(): void;
  /** Leaves `setTimeout` as it was. */
  release(): void;
}

/** Holds the timers that `isHeld` picks, by their ms: they end when the test says so, and never because the machine is slow. */
export function holdTimers(isHeld: (ms: number | undefined) => boolean): HeldTimers {
  const held = new Map<unknown, () => void>();
  const { setTimeout: start, clearTimeout: stop } = globalThis;
  // No spies: they keep every call.
  globalThis.setTimeout = ((run: () => void, ms?: number, ...rest: []) => {
    if (!isHeld(ms)) return start(run, ms, ...rest);
    const timer = { ref: () => timer, unref: () => timer };
    held.set(timer, run);
    return timer;
  }) as typeof setTimeout;
  globalThis.clearTimeout = (timer) => {
    if (!held.delete(timer)) stop(timer);
  };
  return {
    get size() {
      return held.size;
    },
    elapse() {
      const due = [...held.values()];
      held.clear();
      for (const run of due) run();
    },
    release() {
      Object.assign(globalThis, { setTimeout: start, clearTimeout: stop });
    },
  };
}
