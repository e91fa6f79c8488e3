import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Importers } from './importers.ts';

const FILES = {
  'src/shared.ts': 'export const one = 1; export type One = 1;',
  'src/user.ts': "import { one } from './shared.ts'; export const two = one + 1;",
  'src/types.ts': "import type { One } from './shared.ts'; export type Two = One;",
  'src/reads.ts': "export const names = ['check.py'];",
  'src/check.py': 'from helper import x\n',
  'src/helper.py': 'x = 1',
  'src/step.py': 'import json\nfrom typing import late\n',
  'src/launcher.py': 'import json\n\ndef start():\n    from late import x\n',
  'src/late.py': 'x = 1',
  'src/starts.ts': "export const LAUNCHER = 'launcher.py';",
  'src/seams/__init__.py': '',
  'src/seams/one.py': 'from . import two\n',
  'src/seams/two.py': 'x = 1',
  'test/starts.test.ts': "import '../src/starts.ts';",
  'test/seams.test.ts': "export const script = 'from seams.one import x';",
  'test/kept/a.template.json': '{}',
  'test/kept/every.test.ts': `export const every = (name: string) => \`\${name}.json\`;`,
  'test/kept.test.ts': `export const kept = (name: string) => ['kept', \`\${name}.template.json\`];`,
  'src/joins.ts': "export const step = pythonStep(STEP, 180, 'step');",
  'src/steps/begin/handler.ts': 'export const handler = 1;',
  'src/entries.ts': `export const entry = (step: string) => \`src/steps/\${step}/handler.ts\`;`,
  'test/joins.test.ts': "import '../src/joins.ts';",
  'test/user.test.ts': "import '../src/user.ts';",
  'test/types.test.ts': "import type { Two } from '../src/types.ts'; export type Three = Two;",
  'test/reads.test.ts': "const reads = await import('../src/reads.ts'); export { reads };",
  'test/entries.test.ts': "import '../src/entries.ts';",
};

let folder: string;
let importers: Importers;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-importers-'));
  for (const [file, text] of Object.entries(FILES)) {
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  importers = await Importers.of(folder, Object.keys(FILES), (file) => file.endsWith('.test.ts'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the tests that a change of a file can concern', () => {
  it('are those that import it, the nearest first, for its types as well', () => {
    expect(importers.testsOf('src/user.ts')).toEqual([{ test: 'test/user.test.ts', distance: 1 }]);
    expect(importers.testsOf('src/user.ts', 'src/types.ts')).toEqual([
      { test: 'test/user.test.ts', distance: 1 },
      // An import of types alone is found by the name in it.
      { test: 'test/types.test.ts', distance: 3 },
    ]);
    expect(importers.testsOf('src/shared.ts').map(({ test }) => test)).toEqual(['test/user.test.ts', 'test/types.test.ts']);
  });

  it('are those that import what names it, a script that names another one as well', () => {
    expect(importers.testsOf('src/check.py')).toEqual([{ test: 'test/reads.test.ts', distance: 4 }]);
    expect(importers.testsOf('src/helper.py')).toEqual([{ test: 'test/reads.test.ts', distance: 5 }]);
    expect(importers.testsOf('src/step.py')).toEqual([{ test: 'test/joins.test.ts', distance: 4 }]);
  });

  it('are those that import what names it by a pattern', () => {
    expect(importers.testsOf('src/steps/begin/handler.ts').map(({ test }) => test)).toEqual(['test/entries.test.ts']);
  });

  it('are those of what imports it in a function, or names the package that it belongs to', () => {
    // What is imported from elsewhere under the name of a neighbour is no import of it.
    expect(importers.testsOf('src/late.py').map(({ test }) => test)).toEqual(['test/starts.test.ts']);
    expect(importers.testsOf('src/seams/two.py').map(({ test }) => test)).toEqual(['test/seams.test.ts']);
  });

  it('are those that name it by the end of its name, in a folder of theirs', () => {
    expect(importers.testsOf('test/kept/a.template.json').map(({ test }) => test)).toEqual(['test/kept.test.ts']);
  });

  it('are none for a file that nothing uses', () => {
    expect(importers.testsOf('src/unknown.ts')).toEqual([]);
  });
});
