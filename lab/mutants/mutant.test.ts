import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlantDoesNotApply } from '../simulation/plants/plant-hook.ts';
import { editAt, lineOf, type Mutant, make } from './mutant.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-mutant-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
const mutant = (...edits: Mutant['edits']): Mutant => ({ id: 'x', kind: 'historic', file: 'a.ts', line: 1, change: 'a fault', edits });

describe('a mutant in a copy of the checkout', () => {
  it('changes its files, two places of one file as well, and puts them back', () => {
    write('a.ts', 'one\ntwo\n');
    write('b.py', 'three\n');
    const restore = make(
      mutant(
        { file: 'a.ts', text: 'one', becomes: '1' },
        { file: 'a.ts', text: 'two', becomes: '2' },
        { file: 'b.py', text: 'three', becomes: '3' },
      ),
      folder,
    );
    expect([read('a.ts'), read('b.py')]).toEqual(['1\n2\n', '3\n']);
    restore();
    expect([read('a.ts'), read('b.py')]).toEqual(['one\ntwo\n', 'three\n']);
  });

  it('changes nothing when one of its texts is not there exactly once', () => {
    write('a.ts', 'one\ntwo\ntwo\n');
    const edits = [
      { file: 'a.ts', text: 'one', becomes: '1' },
      { file: 'a.ts', text: 'two', becomes: '2' },
    ];
    expect(() => make(mutant(...edits), folder)).toThrow(PlantDoesNotApply);
    expect(read('a.ts')).toBe('one\ntwo\ntwo\n');
  });

  it('is found by its line', () => {
    write('a.ts', 'one\ntwo\nthree\n');
    expect(lineOf({ file: 'a.ts', text: 'two\nthree', becomes: '' }, folder)).toBe(2);
    expect(lineOf({ file: 'a.ts', text: 'four', becomes: '' }, folder)).toBeUndefined();
  });
});

describe('a change at a place of a source', () => {
  const at = (source: string, from: string, nth: number, becomes: string) => {
    const places = [...source.matchAll(new RegExp(from, 'g'))].map(({ index }) => index);
    const start = places[nth] as number;
    return editAt(source, 'a.ts', { from: start, to: start + from.length, becomes });
  };
  const apply = (source: string, { text, becomes }: { text: string; becomes: string }) => source.replace(text, () => becomes);

  it('is its whole line where that is the only one', () => {
    expect(at('a\n  b < c;\nd', '<', 0, '<=')).toEqual({ file: 'a.ts', text: '  b < c;', becomes: '  b <= c;' });
  });

  it('has as many lines around it as it needs to be the only one', () => {
    const source = 'if (a < b)\n  x();\nelse\nif (a < b)\n  x();\nend';
    for (const nth of [0, 1]) {
      const edit = at(source, '<', nth, '>=');
      expect(source.split(edit.text)).toHaveLength(2);
      const changed = apply(source, edit);
      expect([...changed.matchAll(/>=|</g)].map(([sign]) => sign)).toEqual(nth === 0 ? ['>=', '<'] : ['<', '>=']);
    }
  });

  it('can be in the first and in the last line, and span several', () => {
    expect(apply('a\nb', at('a\nb', 'a', 0, 'x'))).toBe('x\nb');
    expect(apply('a\nb', at('a\nb', 'b', 0, 'x'))).toBe('a\nx');
    expect(apply('a\nb\nc', at('a\nb\nc', 'b\nc', 0, 'x'))).toBe('a\nx');
  });
});
