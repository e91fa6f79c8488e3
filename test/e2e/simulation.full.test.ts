/** The simulation at length, as `npm run simulate` runs it: 2,000 seeds, and every planted fault. `npm test` runs 100 seeds. */
import { expect, it } from 'vitest';
import { simulate } from '../simulation/fakes/simulate.ts';

const json = async (...args: string[]) => {
  const { stdout, stderr } = await simulate(...args, '--json');
  expect(stdout, stderr).toMatch(/^\{.*\}\n$/);
  return JSON.parse(stdout);
};

it('holds in 2,000 seeds, which reach every state and every Catch that can be reached', { timeout: 900_000 }, async () => {
  expect(await json('--seeds', '2000')).toMatchObject({ seeds: 2000, violations: 0, broken: [], missing: [] });
});

it('finds every planted fault by its predicate', { timeout: 900_000 }, async () => {
  const { planted, ...found } = await json('--planted');
  expect(planted).toBeGreaterThanOrEqual(20);
  expect(found).toMatchObject({ caught: planted, missed: [], byOther: [] });
});
