/** Real apt against a repository on disk that nobody signed. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pathsOf } from '../../setup/checkout.mjs';
import { openPrivateApt } from '../../setup/private-apt.mjs';
import { makeFolder } from './fake-programs.ts';

let folder: string;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => rmSync(folder, { recursive: true }));

async function open(options: (readonly [string, string])[]) {
  const repository = join(folder, 'repository');
  mkdirSync(repository);
  const fields = [
    'Package: valkey-server',
    'Version: 99.0.0-1',
    'Architecture: all',
    'Filename: ./a.deb',
    'Size: 1',
    `SHA256: ${'0'.repeat(64)}`,
  ];
  writeFileSync(join(repository, 'Packages'), `${fields.join('\n')}\n`);
  const state = join(folder, 'state');
  for (const path of [state, pathsOf(folder).logs]) mkdirSync(path, { recursive: true });
  const source = { uris: `file:${repository}`, suites: ['./'], components: '', options };
  // A machine that takes whatever comes.
  const machine = join(folder, 'apt.conf.d');
  mkdirSync(machine);
  const allowed = ['Acquire::AllowInsecureRepositories', 'Acquire::AllowWeakRepositories', 'APT::Get::AllowUnauthenticated'];
  writeFileSync(join(machine, '99allow.conf'), allowed.map((name) => `${name} "true";\n`).join(''));
  return openPrivateApt({ env: process.env, paths: pathsOf(folder), noteCommand: () => {} }, state, [source], [machine]);
}

it.skipIf(!existsSync('/usr/bin/apt-get'))('a mirror serves packages that nobody signed: set-up offers none of them', async () => {
  const apt = await open([]);
  expect(apt?.problem).toMatch(/^apt-get update failed/);
  expect(apt?.candidate('valkey-server')).toBeUndefined();
});

it.skipIf(!existsSync('/usr/bin/apt-get'))("a source that the machine's owner marks as trusted counts as signed", async () => {
  const apt = await open([['Trusted', 'yes']]);
  expect([apt?.problem, apt?.candidate('valkey-server')]).toEqual([undefined, [99, 0, 0]]);
});
