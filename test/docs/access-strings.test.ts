import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { applicationAccess, functionsAccess } from '../../infra/constructs/store/access-strings.ts';

const page = () => readFileSync(path.resolve(import.meta.dirname, '../../docs/existing-store.md'), 'utf8');

it('docs/existing-store.md names each command of the access string that init prints, and no other without saying what for', () => {
  const commands = (text: string) => new Set(text.match(/\+[a-z][a-z_|-]*/g));
  const [, allowed = ''] = page().split("## What must the functions' user be allowed to do?");
  const listed = commands(allowed.split(/\n## |\nRedis 6/)[0] ?? '');
  const printed = commands(functionsAccess({ engine: 'valkey', engineVersion: '8.0', clustered: true }, 'sess:'));
  expect([...printed].filter((command) => !listed.has(command))).toEqual([]);
  // For policy delete, --reconcile, and databases other than the first.
  expect([...listed].filter((command) => !printed.has(command)).toSorted()).toEqual(['+select', '+srem', '+sscan', '+unlink']);
});

it('docs/existing-store.md has the access string of the functions of a fleet as init prints that of a store', () => {
  expect(page()).toContain(`\naccess='${functionsAccess({ engine: 'valkey', engineVersion: '8.0', clustered: false }, 'sess:shop:')}'\n`);
});

it('docs/existing-store.md has the access string of an application as a created store has it', () => {
  expect(page()).toContain(`\n${applicationAccess({ keyPrefix: 'sess:web:', channels: [] }, [0])}\n`);
});
