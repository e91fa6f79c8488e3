import { describe, expect, it } from 'vitest';
import { CASE_NAMES, casesOf, SEED_CAUSES } from '../../../bench/incidents/cases.ts';
import {
  type CaseResult,
  judgeFinding,
  mitigationsOf,
  summarize,
  unmetExpectations,
  withMitigations,
} from '../../../bench/incidents/judge.ts';
import { parseOptions } from '../../../bench/incidents/options.ts';
import type { Cause, Finding } from '../../../functions/incidents/contract/causes.ts';
import type { MitigationRecord } from '../../../functions/incidents/contract/incident.ts';

const caused = (cause: Cause): Finding => ({
  ...{ verdict: 'cause', cause, confidence: 'likely', sentence: '', sinceMs: 0, because: [], wouldRefute: [], also: [] },
});
const NOTHING: Finding = { verdict: 'nothing', because: [], missing: [] };
const UNKNOWN: Finding = { verdict: 'unknown', candidates: [], missing: [] };
const result = (name: string, verdict: CaseResult['verdict'], detectSeconds = 1, found = name): CaseResult => ({
  ...{ name, verdict, found, detectSeconds, mitigated: 0, undoneSafely: 0, gaps: {} },
});

describe('the cases', () => {
  it("are the seed's nine and no fault without --all, each cause alone, one kind of fleet after the other", () => {
    const cases = casesOf(false);
    expect(cases.flatMap(({ expected }) => expected).toSorted()).toEqual([...SEED_CAUSES].toSorted());
    expect(cases.some(({ faults }) => faults.length === 0)).toBe(true);
    const redis = cases.filter(({ strategy }) => strategy === 'redis');
    expect(redis[0]?.faults).toEqual([]);
    expect(redis.at(-1)?.faults).toEqual(['store-failing-over']);
    const strategies = cases.map(({ strategy }) => strategy);
    expect(strategies).toEqual(strategies.toSorted());
    expect(new Set(CASE_NAMES).size).toBe(CASE_NAMES.length);
    expect(casesOf(true).length).toBe(CASE_NAMES.length);
  });
});

describe('a finding', () => {
  it.each([
    [caused('store-down'), ['store-down'], 'correct'],
    [caused('store-down'), ['evictions', 'store-down'], 'correct'],
    [caused('store-down'), ['evictions'], 'wrong'],
    [caused('store-down'), [], 'falseAlarm'],
    [NOTHING, [], 'correct'],
    [NOTHING, ['evictions'], 'wrong'],
    [UNKNOWN, ['evictions'], 'unknown'],
    [UNKNOWN, [], 'unknown'],
  ] as const)('%j where %j is planted is %s', (finding, expected, verdict) => {
    expect(judgeFinding({ expected }, finding)).toBe(verdict);
  });
});

describe('the summary', () => {
  it('counts by verdict and by cause, and has the median of the times of what was found', () => {
    const results = [
      result('store-down', 'correct', 10),
      result('stickiness-off', 'correct', 30),
      result('route-mismatch', 'unknown', 99),
      result('large-sessions', 'wrong', 99),
      result('nothing-redis-logged-out', 'falseAlarm', 99, 'evictions'),
    ];
    expect(summarize(casesOf(true), results)).toMatchObject({
      ...{ cases: 5, correct: 2, wrong: 1, unknown: 1, falseAlarms: 1, failed: 0, detectSecondsP50: 10 },
      causes: { 'store-down': { cases: 1, correct: 1 }, 'large-sessions': { cases: 1, correct: 0 }, nothing: { cases: 1, correct: 0 } },
    });
    expect(summarize([], []).detectSecondsP50).toBeNull();
  });

  it('is not as expected with anything wrong or failed, or an unknown among the seed’s causes', () => {
    expect(unmetExpectations([result('store-down', 'correct'), result('cookie-does-not-slide', 'unknown')])).toEqual([]);
    expect(unmetExpectations([result('store-down', 'unknown')])).toEqual(['store-down: the runbook must find it, and it is unknown']);
    expect(unmetExpectations([result('more-users', 'wrong', 1, 'evictions')])).toEqual(['more-users: the runbook found evictions']);
    expect(unmetExpectations([{ ...result('store-rejects-logins', 'correct'), confidence: 'certain' }])).toEqual([
      'store-rejects-logins: the runbook is certain, and the evidence of this case makes it likely at most',
    ]);
    expect(unmetExpectations([{ ...result('store-down', 'correct'), confidence: 'likely' }])).toEqual([
      'store-down: the runbook finds it likely, and the evidence of this case makes it certain',
    ]);
    expect(unmetExpectations([{ ...result('store-down', 'correct'), confidence: 'certain' }])).toEqual([]);
    expect(unmetExpectations([{ ...result('bot', 'failed'), problem: 'no record' }])).toEqual([
      'bot: the runbook came to no finding: no record',
    ]);
  });

  it('counts mitigations that were done, and those that were undone', () => {
    const records = ['done', 'undone', 'observed', 'leftBehind'].map((state) => ({ state, run: 2 }) as MitigationRecord);
    const earlier = { state: 'done', run: 1 } as MitigationRecord;
    expect(mitigationsOf([earlier, ...records], 2, true)).toEqual({ mitigated: 2, undoneSafely: 1 });
    expect(mitigationsOf(records, 2, false)).toEqual({ mitigated: 2, undoneSafely: 0 });
  });

  it('has what has become of a run when the faults were gone, and no undoing where something is left', () => {
    const run = { ...result('store-down', 'correct'), incidentId: 'inc-0123456789ab', run: 3 };
    const mitigations = { 'keep-servers': { state: 'undone', run: 3 } as MitigationRecord };
    const incidents = [{ incidentId: 'inc-0123456789ab', mitigations }];
    expect(withMitigations([run, result('bot', 'correct')], incidents, true)).toMatchObject([
      { name: 'store-down', mitigated: 1, undoneSafely: 1 },
      { name: 'bot', mitigated: 0, undoneSafely: 0 },
    ]);
    expect(withMitigations([run], incidents, false)).toMatchObject([{ mitigated: 1, undoneSafely: 0 }]);
    const chosenAgain = [
      { incidentId: 'inc-0123456789ab', mitigations: { 'keep-servers': { state: 'done', run: 4 } as MitigationRecord } },
    ];
    expect(withMitigations([{ ...run, mitigated: 1 }], chosenAgain, true)).toMatchObject([{ mitigated: 1, undoneSafely: 1 }]);
  });
});

describe('the options', () => {
  it('are refused with the names of the cases', () => {
    expect(parseOptions(['--json', '--only', 'store-down'])).toMatchObject({ json: true, only: ['store-down'] });
    expect(() => parseOptions(['--only', 'storedown'])).toThrow(/--only storedown is no case: they are .*store-down/);
  });
});
