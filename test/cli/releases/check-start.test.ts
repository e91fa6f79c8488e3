import { chmod, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRelease } from '../../../cli/releases/package-release.ts';
import { InvalidRelease } from '../../../cli/releases/release-errors.ts';
import { CONTRACT, temporaryFolder, writeRelease } from './release-folder.ts';

let root: string;
beforeEach(async () => {
  root = await temporaryFolder();
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Script {
  readonly start: readonly string[];
  readonly name?: string;
  readonly content?: string;
  readonly mode?: number;
}
const SH = '#!/bin/sh\nexec node server.mjs\n';
const contractOf = (start: readonly string[]) => JSON.stringify({ ...CONTRACT, start });

async function publishWith({ start, name = 'bin/run.sh', content = SH, mode = 0o755 }: Script) {
  const folder = await writeRelease(join(root, 'app'), { 'holdfast.app.json': contractOf(start), [name]: content });
  await chmod(join(folder, name), mode);
  return packageRelease(folder, '1.0.0', join(root, 'work'));
}

const WRONG: readonly [string, Script, string][] = [
  ['with CRLF', { start: ['bin/run.sh'], content: '#!/bin/sh\r\nexec node\r\n' }, '"bin/run.sh", which has Windows line ends (CRLF)'],
  [
    'without its executable bit',
    { start: ['bin/run.sh'], mode: 0o644 },
    '"bin/run.sh", which is not executable for all users (mode 644): run chmod 755',
  ],
  ['that only its owner can execute', { start: ['bin/run.sh'], mode: 0o744 }, 'is not executable for all users (mode 744)'],
  [
    'without #!',
    { start: ['bin/run.sh'], content: 'exec node server.mjs\n' },
    'neither a program for Linux nor a script that begins with "#!"',
  ],
  [
    'with an empty first line',
    { start: ['bin/run.sh'], content: `\n${SH}` },
    'neither a program for Linux nor a script that begins with "#!"',
  ],
  ['that is empty', { start: ['bin/run.sh'], content: '' }, 'neither a program for Linux nor a script that begins with "#!"'],
  ['with a byte order mark', { start: ['bin/run.sh'], content: `\ufeff${SH}` }, 'has a byte order mark before "#!"'],
  ['without an interpreter', { start: ['bin/run.sh'], content: '#!\nexec node\n' }, 'whose first line has no interpreter after "#!"'],
  [
    'that is a program for Windows',
    { start: ['bin/run.exe'], name: 'bin/run.exe', content: 'MZ\u0090' },
    'neither a program for Linux nor a script',
  ],
  [
    'that is found only through PATH',
    { start: ['run.sh'], name: 'run.sh' },
    '"run.sh", which servers search for in their PATH and not in the release: write "./run.sh"',
  ],
  ['that is missing', { start: ['./bin/start.sh'] }, '"./bin/start.sh", which is not in the release'],
  ['below a file', { start: ['bin/run.sh/x'] }, '"bin/run.sh/x", which is not in the release'],
  ['that is a folder', { start: ['./bin'] }, '"./bin", which is a folder'],
  ['in one text with its arguments', { start: ['node server.mjs'] }, 'write each argument as a text of its own, ["node","server.mjs"]'],
  ['with a NUL', { start: ['node', 'a\0b'] }, 'contains a NUL character'],
  [
    'given to a shell with CRLF',
    { start: ['bash', 'bin/run.sh'], content: 'exec node\r\n', mode: 0o644 },
    'the script "bin/run.sh", which has Windows line ends',
  ],
  ['given to a shell and missing', { start: ['/bin/sh', 'start.sh', '--fast'] }, 'the script "start.sh", which is not in the release'],
];
const RIGHT: readonly [string, Script][] = [
  ['a script', { start: ['bin/run.sh'] }],
  ['a script by ./', { start: ['./bin/run.sh', '--fast'] }],
  ['a program', { start: ['bin/shop'], name: 'bin/shop', content: '\u007fELF\u0002\u0001' }],
  ['a script for env', { start: ['bin/run'], name: 'bin/run', content: '#!/usr/bin/env -S node --max-old-space-size=64\nlisten()\n' }],
  ['a program of the server', { start: ['/usr/bin/java', '-jar', 'app.jar'] }],
  ['a program in the PATH', { start: ['java', '-jar', 'app.jar'] }],
  ['a shell without #!, executable bit or CRLF', { start: ['sh', 'bin/run.sh'], content: 'exec node server.mjs\n', mode: 0o644 }],
  ['a shell with options', { start: ['bash', '-c', 'exec node server.mjs'] }],
  ['a script without a line end', { start: ['bin/run.sh'], content: '#!/bin/true' }],
];

describe('the start command of a folder', () => {
  it.each(WRONG)('is refused when it names a file %s', async (_what, script, sentence) => {
    const publishing = publishWith(script);
    await expect(publishing).rejects.toThrow(InvalidRelease);
    await expect(publishing).rejects.toThrow(`holdfast.app.json: "start" names `);
    await expect(publishing).rejects.toThrow(sentence);
  });
  it.each(RIGHT)('may name %s', async (_what, script) => {
    expect((await publishWith(script)).app.start).toEqual(script.start);
  });
});

it('follows links in the release', async () => {
  const folder = await writeRelease(join(root, 'app'), { 'holdfast.app.json': contractOf(['current/run']), 'v1/run.sh': SH });
  await symlink('v1', join(folder, 'current'));
  await symlink('run.sh', join(folder, 'v1/run'));
  await mkdir(join(folder, 'empty'));
  const publish = () => packageRelease(folder, '1.0.0', join(root, 'work'));
  await chmod(join(folder, 'v1/run.sh'), 0o755);
  expect((await publish()).sizeBytes).toBeGreaterThan(0);
  await chmod(join(folder, 'v1/run.sh'), 0o644);
  await expect(publish()).rejects.toThrow('"current/run", which is not executable for all users (mode 644)');
});
