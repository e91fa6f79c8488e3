import { describe, expect, it } from 'vitest';
import { PEOPLE_KINDS, type PeopleKind } from '../../../functions/people/contract.ts';
import { chanceOf, judgePeople, type PeopleCounts, type Share } from '../../../functions/people/judge-people.ts';

const every = (share: Share): Record<PeopleKind, Share> =>
  Object.fromEntries(PEOPLE_KINDS.map((kind) => [kind, share])) as Record<PeopleKind, Share>;
const counts = (now: Share, before: Share, alongside: Share = { hurt: 0, of: 0 }): PeopleCounts => {
  const fine = every({ hurt: 0, of: 100 });
  return {
    unit: 'people',
    now: { ...fine, turnedAway: now },
    before: { ...fine, turnedAway: before },
    alongside: { ...fine, turnedAway: alongside },
  };
};

describe('judgePeople', () => {
  it.each([
    ['all of twenty are turned away, none before', { hurt: 20, of: 20 }, { hurt: 0, of: 200 }, undefined, 'hurt'],
    ['as many as before', { hurt: 20, of: 60 }, { hurt: 70, of: 200 }, undefined, 'fine'],
    ['a rise below the stated share', { hurt: 40, of: 1_000 }, { hurt: 0, of: 10_000 }, undefined, 'fine'],
    ['a rise on the old servers too', { hurt: 40, of: 100 }, { hurt: 0, of: 500 }, { hurt: 50, of: 120 }, 'fine'],
    ['two old users who were sent on are no rise there', { hurt: 20, of: 20 }, { hurt: 0, of: 200 }, { hurt: 1, of: 2 }, 'hurt'],
    ['a release that repairs what was broken', { hurt: 0, of: 50 }, { hurt: 300, of: 300 }, undefined, 'fine'],
    ['three people alone', { hurt: 3, of: 3 }, { hurt: 0, of: 400 }, undefined, 'fine'],
  ] as const)('%s', (_, now, before, alongside, verdict) => {
    expect(judgePeople(counts(now, before, alongside)).verdict).toBe(verdict);
  });

  it('says that too few came, or before', () => {
    const none = every({ hurt: 0, of: 0 });
    expect(
      judgePeople({ unit: 'people', now: every({ hurt: 0, of: 3 }), before: every({ hurt: 0, of: 500 }), alongside: none }).verdict,
    ).toBe('tooFew');
    expect(judgePeople({ unit: 'people', now: every({ hurt: 9, of: 9 }), before: none, alongside: none }).verdict).toBe('tooFew');
  });

  it('takes the exact chance', () => {
    expect(chanceOf({ hurt: 3, of: 3 }, { hurt: 0, of: 3 })).toBeCloseTo(1 / 20, 9);
    expect(chanceOf({ hurt: 0, of: 5 }, { hurt: 2, of: 50 })).toBeCloseTo(1, 9);
    expect(chanceOf({ hurt: 500, of: 1_000 }, { hurt: 5_000, of: 10_000 })).toBeGreaterThan(0.4);
  });

  it('resamples of one rate stop nothing', () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed / 2_147_483_648;
    };
    const drawn = (of: number, rate: number): Share => ({ of, hurt: Array.from({ length: of }).filter(() => random() < rate).length });
    const stopped = Array.from({ length: 1_000 }, (_, at) => judgePeople(counts(drawn(10 + (at % 90), 0.3), drawn(400, 0.3)))).filter(
      ({ verdict }) => verdict === 'hurt',
    );
    expect(stopped).toEqual([]);
  });
});

it('what is expected hides no other kind', () => {
  const all = (share: Share) => Object.fromEntries(PEOPLE_KINDS.map((kind) => [kind, share])) as Record<PeopleKind, Share>;
  const counts = {
    unit: 'people',
    now: all({ hurt: 40, of: 40 }),
    before: all({ hurt: 0, of: 400 }),
    alongside: all({ hurt: 0, of: 0 }),
  } as const;
  expect(judgePeople(counts, ['turnedAway', 'refused', 'newSession'])).toMatchObject({ kind: 'missingParts' });
  expect(judgePeople(counts, ['missingParts'])).toMatchObject({ kind: 'turnedAway' });
});

it('is quick for numbers that a server has made up', () => {
  const begunMs = performance.now();
  expect(chanceOf({ hurt: 5e8, of: 1e9 }, { hurt: 4e8, of: 1e9 })).toBeLessThan(1e-5);
  expect(performance.now() - begunMs).toBeLessThan(2_000);
});
