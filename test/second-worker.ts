/**
 * Before each file of the parts: the second worker waits until the scenarios have ended. They run next to the parts in
 * `npm test` and mostly wait, so that one core is enough for them and the first worker; afterwards it would be idle.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than any run of the scenarios: what an interrupted run left must not hold this one for ever. */
const LIMIT_MS = 20 * 60_000;

/**
 * @param running a file that exists while the scenarios run; undefined when nothing else runs
 * @param worker number of this worker, from 1
 */
export async function waitForCore(
  running: string | undefined,
  worker: string | undefined,
  { limitMs = LIMIT_MS, everyMs = 500 } = {},
): Promise<void> {
  const end = performance.now() + limitMs;
  while (running !== undefined && worker === '2' && existsSync(running) && performance.now() < end) await sleep(everyMs);
}

await waitForCore(process.env['HOLDFAST_TEST_SCENARIOS_RUN'], process.env['VITEST_POOL_ID']);
