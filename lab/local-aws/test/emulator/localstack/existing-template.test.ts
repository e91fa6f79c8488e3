import { expect, it } from 'vitest';
import { readSetup } from '../../../../../setup/read-setup.mjs';
import { runInExtension } from './run-in-extension.ts';

const SCRIPT = `
import json, sys
from existing_template import existing
before, after, done, gone = json.loads(sys.argv[1])
print(json.dumps(existing(before, after, set(done), set(gone))))
`;

const template = (Resources: Record<string, string>, Of: string) => ({
  Parameters: { Size: { Default: Object.keys(Resources).length } },
  Resources,
  Outputs: { Of },
});
const before = template({ Old: 'v1', Changed: 'v1' }, 'before');
const after = template({ Changed: 'v2', Failed: 'v2', New: 'v2' }, 'after');

it.each([
  ['creation: what was created, without outputs', [{}, after, ['New'], []], [3, { New: 'v2' }, {}]],
  [
    'update: what succeeded as it is now, and what the next update removes',
    [before, after, ['New', 'Changed'], []],
    [2, { Old: 'v1', Changed: 'v2', New: 'v2' }, { Of: 'before' }],
  ],
  ['update: what did not succeed as it was', [before, after, [], []], [2, { Old: 'v1', Changed: 'v1' }, { Of: 'before' }]],
  ['deletion: what was not deleted, without outputs', [before, {}, [], ['Old']], [2, { Changed: 'v1' }, {}]],
])('the template of what exists has after a failed %s', (_name, given, [size, Resources, Outputs]) => {
  const existing = JSON.parse(runInExtension(readSetup().python, SCRIPT, given)) as typeof before;
  expect([existing.Parameters.Size.Default, existing.Resources, existing.Outputs]).toEqual([size, Resources, Outputs]);
});
