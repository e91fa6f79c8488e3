import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { applicationAccess } from '../../infra/constructs/store/access-strings.ts';

it('docs/existing-store.md has the access string of an application as a created store has it', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/existing-store.md'), 'utf8');
  expect(page).toContain(`\n${applicationAccess({ keyPrefix: 'sess:web:', channels: [] }, [0])}\n`);
});
