import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathsOf } from '../../setup/checkout.mjs';
import { findStoreServers } from '../../setup/find-store-server.mjs';
import { ensureBothEngines, ensureStoreServer } from '../../setup/store-server.mjs';
import { unpackStore } from '../../setup/unpack-store.mjs';
import { makeFolder, writeProgram } from './fake-programs.ts';

const SOURCES = [{ uris: 'http://mirror.example/debian', suites: ['bookworm', 'bookworm-backports'], components: 'main', options: [] }];
const POLICY = 'echo "  Candidate: 8.0.1+dfsg1-1~bpo12+1"';
const DEPENDS = 'printf "  Depends: adduser\\n  Depends: libc6\\n  Depends: liblzf1\\n |Depends: libother\\n  Depends: libsystemd0\\n"';
/** Writes a package file for each name; the last arguments of apt-get. */
const DOWNLOAD = `case "$*" in *download*) ;; *) exit 0;; esac
shift 2; for name in "$@"; do echo deb > "\${name}_1_amd64.deb"; done`;
/** The server and its tool are in the package of tools, as Debian's. */
const UNPACK = `
case "$2" in *valkey-tools*) ;; *liblzf1*) mkdir -p "$3/usr/lib/x86_64-linux-gnu"; exit;; *) exit 0;; esac
mkdir -p "$3/usr/bin"
printf '#!/bin/sh\\necho "Valkey server v=8.0.1 sha=0 $LD_LIBRARY_PATH $*"\\n' > "$3/usr/bin/valkey-server"
printf '#!/bin/sh\\necho "valkey-cli 8.0.1"\\n' > "$3/usr/bin/valkey-cli"
chmod 755 "$3/usr/bin/valkey-server" "$3/usr/bin/valkey-cli"`;

