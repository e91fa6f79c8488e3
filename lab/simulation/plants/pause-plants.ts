import type { Plant } from './plant.ts';

const STOPS = ['a deploy that waits is continued', 'a deploy waits until its time is up', 'a deploy that waits is rejected'];

/** Faults that show once a deploy stops after its first servers. */
export const PAUSE_PLANTS: readonly Plant[] = [
  {
    name: 'a next target begins while the deploy waits to be continued',
    file: 'functions/deploy/pause/decide-pause.ts',
    text: "if (pauseAfter === undefined || isPromoted || pause?.continued !== undefined) return 'open';",
    becomes: "if (pauseAfter === undefined || isPromoted || atWork === 0) return 'open';",
    caughtBy: 'S13',
    in: STOPS,
  },
  {
    name: 'more targets than the first begin before the stop',
    file: 'functions/deploy/pause/decide-pause.ts',
    text: "if (doneOf(targets).length + atWork < pauseAfter) return 'open';",
    becomes: "if (doneOf(targets).length <= pauseAfter) return 'open';",
    caughtBy: 'S13',
    in: STOPS,
  },
  {
    name: 'the end of the time promotes instead of rolling back',
    file: 'functions/deploy/assess/while-paused.ts',
    text: "if (await ports.records.failPause(fleet, deployId, error)) return { verdict: 'FAILED', waitingSinceMs: 0, error };",
    becomes: "if (nowMs >= pause.endsAtMs) return { verdict: 'DONE', waitingSinceMs: 0 };",
    caughtBy: 'S13',
    in: STOPS,
  },
  {
    name: 'a deploy whose others have left before its stop promotes without one',
    file: 'functions/deploy/assess/next-target.ts',
    text: "if (decision.verdict !== 'DONE' || !owesPause(stopping)) return decision;",
    becomes: "if (decision.verdict !== 'PAUSE' || !owesPause(stopping)) return decision;",
    caughtBy: 'S13',
    in: ['the others are reclaimed before the deploy stops'],
  },
];
