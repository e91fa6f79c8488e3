import { describe, expect, it } from 'vitest';
import type { Cause, Finding } from '../../../../functions/incidents/contract/causes.ts';
import type { MitigationRecord } from '../../../../functions/incidents/contract/incident.ts';
import { ALARM_OF } from '../../incidents/alarms.ts';
import { aboutOf, CASE_NAMES, CLOUDS, casesOf } from '../../incidents/cases.ts';
import { type CaseResult, judgeFinding, mitigationsOf, summarize, unmetExpectations } from '../../incidents/judge.ts';
import { parseOptions } from '../../incidents/options.ts';

const caused = (cause: Cause): Finding => ({
  ...{ verdict: 'cause', cause, confidence: 'likely', sentence: '', sinceMs: 0, because: [], wouldRefute: [], also: [] },
});
const NOTHING: Finding = { verdict: 'nothing', because: [], missing: [] };
const UNKNOWN: Finding = { verdict: 'unknown', candidates: [], missing: [], shown: [] };
const result = (name: string, verdict: CaseResult['verdict'], detectSeconds = 1, found = name): CaseResult => ({
  ...{ name, verdict, found, detectSeconds, mitigated: 0, undoneSafely: 0, gaps: {}, problems: [], seconds: 2 },
});

const CASES = casesOf({ all: true });

describe('the cases', () => {
  it("are the seed's nine and no fault without --all, each cause alone, one cloud after the other", () => {
    const cases = casesOf({ all: false });
    expect(cases.filter(({ faults }) => faults.length > 0)).toHaveLength(9);
    expect(cases.filter(({ faults }) => faults.length === 0).map(({ runbook }) => runbook)).toHaveLength(3);
    expect(new Set(CASE_NAMES).size).toBe(CASE_NAMES.length);
    expect(CASES.length).toBe(CASE_NAMES.length);
  });

  it('run on Tomcat too, by its own log and by that of AccessLogValve', () => {
    for (const cloud of ['tomcat', 'access-log-valve']) {
      expect(CASES.filter((one) => one.cloud === cloud).map(({ name }) => name)).toEqual([
        `stickiness-off-${cloud}`,
        `session-changes-server-${cloud}`,
        `nothing-${cloud}-logged-out`,
      ]);
    }
  });

  it('begin with an alarm ten times or more; a page is about the store where that alarm is', () => {
    const byAlarm = CASES.filter(({ alarm }) => alarm);
    expect(byAlarm.length).toBeGreaterThanOrEqual(10);
    expect(Object.keys(ALARM_OF).filter((name) => !CASE_NAMES.includes(name))).toEqual([]);
    const aboutStore = byAlarm.filter((one) => aboutOf(one, 'web') === 'the session store').map(({ alarm }) => alarm?.of);
    expect(new Set(aboutStore)).toEqual(new Set(['store']));
  });

  it('are drawn by a seed: the same cases, in the same order each time, another one for another seed, each cloud once', () => {
    const names = (seed?: string) => casesOf({ all: true, ...(seed !== undefined && { seed }) }).map(({ name }) => name);
    expect(names('one')).toEqual(names('one'));
    expect(names('one')).not.toEqual(names('two'));
    expect(names('one')).not.toEqual(names());
    expect(names('one').toSorted()).toEqual(names().toSorted());
    const clouds = casesOf({ all: true, seed: 'one' }).map(({ cloud }) => cloud);
    expect(clouds.filter((cloud, place) => cloud !== clouds[place - 1])).toHaveLength(CLOUDS.length);
    const first = (of: (seed: string) => string | undefined) => new Set(Array.from({ length: 20 }, (_, seed) => of(String(seed))));
    expect(first((seed) => casesOf({ all: true, seed })[0]?.cloud).size).toBe(CLOUDS.length);
    expect(first((seed) => casesOf({ all: true, seed }).find(({ cloud }) => cloud === 'redis')?.name).size).toBeGreaterThan(8);
  });
});

describe('a finding', () => {
  it.each([
    [caused('store-down'), ['store-down'], 'correct'],
    [caused('store-down'), ['store-full', 'store-down'], 'correct'],
    [caused('store-down'), ['store-full'], 'wrong'],
    [caused('store-down'), [], 'falseAlarm'],
    [NOTHING, [], 'correct'],
    [NOTHING, ['store-full'], 'wrong'],
    [UNKNOWN, ['store-full'], 'unknown'],
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
      result('nothing-redis-logged-out', 'falseAlarm', 99, 'store-full'),
    ];
    expect(summarize(CASES, results)).toMatchObject({
      ...{ cases: 5, correct: 2, wrong: 1, unknown: 1, falseAlarms: 1, failed: 0, detectSecondsP50: 10, asExpected: 2 },
      causes: { 'store-down': { cases: 1, correct: 1 }, 'large-sessions': { cases: 1, correct: 0 }, nothing: { cases: 1, correct: 0 } },
    });
    expect(summarize([], []).detectSecondsP50).toBeNull();
  });

  it('counts the cases that an alarm began, with the median of the time until it fired', () => {
    const fired = [12, 40, 70].map((alarmSeconds) => ({
      ...result('store-down', 'correct', 100),
      alarm: 'holdfast-store-unreachable',
      alarmSeconds,
    }));
    expect(summarize(CASES, [...fired, result('bot', 'correct', 1, 'nothing')])).toMatchObject({
      ...{ byAlarm: 3, alarmSecondsP50: 40 },
      ...{ alarmToFindingSecondsP50: 60, alarmToFindingSecondsMost: 88 },
    });
  });

  it('is not as expected with anything wrong or failed, an unknown among the seed’s causes, or another page', () => {
    const unmet = (...results: CaseResult[]) => unmetExpectations(CASES, results);
    expect(unmet(result('store-down', 'correct'), result('same-site-strict', 'unknown'))).toEqual([]);
    expect(unmet(result('stickiness-off-tomcat', 'unknown'))).toEqual([
      'stickiness-off-tomcat: the runbook must find it, and it is unknown',
    ]);
    expect(unmet(result('large-sessions', 'wrong', 1, 'store-full'))).toEqual(['large-sessions: the runbook found store-full']);
    expect(unmet({ ...result('store-down', 'correct'), problems: ['the finding is likely'] })).toEqual([
      'store-down: the finding is likely',
    ]);
    expect(unmet({ ...result('bot', 'failed'), problem: 'no record' })).toEqual(['bot: the runbook came to no finding: no record']);
  });

  it('counts mitigations that were done, and those that were undone', () => {
    const records = ['done', 'undone', 'observed', 'leftBehind'].map((state) => ({ state, run: 2 }) as MitigationRecord);
    const earlier = { state: 'done', run: 1 } as MitigationRecord;
    expect(mitigationsOf([earlier, ...records], 2, true)).toEqual({ mitigated: 2, undoneSafely: 1 });
    expect(mitigationsOf(records, 2, false)).toEqual({ mitigated: 2, undoneSafely: 0 });
  });
});

describe('the options', () => {
  it('are refused with the names of the cases', () => {
    expect(parseOptions(['--json', '--only', 'store-down'])).toMatchObject({ json: true, only: ['store-down'] });
    expect(parseOptions(['--shuffle', '7', '--pages', 'pages'])).toMatchObject({ seed: '7', pages: 'pages' });
    expect(() => parseOptions(['--shuffle', 'a b'])).toThrow('--shuffle "a b" is not a seed');
    expect(() => parseOptions(['--only', 'storedown'])).toThrow(/--only storedown is no case: they are .*store-down/);
  });
});
