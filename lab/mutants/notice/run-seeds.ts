import { SEEDS } from '../matrix.ts';
import { runLimited } from '../run-limited.ts';
import type { TimedOutcome } from './outcome.ts';

/** The same for every mutant; they hold without one. */
const FIRST_SEED = 900_001;
const COUNT = 300;
/** They take about twenty seconds on one core. */
const LIMIT_MS = 240_000;

/** Runs 300 seeds of the simulation in a copy of the checkout: they fail where a predicate is broken, or a run cannot go on. */
export async function runSeeds(checkout: string, patience: number): Promise<TimedOutcome> {
  const seeds = ['--from', String(FIRST_SEED), '--seeds', String(COUNT), '--workers', '1', '--json'];
  const { code, stdout, isSlow } = await runLimited(['lab/simulation/main.ts', ...seeds], { cwd: checkout, limitMs: LIMIT_MS * patience });
  const hold = code === 0 && (JSON.parse(stdout) as { violations: number }).violations === 0;
  return { failed: hold || code === undefined ? [] : [SEEDS], isDoubtful: code === undefined, isSlow };
}
