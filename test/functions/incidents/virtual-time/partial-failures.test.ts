/**
 * What makes an automatic repair an outage of its own: a call that is refused when it is to be undone, a change that outlives its incident,
 * a step that comes late, and people who change the same thing meanwhile.
 */
import { expect, it } from 'vitest';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import { TransientServiceError } from '../../../../functions/shared/errors.ts';
import { fleetAlarmName } from '../../../../functions/shared/naming.ts';
import { incidentWorld } from './world.ts';

const found = (cause: string) =>
  ({
    ...{ verdict: 'cause', cause, confidence: 'certain', sentence: cause, sinceMs: 0, because: [], wouldRefute: [], also: [] },
  }) as unknown as Finding;

it('tries again to take a page down that it may not delete, says so once, and closes nothing before', async () => {
  const { world, alarm, at, until, page, rules, incident, messages } = incidentWorld({ 're-login-page': 'auto' });
  const { delete: plain } = rules;
  rules.delete = async () => {
    throw Object.assign(new Error('a policy was just replaced'), { name: 'AccessDenied' });
  };
  world.finding = found('store-down');
  await alarm('ALARM');
  at(20, () => world.comesBack());
  at(21, () => alarm('OK'));
  await until(20);
  const before = messages.length;
  await until(60);
  expect(await incident()).toMatchObject({ stage: 'watching', mitigations: { 're-login-page': { state: 'leftBehind' } } });
  expect([page.rules.length, messages.length - before]).toEqual([1, 1]);
  rules.delete = plain;
  await until(67);
  expect([page.rules, (await incident()).stage]).toEqual([[], 'closed']);
});

it('shows no page by a call that is repeated when the store is back', async () => {
  const { world, alarm, at, minute, until, page, rules, incident } = incidentWorld({ 're-login-page': 'auto' });
  const { create } = rules;
  const attempts: number[] = [];
  rules.create = async (...rule) => {
    attempts.push(minute());
    if (attempts.length === 1) at(minute() + 0.6, () => world.comesBack());
    if (!world.isUp) throw new TransientServiceError(new Error('Rate exceeded'));
    return create(...rule);
  };
  world.finding = found('store-down');
  await alarm('ALARM');
  await until(30);
  expect([page.calls, attempts.length > 4]).toEqual([[], true]);
  expect(await incident()).toMatchObject({ mitigations: { 're-login-page': { state: 'refused', detail: 'the store is well again' } } });
});

it('shows the page while the outage goes on, though nobody comes and the alarm of their incident is off', async () => {
  const { world, alarm, at, until, page, incidents, messages } = incidentWorld({ 're-login-page': 'auto' });
  world.findings['logged-out'] = found('store-connection-failures');
  world.finding = found('store-down');
  const errors = fleetAlarmName('holdfast', 'web', 'target-5xx');
  await alarm('ALARM', errors);
  at(1, () => alarm('ALARM'));
  at(10, () => alarm('OK', errors));
  for (let minute = 10; minute < 80; minute += 1) at(minute, () => expect(page.rules.length, `minute ${minute}`).toBe(1));
  at(80, () => world.comesBack());
  at(81, () => alarm('OK'));
  await until(82);
  expect(messages.filter(({ subject }) => subject === 'Closed')).toEqual([]);
  await until(110);
  expect([page.rules, (await incidents()).map(({ stage }) => stage)]).toEqual([[], ['closed', 'closed']]);
});

it('takes the page down within a minute once somebody sends the listener elsewhere, and does not show it again over that', async () => {
  const { world, alarm, at, until, page, incident } = incidentWorld({ 're-login-page': 'auto' });
  world.finding = found('store-down');
  await alarm('ALARM');
  at(20, () => {
    page.isInFront = false;
  });
  await until(19);
  expect(page.rules).toHaveLength(1);
  await until(21);
  expect([page.rules, (await incident()).mitigations['re-login-page']]).toMatchObject([
    [],
    { state: 'ended', detail: expect.stringContaining('no longer forwards to the fleet') },
  ]);
  await until(120);
  expect(page.calls.filter(({ what }) => what === 'create')).toHaveLength(1);
});
