import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSetup } from '../../../setup/read-setup.mjs';
import { type Proposal, proposeTypeScript } from './propose-typescript.ts';

const changed = (source: string, proposals: readonly Proposal[]) =>
  proposals.map(({ from, to, becomes }) => source.slice(0, from) + becomes + source.slice(to));

function proposePython(source: string): string[] {
  const script = path.join(import.meta.dirname, 'propose_python.py');
  const { stdout, status } = spawnSync(readSetup().python, [script], { input: source, encoding: 'utf8' });
  expect(status).toBe(0);
  return changed(
    source,
    stdout
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Proposal),
  );
}

describe('changes of TypeScript', () => {
  it('are at the places that they say, in any line', async () => {
    const source = '// ä\nexport const isLate = (a: number) =>\n  a > 3 && a !== 5;\n';
    const sources = changed(source, await proposeTypeScript('a.ts', source));
    expect(sources).toContain('// ä\nexport const isLate = (a: number) =>\n  a >= 3 && a !== 5;\n');
    expect(sources).toContain('// ä\nexport const isLate = (a: number) =>\n  a > 3 || a !== 5;\n');
    expect(sources).not.toContain(source);
  });

  it('leave texts for people as they are', async () => {
    expect(await proposeTypeScript('a.ts', "export const NAME = 'a text';\n")).toEqual([]);
  });
});

describe('changes of Python', () => {
  it('are comparisons, and/or, not, numbers, conditions and results', () => {
    const source = 'def late(a, ä):\n    if a < 3 and not ä:\n        return True\n    return a\n';
    const sources = proposePython(source);
    for (const [from, to] of [
      ['a < 3', 'a <= 3'],
      [' and ', ' or '],
      ['not ä', 'ä'],
      ['3', '4'],
      ['a < 3 and not ä', 'False'],
      ['return True', 'return False'],
      ['return a', 'return None'],
    ] as const) {
      expect(sources).toContain(source.replace(from, to));
    }
  });

  it('are none of a file without behaviour', () => {
    expect(proposePython('"""What it is for."""\n')).toEqual([]);
  });
});
