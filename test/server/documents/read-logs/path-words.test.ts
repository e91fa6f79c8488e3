import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PATH_WORDS } from '../../../../functions/incidents/contract/read-logs.ts';

it('names the same words of paths on the server as in what is kept of its answer', () => {
  const source = readFileSync(new URL('../../../../server/documents/log_values.py', import.meta.url), 'utf8');
  const [, lines = ''] = /PATH_WORDS = set\(\(\n([\s\S]*?)\)\.split\(\)\)/.exec(source) ?? [];
  const words = [...lines.matchAll(/"([^"]*)"/g)]
    .map(([, text]) => text)
    .join('')
    .trim()
    .split(' ');
  expect([...PATH_WORDS].toSorted()).toEqual(words.toSorted());
});
