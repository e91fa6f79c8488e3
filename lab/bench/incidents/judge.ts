/** Judges what the runbooks found, and sums it up. Pure. */

import type { Finding } from '../../../functions/incidents/contract/causes.ts';
import type { MitigationRecord } from '../../../functions/incidents/contract/incident.ts';
import { medianOf } from '../median.ts';
import { type BenchCase, isSeedCase } from './cases.ts';

/** One case that was run. */
export interface CaseResult {
  readonly name: string;
  /** What the runbook found: a cause, `unknown`, `nothing`; `failed` when there is no finding. */
  readonly found: string;
  readonly confidence?: string;
  readonly verdict: 'correct' | 'wrong' | 'unknown' | 'falseAlarm' | 'failed';
  /** What the page is about: `fleet web`. */
  readonly about?: string;
  /** Kind of the page's first step. */
  readonly firstStep?: string | undefined;
  /** What else is not as expected, in sentences: of the page, or of what the case left. */
  readonly problems: readonly string[];
  /** Name of the alarm that started the runbook; absent: a person asked for it. */
  readonly alarm?: string;
  /** From the last fault until that alarm fired. */
  readonly alarmSeconds?: number;
  /** From the last fault to the finding. */
  readonly detectSeconds: number;
  /** Duration of the whole case, until everything is as it was. */
  readonly seconds: number;
  /** Carried out by this case's run. */
  readonly mitigated: number;
  /** Those of the mitigations that were undone, with everything that they had changed as before. */
  readonly undoneSafely: number;
  /** Which run of which incident; absent without a finding. */
  readonly incidentId?: string;
  readonly run?: number;
  /** Sources that gave nothing, and why. */
  readonly gaps: Readonly<Record<string, string>>;
  /** What failed, in a sentence. */
  readonly problem?: string;
}

export interface Summary {
  readonly cases: number;
  readonly correct: number;
  readonly wrong: number;
  readonly unknown: number;
  readonly falseAlarms: number;
  /** Cases in which the runbook came to no finding. */
  readonly failed: number;
  /** Cases without any sentence under "not as expected". */
  readonly asExpected: number;
  /** Cases that began with an alarm. */
  readonly byAlarm: number;
  /** The median, from the last fault until the alarm fired. */
  readonly alarmSecondsP50: number | null;
  /** From the alarm to the finding: the median, and the longest. */
  readonly alarmToFindingSecondsP50: number | null;
  readonly alarmToFindingSecondsMost: number | null;
  readonly causes: Readonly<Record<string, { readonly cases: number; readonly correct: number }>>;
  /** The median over the cases with a cause that was found. */
  readonly detectSecondsP50: number | null;
  readonly mitigated: number;
  readonly undoneSafely: number;
  /** What was planted and not measured: alarms and baselines take minutes and hours on AWS. */
  readonly planted: readonly string[];
}

export const PLANTED = [
  'the start of the runbook in the cases without an alarm: a person asks for it some seconds after the fault',
  "the minutes before a case that its alarm wants besides the fault's own, as the fault would have left them: two of refusals or of memory, one of refused logins",
  "the baseline of the load balancer's metrics: the hour before each case, as the same users would have left it",
  'the baseline of the collector: a sample every five minutes of the hour before each case, as its latest reading',
  'readings of the collector between those of its schedule: the function that its schedule invokes is invoked',
  "the beginning of the servers' logs: with each case, after the servers were started that have the fault, since their starts move users to other servers; before it, the access logs have a few usual requests of half an hour ago",
  'the age of the deploys: two days, or none where a release is the cause',
  "the age of ElastiCache's events of earlier cases: two hours more",
  'the end of what earlier cases left: their metrics are removed, their alarms are set to OK, sessions that nobody uses are deleted, and their incidents are closed by the function that a schedule invokes, with a quiet time of an hour',
] as const;

/** `unknown` is honest and never wrong; a cause where there is none is a false alarm. */
export function judgeFinding({ expected }: Pick<BenchCase, 'expected'>, finding: Finding): CaseResult['verdict'] {
  if (finding.verdict === 'unknown') return 'unknown';
  if (finding.verdict === 'nothing') return expected.length === 0 ? 'correct' : 'wrong';
  if (expected.length === 0) return 'falseAlarm';
  return expected.includes(finding.cause) ? 'correct' : 'wrong';
}

/** States of one that took effect, and of one that was put back. */
const UNDONE: readonly string[] = ['undone', 'ended'];
const CARRIED_OUT: readonly string[] = ['done', ...UNDONE];

