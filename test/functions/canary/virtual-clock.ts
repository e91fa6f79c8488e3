import type { Clock } from '../../../functions/canary/http/pace.ts';

/** Time passes only while something waits. */
export function virtualClock(): Clock {
  let nowMs = 1_000_000;
  return {
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
  };
}
