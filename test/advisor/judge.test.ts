import { describe, expect, it } from 'vitest';
import { advise } from '../../advisor/advise.ts';
import { PRECEDENCE, rowsAgainst } from '../../advisor/judge.ts';
import { MATRIX, type Rating, rowsThatApply, type Situation, STRATEGIES, type Strategy } from '../../advisor/situation.ts';
import { everySituation, existing } from './situations.ts';

const legacy = (servers: number, more: Partial<Situation> = {}) => existing(servers, { system: 'legacy', ...more });
const ALL = { cloud: true, ha: true, zeroDowntime: true, sessionBytes: 2_048 };

describe('an existing system', () => {
  it.each<[string, Situation, Strategy, [Rating, Rating, Rating]]>([
    ['of 1 server', existing(1), 'sticky', ['Best', 'Possible', 'Over-engineering']],
    ['of 2 servers', existing(2), 'sticky', ['Best', 'Possible', 'Over-engineering']],
    ['of 3 servers', existing(3), 'tomcat-cluster', ['Possible', 'Best', 'Recommended']],
    ['of 4 servers', existing(4), 'tomcat-cluster', ['Possible', 'Best', 'Recommended']],
    ['of 5 servers, which count as 5+', existing(5), 'redis', ['Not recommended', 'Not recommended', 'Required']],
    [
      'of 2 servers in a cloud: Required outranks Over-engineering',
      existing(2, { cloud: true }),
      'redis',
      ['Not recommended', 'Difficult', 'Required'],
    ],
    [
      'of 2 servers with HA: Not recommended outranks Best',
      existing(2, { ha: true }),
      'tomcat-cluster',
      ['Not recommended', 'Possible', 'Over-engineering'],
    ],
    [
      'of 2 servers with large sessions',
      existing(2, { sessionBytes: 1_024 }),
      'sticky',
      ['Possible', 'Not recommended', 'Over-engineering'],
    ],
    [
      'of 2 servers without downtime: over-engineering before caution',
      existing(2, { zeroDowntime: true }),
      'redis',
      ['Caution', 'Caution', 'Over-engineering'],
    ],
    ['of 3 servers without downtime', existing(3, { zeroDowntime: true }), 'redis', ['Caution', 'Caution', 'Recommended']],
    ['of 4 servers with HA', existing(4, { ha: true }), 'redis', ['Not recommended', 'Possible', 'Recommended']],
    ['of 4 servers with every option', existing(4, ALL), 'redis', ['Not recommended', 'Not recommended', 'Required']],
    ['of 2 servers whose code cannot change', legacy(2), 'sticky', ['Best', 'Possible', 'Difficult']],
    ['of 4 servers whose code cannot change: equals, so sticky', legacy(4), 'sticky', ['Possible', 'Possible', 'Difficult']],
    [
      'of 4 servers with HA whose code cannot change',
      legacy(4, { ha: true }),
      'tomcat-cluster',
      ['Not recommended', 'Possible', 'Difficult'],
    ],
    [
      'of 2 servers without downtime whose code cannot change: equals',
      legacy(2, { zeroDowntime: true }),
      'sticky',
      ['Caution', 'Caution', 'Difficult'],
    ],
    [
      'of 3 servers without downtime whose code cannot change',
      legacy(3, { zeroDowntime: true }),
      'sticky',
      ['Caution', 'Caution', 'Difficult'],
    ],
    [
      'of 6 servers whose code cannot change: Required outranks Difficult',
      legacy(6),
      'redis',
      ['Not recommended', 'Not recommended', 'Required'],
    ],
    ['in a cloud whose code cannot change', legacy(2, { cloud: true }), 'redis', ['Not recommended', 'Difficult', 'Required']],
  ])('%s', (_, situation, recommended, ratings) => {
    const advice = advise(situation);
    expect([advice.recommended, advice.verdicts.map(({ rating }) => rating)]).toEqual([recommended, ratings]);
  });

  it('has every row that decided, and no other', () => {
    expect(advise(existing(6, { cloud: true, ha: true })).verdicts).toEqual([
      { strategy: 'sticky', rating: 'Not recommended', decidedBy: ['5+ servers', 'Cloud/Kubernetes', 'HA is top priority'] },
      { strategy: 'tomcat-cluster', rating: 'Not recommended', decidedBy: ['5+ servers'] },
      { strategy: 'redis', rating: 'Required', decidedBy: ['5+ servers', 'Cloud/Kubernetes'] },
    ]);
  });

  it('has the rating and the rows of the recommended strategy as the reason', () => {
    expect(advise(existing(6, { cloud: true })).reason).toBe(
      'Required by "5+ servers" and "Cloud/Kubernetes"; no other strategy is rated higher.',
    );
  });
});