let folder: string;
let bin: string;
const paths = () => pathsOf(folder);
const context = () => ({ paths: paths(), env: { PATH: `${bin}:/bin:/usr/bin` }, noteCommand: () => {} });
const unpack = () => unpackStore(context(), 'valkey', [8, 0], SOURCES);
beforeEach(() => {
  folder = makeFolder();
  bin = join(folder, 'bin');
  writeProgram(bin, 'apt-cache', `case "$1" in policy) ${POLICY};; *) ${DEPENDS};; esac`);
  writeProgram(bin, 'apt-get', `echo "$*" >> "${folder}/calls"\ncp "$APT_CONFIG" "${folder}/apt.conf"\n${DOWNLOAD}`);
  writeProgram(bin, 'dpkg-deb', UNPACK);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('unpacking Valkey', () => {
  it('brings server and tool, with the libraries that a machine may lack, whatever the folder is called later', async () => {
    expect(await unpack()).toBeUndefined();
    expect(readFileSync(join(folder, 'calls'), 'utf8')).toBe('-q update\n-q download valkey-server valkey-tools liblzf1\n');
    const { servers } = findStoreServers({}, [join(paths().stores, 'valkey', 'bin')]);
    const installed = join(paths().stores, 'valkey', 'bin');
    expect(servers).toEqual([
      { path: join(installed, 'valkey-server'), engine: 'valkey', version: '8.0.1', cli: join(installed, 'valkey-cli') },
    ]);
    const moved = join(folder, 'moved');
    renameSync(paths().stores, moved);
    const printed = execFileSync(join(moved, 'valkey', 'bin', 'valkey-server'), ['--port', '0'], { encoding: 'utf8', env: {} });
    const root = `${join(moved, 'valkey', 'bin')}/..`;
    expect(printed).toBe(`Valkey server v=8.0.1 sha=0 ${root}/usr/lib/x86_64-linux-gnu --port 0\n`);
  });

  it("uses the machine's configuration of apt, but neither its state nor its hooks", async () => {
    await unpack();
    const configuration = readFileSync(join(folder, 'apt.conf'), 'utf8');
    const outside = configuration.split('\n').filter((line) => line.startsWith('Dir::') && !line.includes(folder));
    expect(outside).toEqual([
      'Dir::Etc::parts "/dev/null";',
      'Dir::Etc::main "/dev/null";',
      'Dir::Etc::SourceParts "/dev/null";',
      'Dir::Etc::PreferencesParts "/dev/null";',
    ]);
    expect(configuration).toContain('#clear APT::Update;');
  });

  it.each([
    ['the release has an older one', () => writeProgram(bin, 'apt-cache', 'echo "  Candidate: 7.2.11"'), /have valkey 7\.2\.11$/],
    ['the release has none', () => writeProgram(bin, 'apt-cache', 'echo "  Candidate: (none)"'), /packages and backports have no valkey$/],
    [
      'no mirror answers',
      () => {
        writeProgram(bin, 'apt-cache', 'exit 0');
        writeProgram(bin, 'apt-get', 'exit 100');
      },
      /^apt-get update failed \(exit code 100\); log: /,
    ],
  ])('is left out with a reason where %s', async (_title, arrange, reason) => {
    arrange();
    expect(await unpack()).toMatch(reason);
    expect(existsSync(join(paths().stores, '.partial-valkey'))).toBe(false);
  });

  it.each([
    ['a checksum does not match', 'apt-get', `case "$*" in *download*) echo 'E: Hash Sum mismatch'; exit 100;; esac`, /Hash Sum mismatch/],
    ['a package is broken', 'dpkg-deb', 'echo "dpkg-deb: error: unexpected end of file"; exit 2', /^Unpacking .+ failed \(exit code 2\)/],
    [
      'the server does not run',
      'dpkg-deb',
      UNPACK.replace('echo "Valkey', 'exit 1; echo "Valkey'),
      /unpacked, but the server does not run/,
    ],
  ])('fails, leaves nothing and keeps what was there if %s', async (_title, program, script, message) => {
    writeProgram(join(paths().stores, 'valkey', 'bin'), 'valkey-server', 'echo "Valkey server v=8.0.0"');
    writeProgram(bin, program, script);
    await expect(unpack()).rejects.toThrow(message);
    expect(existsSync(join(paths().stores, '.partial-valkey'))).toBe(false);
    expect(findStoreServers({}, [join(paths().stores, 'valkey', 'bin')]).servers[0]?.version).toBe('8.0.0');
  });

  it('does not take what a killed set-up left for whole', async () => {
    writeProgram(join(paths().stores, '.partial-valkey', 'root', 'bin'), 'valkey-server', 'echo "Valkey server v=8.0.0"');
    writeProgram(join(paths().stores, '.partial-valkey', 'root', 'usr', 'bin'), 'left', 'exit');
    expect(await unpack()).toBeUndefined();
    expect(existsSync(join(paths().stores, 'valkey', 'usr', 'bin', 'left'))).toBe(false);
  });
});

describe('set-up without Valkey 8', () => {
  const withoutNetwork = () => {
    writeProgram(bin, 'apt-cache', 'exit 0');
    writeProgram(bin, 'apt-get', `echo "$*" >> "${folder}/calls"; exit 100`);
    // Whatever this machine has.
    writeProgram(bin, 'dnf', `echo dnf >> "${folder}/calls"; exit 1`);
    writeProgram(bin, 'brew', `echo brew >> "${folder}/calls"; exit 1`);
  };
  const countCalls = () => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n').length : 0);

  it('takes Redis at hand, and tries again after a day, not at the next start', async () => {
    withoutNetwork();
    const path = writeProgram(bin, 'redis-server', 'echo "Redis server v=7.0.15 sha=0"');
    expect((await ensureStoreServer(context()))[0]).toMatchObject({ path, engine: 'redis', version: '7.0.15' });
    const calls = countCalls();
    await ensureStoreServer(context());
    expect(countCalls()).toBe(calls);
    const reason = JSON.parse(readFileSync(join(paths().stores, '.valkey-unavailable.json'), 'utf8')) as { atMs: number };
    writeFileSync(join(paths().stores, '.valkey-unavailable.json'), JSON.stringify({ ...reason, atMs: Date.now() - 25 * 60 * 60_000 }));
    await ensureStoreServer(context());
    expect(countCalls()).toBeGreaterThan(calls);
  });

  it('tries nothing where HOLDFAST_STORE_SERVER names a server', async () => {
    withoutNetwork();
    const path = writeProgram(join(folder, 'mine'), 'redis-server', 'echo "Redis server v=7.0.15 sha=0"');
    const servers = await ensureStoreServer({ ...context(), env: { PATH: bin, HOLDFAST_STORE_SERVER: path } });
    expect([servers[0]?.path, countCalls()]).toEqual([path, 0]);
  });

  it('leaves both engines alone where they are at hand', async () => {
    withoutNetwork();
    writeProgram(bin, 'valkey-server', 'echo "Valkey server v=8.1.1 sha=0"');
    writeProgram(bin, 'redis-server', 'echo "Redis server v=7.0.15 sha=0"');
    expect((await ensureBothEngines(context())).map(({ engine }) => engine)).toEqual(['valkey', 'redis']);
    expect((await ensureStoreServer(context()))[0]?.engine).toBe('valkey');
    expect(countCalls()).toBe(0);
  });
});
