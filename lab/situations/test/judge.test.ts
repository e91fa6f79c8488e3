import { describe, expect, it } from 'vitest';
import type { IncidentPage } from '../../../functions/incidents/report/incident-page.ts';
import { judge, summarize } from '../judge.ts';
import type { Situation } from '../situation.ts';
import { differencesFromToday } from '../wrong-today.ts';

const NOBODY = 'Nobody is affected, as far as the evidence shows.';
const NOW = 'Users are being logged out now.';
const page = (verdict: string, cause?: string, confidence?: string, urgency = verdict === 'nothing' ? NOBODY : NOW) =>
  ({ verdict, cause, confidence, urgency, headline: '', next: [] as readonly { text: string }[] }) as unknown as IncidentPage;
const situation = (expectation: Partial<Situation['expect']>) =>
  ({ name: 'x', expect: { causes: ['store-down'], hurt: true, ...expectation } }) as unknown as Situation;
const NO_ROW = { causes: [] };

const verdictsOf = (expectation: Partial<Situation['expect']>, shown: IncidentPage) => {
  const found = judge(situation(expectation), shown);
  return Object.entries(found).flatMap(([name, value]) =>
    value === true && !['hasRow', 'isAffectedWrong', 'isOverWrong'].includes(name) ? name : [],
  );
};

describe('the first step', () => {
  const step = { right: ['see-front'], wrong: ['see-store'], harmful: ['promote'] } as const;
  it.each([
    ['see-front', 'right'],
    ['see-store', 'wrongLead'],
    ['promote', 'harmful'],
    ['see-status', 'generic'],
  ] as const)('%s: %s', (act, expected) => {
    const shown = { ...page('unknown'), next: [{ text: 'Do.', commands: [], act }] };
    const expectation = { step: { right: [...step.right], wrong: [...step.wrong], harmful: [...step.harmful] } };
    expect(judge(situation(expectation), shown).firstStep).toBe(expected);
    expect(judge(situation({}), shown).firstStep).toBeUndefined();
  });
});

describe('users, and whether it is over', () => {
  const UNTIL = 'Users were affected until 10:40 UTC.';
  const NOT_KNOWN = 'It is not known whether users are affected.';
  it.each([
    ['hurt and said so', { hurt: true, over: false }, NOW, []],
    ['hurt, and over', { hurt: true, over: true }, UNTIL, []],
    ['over, and it goes on', { hurt: true, over: false }, UNTIL, ['isOverWrong']],
    ['going on, and it is over', { hurt: true, over: true }, NOW, ['isOverWrong']],
    ['hurt, and not known', { hurt: true, over: false }, NOT_KNOWN, ['isAffectedWrong']],
    ['hurt, and nobody is', { hurt: false }, NOW, ['isAffectedWrong']],
    ['not known where nobody is', { hurt: false }, NOT_KNOWN, []],
  ])('%s', (_, expectation, urgency, expected) => {
    const found = judge(situation(expectation), page('unknown', undefined, undefined, urgency));
    expect((['isOverWrong', 'isAffectedWrong'] as const).filter((name) => found[name])).toEqual(expected);
  });
});

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
      firstStep: { judged: 0, right: 0, generic: 0, wrongLead: [], harmful: [] },
      overWrong: [],
      affectedWrong: ['a'],
    },
  });
});

describe("today's list", () => {
  const NONE = { ...summarize([]), unnamed: [] };
  const today = {
    ...{ certainWrong: ['a'], affectedDenied: ['b', 'c'], hurtWrongly: [], unnamed: [] },
    ...{ overWrong: [], affectedWrong: [], wrongLead: ['e'], harmful: [] },
  };
  it.each([
    ['is as it was', { certainWrong: ['a'], affectedDenied: ['b', 'c'] }, ['a', 'b', 'c'], []],
    [
      'does not grow',
      { certainWrong: ['a', 'd'], affectedDenied: ['b', 'c'] },
      ['a', 'b', 'c', 'd'],
      [/^d is certain and wrong, and was not before/],
    ],
    ['shrinks', { certainWrong: [], affectedDenied: ['b', 'c'] }, ['a', 'b', 'c'], [/^a is certain and wrong no more: take it out/]],
    [
      'has first steps',
      { certainWrong: ['a'], affectedDenied: ['b', 'c'], firstStep: { ...NONE.firstStep, harmful: ['f'] } },
      ['a', 'b', 'c', 'e', 'f'],
      [/^e is led astray by its first step no more/, /^f is harmed by its first step, and was not before/],
    ],
    ['says nothing of what was not run', { certainWrong: [], affectedDenied: ['b'] }, ['b'], []],
  ] as const)('%s', (_, summary, ran, expected) => {
    const found = differencesFromToday(
      { ...NONE, ...summary },
      today,
      ran.map((name) => ({ name })),
    );
    expect(found).toHaveLength(expected.length);
    for (const [index, message] of expected.entries()) expect(found[index]).toMatch(message);
  });
});
