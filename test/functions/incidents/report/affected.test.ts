import { describe, expect, it } from 'vitest';
import { type Evidence, factsOf } from '../../../../functions/incidents/contract/evidence.ts';
import type { IncidentRecord } from '../../../../functions/incidents/contract/incident.ts';
import { affectedBy, type People } from '../../../../functions/incidents/report/affected.ts';
import { evidence, FROM_MS, NOW_MS, reading, server, TURNED_AWAY, traces, unreachable } from '../healthy-evidence.ts';
import { AT, anIncident } from './an-incident.ts';

const finding = {
  verdict: 'cause',
  cause: 'evictions',
  confidence: 'likely',
  sentence: 'x',
  sinceMs: AT,
  because: [],
  wouldRefute: [],
  also: [],
} as const;
const affected = (known: Evidence | undefined, more: Partial<IncidentRecord> = {}, fleets = ['web'], people: People = 'now') =>
  affectedBy({ incident: anIncident({ finding, ...more }), evidence: known, fleets, people });

describe('who is affected', () => {
  it('are the users of the fleet, with the share of responses that turned them away, now and before', () => {
    expect(affected(evidence({ traffic: TURNED_AWAY }))).toEqual([
      expect.stringMatching(
        /^\d[\d.]* % of the responses that the load balancer counts are redirects \(3xx\) or refusals \(4xx\), \d[\d.]* % before\.$/,
      ),
      'The store had about 10,000 sessions at the last reading.',
    ]);
  });

  it('are so many more than before the trouble, which can have begun long before the alarm', () => {
    const minutes = Math.floor((NOW_MS - FROM_MS) / 60_000) - 2;
    const byMinute = Array.from({ length: minutes }, (_, at) => ({
      ...{ minuteMs: FROM_MS + at * 60_000, requests: 100, target3xx: at >= 20 ? 30 : 2, target4xx: 0, target5xx: 0 },
      ...{ elb3xx: 0, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 },
    }));
    const before = { minutes: 50, requests: 5_000, redirectPercent: 19, clientErrorPercent: 0 };
    const known = evidence({
      traffic: { now: TURNED_AWAY.now as never, before: { ...before, targetErrorPercent: 0, balancerErrorPercent: 0 }, byMinute },
    });
    expect(affected(known)[0]).toMatch(/redirects \(3xx\) or refusals \(4xx\), 2 % before\.$/);
  });

  it('are no users where probably nobody is affected', () => {
    const lines = affected(evidence({}), {}, ['web'], 'nobody');
    expect(lines).toContain('The store had about 10,000 sessions at the last reading.');
    expect(lines.join(' ')).not.toContain('Users of');
  });

  it('were turned away, where it is over', () => {
    const servers = ['i-1', 'i-2'].map((id) => server(id, { store: { reachable: id === 'i-1' }, gate: false } as never));
    const known = evidence({ traffic: TURNED_AWAY, servers: { servers } });
    const lines = affected(known, { runbook: 'store-failure' }, ['web'], 'before').join(' ');
    expect(lines).toMatch(
      /1 of 2 servers reached the store; on 1 of these the application's own check \(its gate\) failed\. .* % of the responses that the load balancer counts were redirects/,
    );
    expect(lines).not.toMatch(/ (?:are|is|reach) /);
  });

  it('whose servers reach a store that refuses their login, with its word for it', () => {
    const refused = { reachable: false, error: 'WRONGPASS invalid username-password pair or user is disabled.' };
    const servers = [server('i-1', { store: refused }), server('i-2', { store: refused }), server('i-3', { store: { reachable: true } })];
    expect(affected(evidence({ servers: { servers } }), { runbook: 'store-failure' })[0]).toBe(
      '3 of 3 servers reach the store, which refuses the login of 2 of them (WRONGPASS).',
    );
  });

  it('has no sessions of the store where they are in the memory of servers', () => {
    const balancer = { ...evidence({}).sources.balancer, facts: { ...factsOf(evidence({}), 'balancer'), strategy: 'sticky' } };
    const known = { ...evidence({}), sources: { ...evidence({}).sources, balancer } } as Evidence;
    expect(affected(known).join(' ')).not.toContain('The store had');
  });

  it('are the users of one server where the finding names it', () => {
    const about = { ...finding, cause: 'route-mismatch', about: { instanceId: 'i-1' } } as const;
    expect(affected(evidence({}), { finding: about })[0]).toMatch(/^Users of one server of fleet web: i-1, 1 of \d\.$/);
  });

  it('are the users of every fleet of the store, with how many servers reach it', () => {
    const servers = ['i-1', 'i-2'].map((id) => server(id, { store: { reachable: id === 'i-1' } }));
    const known = evidence({ store: { nodes: [unreachable('node-1')] }, servers: { servers } });
    expect(affected(known, { runbook: 'store-failure', fleet: undefined } as never, ['web', 'api']).slice(0, 2)).toEqual([
      'Users of every fleet (web, api) whose requests need a session.',
      '1 of 2 servers reach the store.',
    ]);
  });

  it('are those whose sampled sessions were lost', () => {
    const { access } = server('i-1');
    const servers = [server('i-1', { access: { ...access, sessions: { ...traces('a', 6), ...traces('b', 2, { lost: true }) } } as never })];
    expect(affected(evidence({ servers: { servers } }))).toContain(
      "In the servers' logs 2 of 8 sampled sessions ended in a redirect to the login, a refusal or another session.",
    );
  });

  it.each([
    [{}, 'No user yet: the store deletes no session to make room.'],
    [{ evictions: 1_200 }, 'Users whose sessions the store deletes to make room: 1,200 keys in the last minute.'],
    [{ memoryPercent: 99.9 }, 'Users who log in: the store is full, deletes nothing, and refuses writes.'],
  ])('of a store that fills (%j): %s', (more, sentence) => {
    const known = evidence({ readings: { reading: { ...reading, ...more } } });
    expect(affected(known, { runbook: 'session-explosion' })[0]).toBe(sentence);
  });

  it.each([
    [{ secondsUntilFull: 20 }, ' and is 40 % full; at this growth it is full in 20 seconds.'],
    [{ secondsUntilFull: 359 }, ' and is 40 % full; at this growth it is full in 6 minutes.'],
    [{ secondsUntilFull: 7_199 }, ' and is 40 % full; at this growth it is full in 120 minutes.'],
    [{ secondsUntilFull: 7_200 }, ' and is 40 % full; at this growth it is full in 2 hours.'],
    [{ secondsUntilFull: 0, memoryPercent: 99.9 }, ' and is 100 % full.'],
    [{ secondsUntilFull: 359, memoryPercent: 98, evictions: 9 }, ' and is 98 % full.'],
  ])('of a store (%j) in how long it is full, unless it is: %s', (more, end) => {
    const known = evidence({ readings: { reading: { ...reading, ...more } } });
    expect(affected(known, { runbook: 'session-explosion' })[1]).toBe(`The store has about 10,000 sessions${end}`);
  });

  it('are never more than all, although RequestCount leaves out what found no target', () => {
    const shares = { requests: 4_000, redirectPercent: 0, clientErrorPercent: 0, targetErrorPercent: 27.5, balancerErrorPercent: 100 };
    expect(affected(evidence({ traffic: { now: shares, before: shares } }))[0]).toBe(
      '100 % of the responses that the load balancer counts are errors (5xx), 100 % before.',
    );
  });

  it('says what it knows without evidence, and nothing where nothing is wrong', () => {
    expect(affected(undefined)).toEqual([]);
    expect(affected(undefined, { fleet: undefined } as never)).toEqual(['Users of fleet web.']);
    expect(affected(evidence({}), { finding: { verdict: 'nothing', because: [], missing: [] } })).toEqual([]);
    expect(affected(evidence({}), { finding: undefined } as never)).toEqual([]);
  });
});
