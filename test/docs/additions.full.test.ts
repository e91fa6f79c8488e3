/** What pages say that an installation adds to an account is what the templates have: `npm run docs -- additions` writes it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../infra/synthesized.ts';
import { synthesizeExample } from '../write-additions.ts';
import { COLUMNS, PAGE, withAdditions } from './additions.ts';

it(`${PAGE} has the numbers of the templates`, async () => {
  const text = readFileSync(path.join(REPOSITORY, PAGE), 'utf8');
  expect(text).toBe(withAdditions(text, await Promise.all(COLUMNS.map(synthesizeExample))));
}, 120_000);
