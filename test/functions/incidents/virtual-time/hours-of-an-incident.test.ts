import { expect, it } from 'vitest';
import { release } from '../../../../functions/incidents/approve/release-kept-servers.ts';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import { beginDeploy, DEPLOY, recordingLog } from '../../fakes/fixtures.ts';
import { deployIn } from './operator.ts';
import { incidentWorld } from './world.ts';

const DOWN: Finding = {
  ...{ verdict: 'cause', cause: 'store-down', confidence: 'certain', sentence: 'the store is down', sinceMs: 0, because: [] },
  ...{ wouldRefute: [], also: [] },
};
const KEPT = new Set(['HealthCheck', 'ReplaceUnhealthy']);

it('finds by a re-check what its run did not find, begins one run with it, and is over in one message', async () => {
  const { world, messages, until, alarm, incident, started, group } = incidentWorld({ 'keep-servers': 'auto' });
  await alarm('ALARM');
  await until(8);
  expect([started(), messages]).toEqual([['1', 'look-1'], [{ minute: 0, subject: 'Report: unknown' }]]);
  world.finding = DOWN;
  await until(60);
  expect(started()).toEqual(['1', 'look-1', 'look-2', 'look-3']);
  expect(await incident()).toMatchObject({
    runs: 2,
    finding: { cause: 'store-down' },
    mitigations: { 'keep-servers': { state: 'done', run: 2 } },
  });
  expect([messages.length, group.suspended]).toEqual([2, KEPT]);
  world.comesBack();
  await alarm('OK');
  await until(90);
  expect(await incident()).toMatchObject({ stage: 'closed', mitigations: { 'keep-servers': { state: 'ended' } } });
  expect([group.suspended, messages.map(({ subject }) => subject)]).toEqual([new Set(), ['Report: unknown', 'Report: cause', 'Closed']]);
  await until(600);
  expect([messages.length, started().length]).toEqual([3, 4]);
});

it('looks for six hours, and leaves a run that waits for people alone', async () => {
  const { world, messages, until, alarm, incident, started, group, answer } = incidentWorld({ 'keep-servers': 'approve' });
  world.finding = DOWN;
  await alarm('ALARM');
  await until(18);
  const waiting = await incident();
  expect(waiting).toMatchObject({ running: true, runs: 1, mitigations: { 'keep-servers': { state: 'waitingForApproval' } } });
  expect(started()).toEqual(['1', 'look-1', 'look-2']);
  expect(messages.map(({ subject }) => subject)).toEqual([
    'Report: cause',
    expect.stringMatching(/^Approval needed \(high\): .*: keep-servers$/),
  ]);
  // Another cause while people are asked: one message, and nothing else.
  world.finding = { ...DOWN, cause: 'store-not-redundant' } as Finding;
  await answer('keep-servers', 'approved');
  await until(25);
  expect(await incident()).toMatchObject({ runs: 1, mitigations: { 'keep-servers': { state: 'done', decidedBy: 'arn:role' } } });
  expect(group.suspended).toEqual(KEPT);
  await until(900);
  expect(started().filter((name) => name?.startsWith('look-')).length).toBeLessThanOrEqual(14);
});

it('asks nothing again that nobody answered, by its looks', async () => {
  const { world, messages, until, alarm, incident } = incidentWorld({ 'keep-servers': 'approve' });
  world.finding = DOWN;
  await alarm('ALARM');
  await until(35);
  expect(await incident()).toMatchObject({
    mitigations: { 'keep-servers': { state: 'denied', detail: expect.stringContaining('nobody answered') } },
  });
  const before = messages.length;
  world.finding = { ...DOWN, cause: 'store-not-redundant' } as Finding;
  await until(120);
  expect(await incident()).toMatchObject({ runs: 2, mitigations: { 'keep-servers': { run: 1, state: 'denied' } } });
  expect(messages.slice(before).map(({ subject }) => subject)).toEqual(['Report: cause']);
});

it('undoes what a run that died had under way, names its death, and goes on looking', async () => {
  const { world, messages, until, alarm, incident, started, group, kill } = incidentWorld({ 'keep-servers': 'approve' });
  world.finding = DOWN;
  await alarm('ALARM');
  await until(3);
  kill();
  await until(60);
  expect(await incident()).toMatchObject({
    troubles: [expect.stringContaining('ABORTED')],
    mitigations: { 'keep-servers': { state: 'refused' } },
  });
  expect((await incident()).running).toBeUndefined();
  expect([group.suspended, started().includes('look-2')]).toEqual([new Set(), true]);
  expect(messages.filter(({ subject }) => subject.startsWith('Report')).length).toBe(2);
});

it('is refused by a deploy, once, however often it looks', async () => {
  const { world, until, alarm, incident, group, fleetRecords, now } = incidentWorld({ 'keep-servers': 'auto' });
  world.finding = DOWN;
  await beginDeploy(fleetRecords, { ...DEPLOY, startedAtMs: now() });
  await alarm('ALARM');
  await until(200);
  expect(await incident()).toMatchObject({
    runs: 1,
    mitigations: { 'keep-servers': { state: 'refused', detail: expect.stringContaining('deploy d1') } },
  });
  expect(group.calls).toEqual([]);
});

it('ends keep-servers at its longest time in mid-outage, with a message, and does not begin it again', async () => {
  const { world, messages, until, alarm, incident, group, fleetRecords } = incidentWorld({ 'keep-servers': 'auto' });
  world.finding = DOWN;
  await alarm('ALARM');
  await until(118);
  expect(group.suspended).toEqual(KEPT);
  expect((await fleetRecords.getLock('web'))?.heldBy).toBe('incident');
  const before = messages.length;
  await until(130);
  expect(await incident()).toMatchObject({
    mitigations: { 'keep-servers': { state: 'undone', detail: 'it reached its longest time, 120 minutes, and the trouble goes on' } },
  });
  expect([group.suspended, (await fleetRecords.getLock('web'))?.deployId, messages.length - before]).toEqual([new Set(), undefined, 1]);
  await until(600);
  expect([group.calls.filter((call) => call.startsWith('suspend')).length, messages.length - before]).toEqual([1, 1]);
});

