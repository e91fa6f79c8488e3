import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPythonRelease } from '../../setup/find-python-release.mjs';
import { makeFolder, writeProgram, writePython } from './fake-programs.ts';

describe('finding a Python of one release', () => {
  let folder: string;
  const find = (env: NodeJS.ProcessEnv = {}) => findPythonRelease([3, 13], 'LocalStack needs', { HOME: folder, ...env }, [folder]);
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('takes the one on PATH, and no newer one', () => {
    writePython(folder, 'python3', '3.14.0');
    const path = writePython(folder, 'python3.13', '3.13.2');
    expect(find()).toEqual({ path, version: '3.13.2', hasVenv: true });
  });

  it('takes the newest under pyenv, whose shim does not run', () => {
    writeProgram(folder, 'python3.13', 'echo "pyenv: python3.13: command not found" >&2; exit 127');
    writePython(join(folder, '.pyenv/versions/3.13.0/bin'), 'python3.13', '3.13.0');
    writePython(join(folder, '.pyenv/versions/3.12.9/bin'), 'python3.12', '3.12.9');
    const path = writePython(join(folder, '.pyenv/versions/3.13.11/bin'), 'python3.13', '3.13.11');
    expect(find().path).toBe(path);
  });

  it('searches the folder that PYENV_ROOT names', () => {
    const path = writePython(join(folder, 'elsewhere/versions/3.13.0/bin'), 'python3.13', '3.13.0');
    expect(find({ PYENV_ROOT: join(folder, 'elsewhere') }).path).toBe(path);
  });

  it('prefers HOLDFAST_PYTHON if it is of that release, and ignores it otherwise', () => {
    const path = writePython(folder, 'python3.13', '3.13.2');
    const mine = writePython(folder, 'mine', '3.13.0');
    const other = writePython(folder, 'other', '3.11.0');
    expect([find({ HOLDFAST_PYTHON: mine }).path, find({ HOLDFAST_PYTHON: other }).path]).toEqual([mine, path]);
  });

  it('explains what to install', () => {
    writePython(folder, 'python3', '3.12.1');
    expect(() => find()).toThrow(
      'LocalStack needs Python 3.13, which is neither on PATH nor under pyenv: install it with `pyenv install 3.13`',
    );
  });
});
