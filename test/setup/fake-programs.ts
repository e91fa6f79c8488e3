import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for one test. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'holdfast-test-'));
}

/** Writes an executable shell script and returns its path. */
export function writeProgram(folder: string, name: string, script: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** A fake Python interpreter: answers set-up's probe and nothing else. */
export function writePython(folder: string, name: string, version: string, venv: 'venv' | 'no venv' = 'venv'): string {
  return writeProgram(folder, name, `printf '%s\\n%s\\n%s\\n' '${version}' "$0" '${venv}'`);
}

/** A fake JDK: its java prints its properties and nothing else. Returns its home. */
export function writeJdk(home: string, version: string, { compiler = true } = {}): string {
  writeProgram(
    join(home, 'bin'),
    'java',
    `printf '    java.home = ${home}\\n    java.version = ${version}\\n    java.version.date = x\\n' >&2`,
  );
  if (compiler) writeProgram(join(home, 'bin'), 'javac', 'exit 0');
  return home;
}
