/** What has happened to the store and is known: no step asks for it. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import type { StoreNodeFacts } from '../../../../functions/incidents/contract/store-facts.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { refusedServers } from '../../../../functions/incidents/report/store-past.ts';
import { minutesWith } from '../classify/cases-in-front.ts';
import { application, evidence, FROM_MS, NOW_MS, node, SIGN_MS, server, unreachable } from '../healthy-evidence.ts';
import { anIncident, anInput } from './an-incident.ts';

const MINUTE = 60_000;
const UNKNOWN: Finding = { verdict: 'unknown', candidates: [], missing: [], shown: [] };
const pageWith = (planted: Evidence, finding: Finding = UNKNOWN) =>
  pageOf(anInput({ incident: anIncident({ runbook: 'store-failure', mitigations: {}, finding }), evidence: planted }));
const failedOver = (...atMs: readonly number[]) => ({
  events: atMs.map((at) => ({ atMs: at, message: 'Failover from primary node node-2 to replica node node-1 completed' })),
});
/** Lines about the store in these minutes, on both servers. */
const logging = (minutes: readonly number[]) => ({
  servers: ['i-1', 'i-2'].map((id) =>
    server(id, {
      application: application({
        storeConnection: minutes.length * 9,
        firstMs: { storeConnection: minutes[0] ?? 0 },
        lastMs: { storeConnection: minutes.at(-1) ?? 0 },
        byMinute: { storeConnection: minutes.map((minuteMs) => [minuteMs, 9] as const) },
      }),
    }),
  ),
});
const between = (fromMs: number, untilMs: number) =>
  Array.from({ length: Math.floor((untilMs - fromMs) / MINUTE) }, (_, at) => fromMs + at * MINUTE);
const FREE = { nodes: [node('node-1', 'primary', { pingMs: 1 }), node('node-2', 'replica')] };

describe('a failover with which the trouble began', () => {
  const atMs = SIGN_MS - 20 * MINUTE;

  it('is what the first step is about when it is over, and no other change is asked for', () => {
    const planted = evidence({ storeGroup: failedOver(atMs), traffic: minutesWith(20, { target3xx: 60 }, 16), store: FREE });
    const [first, ...others] = pageWith(planted).next;
    expect(first?.text).toMatch(/^The store failed over at \d\d:\d\d UTC, and answers again: the trouble began with that\./);
    expect(others.map(({ text }) => text).join(' ')).not.toMatch(/what changed/);
    const without = evidence({ traffic: minutesWith(20, { target3xx: 60 }, 16), store: FREE });
    expect(pageWith(without).next[0]?.text).toMatch(/^It is over: see that it stays so, and find out what changed/);
  });

  it('is what users were logged out by once it is over: nothing keeps the servers from the store, and nothing is to be bridged', () => {
    const lastMs = SIGN_MS - 6 * MINUTE;
    const lines = between(lastMs, lastMs + 3 * MINUTE);
    const planted = (untilMinutes?: number) =>
      evidence({
        storeGroup: failedOver(lastMs),
        traffic: minutesWith(6, { target3xx: 60 }, untilMinutes),
        store: FREE,
        servers: logging(untilMinutes === undefined ? between(lastMs, NOW_MS) : lines),
      });
    const pageOfIt = (it: Evidence) =>
      pageOf(anInput({ incident: anIncident({ mitigations: {}, finding: classify(it, 'logged-out') }), evidence: it }));
    const over = pageOfIt(planted(2));
    expect(over.cause).toBe('store-connection-failures');
    expect(over.why).toMatch(/^Users were logged out because servers could not read .* The store failed over at /);
    expect(over.next[0]?.text).toMatch(/^The store failed over .* log in once more\.$/);
    expect(over.next.map(({ text }) => text).join(' ')).not.toMatch(/what keeps the servers|Keep Auto Scaling/);
    const goesOn = pageOfIt(planted());
    expect(goesOn.why).toMatch(/^Users are logged out because servers cannot read/);
    expect(goesOn.next.map(({ text }) => text).join(' ')).toMatch(/what keeps the servers/);
  });

  it('leaves servers with connections to the old primary: one of those that still log errors is restarted first', () => {
    const planted = (untilMs: number) =>
      evidence({
        storeGroup: failedOver(atMs),
        traffic: minutesWith(20, { target3xx: 60 }),
        store: FREE,
        servers: logging(between(atMs, untilMs)),
      });
    const [first] = pageWith(planted(NOW_MS)).next;
    expect(first?.text).toMatch(/^The store failed over at \d\d:\d\d UTC, and 2 servers still log errors of it/);
    expect(first?.commands).toEqual([expect.stringMatching(/^npx --no holdfast restart i-1 --fleet web /)]);
    expect(pageWith(planted(NOW_MS - 10 * MINUTE)).next[0]?.text).toMatch(/^See what changed at that minute/);
    expect(
      pageWith(planted(NOW_MS - 10 * MINUTE))
        .next.flatMap(({ commands }) => commands)
        .join(' '),
    ).not.toContain('restart');
  });
});

