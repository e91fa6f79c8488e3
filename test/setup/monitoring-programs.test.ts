import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathsOf } from '../../setup/checkout.mjs';
import { ensurePrograms, findAll, PINNED } from '../../setup/monitoring-programs.mjs';
import { makeFolder, writeProgram } from './fake-programs.ts';

/** What an unpacked package would hold. */
const UNPACK = `
[ "$1" = -f ] && { cat "$2.version"; exit; }
mkdir -p "$3/usr/bin"
for name in prometheus promtool prometheus-redis-exporter; do printf '#!/bin/sh\\necho fetched\\n' > "$3/usr/bin/$name"; chmod 755 "$3/usr/bin/$name"; done`;

describe('the programs of the monitoring check', () => {
  let folder: string;
  let bin: string;
  beforeEach(() => {
    folder = makeFolder();
    bin = join(folder, 'bin');
    // Whatever this machine has: it comes after this one, which does not run.
    writeProgram(bin, 'prometheus', 'exit 1');
    writeProgram(bin, 'dpkg', 'echo amd64');
    writeProgram(bin, 'dpkg-deb', UNPACK);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const paths = () => pathsOf(folder);
  // The shell's own commands come after the fakes.
  const ensure = () => ensurePrograms({ paths: paths(), env: { PATH: `${bin}:/bin:/usr/bin` }, noteCommand: () => {} });
  /** A fake apt-get that writes both packages into its folder. */
  const aptBrings = (version: (name: string) => string | undefined, extra = '') =>
    writeProgram(
      bin,
      'apt-get',
      `echo "$*" >> "${folder}/calls"\n${extra}\ncase "$*" in *download*) ;; *) exit 0;; esac\n${Object.keys(PINNED)
        .map((name) => `echo deb > ${name}_1_amd64.deb; echo '${version(name)}' > ${name}_1_amd64.deb.version`)
        .join('\n')}`,
    );

  it('are those of the machine if it has all three', () => {
    for (const name of ['prometheus', 'promtool', 'redis_exporter']) writeProgram(bin, name, 'echo 1');
    expect(findAll([bin])).toEqual({
      prometheus: join(bin, 'prometheus'),
      promtool: join(bin, 'promtool'),
      exporter: join(bin, 'redis_exporter'),
    });
    writeProgram(bin, 'promtool', 'exit 1');
    expect(findAll([bin])).toBeUndefined();
  });

  it('are refused when the pinned version has another hash, and nothing is left', async () => {
    aptBrings((name) => PINNED[name]?.version);
    await expect(ensure()).rejects.toThrow(
      /prometheus 2\.42\.0.* is not used: its SHA-256 is [0-9a-f]{64}, and the pinned one is 81d59a24/,
    );
    expect(existsSync(join(paths().monitoring, 'bin'))).toBe(false);
    expect(existsSync(join(paths().monitoring, 'download'))).toBe(false);
  });

  it("are the archive's own version if it lacks the pinned one, and are kept", async () => {
    aptBrings(() => '9.9', `case "$*" in *prometheus=*) echo 'E: Version not found'; exit 100;; esac`);
    const programs = await ensure();
    expect(programs.promtool).toBe(join(paths().monitoring, 'bin', 'promtool'));
    writeProgram(bin, 'apt-get', 'exit 1');
    expect(await ensure()).toEqual(programs);
  });

  it('are named in the error when nothing can be downloaded', async () => {
    writeProgram(bin, 'apt-get', `echo 'E: Unable to locate package prometheus'; exit 100`);
    await expect(ensure()).rejects.toThrow(
      /apt-get download prometheus prometheus-redis-exporter failed \(exit code 100\)\. Nothing was installed\. Install Prometheus and redis_exporter so that.*\n {2}E: Unable to locate package/,
    );
  });
});
