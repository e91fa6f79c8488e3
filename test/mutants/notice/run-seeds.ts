import { runLimited } from '../run-limited.ts';

/** The same for every mutant; they hold without one. */
const FIRST_SEED = 900_001;
const SEEDS = 300;
/** They take about twenty seconds on one core. */
const LIMIT_MS = 240_000;

/**
 * @returns whether 300 seeds of the simulation notice a change in a copy of the checkout: a predicate that is broken, or a run that cannot
 * go on; undefined where they did not end within the limit, which a busy machine can cause as well
 */
export async function seedsNotice(checkout: string): Promise<boolean | undefined> {
  const seeds = ['--from', String(FIRST_SEED), '--seeds', String(SEEDS), '--workers', '1', '--json'];
  const { code, stdout } = await runLimited(['test/simulation/main.ts', ...seeds], { cwd: checkout, limitMs: LIMIT_MS });
  return code === undefined ? undefined : code !== 0 || (JSON.parse(stdout) as { violations: number }).violations > 0;
}
