import { expect, it } from 'vitest';
import { startOutput } from '../../start-output.ts';

const FAILURE = { code: 'Interrupted', message: 'interrupted by SIGINT', exitCode: 130 };
const LINE = '{"error":{"code":"Interrupted","message":"interrupted by SIGINT"}}\n';

it.each([
  ['a failure, as a sentence for people', false, [], [], ['interrupted by SIGINT\n']],
  ['a failure with --json, as the only line', true, [], [LINE], []],
  ['a failure after a result with --json: the result alone', true, ['{"ok":true}'], ['{"ok":true}\n'], []],
  ['a failure after a result: both', false, ['done'], ['done\n'], ['interrupted by SIGINT\n']],
] as const)('npm start prints %s', (_what, json, results, out, err) => {
  const printed = { out: [] as string[], err: [] as string[] };
  const output = startOutput(json, { out: (text) => printed.out.push(text), err: (text) => printed.err.push(text) });
  for (const text of results) output.result(text);
  expect(output.fail(FAILURE)).toBe(130);
  expect(printed).toEqual({ out, err });
});
