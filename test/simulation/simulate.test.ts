/** The command itself, in a process of its own. */
import { expect, test } from 'vitest';
import { simulate } from './fakes/simulate.ts';

test('a seed of another commit runs, with a warning', { timeout: 120_000 }, async () => {
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
