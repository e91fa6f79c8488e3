import { expect, it } from 'vitest';
import { findUsableScripts } from '../../../../functions/sweep/store/scripted-repair.ts';

const NO_PERMISSION = "NOPERM User sweep has no permissions to run the 'eval' command";

/** A store that refuses some commands. */
const find = (refusals: Readonly<Record<string, string>>) =>
  findUsableScripts({
    call: async (command: string) => {
      if (refusals[command] !== undefined) throw new Error(refusals[command]);
      return 1;
    },
  } as never);

it.each([
  ['both', {}, { readOnly: 'EVAL_RO', canWrite: true }],
  ['scripts that read alone', { EVAL: NO_PERMISSION }, { readOnly: 'EVAL_RO', canWrite: false }],
  ['scripts that write, on an engine without EVAL_RO', { EVAL_RO: "ERR unknown command 'EVAL_RO'" }, { readOnly: 'EVAL', canWrite: true }],
  ['none', { EVAL_RO: NO_PERMISSION, EVAL: NO_PERMISSION }, { readOnly: undefined, canWrite: false }],
] as const)('a user may run %s', async (_what, refusals, expected) => {
  expect(await find(refusals)).toEqual(expected);
});

it('a store that does not answer is not one that refuses', async () => {
  await expect(find({ EVAL_RO: 'connection lost' })).rejects.toThrow('connection lost');
});
