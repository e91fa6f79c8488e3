import { expect, it } from 'vitest';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import type { IncidentRecord } from '../../../../functions/incidents/contract/incident.ts';
import { explainedBy, findExplainingIncident } from '../../../../functions/incidents/run/judge-recheck.ts';
import { evidence } from '../healthy-evidence.ts';

const UNKNOWN: Finding = { verdict: 'unknown', candidates: [], missing: [], shown: [] };
const found = (cause: string, more: object = {}): Finding => ({ verdict: 'cause', cause, confidence: 'certain', ...more }) as never;
const inStore = (finding: Finding, more: object = {}) => [{ incidentId: 'inc-store', finding, ...more }];

it.each([
  ['a store that is gone explains it', 'inc-store', inStore(found('store-down'))],
  ['likely is not enough', undefined, inStore(found('store-down', { confidence: 'likely' }))],
  ['one server explains nothing of the others', undefined, inStore(found('store-refuses', { about: { instanceId: 'i-1' } }))],
  ['a server that is cut off does not either', undefined, inStore(found('server-partitioned'))],
  ['an incident that is closed explains nothing', undefined, inStore(found('store-down'), { closedAtMs: 1 })],
  ['nor does a dry run', undefined, inStore(found('store-down'), { dryRun: true })],
  ['one that hurts nobody, or hurts no longer, explains nobody', undefined, inStore(found('store-down'), { hurts: false })],
  ['one that hurts does', 'inc-store', inStore(found('store-down'), { hurts: true })],
])('users who are logged out for an unknown reason: %s', (_, expected, incidents) => {
  expect(explainedBy(UNKNOWN, null, incidents)).toBe(expected);
});

it.each([
  ['a store of which nobody knows whether it fails does not', undefined, inStore(UNKNOWN)],
  ['a server that is cut off does not', undefined, inStore(found('server-partitioned', { about: { instanceId: 'i-9' } }))],
  ['a store that is likely down does not', undefined, inStore(found('store-down', { confidence: 'likely' }))],
  ['a store that is gone does', 'inc-store', inStore(found('store-down'))],
])('failed connections that are likely, by lines of a log that anybody can fill: %s explain them', (_, expected, incidents) => {
  expect(explainedBy(found('store-connection-failures', { confidence: 'likely' }), null, incidents)).toBe(expected);
});

it('failed connections that are certain are those of an incident of the store that has found a cause or looks for it, and of none that knows less', () => {
  const failing = found('store-connection-failures');
  expect(explainedBy(failing, null, [{ incidentId: 'inc-store' }])).toBe('inc-store');
  expect(explainedBy(failing, null, inStore(found('store-down', { confidence: 'likely' })))).toBe('inc-store');
  expect(explainedBy(failing, null, inStore(UNKNOWN))).toBeUndefined();
  expect(explainedBy(failing, null, inStore({ verdict: 'nothing', because: [], missing: [] }))).toBeUndefined();
});

it('a cause of its own is not explained by the store', () => {
  expect(explainedBy(found('stickiness-off'), null, inStore(found('store-down')))).toBeUndefined();
});

it.each<[string, number | 'before' | null, string | undefined]>([
  ['at the same time', 20 * 60_000, 'inc-store'],
  ['a few minutes before the check that found it', 16 * 60_000, 'inc-store'],
  ['long before it', 10 * 60_000, undefined],
  ['since before all that is known', 'before', undefined],
  ['nobody knows when', null, 'inc-store'],
])('users who were hurt before the store failed are not explained by it: %s', (_, onset, expected) => {
  const gone = inStore(found('store-down', { sinceMs: 20 * 60_000 }));
  expect(explainedBy(UNKNOWN, onset, gone)).toBe(expected);
});

it('one whose alarms are off explains those who were hurt until then, and nobody since', () => {
  const gone = (quietSinceMs: number) => inStore(found('store-down', { sinceMs: 0 }), { hurts: true, quietSinceMs });
  expect(explainedBy(UNKNOWN, 600_000, gone(700_000))).toBe('inc-store');
  expect(explainedBy(UNKNOWN, 720_000, gone(700_000))).toBeUndefined();
  expect(explainedBy(UNKNOWN, null, gone(700_000))).toBeUndefined();
});

it.each<[string, object, string | undefined]>([
  ['that has nothing in effect is explained', {}, 'inc-store'],
  ['that has ended what it had is explained', { 're-login-page': { name: 're-login-page', state: 'ended' } }, 'inc-store'],
  ['that repairs is explained', { 'stop-deploy': { name: 'stop-deploy', state: 'done' } }, 'inc-store'],
  ['that shows its page is not: its end is news', { 're-login-page': { name: 're-login-page', state: 'done' } }, undefined],
  ['whose page could not be taken down is not', { 're-login-page': { name: 're-login-page', state: 'leftBehind' } }, undefined],
])('an incident of users who are logged out %s', async (_, mitigations, expected) => {
  const records = {
    getPointer: async () => ({ incidentId: 'inc-store' }) as never,
    getIncident: async () => inStore(found('store-down'))[0] as never,
  };
  const incident = { runbook: 'logged-out' as const, mitigations: mitigations as IncidentRecord['mitigations'] };
  expect(await findExplainingIncident(records, incident, UNKNOWN, evidence())).toBe(expected);
});
