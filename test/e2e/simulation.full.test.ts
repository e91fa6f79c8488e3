/** The simulation at length, as `npm run simulate` runs it: 2,000 seeds, and every planted fault. `npm test` runs 20 seeds. */
import { expect, it } from 'vitest';
import { simulate } from '../../lab/simulation/fakes/simulate.ts';

const json = async (...args: string[]) => {
  const { stdout, stderr } = await simulate(...args, '--json');
  expect(stdout, stderr).toMatch(/^\{.*\}\n$/);
  return JSON.parse(stdout);
};

/** 300 seeds reach each of these more than ten times. To reach every state and every Catch takes 50,000 seeds. */
const STATES = [
  'deploy/Preflight: sessions',
  'rollTarget/Pin',
  'rollTarget/Wait for sessions',
  'rollTarget/Watch sessions',
  'rollTarget/Unpin',
  'rollTarget/Release pinned',
  'cleanUp/Release pinned',
];
const FACTS = [
  'a target was begun next to another one',
  'a target went back next to another one',
  'a look at the targets in flight paused',
  'a deploy stopped after its first targets',
];

it('holds in 2,000 seeds, which reach every state of a wait for sessions, several targets in flight, and a stop after the first', {
  timeout: 900_000,
}, async () => {
  const { coverage, ...found } = await json('--seeds', '2000');
  expect(found).toMatchObject({ seeds: 2000, violations: 0, broken: [] });
  expect(STATES.filter((state) => !coverage.states[state])).toEqual([]);
  expect(FACTS.filter((fact) => !coverage.sometimes[fact])).toEqual([]);
});

it('finds every planted fault by its predicate', { timeout: 900_000 }, async () => {
  const { planted, ...found } = await json('--planted');
  expect(planted).toBeGreaterThanOrEqual(20);
  expect(found).toMatchObject({ caught: planted, missed: [], byOther: [] });
});
