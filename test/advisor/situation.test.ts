import { describe, expect, it } from 'vitest';
import { checkSituation, InvalidSituation, rowsThatApply } from '../../advisor/situation.ts';
import { existing } from './situations.ts';

const conditions = (known: Parameters<typeof rowsThatApply>[0]) => rowsThatApply(known).map(({ row }) => row.condition);

describe('the rows that apply', () => {
  it.each([
    [1, '2 or fewer servers'],
    [2, '2 or fewer servers'],
    [3, '3~5 servers'],
    [4, '3~5 servers'],
    [5, '5+ servers'],
    [6, '5+ servers'],
    [200, '5+ servers'],
  ])('by %i servers: "%s" and no other', (servers, condition) => {
    expect(conditions(existing(servers))).toEqual([condition]);
  });

  it.each([
    [1, false],
    [1_000, false],
    [1_023, false],
    [1_024, true],
    [536_870_912, true],
  ])('a session of %i bytes is large: %s', (sessionBytes, large) => {
    expect(conditions({ sessionBytes })).toEqual(large ? ['Large session data (1KB+)'] : []);
  });

  it.each([
    [{ cloud: true }, 'Cloud/Kubernetes'],
    [{ ha: true }, 'HA is top priority'],
    [{ zeroDowntime: true }, 'Zero-downtime deployment'],
    [{ system: 'legacy' }, 'Legacy app (no code changes)'],
  ] as const)('%o: "%s" and no other', (known, condition) => {
    expect(conditions(known)).toEqual([condition]);
  });

  it('without further conditions are only the one for the number of servers', () => {
    expect(conditions({ system: 'existing', cloud: false, ha: false, zeroDowntime: false, sessionBytes: undefined })).toEqual([]);
    expect(conditions({ system: 'new' })).toEqual([]);
  });

  it('have a reason', () => {
    expect(rowsThatApply({ servers: 1, sessionBytes: 2_048 }).map(({ because }) => because)).toEqual([
      '1 server',
      '2,048 bytes per session',
    ]);
  });
});

describe('a situation with a number out of bounds', () => {
  it.each([
    ['servers', { servers: 0 }, '(0)'],
    ['servers', { servers: -3 }, '(-3)'],
    ['servers', { servers: 2.5 }, '(2.5)'],
    ['servers', { servers: Number.NaN }, '(NaN)'],
    ['servers', { servers: Number.POSITIVE_INFINITY }, '(Infinity)'],
    ['servers', { servers: 201 }, '(201) is not a whole number from 1 to 200'],
    ['servers', { servers: 1e21 }, '(1e+21)'],
    ['sessionBytes', { sessionBytes: 0 }, '(0)'],
    ['sessionBytes', { sessionBytes: -1 }, '(-1)'],
    ['sessionBytes', { sessionBytes: Number.NaN }, '(NaN)'],
    ['sessionBytes', { sessionBytes: 0.5 }, '(0.5)'],
    ['sessionBytes', { sessionBytes: 536_870_913 }, '(536870913) is not a whole number from 1 to 536870912'],
  ])('%s: %o is refused, quoting it', (name, wrong, quoted) => {
    const check = () => checkSituation(existing(4, wrong));
    expect(check).toThrow(InvalidSituation);
    expect(check).toThrow(`${name} ${quoted}`);
    expect(check).toThrow('No advice was given.');
  });

  it.each([{ servers: 1 }, { servers: 200 }, { sessionBytes: 1 }, { sessionBytes: 536_870_912 }])('%o is accepted', (right) => {
    expect(() => checkSituation(existing(4, right))).not.toThrow();
  });
});