describe('a store that was away for minutes and is back', () => {
  const [goneMs, backMs] = [SIGN_MS - 8 * MINUTE, SIGN_MS - 2 * MINUTE];
  const minutes = (skipped: boolean) =>
    between(FROM_MS, NOW_MS).flatMap((atMs) =>
      skipped && atMs > goneMs && atMs < backMs ? [] : [[atMs / 1_000, 10_000, 10_000, 0, 0] as const],
    );
  const planted = (skipped: boolean, lines: readonly number[]) =>
    evidence({
      readings: { minutes: minutes(skipped) },
      traffic: minutesWith(8, { target5xx: 60 }, 2),
      store: FREE,
      servers: logging(lines),
    });
  const lines = between(goneMs, backMs);

  it('is named as likely, with its times, and is on the timeline', () => {
    const found = classify(planted(true, lines), 'store-failure');
    expect(found).toMatchObject({ verdict: 'cause', cause: 'store-down', confidence: 'likely' });
    expect(found).toMatchObject({ sentence: expect.stringMatching(/^The session store was away from .* and answers again, since /) });
    const page = pageWith(planted(true, lines), found);
    expect(page.timeline.events).toContainEqual(expect.objectContaining({ lane: 'store', atMs: goneMs + MINUTE, untilMs: backMs }));
    expect(page.next[0]?.text).toMatch(/^The store was away from .* UTC, and answers again: the trouble began with that/);
  });

  it('came back without its data where most sessions were gone with it, which the page says', () => {
    const [before, after] = [minutes(true).filter(([at]) => at * 1_000 <= goneMs), minutes(true).filter(([at]) => at * 1_000 >= backMs)];
    const back = (sessions: number) =>
      evidence({
        readings: { minutes: [...before, ...after.map(([at]) => [at, sessions, sessions, 0, 0] as const)] },
        traffic: minutesWith(8, { target5xx: 60 }, 2),
        store: FREE,
        servers: logging(lines),
      });
    const why = (sessions: number) => pageWith(back(sessions), classify(back(sessions), 'store-failure')).why;
    expect(why(40)).toContain('It came back without its data, with 40 of 10000 sessions: users log in once more.');
    expect(why(9_000)).not.toContain('without its data');
  });

  it.each([
    ['the collector read it in each minute', planted(false, lines)],
    ['no server missed it: the collector was away', planted(true, [])],
  ])('is not where %s', (_, other) => {
    expect(classify(other, 'store-failure')).not.toMatchObject({ cause: 'store-down' });
    expect(pageWith(other).timeline.events.filter(({ lane }) => lane === 'store')).toEqual([]);
  });
});

describe('servers whose writes were refused', () => {
  const refused = (instanceId: string, minutesAgo: number | undefined, gate?: boolean) =>
    server(instanceId, {
      ...(gate !== undefined && { gate }),
      application: application({ readOnly: 9, ...(minutesAgo !== undefined && { lastMs: { readOnly: NOW_MS - minutesAgo * MINUTE } }) }),
    });

  it.each([
    [
      'the one that users cannot use first, then by the latest line',
      [refused('i-1', 2), refused('i-2', 1), refused('i-3', 9, false)],
      'i-3 i-2 i-1',
    ],
    ['without those that write to the new primary again', [refused('i-1', 12, true), refused('i-2', 1, true)], 'i-2'],
    ['all of them where none goes on', [refused('i-1', 12), refused('i-2', 9)], 'i-2 i-1'],
    ['those whose time is not known too', [refused('i-1', 12), refused('i-2', undefined)], 'i-2'],
  ])('are restarted: %s', (_, servers, order) => {
    expect(refusedServers(evidence({ servers: { servers: [...servers, server('i-9')] } })).join(' ')).toBe(order);
  });
});

it('refused writes without a failover are looked for in replicas and snapshots first', () => {
  const finding: Finding = {
    ...{ verdict: 'cause', cause: 'store-read-only', confidence: 'likely', sentence: 'S', sinceMs: SIGN_MS },
    ...{ because: [], wouldRefute: [], also: [] },
  };
  expect(pageWith(evidence(), finding).next[0]?.text).toMatch(/NOREPLICAS.*replicas and snapshots/);
  expect(pageWith(evidence({ storeGroup: failedOver(SIGN_MS) }), finding).next[0]?.text).toMatch(/^See which node is the primary now/);
});

it('a replica that does not answer, and no failover: the primary has too few replicas, and nothing is restarted', () => {
  const finding: Finding = {
    ...{ verdict: 'cause', cause: 'store-read-only', confidence: 'likely', sentence: 'S', sinceMs: SIGN_MS },
    ...{ because: [], wouldRefute: [], also: [] },
  };
  const refused = {
    servers: [server('i-1', { application: application({ readOnly: 90, lastMs: { readOnly: NOW_MS } }) })],
  };
  const textOf = (other: StoreNodeFacts, more: object = {}) =>
    pageWith(evidence({ servers: refused, store: { nodes: [node('node-1', 'primary'), other] }, ...more }), finding)
      .next.map(({ text, commands }) => [text, ...commands].join(' '))
      .join(' ');
  expect(textOf(unreachable('node-2'))).toMatch(/^Restart nothing: node-2 does not answer.*min-replicas-to-write/);
  expect(textOf(unreachable('node-2'))).not.toContain('npx --no holdfast restart');
  expect(textOf(node('node-2', 'replica'))).toContain('npx --no holdfast restart i-1');
  expect(textOf(unreachable('node-2'), { storeGroup: failedOver(SIGN_MS) })).toContain('npx --no holdfast restart i-1');
});

it('a store that takes no more connections is said first, and who holds them is looked for', () => {
  const nodes = ['node-1', 'node-2'].map((name): StoreNodeFacts => ({ name, state: 'noConnections' }));
  const page = pageWith(evidence({ store: { nodes }, traffic: minutesWith(8, { target5xx: 60 }) }));
  expect(page.why).toMatch(/^The store answers, and takes no more connections \(node-1 and node-2\)\. /);
  expect(page.next[0]?.text).toMatch(/^Stop what opens so many connections: none is left at node-1 and node-2\./);
  expect(page.next.map(({ text }) => text).join(' ')).not.toContain('SLOWLOG');
  expect(pageWith(evidence({ traffic: minutesWith(8, { target5xx: 60 }) })).why).not.toContain('connections');
});
