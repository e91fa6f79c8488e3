/** What the service prints when the start command cannot be run: true for every errno, and with what to do. */
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants, machine, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runPython } from './warm-python.ts';

const RUN_APP = join(import.meta.dirname, '../../../server/documents/run_app.py');
const SCRIPT = readFileSync(RUN_APP, 'utf8');

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-run-app-'));
  folder = join(root, 'releases/1.0.0');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  symlinkSync('releases/1.0.0', join(root, 'current'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (name: string, content: string | Buffer, mode = 0o755): void => {
  writeFileSync(join(folder, name), content);
  chmodSync(join(folder, name), mode);
};
/** A start command, once its files are written. */
const given = (_written: unknown, start: readonly string[]): readonly string[] => start;
const contract = (text: string): void => writeFileSync(join(folder, 'holdfast.app.json'), text);

function run(start: readonly unknown[]) {
  contract(JSON.stringify({ start, port: 8080 }));
  return runContract();
}
async function runContract() {
  const environment = { HOLDFAST_ROOT: root, PATH: process.env['PATH'] };
  const { code: status, stdout, stderr } = await runPython({ script: SCRIPT, environment, limitSeconds: 100 });
  return { status, stdout, stderr: stderr.trim() };
}

/** The header of a program for Linux on the processor that this machine is not. */
function otherProcessor(): Buffer {
  const header = Buffer.alloc(4_096);
  Buffer.from('7f454c46020101', 'hex').copy(header);
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(machine() === 'aarch64' ? 62 : 183, 18);
  return header;
}

it('runs the program in the release with PORT and the version', async () => {
  write('bin/run', '#!/bin/sh\necho "$PORT $HOLDFAST_VERSION $(basename "$PWD") $1"\n');
  expect(await run(['bin/run', 'on'])).toEqual({ status: 0, stdout: '8080 1.0.0 1.0.0 on\n', stderr: '' });
});

describe('the message for a start command', () => {
  it.each<[string, () => readonly unknown[], string]>([
    [
      'that is nowhere',
      () => ['no-such-java'],
      "holdfast: 'no-such-java' in holdfast.app.json is not in PATH: install it (runtimePackages), or correct start.",
    ],
    [
      'that is in the release, and not in the PATH',
      () => given(write('run.sh', '#!/bin/sh\n'), ['run.sh']),
      "'run.sh' in holdfast.app.json is in the release, and not in PATH: write ./run.sh as start.",
    ],
    ['that the release lacks', () => ['bin/run'], "'bin/run' in holdfast.app.json is not there: "],
    ['that the server lacks', () => ['/opt/no-such/bin/java'], "'/opt/no-such/bin/java' in holdfast.app.json is not there: install it"],
    ['below a file', () => given(write('bin/run', ''), ['bin/run/x']), "'bin/run/x' in holdfast.app.json is not there: "],
    [
      'that is a link to nothing',
      () => given(symlinkSync('gone', join(folder, 'bin/run')), ['bin/run']),
      'needs a file that is missing: what its first line names (its line ends may be CRLF), its loader, or the end of its link.',
    ],
    [
      'that is a link to itself',
      () => given(symlinkSync('run', join(folder, 'bin/run')), ['bin/run']),
      'cannot be started: [Errno 40] Too many levels of symbolic links',
    ],
    [
      'with CRLF',
      () => given(write('bin/run', '#!/bin/sh\r\nexit\r\n'), ['bin/run']),
      'needs a file that is missing: what its first line names (its line ends may be CRLF)',
    ],
    [
      'whose interpreter is missing',
      () => given(write('bin/run', '#!/usr/bin/no-such-perl -w\n'), ['bin/run']),
      'needs a file that is missing: what its first line names',
    ],
    [
      'without its executable bit',
      () => given(write('bin/run', '#!/bin/sh\n', 0o644), ['bin/run']),
      'may not be executed by this user: it is a folder, or lacks its executable bit',
    ],
    ['that is a folder', () => ['./bin'], "'./bin' in holdfast.app.json may not be executed by this user: it is a folder"],
    [
      'without #!',
      () => given(write('bin/run', 'exec node\n'), ['bin/run']),
      'is neither a script that begins with #! nor a program for this processor',
    ],
    [
      'that is empty',
      () => given(write('bin/run', ''), ['bin/run']),
      'is neither a script that begins with #! nor a program for this processor',
    ],
    [
      'for another processor',
      () => given(write('bin/run', otherProcessor()), ['bin/run']),
      'is neither a script that begins with #! nor a program for this processor',
    ],
    ['with a name that is too long', () => [`bin/${'x'.repeat(300)}`], 'cannot be started: [Errno 36] File name too long'],
    [
      'with arguments that are too long',
      () => ['true', 'x'.repeat(200_000)],
      "'true' in holdfast.app.json cannot be started: [Errno 7] Argument list too long",
    ],
    ['with a NUL', () => ['true', 'a\0b'], 'cannot be started: embedded null byte'],
    ['with half of a character', () => ['\ud800'], "'\\ud800' in holdfast.app.json cannot be started: "],
    ['with a number', () => ['true', 5], "'true' in holdfast.app.json cannot be started: "],
  ])('%s is one true line', async (_what, start, message) => {
    const { status, stdout, stderr } = await run(start());
    expect(stderr).toContain(message);
    expect([status, stdout, stderr.split('\n').length]).toEqual([1, '', 1]);
    expect(stderr).toMatch(/^holdfast: .*\.$/);
  });

  it('that another process writes to says so', async () => {
    cpSync('/bin/true', join(folder, 'bin/run'), { dereference: true });
    const file = openSync(join(folder, 'bin/run'), 'r+');
    const { stderr } = await run(['bin/run']);
    closeSync(file);
    expect(stderr).toContain('cannot be started: [Errno 26] Text file busy');
  });

  it.each(['not JSON', '[]', '{}', '{"start":[]}', `${'['.repeat(100_000)}`])('in the contract %.12s names the release', async (text) => {
    contract(text);
    const { status, stderr } = await runContract();
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^holdfast: the contract of release 1\.0\.0 cannot be read \(.*: publish it again\.$/),
    ]);
  });

  it('in a release that is missing names it', async () => {
    rmSync(folder, { recursive: true });
    expect((await runContract()).stderr).toMatch(/^holdfast: the contract of release 1\.0\.0 cannot be read \(FileNotFoundError/);
  });
});

it('claims that a program is missing for the two errors alone that mean it, and quotes each other error', () => {
  write('bin/run', '#!/bin/sh\n');
  const script = `
import errno, json, os, runpy, sys
explain = runpy.run_path(${JSON.stringify(RUN_APP)})["explain"]
os.chdir(${JSON.stringify(folder)})
print(json.dumps({errno.errorcode[code]: [os.strerror(code), explain(OSError(code, os.strerror(code)), "bin/none")] for code in errno.errorcode}))
`;
  const { stdout } = spawnSync('python3', ['-I', '-c', script], { encoding: 'utf8' });
  const said = Object.entries(JSON.parse(stdout) as Record<string, [string, string]>);
  expect(said.length).toBeGreaterThan(Object.keys(constants.errno).length / 2);
  const missing = said.filter(([, [, text]]) => text.includes('is not there')).map(([name]) => name);
  expect(missing.sort()).toEqual(['ENOENT', 'ENOTDIR']);
  for (const [name, [words, text]] of said) {
    if (!['ENOENT', 'ENOTDIR', 'EACCES', 'ENOEXEC'].includes(name)) expect(text).toMatch(new RegExp(`^cannot be started: .*${words}`));
  }
});
