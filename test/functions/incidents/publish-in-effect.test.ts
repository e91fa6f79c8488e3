import { expect, it } from 'vitest';
import type { IncidentRecord, MitigationRecord } from '../../../functions/incidents/contract/incident.ts';
import { countInEffect, publishInEffect } from '../../../functions/incidents/tend/tend.ts';
import { anIncident } from './report/an-incident.ts';

const NOW = 10_000_000;
const MINUTE = 60_000;
const kept = (more: Partial<MitigationRecord>): MitigationRecord => ({
  name: 're-login-page',
  target: { incidentId: 'inc-1', fleet: 'web' },
  run: 1,
  mode: 'auto',
  state: 'done',
  calls: [],
  actedAtMs: NOW - 30 * MINUTE,
  ...more,
});
const withMitigations = (mitigations: IncidentRecord['mitigations']) => anIncident({ mitigations });

it.each([
  ['in effect for 30 minutes', {}, 1],
  ['in effect for less', { actedAtMs: NOW - 30 * MINUTE + 1 }, 0],
  ['over', { state: 'ended' }, 0],
  ['still there since it could not be undone', { state: 'leftBehind' }, 1],
  ['being undone', { state: 'undoing' }, 0],
  ['one that stays, and bridges nothing', { name: 'restore-stickiness' }, 0],
  ['of unknown age', { actedAtMs: undefined }, 0],
] as const)('a mitigation that is %s counts %s', (_, more, count) => {
  expect(countInEffect([withMitigations({ 're-login-page': kept(more as Partial<MitigationRecord>) })], NOW)).toBe(count);
});

it('counts those of every incident and fleet', () => {
  const two = withMitigations({ 're-login-page@web': kept({}), 're-login-page@api': kept({ name: 're-login-page' }) });
  expect(countInEffect([two, withMitigations({ 're-login-page': kept({}) })], NOW)).toBe(3);
});

it('publishes the count, and nothing while nothing is in effect for long', () => {
  const published: number[] = [];
  const ports = { publishInEffect: (count: number) => void published.push(count), now: () => NOW };
  publishInEffect(ports, [withMitigations({})]);
  publishInEffect(ports, [withMitigations({ 're-login-page': kept({}) })]);
  expect(published).toEqual([1]);
});