it('goes on with keep-servers through an operator’s deploy in mid-outage and after it, until the store is well', async () => {
  const of = incidentWorld({ 'keep-servers': 'auto' });
  const { world, messages, until, alarm, incident, group, fleetRecords } = of;
  world.finding = DOWN;
  await alarm('ALARM');
  await until(20);
  const endDeploy = await deployIn(of);
  const before = messages.length;
  await until(50);
  expect((await incident()).mitigations['keep-servers']).toMatchObject({ state: 'done' });
  await endDeploy();
  expect(group.suspended).toEqual(KEPT);
  await until(60);
  expect((await incident()).mitigations['keep-servers']).toMatchObject({ state: 'done' });
  expect([group.suspended, await fleetRecords.getLock('web')]).toMatchObject([KEPT, { heldBy: 'incident' }]);
  expect(messages.length).toBe(before);
  world.comesBack();
  await alarm('OK');
  await until(90);
  expect(await incident()).toMatchObject({ stage: 'closed', mitigations: { 'keep-servers': { state: 'ended' } } });
  expect([group.suspended, (await fleetRecords.getLock('web'))?.suspension]).toEqual([new Set(), undefined]);
});

it.each<[string, string, (of: ReturnType<typeof incidentWorld>) => Promise<unknown>, number, object]>([
  [
    'the store is well',
    'ended',
    async ({ world, alarm }) => {
      world.comesBack();
      await alarm('OK');
    },
    60,
    { stage: 'closed' },
  ],
  ['its longest time is over', 'undone', async () => {}, 130, {}],
  [
    'a person releases it',
    'undone',
    async ({ records, incident, now }) => {
      const { incidentId } = await incident();
      const statement = { installation: 'live', incidentId, mitigation: 'keep-servers', run: 1, decision: 'release' } as const;
      await release({ incidents: records, log: recordingLog(), now }, statement, 'arn:operator');
    },
    40,
    {},
  ],
])('ends keep-servers while a deploy runs when %s, and the deploy resumes everything', async (_, state, happens, minute, more) => {
  const of = incidentWorld({ 'keep-servers': 'auto' });
  of.world.finding = DOWN;
  await of.alarm('ALARM');
  await of.until(20);
  const endDeploy = await deployIn(of);
  await of.until(30);
  await happens(of);
  await of.until(minute);
  expect(await of.incident()).toMatchObject({ ...more, mitigations: { 'keep-servers': { state } } });
  expect([...of.group.suspended]).toEqual(expect.arrayContaining([...KEPT]));
  await endDeploy();
  expect(of.group.suspended).toEqual(new Set());
  await of.until(minute + 200);
  const lock = await of.fleetRecords.getLock('web');
  expect([of.group.suspended, lock?.suspension, lock?.kept]).toEqual([new Set(), undefined, undefined]);
});

it('ends keep-servers within minutes of a person’s release, with a message, and does not begin it again', async () => {
  const { world, messages, until, alarm, incident, records, group, now, fleetRecords } = incidentWorld({ 'keep-servers': 'auto' });
  world.finding = DOWN;
  await alarm('ALARM');
  await until(70);
  const before = messages.length;
  const { incidentId } = await incident();
  const statement = { installation: 'live', incidentId, mitigation: 'keep-servers', run: 1, decision: 'release' } as const;
  expect(await release({ incidents: records, log: recordingLog(), now }, statement, 'arn:operator')).toMatchObject({ outcome: 'released' });
  await until(76);
  expect((await incident()).mitigations['keep-servers']).toMatchObject({ state: 'undone', detail: 'arn:operator released it' });
  expect([group.suspended, (await fleetRecords.getLock('web'))?.deployId, messages.length - before]).toEqual([new Set(), undefined, 1]);
  await until(300);
  expect(group.calls.filter((call) => call.startsWith('suspend'))).toHaveLength(1);
});

it('ends the page within a minute of the end of the outage while people are asked about something else', async () => {
  const { world, page, until, alarm, incident } = incidentWorld({ 're-login-page': 'auto', 'keep-servers': 'approve' });
  world.finding = DOWN;
  await alarm('ALARM');
  await until(12.5);
  expect([page.rules.length, await incident()]).toMatchObject([
    1,
    { running: true, mitigations: { 'keep-servers': { state: 'waitingForApproval' } } },
  ]);
  world.comesBack();
  // It is over when that was so for a minute.
  await until(12.5 + 1 + 1);
  expect([page.rules, await incident()]).toMatchObject([
    [],
    { running: true, mitigations: { 're-login-page': { state: 'ended' }, 'keep-servers': { state: 'waitingForApproval' } } },
  ]);
});

it('ends so a page that was approved while another question waits, and reports the results soon after the last answer', async () => {
  const { world, page, until, alarm, incident, answer } = incidentWorld({ 're-login-page': 'approve', 'keep-servers': 'approve' });
  world.finding = DOWN;
  await alarm('ALARM');
  await until(6);
  await answer('re-login-page', 'approved');
  await until(10.5);
  expect(page.rules).toHaveLength(1);
  world.comesBack();
  await until(10.5 + 1 + 1);
  expect([page.rules, (await incident()).mitigations['keep-servers']?.state]).toEqual([[], 'waitingForApproval']);
  await answer('keep-servers', 'denied');
  await until(14);
  expect((await incident()).running).toBeUndefined();
});
