import { describe, expect, it } from 'vitest';
import { type Advice, type Unwritten, unmetByWar, type WarCase } from '../../deploy/wars/judge-wars.ts';
import { judgeVisit } from '../../deploy/wars/visits.ts';

const GOOD: WarCase = {
  ...{ war: 'shop', strategy: 'redis', requests: 2_000, failed: 0, failedByDeath: 3, loginsKept: [900, 900], stateKept: [900, 900] },
  unwritten: [],
};
const said = (...by: Unwritten['by'][]) => ({ unwritten: by.map((one) => ({ by: one, says: '3 of 40' })) });
const known = (count: number | undefined, unanswered = 0) => ({ count, unanswered });

describe('the users of a WAR', () => {
  it.each<[string, Parameters<typeof judgeVisit>, object]>([
    ['a count that went on is kept', [{ count: 3 }, known(2)], { state: true, next: known(3) }],
    ['a count that began anew is lost', [{ count: 1 }, known(2)], { state: false, next: known(1) }],
    ['a click that was not written is lost', [{ count: 2 }, known(2)], { state: false, next: known(2) }],
    ['a click without an answer may have been written', [{ count: 4 }, known(2, 1)], { state: true, next: known(4) }],
    ['or not', [{ count: 3 }, known(2, 1)], { state: true, next: known(3) }],
    ['a page without the count has lost it', [{ count: -1 }, known(2)], { state: false, next: known(undefined) }],
    ['what was lost before is lost once', [{ count: 1 }, known(undefined)], { next: known(1) }],
    ['a log-in that is gone', [{ login: false }, known(undefined)], { login: false, next: known(undefined) }],
  ])('%s', (_what, args, judged) => {
    expect(judgeVisit(...args)).toEqual(judged);
  });
});

describe('a WAR that was rolled', () => {
  it.each<[string, Partial<WarCase>, Advice, string[]]>([
    ['as expected, with requests that the dead server failed', {}, 'recommended', []],
    ['a failed request', { failed: 1 }, 'recommended', ['shop with redis: 1 requests failed']],
    ['a log-in lost', { loginsKept: [899, 900] }, 'recommended', ['shop with redis: 899 of 900 log-ins were kept']],
    ['state lost', { stateKept: [1, 900] }, 'recommended', ['shop with redis: 1 of 900 states were kept']],
    ['nothing compared', { loginsKept: [0, 0], stateKept: [0, 0] }, 'recommended', ['shop with redis: nothing was compared']],
    ['too little traffic', { requests: 20 }, 'recommended', ['shop with redis: 20 requests are too few to compare']],
    ['a warning with what the docs recommend', said('server'), 'recommended', ['shop with redis: 3 of 40']],
    ['losses and a warning with what they advise against', { stateKept: [1, 900], ...said('deploy', 'doctor', 'server') }, 'warned', []],
    [
      'no warning of the deploy with what they advise against',
      { stateKept: [1, 900], ...said('doctor', 'server') },
      'warned',
      ['shop with redis: deploy did not say that sessions are changed and not written'],
    ],
    ['a deploy that failed for it', { stateKept: [1, 900], ...said('deploy') }, 'refused', []],
    [
      'a deploy that did not fail for it',
      { stateKept: [1, 900] },
      'refused',
      ['shop with redis: deploy did not say that sessions are changed and not written'],
    ],
  ])('%s', (_what, more, advice, unmet) => {
    expect(unmetByWar({ ...GOOD, ...more }, advice)).toEqual(unmet);
  });
});
