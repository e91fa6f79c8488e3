/** What is known of each mutant, recorded so that a run goes on where it was stopped. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Mutant } from './mutant.ts';

export interface Row extends Mutant {
  /** Test files that noticed it first, or one of the names below; empty where nothing did, undefined until it is measured. */
  readonly noticed?: readonly string[];
  /** Commit of the checkout that was measured, with `-changed` where it differed: nobody knows what it had then. */
  readonly at?: string;
}

/** 300 seeds of the simulation notice it. */
export const SEEDS = 'npm run simulate';
/** Its tests do not end within their time limits with it, twice, and do so without it in between. */
export const NEVER_ENDS = 'its tests never end';
/** They cannot be loaded with it, or leave an error behind that none of them has caught. */
export const WHOLE_RUN = 'the run of its tests as a whole';

/** These compare whole texts, or look at the code itself: whatever is changed, they notice it. */
const NO_NOTICE =
  /^test\/(?:e2e|architecture|docs|words)\/|^lab\/(?:mutants|simulation\/plants)\/|\/(?:snapshot|installation\/contract)\.test\.ts$|\.full\.test\.ts$/;

/** Whether it says something of the tests that this one fails. */
export const isNotice = (test: string): boolean => !NO_NOTICE.test(test);

const MATRIX = path.join(import.meta.dirname, 'recorded/matrix.json');

export const readMatrix = (): readonly Row[] => (existsSync(MATRIX) ? (JSON.parse(readFileSync(MATRIX, 'utf8')) as Row[]) : []);

/** One row for each line, so that a difference reads well. */
export function writeMatrix(rows: readonly Row[]): void {
  writeFileSync(MATRIX, `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`);
}

/**
 * The rows of a recording: given mutants as they are now, and those that were once drawn. A given one that is planted differently than
 * when it was measured is measured again; one that is given no longer has no row.
 * @param lineNow where a mutant's change is in the checkout; undefined where it no longer applies
 */
export function mergeRows(recorded: readonly Row[], given: readonly Mutant[], lineNow: (row: Row) => number | undefined): Row[] {
  const known = new Map(recorded.map((row) => [row.id, row]));
  const same = (row: Row | undefined, { edits }: Mutant) => JSON.stringify(row?.edits) === JSON.stringify(edits);
  return [
    ...given.map((mutant) => {
      const row = known.get(mutant.id);
      return same(row, mutant) ? { ...row, ...mutant } : mutant;
    }),
    ...recorded.filter(({ kind }) => kind === 'generated').map((row) => ({ ...row, line: lineNow(row) ?? row.line })),
  ];
}

export const isNoticed = ({ noticed = [] }: Row): boolean => noticed.length > 0;

/**
 * Whether nothing says any more that a mutant is noticed: each test file that noticed it has changed since. What the simulation or a
 * run as a whole noticed has no such file, and what a scenario noticed is for `--again --scenarios`, which may take hours.
 * @param changedSince files that have changed since a commit; undefined where nobody knows
 */
export function isDated({ noticed = [], at }: Row, changedSince: (commit: string) => ReadonlySet<string> | undefined): boolean {
  const tests = noticed.filter((name) => name.endsWith('.test.ts') && !name.startsWith('test/e2e/'));
  if (tests.length === 0 || tests.length < noticed.length || at === undefined) return false;
  const changed = changedSince(at);
  return changed === undefined || tests.every((test) => changed.has(test) || !isNotice(test));
}

/** A mutant that no test can notice, or none should. */
export interface Equivalent {
  readonly file: string;
  /** `old → new`, as a drawn mutant has it. */
  readonly change: string;
  readonly reason: string;
}

const EQUIVALENTS = path.join(import.meta.dirname, 'recorded/equivalents.json');

export const readEquivalents = (): readonly Equivalent[] => JSON.parse(readFileSync(EQUIVALENTS, 'utf8')) as Equivalent[];

export const isListed = ({ file, change }: Mutant, equivalents: readonly Equivalent[]): boolean =>
  equivalents.some((equivalent) => equivalent.file === file && equivalent.change === change);
