import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../../test/run-node.ts';
import { isDated, isListed, isNoticed, mergeRows, type Row, readEquivalents, readMatrix, SEEDS } from './matrix.ts';
import type { Mutant } from './mutant.ts';

const mutant = (id: string, kind: Mutant['kind'], text = 'one'): Mutant => ({
  id,
  kind,
  file: 'a.ts',
  line: 1,
  change: id,
  edits: [{ file: 'a.ts', text, becomes: '' }],
});
/** A change that applies no longer keeps its line. */
const asItWas = () => undefined;
const measured = (row: Mutant): Row => ({ ...row, noticed: ['test/a.test.ts'], at: '1a2b3c4d' });

describe('a recording that goes on', () => {
  it('keeps what is known, of drawn mutants as well, and adds those that are new', () => {
    const rows = mergeRows(
      [measured(mutant('a', 'plant')), measured(mutant('b', 'generated'))],
      [mutant('a', 'plant'), mutant('c', 'plant')],
      asItWas,
    );
    expect(rows).toEqual([measured(mutant('a', 'plant')), mutant('c', 'plant'), measured(mutant('b', 'generated'))]);
  });

  it('has a new line of a mutant whose place has moved', () => {
    expect(mergeRows([measured(mutant('a', 'plant'))], [{ ...mutant('a', 'plant'), line: 7 }], asItWas)).toEqual([
      { ...measured(mutant('a', 'plant')), line: 7 },
    ]);
    expect(mergeRows([measured(mutant('b', 'generated'))], [], () => 9)).toEqual([{ ...measured(mutant('b', 'generated')), line: 9 }]);
  });

  it('forgets what is known of a mutant that is planted differently, and one that is given no longer', () => {
    const recorded = [measured(mutant('a', 'plant')), measured(mutant('b', 'historic'))];
    expect(mergeRows(recorded, [mutant('a', 'plant', 'two')], asItWas)).toEqual([mutant('a', 'plant', 'two')]);
  });
});

describe('a row whose tests have changed', () => {
  const row = { ...measured(mutant('a', 'plant')), noticed: ['test/a.test.ts', 'test/b.test.ts'] };
  it.each<[string, Row, readonly string[] | undefined, boolean]>([
    ['each of its tests', row, ['test/a.test.ts', 'test/b.test.ts', 'a.ts'], true],
    ['one of its tests', row, ['test/a.test.ts', 'a.ts'], false],
    ['its file alone', row, ['a.ts'], false],
    ['nobody knows what', row, undefined, true],
    ['nothing, but its tests count no more', { ...row, noticed: ['test/docs/a.test.ts'] }, [], true],
    ['its test, but the simulation noticed it too', { ...row, noticed: ['test/a.test.ts', SEEDS] }, ['test/a.test.ts'], false],
    ['its scenario', { ...row, noticed: ['test/e2e/a.test.ts'] }, ['test/e2e/a.test.ts'], false],
    ['its test, and it is not noticed', { ...row, noticed: [] }, ['test/a.test.ts'], false],
  ])('since then: %s', (_, each, changed, dated) => {
    expect(isDated(each, (commit) => (commit === '1a2b3c4d' ? changed && new Set(changed) : new Set()))).toBe(dated);
  });
});

describe('the recording', () => {
  const rows = readMatrix();

  it('has a hundred drawn mutants and more, each once', () => {
    expect(rows.filter(({ kind }) => kind === 'generated').length).toBeGreaterThanOrEqual(100);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  it('knows of each what noticed it', () => {
    expect(rows.filter(({ noticed }) => noticed === undefined).map(({ id }) => id)).toEqual([]);
  });

  it('lists with its reason each that nothing noticed', () => {
    const equivalents = readEquivalents();
    expect(rows.filter((row) => row.noticed?.length === 0 && !isListed(row, equivalents)).map(({ id }) => id)).toEqual([]);
  });
});

it('no mutant of the list of equivalents is noticed', () => {
  const equivalents = readEquivalents();
  expect(readMatrix().filter((row) => isNoticed(row) && isListed(row, equivalents))).toEqual([]);
});

it('each line of the list of equivalents has a reason, and is of a text that its file still has', () => {
  const plain = (text: string) => text.replaceAll(/\s+/g, ' ');
  for (const { file, change, reason } of readEquivalents()) {
    expect(reason).toMatch(/^[A-Z].{20,}\.$/);
    expect(plain(readFileSync(path.join(REPOSITORY, file), 'utf8'))).toContain(change.split(' → ')[0]);
  }
});
