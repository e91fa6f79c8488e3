import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathsOf } from '../../setup/checkout.mjs';
import { installValkey } from '../../setup/install-valkey.mjs';
import { makeFolder, writeProgram } from './fake-programs.ts';

describe('installing Valkey with a package manager', () => {
  let folder: string;
  let bin: string;
  beforeEach(() => {
    folder = makeFolder();
    bin = join(folder, 'bin');
    for (const name of ['dnf', 'brew']) writeProgram(bin, name, `echo "${name} $*" >> "${folder}/calls"`);
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const install = (isRoot: boolean) =>
    installValkey({ paths: pathsOf(folder), env: { PATH: `${bin}:/bin:/usr/bin` }, noteCommand: () => {} }, isRoot);

  it.each([
    ['dnf as root', true, 'dnf install -y valkey\n'],
    ['Homebrew as anyone else', false, 'brew install valkey\n'],
  ])('uses %s', async (_title, isRoot, calls) => {
    expect(await install(isRoot)).toBeUndefined();
    expect(readFileSync(join(folder, 'calls'), 'utf8')).toBe(calls);
  });

  it('reports what failed and where its log is', async () => {
    writeProgram(bin, 'dnf', 'echo "No match for argument: valkey"; exit 1');
    expect(await install(true)).toBe(
      `dnf install -y valkey failed (exit code 1); log: ${join(folder, '.holdfast', 'logs', 'setup-dnf-valkey.log')}`,
    );
  });
});
