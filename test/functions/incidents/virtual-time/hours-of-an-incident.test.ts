import { expect, it } from 'vitest';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import { incidentWorld } from './world.ts';

const DOWN: Finding = {
  ...{ verdict: 'cause', cause: 'store-down', confidence: 'certain', sentence: 'the store is down', sinceMs: 0, because: [] },
  ...{ wouldRefute: [], also: [] },
};

it('finds by a re-check what its run did not find, begins one run with it, and is over in one message', async () => {
  const { world, messages, until, alarm, incident, started, page } = incidentWorld({ 're-login-page': 'auto' });
  await alarm('ALARM');
  await until(8);
  expect([started(), messages]).toEqual([['1', 'look-1'], [{ minute: 0, subject: 'Report: unknown' }]]);
  world.finding = DOWN;
  await until(60);
  expect(await incident()).toMatchObject({
    runs: 2,
    finding: { cause: 'store-down' },
    mitigations: { 're-login-page': { state: 'done', run: 2 } },
  });
  expect([messages.length, page.rules.length]).toEqual([3, 1]);
  world.comesBack();
  await alarm('OK');
  await until(90);
  expect(await incident()).toMatchObject({ stage: 'closed', mitigations: { 're-login-page': { state: 'ended' } } });
  expect([page.rules, messages.map(({ subject }) => subject)]).toEqual([
    [],
    ['Report: unknown', 'Report: cause', 'Report: cause', 'Closed'],
  ]);
});

it('carries out what a person asks for, says so in a message, and ends it by itself', async () => {
  const { world, messages, until, alarm, incident, page, ask, started } = incidentWorld({});
  world.finding = DOWN;
  await alarm('ALARM');
  await until(6);
  expect(await incident()).toMatchObject({ mitigations: { 're-login-page': { state: 'observed' } } });
  const before = messages.length;
  expect([await ask('re-login-page'), await ask('re-login-page')]).toEqual([true, true]);
  await until(12);
  expect(await incident()).toMatchObject({
    runs: 1,
    stage: 'watching',
    mitigations: { 're-login-page': { state: 'done', run: 1, mode: 'observe', requestedBy: 'arn:role', reason: 'arn:role asked for it' } },
  });
  expect([page.rules.length, messages.length - before, started().filter((name) => name?.startsWith('do-'))]).toEqual([
    1,
    1,
    [expect.stringMatching(/^do-re-login-page-\d+$/)],
  ]);
  world.comesBack();
  await until(16);
  expect([page.rules, (await incident()).mitigations['re-login-page']?.state]).toEqual([[], 'ended']);
});

it('ends for a person what it shows, at once, and does not begin it again by itself', async () => {
  const { world, until, alarm, incident, page, ask } = incidentWorld({ 're-login-page': 'auto' });
  world.finding = DOWN;
  await alarm('ALARM');
  await until(20);
  expect(page.rules).toHaveLength(1);
  expect(await ask('re-login-page', 'end')).toBe(true);
  expect(page.rules).toEqual([]);
  await until(120);
  expect((await incident()).mitigations['re-login-page']).toMatchObject({
    state: 'undone',
    detail: 'arn:role ended it',
    endedBy: 'arn:role',
  });
  expect(page.calls.filter(({ what }) => what === 'create')).toHaveLength(1);
});

it('refuses a person what is no longer so, and names why', async () => {
  const { world, until, alarm, incident, page, ask } = incidentWorld({});
  world.finding = DOWN;
  await alarm('ALARM');
  await until(6);
  world.comesBack();
  expect(await ask('re-login-page')).toBe(true);
  await until(12);
  expect((await incident()).mitigations['re-login-page']).toMatchObject({ state: 'refused', detail: expect.stringContaining('cut off') });
  expect([page.calls, (await incident()).running]).toEqual([[], undefined]);
});

it('undoes what a run that died had under way, names its death, and goes on looking', async () => {
  const { world, messages, until, alarm, incident, started, kill } = incidentWorld({ 're-login-page': 'auto' });
  world.finding = DOWN;
  await alarm('ALARM');
  await until(1.5);
  kill();
  await until(60);
  expect(await incident()).toMatchObject({
    troubles: [expect.stringContaining('ABORTED')],
    mitigations: { 're-login-page': { state: 'refused' } },
  });
  expect((await incident()).running).toBeUndefined();
  expect(started().includes('look-2')).toBe(true);
  expect(messages.filter(({ subject }) => subject.startsWith('Report')).length).toBe(2);
});

it('ends the page at its longest time in mid-outage, with a message, and does not begin it again', async () => {
  const { world, messages, until, alarm, incident, page } = incidentWorld({ 're-login-page': 'auto' });
  world.finding = DOWN;
  await alarm('ALARM');
  await until(118);
  expect(page.rules).toHaveLength(1);
  const before = messages.length;
  await until(132);
  expect(await incident()).toMatchObject({
    mitigations: { 're-login-page': { state: 'undone', detail: 'it reached its longest time, 120 minutes, and the trouble goes on' } },
  });
  expect([page.rules, messages.length - before]).toEqual([[], 1]);
  await until(600);
  expect(page.calls.filter(({ what }) => what === 'create')).toHaveLength(1);
});