/**
 * What one run of a runbook did: runs of the same incident share its record.
 * @param isAsBefore nothing is left of what was undone
 */
export function mitigationsOf(
  records: readonly (MitigationRecord | undefined)[],
  run: number,
  isAsBefore: boolean,
): Pick<CaseResult, 'mitigated' | 'undoneSafely'> {
  const count = (states: readonly string[]) => records.filter((record) => record?.run === run && states.includes(record.state)).length;
  return { mitigated: count(CARRIED_OUT), undoneSafely: isAsBefore ? count(UNDONE) : 0 };
}

export function summarize(cases: readonly BenchCase[], results: readonly CaseResult[]): Summary {
  const countOf = (verdict: CaseResult['verdict']) => results.filter((result) => result.verdict === verdict).length;
  const causes: Record<string, { cases: number; correct: number }> = {};
  for (const result of results) {
    const expected = cases.find(({ name }) => name === result.name)?.expected ?? [];
    for (const cause of expected.length > 0 ? expected : ['nothing']) {
      const { cases: count = 0, correct = 0 } = causes[cause] ?? {};
      causes[cause] = { cases: count + 1, correct: correct + Number(result.verdict === 'correct') };
    }
  }
  const found = results.filter(({ verdict, found: what }) => verdict === 'correct' && what !== 'nothing');
  const toFinding = results.flatMap((result) => alarmToFinding(result) ?? []);
  const sum = (of: 'mitigated' | 'undoneSafely') => results.reduce((total, result) => total + result[of], 0);
  return {
    cases: results.length,
    correct: countOf('correct'),
    wrong: countOf('wrong'),
    unknown: countOf('unknown'),
    falseAlarms: countOf('falseAlarm'),
    failed: countOf('failed'),
    causes,
    asExpected: results.filter((result) => unmetExpectations(cases, [result]).length === 0).length,
    byAlarm: results.filter(({ alarm }) => alarm !== undefined).length,
    alarmSecondsP50: medianOf(results.flatMap(({ alarmSeconds }) => alarmSeconds ?? [])) ?? null,
    alarmToFindingSecondsP50: medianOf(toFinding) ?? null,
    alarmToFindingSecondsMost: toFinding.length === 0 ? null : Math.max(...toFinding),
    detectSecondsP50: medianOf(found.map(({ detectSeconds }) => detectSeconds)) ?? null,
    mitigated: sum('mitigated'),
    undoneSafely: sum('undoneSafely'),
    planted: PLANTED,
  };
}

/** Undefined where a person asked. */
const alarmToFinding = ({ alarmSeconds, detectSeconds }: Pick<CaseResult, 'alarmSeconds' | 'detectSeconds'>): number | undefined =>
  alarmSeconds === undefined ? undefined : detectSeconds - alarmSeconds;

/** A sentence for each expectation that was not met: of the finding, of the page, and that each of the seed's causes is found alone. */
export function unmetExpectations(cases: readonly BenchCase[], results: readonly CaseResult[]): readonly string[] {
  return results.flatMap(({ name, verdict, found, problem, problems }) => {
    const one = cases.find((each) => each.name === name);
    const about = problems.map((sentence) => `${name}: ${sentence}`);
    if (verdict === 'failed') return [`${name}: the runbook came to no finding: ${problem ?? 'without a reason'}`, ...about];
    if (verdict === 'wrong' || verdict === 'falseAlarm') return [`${name}: the runbook found ${found}`, ...about];
    if (verdict === 'unknown' && one && isSeedCase(one)) return [`${name}: the runbook must find it, and it is unknown`, ...about];
    return about;
  });
}

export const describeResult = ({ name, verdict, found, confidence, seconds, problem, problems, ...result }: CaseResult): string => {
  const { alarmSeconds, detectSeconds } = result;
  const toFinding = alarmToFinding(result)?.toFixed(1);
  const alarm = alarmSeconds === undefined ? '' : `, its alarm after ${alarmSeconds.toFixed(0)} s, and ${toFinding} s from there`;
  const what = `${found}${confidence ? ` (${confidence})` : ''} after ${detectSeconds.toFixed(0)} s${alarm}`;
  const all = [...(problem === undefined ? [] : [problem]), ...problems];
  return `${verdict.padEnd(10)} ${name}: ${what}; ${seconds.toFixed(0)} s in all${all.length > 0 ? `; not as expected: ${all.join('; ')}` : ''}`;
};
