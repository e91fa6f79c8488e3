/** Sessions that move or are lost among many others. */
import { describe, expect, it } from 'vitest';
import { sessionsLost } from '../../../../functions/incidents/classify/facts/in-trouble.ts';
import { sessionsGoOnMoving, sessionsMove, sessionsStray } from '../../../../functions/incidents/classify/facts/session-moves.ts';
import type { Facts } from '../../../../functions/incidents/contract/evidence.ts';
import { mergedTraces } from '../../../../functions/incidents/trouble/traces.ts';
import { access, evidence, NOW_MS, SIGN_MS, server, traces } from '../healthy-evidence.ts';
import { strays } from './case.ts';

const OTHERS = 400;
const withOthers = (sessions: (id: string, other: string) => ReturnType<typeof traces>) =>
  evidence({
    servers: {
      servers: ['i-1', 'i-2'].map((id) =>
        server(id, {
          access: access(id, { sessions: { ...traces(`visitor-${id}`, OTHERS), ...sessions(id, id === 'i-1' ? 'i-2' : 'i-1') } }),
        }),
      ),
    },
  });

describe('sessions of which nobody knows whether they came to other servers, whose samples clients have filled', () => {
  it('are not said to stay on one, nor to be lost by nobody', () => {
    const planted = withOthers((id) => traces(id, 20));
    const { servers } = (planted.sources.servers as { facts: Facts['servers'] }).facts;
    const marked = servers.map(({ access: log, ...one }) => {
      const rows = Object.entries(log?.sessions ?? {}).map(([hash, trace]) => [hash, { ...trace, beyond: true as const }]);
      return { ...one, access: access(one.instanceId, { sessions: Object.fromEntries(rows) }) };
    });
    const crowded = evidence({ servers: { servers: marked } });
    for (const judge of [sessionsMove, sessionsStray]) {
      expect(judge(planted)).toMatchObject({ truth: false, firm: true });
      expect(judge(crowded)).toMatchObject({ truth: null });
    }
    expect(sessionsLost(planted)).toMatchObject({ truth: false, firm: true });
    expect(sessionsLost(crowded)).toMatchObject({ firm: false });
  });
});

describe('among many visitors who lose nothing', () => {
  it('some sessions that move are neither many nor none', () => {
    const planted = withOthers((id, other) => strays(id, [other]));
    for (const judge of [sessionsMove, sessionsStray]) expect(judge(planted)).toMatchObject({ truth: null });
  });

  it('one or two are none', () => {
    const planted = withOthers((id, other) => strays(id, [other], 1));
    for (const judge of [sessionsMove, sessionsStray, sessionsLost]) expect(judge(planted)).toMatchObject({ truth: false, firm: true });
  });
});

describe('sessions that come to another server', () => {
  /** Half a minute apart, since the first sign, with the first of them on both servers. */
  const begunSince = (id: string, count: number, moved: number) =>
    Object.assign(
      {},
      ...Array.from({ length: count }, (_, at) =>
        at % 2 === (id === 'i-1' ? 0 : 1) || at < moved
          ? traces(`since-${at}`, 1, { routes: [], firstMs: SIGN_MS + (at + 3) * 10_000, requests: 20 })
          : {},
      ),
    );
  const judged = (count: number, moved: number) =>
    sessionsGoOnMoving(withOthers((id) => ({ ...traces('before', 60), ...begunSince(id, count, moved) })));

  it('do not go on to do so where none of those that began last does: a server was away for a moment', () => {
    expect(judged(24, 0)).toMatchObject({ truth: false, firm: false });
    expect(judged(24, 6)).toMatchObject({ truth: false, firm: false });
  });

  it('go on where these do, where most did since, or where too few began', () => {
    expect(judged(24, 24)).toMatchObject({ truth: true });
    expect(judged(36, 20)).toMatchObject({ truth: true });
    expect(judged(12, 0)).toMatchObject({ truth: true });
  });
});

describe('the begin of a session that several servers show', () => {
  const seen = (...each: readonly (readonly [id: string, begins: boolean, secondsAgo: number])[]) =>
    mergedTraces(
      each.map(([id, begins, secondsAgo]) => {
        const sessions = traces('one', 1, { firstMs: NOW_MS - secondsAgo * 1_000, ...(begins && { begins }) });
        return server(id, { access: access(id, { sessions }) });
      }),
      SIGN_MS,
    ).map(({ begins }) => begins);

  it.each([
    [seen(['i-1', true, 60], ['i-2', false, 30]), true],
    [seen(['i-1', false, 30], ['i-2', true, 60]), true],
    [seen(['i-1', true, 60], ['i-2', false, 90]), false],
    [seen(['i-1', false, 90], ['i-2', true, 60]), false],
    [seen(['i-1', false, 90], ['i-2', false, 60]), false],
  ])('is where none named it before: %j', (begins, expected) => {
    expect(begins).toEqual([expected]);
  });
});

describe('the server that sent a session away', () => {
  const lostAt = (...each: readonly (readonly [id: string, secondsAgo: number, lost?: true])[]) =>
    mergedTraces(
      each.map(([id, secondsAgo, lost]) => {
        const sessions = traces('one', 1, { lastMs: NOW_MS - secondsAgo * 1_000, ...(lost && { lost }) });
        return server(id, { access: access(id, { sessions }) });
      }),
      SIGN_MS,
    ).map((trace) => trace.lostAt);

  it('is the first of those that refused it at its end, since the login page comes from any of them', () => {
    expect(lostAt(['i-1', 30, true], ['i-2', 33, true])).toEqual(['i-2']);
    expect(lostAt(['i-2', 33, true], ['i-1', 30, true], ['i-3', 50])).toEqual(['i-2']);
  });

  it('is none that had refused it long before, after which another one took it', () => {
    expect(lostAt(['i-1', 30, true], ['i-2', 120, true])).toEqual(['i-1']);
  });
});
