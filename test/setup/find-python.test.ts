import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPython } from '../../setup/find-python.mjs';
import { makeFolder, writeProgram, writePython } from './fake-programs.ts';

describe('finding a Python', () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('explains what is wrong and what to do when the only Python is too old', () => {
    const path = writePython(folder, 'python3', '3.9.18');
    expect(() => findPython({}, [folder])).toThrow(
      `Holdfast's local cloud needs Python 3.10 or newer, and ${path} is Python 3.9.18: install one with ` +
        '`apt-get install python3 python3-venv` (Debian, Ubuntu) or `brew install python` (macOS), or set HOLDFAST_PYTHON to the path of one, then start again.',
    );
  });

  it('reports that no Python was found', () => {
    expect(() => findPython({}, [folder])).toThrow('and no Python was found on PATH: install one with');
  });

  it('skips an old python3 and a shim that does not run, and takes a newer one by its full name', () => {
    writePython(folder, 'python3', '3.8.18');
    writeProgram(folder, 'python3.13', 'echo "pyenv: python3.13: command not found" >&2; exit 127');
    const path = writePython(folder, 'python3.12', '3.12.1');
    expect(findPython({}, [folder])).toEqual({ path, version: '3.12.1', hasVenv: true });
  });

  it('prefers a Python that can make virtual environments', () => {
    writePython(folder, 'python3', '3.11.2', 'no venv');
    const path = writePython(folder, 'python3.10', '3.10.13');
    expect(findPython({}, [folder]).path).toBe(path);
  });

  it('returns one that cannot if there is no other', () => {
    writePython(folder, 'python3', '3.11.2', 'no venv');
    expect(findPython({}, [folder]).hasVenv).toBe(false);
  });

  it('quotes HOLDFAST_PYTHON when it is too old, although a newer Python is on PATH', () => {
    writePython(folder, 'python3', '3.12.1');
    const chosen = writePython(folder, 'mine', '3.7.16');
    expect(() => findPython({ HOLDFAST_PYTHON: chosen }, [folder])).toThrow(`HOLDFAST_PYTHON is ${chosen}, which is Python 3.7.16`);
  });

  it('quotes HOLDFAST_PYTHON when it is not a Python', () => {
    const chosen = writeProgram(folder, 'mine', 'exit 3');
    expect(() => findPython({ HOLDFAST_PYTHON: chosen }, [folder])).toThrow(`HOLDFAST_PYTHON is ${chosen}, which does not run as a Python`);
  });
});
