import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { confirm } from '../../cli/confirm.ts';

function terminal(answer: string | undefined, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY });
  if (answer !== undefined) input.write(answer);
  else input.end();
  return { input, output };
}

describe('a question on a terminal', () => {
  it.each(['y\n', 'yes\n', 'Y\n'])('goes on with %j', async (answer) => {
    const { input, output } = terminal(answer);
    await confirm('Go on?', { input, output });
    expect(String(output.read())).toContain('Go on? [y/N] ');
  });

  it.each(['\n', 'n\n', 'yellow\n', undefined])('starts nothing with %j', async (answer) => {
    await expect(confirm('Go on?', terminal(answer))).rejects.toMatchObject({
      code: 'NotConfirmed',
      exitCode: 2,
      message: expect.stringContaining('Nothing was started'),
    });
  });

  it('is not asked without a terminal', async () => {
    const { input, output } = terminal(undefined, false);
    await confirm('Go on?', { input, output });
    expect(output.read()).toBeNull();
  });
});
