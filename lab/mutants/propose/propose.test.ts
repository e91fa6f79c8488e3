import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { proposePython } from './propose-python.ts';
import { type Proposal, proposeTypeScript } from './propose-typescript.ts';

const changed = (source: string, proposals: readonly Proposal[]) =>
  proposals.map(({ from, to, becomes }) => source.slice(0, from) + becomes + source.slice(to));

const changedPython = (source: string) => changed(source, proposePython('a.py', source));

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
    const sources = changedPython(source);
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
    expect(changedPython('"""What it is for."""\n')).toEqual([]);
  });

  it('are none, and that is said, of a file written for a newer Python', () => {
    const say = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => say.mockRestore());
    expect(changedPython('a = 1\ndef later than this Python\n')).toEqual([]);
    expect(say).toHaveBeenCalledWith(expect.stringMatching(/^not drawn from: a\.py: Python 3\.\d+ does not know the syntax of line 2\n$/));
  });
});
