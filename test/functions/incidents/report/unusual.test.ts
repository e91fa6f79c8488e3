import { expect, it } from 'vitest';
import { unusual } from '../../../../functions/incidents/report/unusual.ts';
import { FROM_MS, evidence as healthy, SIGN_MS, server } from '../healthy-evidence.ts';
import { AT, someEvidence } from './an-incident.ts';

const servers = (...samples: readonly ({ requests: number; of: number } | undefined)[]) =>
  someEvidence({
    servers: {
      takenAtMs: AT,
      facts: { servers: samples.map((unwritten, at) => ({ instanceId: `i-${at + 1}`, ...(unwritten && { unwritten }) })) },
    },
  });

it.each([
  [
    'by two of three servers',
    [{ requests: 3, of: 40 }, { requests: 1, of: 30 }, undefined],
    ['4 of 70 sampled requests changed session attributes that were not written to the store: users lose such changes on the next server.'],
  ],
  ['by none', [{ requests: 0, of: 40 }], []],
  ['by servers that compare no sessions', [undefined], []],
] as const)('names changes of sessions that were lost %s', (_, samples, sentences) => {
  expect(unusual(servers(...samples)).filter((sentence) => sentence.includes('session attributes'))).toEqual(sentences);
});

it('names redirects of the load balancer itself, which no server counts, where they came with the trouble', () => {
  const redirecting = (before: number, now: number) =>
    unusual(
      healthy({
        traffic: {
          byMinute: Array.from({ length: 66 }, (_, at) => ({
            minuteMs: FROM_MS + at * 60_000,
            ...{ requests: 100, target3xx: 5, target4xx: 1, target5xx: 0, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 },
            elb3xx: FROM_MS + at * 60_000 < SIGN_MS ? before : now,
          })),
        },
      }),
    ).filter((sentence) => sentence.includes('load balancer itself'));
  expect(redirecting(2, 40)).toEqual([
    'The load balancer itself redirects 40 requests a minute since 03:12 UTC, 2 before: see the rules of its listener.',
  ]);
  expect([...redirecting(40, 40), ...redirecting(0, 3)]).toEqual([]);
});

it('names sessions that are still in the store while users lose theirs, and no others', () => {
  const lost = Array.from({ length: 40 }, (_, at) => [
    `${at}`.padStart(12, '0'),
    { routes: ['a'], firstMs: FROM_MS, lastMs: SIGN_MS - 120_000 + at * 3_000, requests: 9, lost: true as const },
  ]);
  const there = Array.from({ length: 60 }, (_, at) => [
    `${at + 500}`.padStart(12, '0'),
    { routes: ['a'], firstMs: FROM_MS, lastMs: SIGN_MS + 120_000, requests: 9 },
  ]);
  const one = server('i-1');
  const servers = [{ ...one, access: { ...one.access, sessions: Object.fromEntries([...lost, ...there]) } }] as never;
  const sentences = (before: number, now: number, more: object = {}) =>
    unusual(
      healthy({
        ...more,
        servers: { servers },
        readings: {
          minutes: [
            [(SIGN_MS - 1_200_000) / 1_000, before, before, 0, 0],
            [(SIGN_MS + 120_000) / 1_000, now, now, 0, 0],
          ],
        },
      }),
    ).filter((sentence) => sentence.includes('still there'));
  expect(sentences(237, 754)).toEqual([
    expect.stringMatching(/^The store has more sessions than at \d\d:\d\d UTC \(754, and 237 then\) although users lose theirs: /),
  ]);
  expect([...sentences(237, 250), ...sentences(237, 40)]).toEqual([]);
  // A failover took them, and their users have begun others since.
  const events = [{ atMs: SIGN_MS - 120_000, message: 'Failover to replica node node-1 completed' }];
  expect(sentences(237, 754, { storeGroup: { events } })).toEqual([]);
});
