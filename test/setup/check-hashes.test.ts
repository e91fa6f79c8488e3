import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { npmWithoutHash, pythonWithoutHash } from '../../setup/check-hashes.mjs';
import { CHECKOUT, pathsOf } from '../../setup/checkout.mjs';
import { ensureNpmPackages } from '../../setup/npm-packages.mjs';
import { ensurePythonPackages } from '../../setup/python-packages.mjs';
import { makeFolder, writeProgram } from './fake-programs.ts';

const lockFile = join(CHECKOUT, 'package-lock.json');
type Lock = { packages: Record<string, Record<string, unknown>> };
const npmLock = (): Lock => JSON.parse(readFileSync(lockFile, 'utf8')) as Lock;

describe('the lock files of this repository', () => {
  it('have a hash for every npm package, of other platforms too', () => {
    expect(npmWithoutHash(npmLock())).toEqual([]);
  });

  it('name no host to fetch packages from: each machine uses its own registry', () => {
    expect(Object.values(npmLock().packages).filter(({ link, resolved }) => !link && resolved !== undefined)).toEqual([]);
  });

  it.each([['emulatorLock'], ['lintLock']] as const)('have a hash for every Python package: %s', (name) => {
    expect(pythonWithoutHash(readFileSync(pathsOf()[name], 'utf8'))).toEqual([]);
  });
});

describe('an entry without a hash', () => {
  const hashed = { version: '1.0.0', integrity: 'sha512-a' };
  it.each<[string, Lock['packages'], string[]]>([
    ['of a package', { 'node_modules/a': { version: '1.0.0' } }, ['node_modules/a']],
    ['of a package with a weak hash', { 'node_modules/a': { version: '1.0.0', integrity: 'sha1-a' } }, ['node_modules/a']],
    ['of a package that is claimed to be optional', { 'node_modules/a': { version: '1.0.0', optional: true } }, ['node_modules/a']],
    ['in a package with a hash', { 'node_modules/a': hashed, 'node_modules/a/node_modules/b': { inBundle: true } }, []],
    [
      'in a package without',
      { 'node_modules/a': {}, 'node_modules/a/node_modules/b': { inBundle: true } },
      ['node_modules/a', 'node_modules/a/node_modules/b'],
    ],
    [
      'below a package, but not inside it',
      { 'node_modules/a': hashed, 'node_modules/a/node_modules/b': {} },
      ['node_modules/a/node_modules/b'],
    ],
    ['of a folder of this repository', { '': {}, 'examples/x': {}, 'node_modules/x': { link: true, resolved: 'examples/x' } }, []],
    ['of another platform', { 'node_modules/a': { optional: true, os: ['win32'] } }, ['node_modules/a']],
    ['of this platform', { 'node_modules/a': { optional: true, os: ['linux'], cpu: ['x64'] } }, ['node_modules/a']],
  ])('%s', (_title, packages, refused) => {
    expect(npmWithoutHash({ packages })).toEqual(refused);
  });

  it('of a Python package, or one with another hash than SHA-256', () => {
    const hash = `--hash=sha256:${'a'.repeat(64)}`;
    expect(pythonWithoutHash(`# note\na==1 \\\n    ${hash}\nb==2\nc==3 --hash=md5:${'a'.repeat(32)}\n`)).toEqual(['b==2', 'c==3']);
  });
});

describe('set-up with a hash removed from a lock file', () => {
  let checkout: string;
  beforeEach(() => {
    checkout = makeFolder();
  });
  afterEach(() => rmSync(checkout, { recursive: true }));
  const context = () => ({ paths: pathsOf(checkout), env: {}, noteCommand: () => {} });

  it('refuses npm packages, names the entry and installs nothing', async () => {
    const lock = npmLock();
    delete lock.packages['node_modules/zod']?.['integrity'];
    writeFileSync(join(checkout, 'package-lock.json'), JSON.stringify(lock));
    await expect(ensureNpmPackages(context())).rejects.toThrow(
      /^package-lock\.json has no hash for node_modules\/zod, .*Nothing was installed/,
    );
  });

  it('refuses Python packages, names the entry and installs nothing', async () => {
    const { emulatorLock } = pathsOf();
    const lock = join(checkout, 'requirements.lock');
    copyFileSync(emulatorLock, lock);
    writeFileSync(lock, readFileSync(lock, 'utf8').replace(/^(defusedxml==\S+).*\n(.*--hash.*\n)+?(?=\S)/m, '$1\n'));
    mkdirSync(join(checkout, 'bin'));
    const python = writeProgram(join(checkout, 'bin'), 'python3', 'exit 1');
    const list = { name: 'ministack', venv: join(checkout, 'venv'), lock };
    await expect(ensurePythonPackages({ ...context(), env: { HOLDFAST_PYTHON: python } }, list)).rejects.toThrow(
      /requirements\.lock has no hash for defusedxml==\S+, .*Nothing was installed/,
    );
  });
});
