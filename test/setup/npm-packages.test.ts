import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { matchesLock, npmCommand } from '../../setup/npm-packages.mjs';
import { makeFolder, writeProgram } from './fake-programs.ts';

let folder: string;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('comparing the installed packages with the lock', () => {
  const a = { version: '1.0.0', integrity: 'sha512-a' };
  const other = { version: '2.0.0', integrity: 'sha512-b', optional: true };

  it.each([
    ['all of it', { 'node_modules/a': a }, true],
    ['another version', { 'node_modules/a': { ...a, version: '1.0.1' } }, false],
    ['other content', { 'node_modules/a': { ...a, integrity: 'sha512-x' } }, false],
    ['not all of it', {}, false],
    ['more than it', { 'node_modules/a': a, 'node_modules/b': a }, false],
  ])('%s: optional packages may be absent', (_title, installed, expected) => {
    const lockFile = join(folder, 'package-lock.json');
    const installedFile = join(folder, 'installed.json');
    writeFileSync(lockFile, JSON.stringify({ packages: { '': {}, 'node_modules/a': a, 'node_modules/other': other } }));
    writeFileSync(installedFile, JSON.stringify({ packages: installed }));
    expect(matchesLock(lockFile, installedFile)).toBe(expected);
  });

  it('nothing was installed', () => {
    expect(matchesLock(join(folder, 'package-lock.json'), join(folder, 'none.json'))).toBe(false);
  });
});

describe('which npm is used', () => {
  it('the one that started set-up, under the same Node', () => {
    const script = writeProgram(folder, 'npm-cli.js', '');
    expect(npmCommand({ npm_execpath: script }, '/node')).toEqual(['/node', script]);
  });

  it.each([['/nowhere/npm-cli.js'], ['/opt/yarn/bin/yarn.js'], [undefined]])('the one on PATH when started by %s', (script) => {
    expect(npmCommand({ npm_execpath: script }, '/node')).toEqual(['npm']);
  });
});
