/** Judges what the runbooks found, and sums it up. Pure. */
import type { Finding } from '../../functions/incidents/contract/causes.ts';
import type { IncidentRecord, MitigationRecord } from '../../functions/incidents/contract/incident.ts';
import { type BenchCase, LIKELY_AT_MOST, MUST_BE_CERTAIN, SEED_CAUSES } from './cases.ts';

/** One case that was run. */
export interface CaseResult {
  readonly name: string;
  /** What the runbook found: a cause, `unknown`, `nothing`; `failed` when there is no finding. */
  readonly found: string;
  readonly confidence?: string;
  readonly verdict: 'correct' | 'wrong' | 'unknown' | 'falseAlarm' | 'failed';
  /** From the last fault to the finding. */
  readonly detectSeconds: number;
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
  readonly causes: Readonly<Record<string, { readonly cases: number; readonly correct: number }>>;
  /** The median over the cases with a cause that was found. */
  readonly detectSecondsP50: number | null;
  readonly mitigated: number;
  readonly undoneSafely: number;
  /** What was planted and not measured: alarms and baselines take minutes and hours on AWS. */
  readonly planted: readonly string[];
}

/** The runbook is started where an alarm would start it, and asked about the time since the case began. */
export const PLANTED = [
  'the start of each runbook: a person asks for it some seconds after the fault, instead of an alarm after its evaluation periods',
  "the baseline of the load balancer's metrics: the hour before each case, as the same users would have left it",
  'the baseline of the collector: a sample every five minutes of the hour before each case, as its latest reading',
  'the beginning of the evidence: after the servers were started that have the fault, since their starts move users to other servers',
  'the age of the deploy that brought the fleet up: two days, or none where a release is the cause',
  'the approval of mitigations that wait for a person',
  'the end of what bridges an outage: the function that a schedule starts is invoked when the fault is gone',
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

/** The results with what has become of their runs' mitigations since. */
export const withMitigations = (
  results: readonly CaseResult[],
  incidents: readonly Pick<IncidentRecord, 'incidentId' | 'mitigations'>[],
  isAsBefore: boolean,
): readonly CaseResult[] =>
  results.map((result) => {
    const incident = incidents.find(({ incidentId }) => incidentId === result.incidentId);
    if (!incident || result.run === undefined) return result;
    const now = mitigationsOf(Object.values(incident.mitigations), result.run, isAsBefore);
    // What a later run of the same incident chose again had been put back by then.
    const replaced = Math.max(0, result.mitigated - now.mitigated);
    return { ...result, mitigated: now.mitigated + replaced, undoneSafely: now.undoneSafely + (isAsBefore ? replaced : 0) };
  });

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
  const times = found.map(({ detectSeconds }) => detectSeconds).toSorted((a, b) => a - b);
  const sum = (of: 'mitigated' | 'undoneSafely') => results.reduce((total, result) => total + result[of], 0);
  return {
    cases: results.length,
    correct: countOf('correct'),
    wrong: countOf('wrong'),
    unknown: countOf('unknown'),
    falseAlarms: countOf('falseAlarm'),
    failed: countOf('failed'),
    causes,
    detectSecondsP50: times[Math.floor((times.length - 1) / 2)] ?? null,
    mitigated: sum('mitigated'),
    undoneSafely: sum('undoneSafely'),
    planted: PLANTED,
  };
}

/** A sentence for each expectation that was not met: nothing wrong, no false alarm, no failure, each of the seed's causes found alone, and as sure as its evidence allows. */
export function unmetExpectations(results: readonly CaseResult[]): readonly string[] {
  return results.flatMap(({ name, verdict, found, confidence, problem }) => {
    if (verdict === 'failed') return [`${name}: the runbook came to no finding: ${problem ?? 'without a reason'}`];
    if (verdict === 'wrong' || verdict === 'falseAlarm') return [`${name}: the runbook found ${found}`];
    if (verdict === 'unknown' && (SEED_CAUSES as readonly string[]).includes(name))
      return [`${name}: the runbook must find it, and it is unknown`];
    if (verdict === 'correct' && confidence === 'certain' && LIKELY_AT_MOST.includes(name))
      return [`${name}: the runbook is certain, and the evidence of this case makes it likely at most`];
    if (verdict === 'correct' && confidence === 'likely' && MUST_BE_CERTAIN.includes(name))
      return [`${name}: the runbook finds it likely, and the evidence of this case makes it certain`];
    return [];
  });
}

export const describeResult = ({ name, verdict, found, confidence, detectSeconds, problem }: CaseResult): string =>
  `${verdict.padEnd(10)} ${name}: ${found}${confidence ? ` (${confidence})` : ''} after ${detectSeconds.toFixed(0)} s${problem ? `: ${problem}` : ''}`;