describe('a new project', () => {
  it.each([1, 2, 3, 4, 5, 200])('of %i servers starts with Redis, as the matrix concludes', (servers) => {
    const advice = advise(existing(servers, { system: 'new' }));
    expect(advice.recommended).toBe('redis');
    expect(advice.reason).toContain('"Start with Redis for new projects."');
  });

  it('has the recommendation of the ratings alone in its reason, if that differs', () => {
    expect(advise(existing(2, { system: 'new' })).reason).toContain('it would be Sticky Session (Best by "2 or fewer servers")');
    expect(advise(existing(5, { system: 'new' })).reason).not.toContain('ratings alone');
  });
});

describe('every situation', () => {
  it('has verdicts that follow from its rows', () => {
    for (const situation of everySituation()) {
      const { recommended, verdicts, rows } = advise(situation);
      const about = JSON.stringify(situation);
      expect(
        verdicts.map(({ strategy }) => strategy),
        about,
      ).toEqual(STRATEGIES);
      for (const { strategy, rating, decidedBy } of verdicts) {
        const ratings = rows.map((row) => row.ratings[strategy]);
        expect(decidedBy, about).toEqual(rows.filter((row) => row.ratings[strategy] === rating).map(({ condition }) => condition));
        expect(decidedBy, about).not.toEqual([]);
        if (ratings.includes('Required')) expect(rating, about).toBe('Required');
        else if (ratings.includes('Not recommended')) expect(rating, about).toBe('Not recommended');
      }
      const required = verdicts.filter(({ rating }) => rating === 'Required').map(({ strategy }) => strategy);
      if (situation.system === 'new') expect(recommended, about).toBe('redis');
      else if (required.length > 0) expect(required, about).toEqual([recommended]);
      expect(verdicts.find(({ strategy }) => strategy === recommended)?.rating, about).not.toBe('Not recommended');
    }
  });
});

describe('the precedence', () => {
  it('never has to rank "Required" against "Not recommended" in one strategy', () => {
    for (const strategy of STRATEGIES) {
      const ratings: Rating[] = MATRIX.map((row) => row[strategy]);
      expect(ratings.includes('Required') && ratings.includes('Not recommended')).toBe(false);
    }
  });

  it('covers the fifth server, new and existing systems, what outranks, and contradictions', () => {
    const text = PRECEDENCE.join('\n');
    for (const rule of [
      '5 servers count as "5+ servers"',
      'A new project',
      '"Required" and "Not recommended" outrank all',
      'contradict each other',
    ])
      expect(text).toContain(rule);
  });
});

describe('rows that rule a strategy out', () => {
  it.each<[Strategy, Partial<Situation>, string[]]>([
    ['sticky', { servers: 6 }, ['5+ servers']],
    ['sticky', { servers: 4 }, []],
    ['sticky', { servers: 2, cloud: true }, ['Cloud/Kubernetes']],
    ['sticky', { zeroDowntime: true }, []],
    ['tomcat-cluster', { servers: 4, cloud: true }, ['Cloud/Kubernetes']],
    ['tomcat-cluster', { servers: 3, sessionBytes: 4_096 }, ['Large session data (1KB+)']],
    ['redis', { servers: 1, system: 'legacy' }, []],
    ['redis', { servers: 6, cloud: true, ha: true }, []],
  ])('%s with %o: %j', (strategy, known, conditions) => {
    const rows = rowsThatApply(known).map(({ row }) => row);
    expect(rowsAgainst(strategy, rows).map(({ condition }) => condition)).toEqual(conditions);
  });
});
