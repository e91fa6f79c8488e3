/** What set-up unpacked, on a machine that has nothing but what apt itself needs: its libraries hidden by a root of its own. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pathsOf } from '../../setup/checkout.mjs';

const unpacked = ['valkey', 'redis'].filter((engine) => existsSync(join(pathsOf().stores, engine, 'bin', `${engine}-server`)));
/** Only root can change the root, and only Debian's packages are unpacked. */
const canHide = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && unpacked.length > 0;

const librariesOf = (program: string) => execFileSync('/usr/bin/ldd', [program], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];

describe.skipIf(!canHide)('a machine without the libraries of the store', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'bare-machine-'));
    for (const file of ['/bin/sh', ...librariesOf('/bin/sh'), ...librariesOf('/usr/bin/apt-get')]) {
      mkdirSync(join(root, dirname(file)), { recursive: true });
      copyFileSync(file, join(root, file));
    }
    cpSync(pathsOf().stores, join(root, 'stores'), { recursive: true, verbatimSymlinks: true });
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const run = (program: string) =>
    execFileSync('/usr/sbin/chroot', [root, program, '--version'], { encoding: 'utf8', env: {}, stdio: 'pipe' });

  it.each(unpacked)('runs the server and the tool of %s', (engine) => {
    expect(run(`/stores/${engine}/bin/${engine}-server`)).toMatch(/^(Valkey|Redis) server v=\d/);
    expect(run(`/stores/${engine}/bin/${engine}-cli`)).toMatch(/^(valkey|redis)-cli \d/);
  });

  it.each(unpacked)('does not run the server of %s without the unpacked libraries', (engine) => {
    expect(() => run(`/stores/${engine}/usr/bin/${engine}-server`)).toThrow(/error while loading shared libraries: \S+: cannot open/);
  });
});
