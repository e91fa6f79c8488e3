import { describe, expect, it } from 'vitest';
import type { IncidentPage } from '../../../functions/incidents/report/incident-page.ts';
import { judge, summarize } from '../judge.ts';
import type { Situation } from '../situation.ts';
import { differencesFromToday } from '../wrong-today.ts';

const NOBODY = 'Nobody is affected, as far as the evidence shows.';
const NOW = 'Users are being logged out now.';
const page = (verdict: string, cause?: string, confidence?: string, urgency = verdict === 'nothing' ? NOBODY : NOW) =>
  ({ verdict, cause, confidence, urgency, headline: '' }) as unknown as IncidentPage;
const situation = (expectation: Partial<Situation['expect']>) =>
  ({ name: 'x', expect: { causes: ['store-down'], hurt: true, ...expectation } }) as unknown as Situation;
const NO_ROW = { causes: [] };

const verdictsOf = (expectation: Partial<Situation['expect']>, shown: IncidentPage) => {
  const found = judge(situation(expectation), shown);
  return Object.entries(found).flatMap(([name, value]) => (value === true && name !== 'hasRow' ? name : []));
};

it.each([
  ['the right cause, certain', {}, page('cause', 'store-down', 'certain'), ['isNamed']],
  ['the right cause, likely', {}, page('cause', 'store-down', 'likely'), ['isNamed']],
  ['the right cause, surer than it can be', { atMost: 'likely' }, page('cause', 'store-down', 'certain'), ['isCertainWrong']],
  ['another cause, certain', {}, page('cause', 'evictions', 'certain'), ['isCertainWrong']],
  ['another cause, likely', {}, page('cause', 'evictions', 'likely'), []],
  ['a cause where no row has it', NO_ROW, page('cause', 'evictions', 'certain'), ['isCertainWrong']],
  ['unknown, and people are hurt', NO_ROW, page('unknown'), ['isUnknownRight']],
  [
    'unknown, with a sentence that denies',
    NO_ROW,
    page('unknown', undefined, undefined, 'The store answers: no user is affected by it now.'),
    ['isDenied'],
  ],
  ['nothing, and people are hurt', NO_ROW, page('nothing'), ['isDenied']],
  ['nothing, rightly', { causes: [], hurt: false }, page('nothing'), ['isNothingRight']],
  ['a cause where nothing is, likely', { causes: [], hurt: false }, page('cause', 'evictions', 'likely', NOBODY), []],
  ['users are hurt, where nobody is', { causes: [], hurt: false }, page('unknown'), ['isHurtWrongly']],
  [
    'unknown, with a sentence that denies what is seen',
    NO_ROW,
    page('unknown', undefined, undefined, 'Responses are as usual: no user is seen to be affected.'),
    ['isDenied'],
  ],
] as const)('%s', (_, expectation, shown, expected) => {
  expect(verdictsOf(expectation as Partial<Situation['expect']>, shown)).toEqual(expected);
});

it('sums up by name', () => {
  const results = [
    judge(situation({}), page('cause', 'store-down', 'certain')),
    judge({ ...situation({}), name: 'b' }, page('cause', 'evictions', 'certain')),
    judge({ ...situation({}), name: 'a' }, page('nothing')),
    judge({ ...situation(NO_ROW), name: 'c' }, page('unknown')),
  ];
  expect(summarize(results)).toEqual({
    ...{
      situations: 4,
      withRow: 3,
      certainWrong: ['b'],
      affectedDenied: ['a'],
      hurtWrongly: [],
      named: 1,
      unnamed: ['a', 'b'],
      unknownRight: 1,
      nothingRight: 0,
    },
  });
});

describe("today's list", () => {
  const today = { certainWrong: ['a'], affectedDenied: ['b', 'c'], hurtWrongly: [], unnamed: [] };
  it.each([
    ['is as it was', { certainWrong: ['a'], affectedDenied: ['b', 'c'] }, ['a', 'b', 'c'], []],
    [
      'does not grow',
      { certainWrong: ['a', 'd'], affectedDenied: ['b', 'c'] },
      ['a', 'b', 'c', 'd'],
      [/^d is certain and wrong, and was not before/],
    ],
    ['shrinks', { certainWrong: [], affectedDenied: ['b', 'c'] }, ['a', 'b', 'c'], [/^a is certain and wrong no more: take it out/]],
    ['says nothing of what was not run', { certainWrong: [], affectedDenied: ['b'] }, ['b'], []],
  ] as const)('%s', (_, summary, ran, expected) => {
    const found = differencesFromToday(
      { hurtWrongly: [], unnamed: [], ...summary },
      today,
      ran.map((name) => ({ name })),
    );
    expect(found).toHaveLength(expected.length);
    for (const [index, message] of expected.entries()) expect(found[index]).toMatch(message);
  });
});
