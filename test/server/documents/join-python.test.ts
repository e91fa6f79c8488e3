import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { joinPython } from '../../../server/documents/join-python.ts';

/** Joins files of a folder of their own, from `entry.py`. */
function joined(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-python-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.py`), text);
    return joinPython('entry', pathToFileURL(`${folder}/`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('joinPython', () => {
  it('puts each neighbour once before the files that import it, and imports each library once', () => {
    const script = joined({
      entry:
        'import os\nimport sys\n\nfrom upper import upper\nfrom lower import (\n    LOWER, Lower,\n)\n\nprint(upper(), LOWER, Lower)\n',
      upper: 'import os\n\nfrom lower import LOWER\n\n\ndef upper():\n    return LOWER\n',
      lower: 'import os\n\nLOWER = 1\n\n\nclass Lower:\n    pass\n',
    });
    expect(script).toBe(
      'import os\n\nLOWER = 1\n\n\nclass Lower:\n    pass\n\n\n\ndef upper():\n    return LOWER\n\n\nimport sys\n\nprint(upper(), LOWER, Lower)\n',
    );
  });

  it('leaves imports within functions where they are', () => {
    const entry =
      'def loaded():\n    from json import load\n    return load\n\n\ndef late():\n    from json import load\n    return load\n';
    expect(joined({ entry })).toBe(entry);
  });

  it.each([
    [
      'neighbours that import each other',
      { entry: 'from a import A\n', a: 'from b import B\nA = 1\n', b: 'from a import A\nB = 1\n' },
      /^entry\.py imports a\.py imports b\.py imports a\.py: the imports form a cycle/,
    ],
    ['a name that nothing defines', { entry: 'from a import B\n', a: 'A = 1\n' }, 'entry.py imports B from a.py, which does not define it'],
    [
      'a name that the neighbour imports itself',
      { entry: 'from a import B\n', a: 'from b import B\n', b: 'B = 1\n' },
      'entry.py imports B from a.py, which does not define it',
    ],
    ['a name that two files define', { entry: 'from a import A\n\nB = 1\n', a: 'A = B = 1\nB = 2\n' }, 'entry.py and a.py both define B'],
    ['a neighbour that does not exist', { entry: 'from a import A\n' }, 'a.py'],
  ])('refuses %s', (_what, files, message) => {
    expect(() => joined(files as unknown as Record<string, string>)).toThrow(message);
  });
});

/** Prints each name that a file uses without importing or defining it, and each that it imports without using it. */
const CHECK = `
import builtins, symtable, sys

def used(table):
    names = set(each.get_name() for each in table.get_symbols() if each.is_referenced() and (table.get_type() == "module" or each.is_global()))
    return names.union(*map(used, table.get_children()))

for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        table = symtable.symtable(file.read(), path, "exec")
    names = table.get_symbols()
    imported = set(each.get_name() for each in names if each.is_imported())
    defined = set(each.get_name() for each in names if each.is_assigned() or each.is_namespace())
    for name in sorted((used(table) - imported - defined - set(dir(builtins))) | (imported - used(table))):
        print(path, name)`;

it('each Python file imports what it uses, and nothing else', () => {
  const files = globSync('server/documents/*.py');
  expect(files.length).toBeGreaterThan(20);
  expect(spawnSync('python3', ['-I', '-c', CHECK, ...files], { encoding: 'utf8', timeout: 120_000 })).toMatchObject({
    stdout: '',
    stderr: '',
  });
});
