/**
 * Before each file of the parts: the second worker waits until the scenarios have ended, or until most of a core is idle. They
 * run next to the parts in `npm test` and mostly wait; on a machine that others use as well, two workers make them run out of time.
 */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than any run of the scenarios: what an interrupted run left must not hold this one for ever. */
const LIMIT_MS = 20 * 60_000;
/** Of one core: what a file of tests that computes mostly needs. */
const ENOUGH = 0.6;
/** A scenario computes in bursts. */
const MEASURED_MS = 3_000;

/** How many cores nothing used for the next while. */
export async function idleCores(forMs = MEASURED_MS): Promise<number> {
  const [from, atMs] = [idleMs(), performance.now()];
  await sleep(forMs);
  return (idleMs() - from) / (performance.now() - atMs);
}

const idleMs = () => cpus().reduce((sum, { times }) => sum + times.idle, 0);

/**
 * @param running a file that exists while the scenarios run; undefined when nothing else runs
 * @param worker number of this worker, from 1
 */
export async function waitForCore(
  running: string | undefined,
  worker: string | undefined,
  { limitMs = LIMIT_MS, everyMs = 500, idle = () => idleCores() } = {},
): Promise<void> {
  const end = performance.now() + limitMs;
  const mustWait = () => running !== undefined && worker === '2' && existsSync(running) && performance.now() < end;
  while (mustWait() && (await idle()) < ENOUGH) await sleep(everyMs);
}

await waitForCore(process.env['HOLDFAST_TEST_SCENARIOS_RUN'], process.env['VITEST_POOL_ID']);
