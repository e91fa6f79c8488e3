import { expect, it } from 'vitest';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import type { IncidentRecord } from '../../../../functions/incidents/contract/incident.ts';
import { urgencyOf } from '../../../../functions/incidents/report/urgency.ts';
import { FROM_MS, evidence as healthyEvidence, server } from '../healthy-evidence.ts';
import { AT, anIncident, someEvidence } from './an-incident.ts';

const CAUSE = anIncident().finding as Extract<Finding, { verdict: 'cause' }>;
const UNKNOWN: Finding = { verdict: 'unknown', candidates: [], missing: [], shown: [] };
const store = (more: Partial<IncidentRecord> = {}): Partial<IncidentRecord> => ({
  ...{ runbook: 'store-failure', finding: { ...CAUSE, cause: 'store-down' } },
  ...more,
});
/** A hundred requests in each minute of the window. */
const byMinute = (countsOf: (at: number) => object) => ({
  byMinute: Array.from({ length: 66 }, (_, at) => ({
    minuteMs: FROM_MS + at * 60_000,
    ...{ requests: 100, target3xx: 5, target4xx: 1, target5xx: 0, elb3xx: 0, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 },
    ...countsOf(at),
  })),
});
const usualDay = (daysAgo: 1 | 7) => ({
  ...{ daysAgo, minutes: 66, requests: 6_600, target3xx: 330, target4xx: 66, target5xx: 0, elb4xx: 0, elb5xx: 0 },
});
const quiet = { 'live-web-redirects': { state: 'OK' as const, atMs: AT } };
const person = { person: { state: 'ALARM' as const, atMs: AT } };
const joined = (state: 'ALARM' | 'OK') => ({ ...person, 'live-web-target-5xx': { state, atMs: AT, joins: true as const } });
const stickiness = anIncident().mitigations['restore-stickiness'];

it.each<[string, Partial<IncidentRecord>, ReturnType<typeof someEvidence> | undefined, string]>([
  ['a cause while an alarm is on', {}, undefined, 'Users are being logged out now.'],
  ['no cause', { finding: UNKNOWN }, undefined, 'It is not known whether users are affected'],
  ['no trouble', { finding: { verdict: 'nothing', because: [], missing: [] } }, undefined, 'Nobody is affected.'],
  ['alarms that are all quiet', { quietSinceMs: AT, alarms: quiet }, undefined, 'until 2026-11-22 03:12:05 UTC at the latest'],
  ['a closed one', { closedAtMs: AT + 60_000, alarms: quiet }, undefined, 'until 2026-11-22 03:13:05 UTC at the latest'],
  ['a closed one without an alarm', { closedAtMs: AT, alarms: person }, undefined, 'It is not known until when users were affected'],
  ['a run that a person started', { quietSinceMs: AT, alarms: person }, undefined, 'Users are being logged out now.'],
  ['one that an alarm of others joined', { quietSinceMs: AT, alarms: joined('ALARM') }, undefined, 'Users are being logged out now.'],
  ['one whose joined alarm is over', { quietSinceMs: AT, alarms: joined('OK') }, undefined, 'Users are being logged out now.'],
  [
    'alarms that are quiet while another one is on',
    { quietSinceMs: AT, alarms: { ...quiet, ...joined('ALARM') } },
    undefined,
    'Users are being logged out now.',
  ],
  [
    'stickiness that is on again',
    { mitigations: { 'restore-stickiness': { ...stickiness, state: 'done', actedAtMs: AT } as never } },
    undefined,
    'until 2026-11-22 03:12:05 UTC, when stickiness was turned on again',
  ],
  ['a store that is down', store(), someEvidence(), 'Users whose requests need a session are affected now.'],
  ['responses that are as usual', store(), healthyEvidence(), 'Responses and sessions are as usual: no user is seen to be affected.'],
  [
    'responses that are as usual, and a store that is not',
    store(),
    healthyEvidence({ servers: { servers: [server('i-1', { store: { reachable: false } }), server('i-2')] } }),
    'Responses and sessions are as usual: no user is seen to be affected, although ',
  ],
  [
    'a share of refusals by a firewall',
    {},
    healthyEvidence({ traffic: byMinute((at) => (at < 55 ? {} : { requests: 60, elb4xx: 40 })) }),
    'Users are affected now: 40 % of the requests (440 of 1,100; usually 0 %) are refused before any server sees them',
  ],
  [
    'refusals that come besides as many requests as before: a scanner',
    {},
    healthyEvidence({ traffic: byMinute((at) => ({ elb4xx: at < 55 ? 0 : 60 })) }),
    'no user is seen to be affected',
  ],
  [
    'fewer of these: people who are refused and try again',
    {},
    healthyEvidence({ traffic: byMinute((at) => ({ elb4xx: at < 55 ? 0 : 40 })) }),
    'Perhaps users are affected: 29 % of the requests',
  ],
  [
    'requests that do not come since a quarter of an hour, although they came on other days',
    {},
    healthyEvidence({ traffic: { byMinute: byMinute(() => ({})).byMinute.slice(0, 53), usual: [usualDay(1), usualDay(7)] } }),
    'Users are affected now: 100 % of the usual requests (1,200 of 1,200) do not come, since 03:05 UTC.',
  ],
  [
    'errors that are over',
    {},
    healthyEvidence({ traffic: byMinute((at) => ({ target5xx: at >= 40 && at < 50 ? 30 : 0 })) }),
    'Users were affected until 2026-11-22 03:02:00 UTC: ',
  ],
  [
    'refusals that are as old as the window, on no other day less',
    {},
    healthyEvidence({ traffic: byMinute(() => ({ target4xx: 5 })) }),
    'Users are affected all the time: 5 % of the requests (330 of 6,600) are refused by the servers (4xx), for an hour at least.',
  ],
])('of %s', (_, more, evidence, sentence) => {
  expect(urgencyOf(anIncident(more), evidence).text).toContain(sentence);
});

it('is not known while nothing is found', () => {
  const { finding: _, ...collecting } = anIncident();
  expect(urgencyOf(collecting, undefined).text).toBe('It is not known yet whether users are affected.');
});
