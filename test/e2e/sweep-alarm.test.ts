/** A sweep that the alarm on keys without a TTL starts by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeExecutionCommand, ListExecutionsCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { show } from '../../cli/sweep/sweeps.ts';
import { storeAlarmName } from '../../functions/shared/naming.ts';
import type { SweepInput } from '../../functions/sweep/contract/steps.ts';
import type { SweepReport } from '../../functions/sweep/report/make-report.ts';
import { recordingOutput } from '../../lab/demo/recording-output.ts';
import { until } from '../until.ts';
import { withFault } from './faults.ts';
import { cloud, kept, statesOf } from './fleet.ts';
import { withStore } from './open-store.ts';
import { forgetLastStart, forgetSweeps } from './swept-before.ts';

const AlarmName = storeAlarmName('holdfast', 'keys-without-ttl');
const KEYS = Array.from({ length: 120 }, (_, at) => `sess:web:piled-${at}`);
/** Without them it would not be a leak: a sweep asks before it repairs a store in which no session has a TTL. */
const ALIVE = Array.from({ length: 40 }, (_, at) => `sess:web:alive-${at}`);
const cloudWatch = new CloudWatchClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
const setState = (StateValue: 'ALARM' | 'OK') =>
  cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));
const plant = () =>
  withStore(async (store) => {
    for (const key of KEYS) await store.set(key, '{"cookie":{"originalMaxAge":null,"expires":null}}');
    for (const key of ALIVE) await store.set(key, '{"cookie":{"originalMaxAge":null,"expires":null}}', 'EX', 3_600);
  });
const startedAt = Date.now();
const ofAlarm = async () =>
  (await (await cloud()).sweeps.latestSweeps(20)).filter(
    ({ requestedBy, startedAtMs }) => requestedBy === `alarm ${AlarmName}` && startedAtMs >= startedAt,
  );
/** Executions of the sweep's machine since this scenario began, latest first. */
async function executions(): Promise<string[]> {
  const { stepFunctions, sweepStateMachineArn } = await cloud();
  const { executions: found = [] } = await stepFunctions.send(new ListExecutionsCommand({ stateMachineArn: sweepStateMachineArn }));
  const recent = found.filter(({ startDate }) => Number(startDate) >= startedAt - 1_000);
  return recent.toSorted((a, b) => Number(b.startDate) - Number(a.startDate)).map(({ executionArn }) => executionArn as string);
}

beforeAll(async () => {
  // Keys of another scenario can have fired it.
  await setState('OK');
  await forgetSweeps();
  await plant();
});
afterAll(async () => {
  await setState('OK');
  await withStore((store) => store.del(...KEYS, ...ALIVE));
  await forgetSweeps();
  cloudWatch.destroy();
});

it('the store is swept once when the alarm fires, and the report names what started it', async () => {
  const ended = await withFault(
    // EventBridge delivers at least once.
    { on: 'event', match: { source: 'aws.cloudwatch', resource: `*${AlarmName}` }, when: { first: 1 }, effect: { kind: 'twice' } },
    async () => {
      await setState('ALARM');
      return until(async () => (await ofAlarm()).find(({ status }) => status !== 'RUNNING'), 'the sweep of the alarm', 120_000);
    },
  );
  expect(ended).toMatchObject({ status: 'SUCCEEDED', dryRun: false });
  expect(ended.summary?.repaired).toBeGreaterThanOrEqual(KEYS.length);
  await withStore(async (store) => {
    for (const key of KEYS) expect(await store.ttl(key)).toBeGreaterThan(0);
  });
  const shown = recordingOutput();
  await show(ended.sweepId, {}, shown.output);
  const { report } = shown.result as { report: SweepReport };
  expect(report).toMatchObject({ requestedBy: `alarm ${AlarmName}`, largeSampledOneIn: 1 });

  const twice = await until(async () => {
    const found = await executions();
    return found.length > 1 && found;
  }, 'the event that came twice');
  const { stepFunctions } = await cloud();
  const other = twice.find((executionArn) => executionArn !== ended.executionArn) as string;
  const { status, output = '{}' } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn: other }));
  expect({ status, ...JSON.parse(output) }).toEqual({ status: 'SUCCEEDED', verdict: 'SKIP', sweepId: ended.sweepId });
  expect(await ofAlarm()).toHaveLength(1);
});

it('the next sweep of a flapping alarm waits', async () => {
  const before = await executions();
  await plant();
  // Events have whole seconds: an alarm of the very second in which the sweep began would be covered by it.
  await sleep(1_000);
  await setState('OK');
  await setState('ALARM');
  const waiting = await until(
    async () => (await executions()).find((executionArn) => !before.includes(executionArn)),
    'the next execution',
  );
  await until(async () => (await statesOf(waiting)).includes('Cool down'), 'it cools down');
  const { stepFunctions } = await cloud();
  await stepFunctions.send(new StopExecutionCommand({ executionArn: waiting }));
  expect(await ofAlarm()).toHaveLength(1);
});

/** What the schedule of checks starts. */
async function check() {
  const { stepFunctions, sweepStateMachineArn } = await cloud();
  const input: SweepInput = { requestedBy: 'check', check: true };
  const { executionArn } = await stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn: sweepStateMachineArn, input: JSON.stringify(input) }),
  );
  const ended = () => stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
  return until(async () => {
    const execution = await ended();
    return execution.status !== 'RUNNING' && execution;
  }, 'the check');
}

it('keys that pile up while the alarm is on are swept by a check, and a check without such keys reads none', async () => {
  await plant();
  await forgetLastStart();
  const swept = await check();
  expect({ status: swept.status, ...JSON.parse(swept.output ?? '{}') }).toMatchObject({ status: 'SUCCEEDED' });
  await withStore(async (store) => {
    for (const key of KEYS) expect(await store.ttl(key)).toBeGreaterThan(0);
  });
  const idle = await check();
  expect({ status: idle.status, ...JSON.parse(idle.output ?? '{}') }).toEqual({ status: 'SUCCEEDED', verdict: 'SKIP' });
});
