/** The command itself, in a process of its own. */
import { expect, test } from 'vitest';
import { FULL } from '../../test/e2e/full-run.ts';
import { simulate } from './fakes/simulate.ts';

const SEEDS = FULL ? 100 : 2;

test('seeds hold, and their JSON is one line', { timeout: 600_000 }, async () => {
  const { code, stdout, stderr } = await simulate('--seeds', String(SEEDS), '--json');
  expect(stdout, stderr).toMatch(/^\{.*\}\n$/);
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ seeds: SEEDS, violations: 0, broken: [], timelines: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const { coverage, faults, seconds } = result;
  for (const counts of [coverage.states, coverage.catches, coverage.sometimes, faults]) {
    expect(Object.keys(counts).length).toBeGreaterThan(0);
    expect(Object.values(counts)).toSatisfy((all: unknown[]) => all.every((one) => Number.isInteger(one)));
  }
  expect(Object.keys(coverage.states)).toContain('rollTarget/Put back');
  expect(Object.values<number>(coverage.states).filter((times) => times > 0).length).toBeGreaterThan(FULL ? 90 : 60);
  // Each run draws some kinds of them.
  expect(Object.keys(faults).length).toBeGreaterThan(FULL ? 25 : 5);
  expect(seconds).toBeGreaterThan(0);
  expect(code).toBe(0);
});

test('a seed of another commit runs, with a warning', { timeout: 600_000 }, async () => {
  const { stdout, stderr } = await simulate('--seed', '3', '--at', '0000000');
  expect(stderr).toMatch(/^warning: seed 3 was reported for commit 0000000, and this checkout is \S+: it can run differently\n/);
  expect(stdout).toMatch(/^seed 3: .* hash [0-9a-f]{16}\n$/s);
});

test('a wrong option ends the command with exit code 2 before anything runs', async () => {
  const { code, stdout, stderr } = await simulate('--seeds', 'many', '--json');
  const message = '--seeds takes a whole number of at least 1, not "many"';
  expect({ code, stderr, answer: JSON.parse(stdout) }).toEqual({
    code: 2,
    stderr: `${message}\n`,
    answer: { error: { code: 'TypeError', message } },
  });
});
