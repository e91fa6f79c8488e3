/** Steps of one cause that are others by what the evidence shows. */
import { describe, expect, it } from 'vitest';
import type { Cause, Finding } from '../../../../functions/incidents/contract/causes.ts';
import type { DeployWarningKind, Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import type { IncidentRecord, MitigationRecord } from '../../../../functions/incidents/contract/incident.ts';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { minutesWith } from '../classify/cases-in-front.ts';
import { evidence, FROM_MS, IN_MEMORY, NOW_MS, node, readingWith, SIGN_MS, server, unreachable } from '../healthy-evidence.ts';
import { anIncident, anInput } from './an-incident.ts';

const MINUTE = 60_000;
const OPTIONS = '--fleet web --region eu-west-1 --installation live';
function nextOf(cause: Cause, planted: Evidence, mitigations: IncidentRecord['mitigations'] = {}) {
  const finding: Finding = {
    ...{ verdict: 'cause', cause, confidence: 'likely', sentence: 'S', sinceMs: SIGN_MS },
    ...{ because: [], wouldRefute: [], also: [] },
  };
  return pageOf(anInput({ incident: anIncident({ mitigations, finding }), evidence: planted })).next;
}
const textsOf = (cause: Cause, planted: Evidence) => nextOf(cause, planted).map(({ text }) => text);

describe('a deploy that has logged users out', () => {
  /** @param until minutes before the evidence; undefined: it goes on */
  const deployed = (until: number | undefined, more: object = {}, warningKinds: readonly DeployWarningKind[] = []) =>
    evidence({
      traffic: minutesWith(20, { target3xx: 60 }, until),
      deploys: {
        deploys: [
          {
            ...{ deployId: 'd1', from: '1.4.0', to: '2.1.0', status: 'SUCCEEDED' },
            ...{ startedAtMs: NOW_MS - 31 * MINUTE, finishedAtMs: NOW_MS - 12 * MINUTE },
            ...{ warnings: warningKinds.map((kind) => `warns of ${kind}`), warningKinds },
          },
        ],
      },
      ...more,
    });
  const returns = `npx --no holdfast deploy 1.4.0 ${OPTIONS}`;

  it.each([
    ['the memory of servers', deployed(12, { balancer: IN_MEMORY }), 'docs/sessions-in-memory.md'],
    ['a cookie of another name', deployed(12, {}, ['cookieName']), 'docs/deploys.md'],
  ])('is not taken back once it is over, where sessions were lost with %s: users would log in again', (_, planted, page) => {
    const next = nextOf('deploy-in-progress', planted);
    expect(next[0]).toEqual({
      text: 'It is over: users log in once more. Do not return to the previous release for that: it would log them out again.',
      commands: [`npx --no holdfast deploys show d1 ${OPTIONS}`],
    });
    expect(next[1]?.text).toContain(page);
    expect(next.flatMap(({ commands }) => commands)).not.toContain(returns);
  });

  it.each([
    ['it goes on', deployed(undefined, { balancer: IN_MEMORY })],
    ['it is not known why', deployed(12)],
  ])('can be taken back while %s', (_, planted) => {
    expect(nextOf('deploy-in-progress', planted)[0]?.commands).toEqual([returns]);
  });

  it('that is over is not taken back where no cause is known either, and is while it goes on', () => {
    const unknown: Finding = { verdict: 'unknown', shown: [], candidates: [], missing: [] };
    const commandsOf = (planted: Evidence) =>
      pageOf(anInput({ incident: anIncident({ finding: unknown }), evidence: planted })).next.flatMap(({ commands }) => commands);
    const times = { startedAtMs: SIGN_MS - 21 * MINUTE, finishedAtMs: SIGN_MS - 15 * MINUTE };
    const more = { deploys: { deploys: [{ deployId: 'd1', from: '1.4.0', to: '2.1.0', status: 'SUCCEEDED', ...times }] } };
    expect(commandsOf(deployed(12, more))).not.toContain(returns);
    expect(commandsOf(deployed(undefined, more))).toContain(returns);
  });

  it.each([
    ['is left to end where every server is done', 'done', /^Let the deploy end/],
    ['is stopped where some are not', 'draining', /^If it began with this deploy, stop it/],
  ])('that still runs %s', (_, phase, text) => {
    const phases = { 'i-1': 'done', 'i-2': phase };
    const running = { deployId: 'd1', from: '1.4.0', to: '2.1.0', status: 'RUNNING', startedAtMs: NOW_MS - 21 * MINUTE, phases } as const;
    const planted = deployed(undefined, { balancer: IN_MEMORY, deploys: { deploys: [running] } });
    expect(textsOf('deploy-in-progress', planted)[0]).toMatch(text);
  });
});

it.each([
  ['large-sessions', /none was in the window/, /deploys were not read/],
  ['unreadable-sessions', /^No deploy of this fleet is on record/, /^Deploys were not read/],
] as const)('of %s no deploy is said to be known where deploys were not read', (cause, known, unknown) => {
  expect(textsOf(cause, evidence()).find((text) => known.test(text))).toBeDefined();
  const unread = textsOf(cause, evidence({ deploys: 'it timed out' }));
  expect(unread.find((text) => unknown.test(text))).toBeDefined();
  expect(unread.find((text) => known.test(text))).toBeUndefined();
});

describe('servers that do not reach the store', () => {
  const stores = (...some: readonly ServerFacts['store'][]) =>
    evidence({ servers: { servers: some.map((store, at) => server(`i-${at + 1}`, { ...(store && { store }) })) } });
  const up = { reachable: true } as const;
  const nameless = { reachable: false, error: 'ENOTFOUND', reason: 'dns' } as const;
  const refused = { reachable: false, error: 'ECONNREFUSED', reason: 'refused' } as const;

  it.each([
    [
      'find no name',
      [up, nameless, nameless],
      /^2 of 3 servers do not reach the store, whose name they do not find\. .*\/etc\/resolv\.conf/,
    ],
    ['find no name, one of them', [up, nameless], /^1 of 2 servers does not reach the store, whose name they do not find\./],
    ['find no name, all of them', [nameless, nameless], /^None of the 2 servers reaches the store, whose name they do not find\./],
    ['are refused, one of them', [up, nameless, refused], /^2 of 3 servers do not reach the store\. Check what they have in common/],
    ['reach it again', [up, up], /^All 2 servers reach the store: see that it stays so\.$/],
  ] as const)('that %s', (_, some, text) => {
    expect(textsOf('server-partitioned', stores(...some))[0]).toMatch(text);
  });

  it('are to be found where not each of them was asked', () => {
    const silent = { ...server('i-2'), store: undefined } as unknown as ServerFacts;
    const planted = evidence({ servers: { servers: [server('i-1'), silent] } });
    expect(textsOf('server-partitioned', planted)[0]).toBe('See which server does not reach the store.');
  });
});

it.each([
  [0, /^See which policy, schedule or person scaled in/, /scale in by hand/],
  [1, /^See which servers are left/, /^Check the health check/],
])('servers that were ended, %i as unhealthy', (replacedUnhealthy, first, second) => {
  const texts = textsOf('servers-replaced', evidence({ scaling: { terminated: 2, replacedUnhealthy } }));
  expect(texts[0]).toMatch(first);
  expect(texts[1]).toMatch(second);
});

it.each([5, 96])(
  'a failover that does not come: a primary that is held by a command is named once (engine at %i %%)',
  (engineCpuPercent) => {
    const planted = {
      ...evidence({
        store: { nodes: [unreachable('node-1'), node('node-2', 'replica')] },
        readings: readingWith({ engineCpuPercent, takenAtMs: NOW_MS - 40 * MINUTE }),
      }),
      firstSignMs: NOW_MS - 40 * MINUTE,
    };
    const texts = textsOf('store-failing-over', planted);
    expect(texts.filter((text) => /no failover was reported in 40 minutes/.test(text))).toHaveLength(1);
    expect(texts.filter((text) => /long command.*(?:no failover ends it|a failover does not end it)/.test(text))).toHaveLength(1);
  },
);

describe('a page in place of what users ask for, and servers that are kept', () => {
  const observed = (name: 're-login-page', more: Partial<MitigationRecord> = {}): MitigationRecord => ({
    ...{ name, target: { incidentId: 'inc-0123456789ab', fleet: 'web' }, run: 1, mode: 'observe', state: 'observed', effect: 'e' },
    calls: [{ service: 'elbv2', operation: 'CreateRule', input: {} }],
    ...more,
  });
  const both = { 're-login-page': observed('re-login-page') };
  const failing = (target5xx: number, more: object = {}) => evidence({ traffic: minutesWith(8, { target5xx }), ...more });
  const textsWith = (planted: Evidence, mitigations: IncidentRecord['mitigations'] = both) =>
    nextOf('store-connection-failures', planted, mitigations).map(({ text }) => text);
  const PAGE = /show users a page that tries again by itself, /i;

  it.each([
    [60, 0, 'also in place of what works for them now (re-login-page)'],
    [40, 3, 'which would also hide the larger part of what users ask for, which works (re-login-page)'],
  ])('while %i %% of the requests fail are step %i (from 0)', (percent, at, says) => {
    const texts = textsWith(failing(percent));
    expect(texts.findIndex((text) => PAGE.test(text))).toBe(at);
    expect(texts[at]).toContain(says);
  });

  it('come first where nobody knows how much fails', () => {
    expect(textsWith(evidence({ traffic: 'it timed out' }))[0]).toMatch(PAGE);
  });

  it('are not decided as one: no gate is up, and Auto Scaling would end every server', () => {
    const servers = { servers: ['i-1', 'i-2'].map((id) => server(id, { gate: false })) };
    const texts = textsWith(failing(40, { servers, balancer: { healthCheckAsksStore: true } }));
    expect(texts[0]).toMatch(/^Keep Auto Scaling from replacing servers because the store is away/);
    expect(texts.at(-1)).toMatch(/^Show users a page that tries again by itself, which would also hide/);
  });
});

it('what keeps servers from a store can be in their lines, also where it does not answer the collector', () => {
  for (const nodes of [[node('node-1', 'primary')], [unreachable('node-1')]])
    expect(textsOf('store-connection-failures', evidence({ store: { nodes } })).join(' ')).toContain(
      '"max number of clients reached": its connections. MISCONF: its disk, or a snapshot.',
    );
});

it.each([
  ['store-down', 'reached by nobody', [unreachable('node-1')], 1],
  ['store-not-redundant', 'reached by nobody', [unreachable('node-1')], 1],
  ['store-down', 'back', [node('node-1', 'primary')], 0],
] as const)('%s: a primary that is %s can be held by a command', (cause, _, nodes, count) => {
  const texts = textsOf(cause, evidence({ store: { nodes } }));
  expect(texts.filter((text) => text.startsWith('A primary that is only silent can be held by a long command'))).toHaveLength(count);
});

it('a store that is emptied again and again: the job is what to find, by its rhythm', () => {
  const minutes = (isGone: (minute: number) => boolean) =>
    Array.from({ length: 66 }, (_, at) => {
      const sessions = isGone(at) ? 3 : 90;
      return [(FROM_MS + at * MINUTE) / 1_000, sessions, sessions, 0, 0] as const;
    });
  const firstOf = (isGone: (minute: number) => boolean) =>
    textsOf('store-emptied', evidence({ readings: { minutes: minutes(isGone) } }))[0];
  expect(firstOf((minute) => minute >= 20 && minute % 4 === 0)).toMatch(
    /^Find the job that empties it, and stop it: that was 12 times from \d\d:\d\d until \d\d:\d\d UTC, every 4 minutes\./,
  );
  expect(firstOf((minute) => minute === 58)).toMatch(/^Ask who emptied it/);
});
