import { describe, expect, it } from 'vitest';
import { advise } from '../../advisor/advise.ts';
import { everySituation, existing } from './situations.ts';

describe('contradictions', () => {
  it('legacy and cloud: the matrix advises against every strategy, and the change for the recommended one comes first', () => {
    const { recommended, contradictions } = advise(existing(3, { system: 'legacy', cloud: true }));
    expect(recommended).toBe('redis');
    expect(contradictions).toEqual([
      {
        rows: ['Cloud/Kubernetes', 'Legacy app (no code changes)'],
        what: expect.stringContaining('Redis Session is Difficult by "Legacy app (no code changes)"'),
        change: [
          expect.stringMatching(/^for Redis Session: let the container store sessions in Redis/),
          expect.stringMatching(/^for Sticky Session: keep the servers at fixed addresses/),
          expect.stringMatching(/^for Tomcat Cluster: keep the servers at fixed addresses/),
        ],
      },
    ]);
  });

  it.each([
    ['legacy with 6 servers', existing(6, { system: 'legacy' }), ['5+ servers', 'Legacy app (no code changes)'], 'run at most 4 servers'],
    [
      'legacy with HA and large sessions',
      existing(2, { system: 'legacy', ha: true, sessionBytes: 5_000 }),
      ['Legacy app (no code changes)', 'HA is top priority', 'Large session data (1KB+)'],
      'for Tomcat Cluster: reduce a session to less than 1,024 bytes',
    ],
  ])('%s is one', (_, situation, rows, change) => {
    const { contradictions } = advise(situation);
    expect(contradictions.map((one) => one.rows)).toEqual([rows]);
    expect(contradictions[0]?.change.join('\n')).toContain(change);
  });

  it.each([{ ha: true }, { zeroDowntime: true }])('a single server with %o is one with any strategy', (wish) => {
    const { contradictions } = advise(existing(1, wish));
    expect(contradictions).toEqual([
      {
        rows: expect.arrayContaining(['2 or fewer servers']),
        what: expect.stringContaining('one server'),
        change: ['run at least 2 servers'],
      },
    ]);
    expect(advise(existing(2, wish)).contradictions).toEqual([]);
  });

  it.each([
    ['legacy with 2 servers', existing(2, { system: 'legacy' })],
    ['legacy with HA, which a Tomcat cluster meets', existing(3, { system: 'legacy', ha: true })],
    ['5 servers, which two rows mention', existing(5)],
    ['cloud with 2 servers, where Required outranks', existing(2, { cloud: true })],
  ])('%s is none', (_, situation) => {
    expect(advise(situation).contradictions).toEqual([]);
  });

  it('have a resolution in every situation', () => {
    const changes = everySituation().flatMap((situation) => advise(situation).contradictions.flatMap(({ change }) => change));
    expect(changes.length).toBeGreaterThan(10);
    expect(changes.join('\n')).not.toMatch(/undefined|: $|: \n/m);
  });
});
