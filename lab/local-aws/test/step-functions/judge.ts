/** Which results are as the table says. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { DIFFERENCES, type Difference } from './differences.ts';
import type { Json } from './json.ts';
import type { RowResult } from './run-row.ts';

export interface Report {
  readonly name: string;
  readonly agree: number;
  readonly differ: number;
  readonly notRun: number;
  /** One sentence, when no row was run. */
  readonly why?: string;
}

export interface Found {
  readonly interpreter: string;
  readonly row: string;
  readonly observed: Json;
  /** A sentence when the table knows of it. */
  readonly known?: string;
}

export interface Judged {
  readonly report: Report;
  readonly differences: readonly Found[];
  /** Sentences about what is not as the table says; none when all is. */
  readonly problems: readonly string[];
}

/** @param name of the interpreter; differences are known of those in {@link INTERPRETERS} only */
export function judge(name: string, results: readonly RowResult[], known: readonly Difference[] = DIFFERENCES): Judged {
  const count = (result: RowResult['result']) => results.filter((one) => one.result === result).length;
  const ofThis = known.filter(({ interpreter }) => interpreter === name);
  const differences: Found[] = [];
  const problems: string[] = [];
  for (const one of results) {
    const expected = ofThis.find(({ row }) => row === one.row);
    if (one.result === 'differs') {
      const isKnown = expected !== undefined && isDeepStrictEqual(expected.observed, one.observed);
      differences.push({ interpreter: name, row: one.row, observed: one.observed, ...(isKnown && { known: expected.right }) });
      if (!isKnown) problems.push(`${one.row}: ${name} shows ${JSON.stringify(one.observed)}, which is not what AWS documents.`);
    } else if (expected && one.result === 'agrees') {
      problems.push(`${one.row}: ${name} agrees with AWS; remove its difference from lab/local-aws/test/step-functions/differences.ts.`);
    }
  }
  const why = results.every((one) => one.result === 'not run') ? results.find((one) => one.result === 'not run')?.why : undefined;
  const counts = { agree: count('agrees'), differ: count('differs'), notRun: count('not run') };
  return { report: { name, ...counts, ...(why !== undefined && { why }) }, differences, problems };
}
