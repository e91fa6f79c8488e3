import { expect, it } from 'vitest';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import type { IncidentRecord } from '../../../../functions/incidents/contract/incident.ts';
import { urgencyOf } from '../../../../functions/incidents/report/urgency.ts';
import { evidence as healthyEvidence } from '../healthy-evidence.ts';
import { AT, anIncident, someEvidence } from './an-incident.ts';

const CAUSE = anIncident().finding as Extract<Finding, { verdict: 'cause' }>;
const UNKNOWN: Finding = { verdict: 'unknown', candidates: [], missing: [], shown: [] };
const store = (more: Partial<IncidentRecord> = {}): Partial<IncidentRecord> => ({
  ...{ runbook: 'store-failure', finding: { ...CAUSE, cause: 'store-down' } },
  ...more,
});
const explosion: Partial<IncidentRecord> = { runbook: 'session-explosion', finding: { ...CAUSE, cause: 'missing-expiry' } };
const reading = (more: object) =>
  someEvidence({
    readings: {
      takenAtMs: AT,
      facts: { reading: { takenAtMs: AT, evictions: 0, memoryPercent: 60, secondsUntilFull: null, ...more } },
    } as never,
  });
const quiet = { 'live-web-redirects': { state: 'OK' as const, atMs: AT } };
const person = { person: { state: 'ALARM' as const, atMs: AT } };
const joined = (state: 'ALARM' | 'OK') => ({ ...person, 'live-web-target-5xx': { state, atMs: AT, joins: true as const } });
const stickiness = anIncident().mitigations['restore-stickiness'];

it.each<[string, Partial<IncidentRecord>, ReturnType<typeof someEvidence> | undefined, string]>([
  ['a cause while an alarm is on', {}, undefined, 'Users are being logged out now.'],
  ['no cause', { finding: UNKNOWN }, undefined, 'Users may be getting logged out now; the cause is not known.'],
  [
    'no trouble',
    { finding: { verdict: 'nothing', because: [], missing: [] } },
    undefined,
    'Nobody is affected, as far as the evidence shows.',
  ],
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
  ['a store that answers again', store(), healthyEvidence(), 'users were affected until then.'],
  [
    'a collector that is cut off',
    store({ finding: { ...CAUSE, cause: 'collector-cut-off', confidence: 'certain' } }),
    undefined,
    'Nobody is affected: the servers reach the store.',
  ],
  [
    'a collector that is likely cut off',
    store({ finding: { ...CAUSE, cause: 'collector-cut-off', confidence: 'likely' } }),
    undefined,
    'Probably nobody is affected: the servers seem to reach the store.',
  ],
  [
    'a store that answers, and of which nobody knows whether it failed',
    store({ finding: UNKNOWN }),
    healthyEvidence(),
    'The store answers and most servers work with it: no user is affected by it now.',
  ],
  [
    'a store that fills up',
    explosion,
    reading({ secondsUntilFull: 7_200 }),
    'Nobody is affected yet: the store is not full; at this growth it will be in 2 h.',
  ],
  ['a store that evicts', explosion, reading({ evictions: 3 }), 'Users are being logged out now: the store deletes sessions to make room.'],
  ['a store that is full', explosion, reading({ memoryPercent: 99.9 }), 'Users cannot log in now'],
  ['a store that was not read', explosion, someEvidence(), 'the store was not read.'],
])('of %s', (_, more, evidence, sentence) => {
  expect(urgencyOf(anIncident(more), evidence)).toContain(sentence);
});

it('is not known while nothing is found', () => {
  const { finding: _, ...collecting } = anIncident();
  expect(urgencyOf(collecting, undefined)).toBe('It is not known yet whether users are affected.');
});
