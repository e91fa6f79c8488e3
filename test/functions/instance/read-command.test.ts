import { describe, expect, it } from 'vitest';
import { installOutput } from '../../../functions/instance/document-contract.ts';
import { readCommand } from '../../../functions/instance/read-command.ts';

const installed = '{"result":"alreadyInstalled","version":"2"}';
const read = (output: string, errorOutput = '', state: 'succeeded' | 'failed' = 'succeeded') =>
  readCommand(
    { state, statusDetails: state === 'failed' ? 'Failed' : 'Success', output, errorOutput },
    installOutput,
    'install-release on i-1',
  );

describe('readCommand', () => {
  it.each([
    ['alone', installed],
    ['after other lines', `fetching\n${installed}\n`],
    ['before other lines', `${installed}\nbye\n`],
  ])('reads the JSON line %s', (_, output) => {
    expect(read(output)).toEqual({ result: 'alreadyInstalled', version: '2' });
  });

  it('reads what a failed script found', () => {
    expect(read('{"result":"failed","error":"ChecksumMismatch","message":"got b"}', '', 'failed')).toMatchObject({
      error: 'ChecksumMismatch',
    });
  });

  it.each([
    {
      title: 'a script that failed without a word',
      run: () => read('', '', 'failed'),
      name: 'CommandFailed',
      message: 'install-release on i-1 ended as Failed',
    },
    {
      title: 'a script that failed, with its last words',
      run: () => read('', 'python3: not found\n', 'failed'),
      name: 'CommandFailed',
      message: 'ended as Failed: python3: not found',
    },
    { title: 'a script that printed nothing', run: () => read(''), name: 'CommandFailed', message: 'no JSON line' },
    {
      title: 'a line of another shape',
      run: () => read('{"result":"installed"}'),
      name: 'CommandFailed',
      message: 'printed no valid answer',
    },
    { title: 'a broken line', run: () => read('{"result":'), name: 'CommandFailed', message: 'printed no valid answer' },
    {
      title: 'an instance that has seen a later deploy',
      run: () => read('', 'StaleFencingToken: a later deploy than 3', 'failed'),
      name: 'LeaseLost',
      message: 'later deploy than 3',
    },
  ])('throws $name on $title', ({ run, name, message }) => {
    expect(run).toThrow(expect.objectContaining({ name, message: expect.stringContaining(message) }));
  });
});
