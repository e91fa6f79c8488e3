/** Releases that fail during the deploy: every target returns to the previous release, and the fleet is as before. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ResumeProcessesCommand, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { neverUp } from './bad-releases.ts';
import { withSettings } from './deploy-under-fault.ts';
import { publishFailsLater } from './failing-later.ts';
import {
  autoScaling,
  cloud,
  currentVersion,
  deploy,
  GROUP,
  kept,
  publish,
  publishBad,
  recordOf,
  startDeploy,
  suspendedProcesses,
  targetHealth,
  untilEnded,
  untilHealthy,
  versions,
} from './fleet.ts';
import { spoilRelease } from './spoil-release.ts';

const OPERATOR = 'AZRebalance';
const cloudWatch = new CloudWatchClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
let current: string;

beforeAll(async () => {
  await untilHealthy(3);
  current = await currentVersion();
  await autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: GROUP, ScalingProcesses: [OPERATOR] }));
});
afterAll(async () => {
  await autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: GROUP }));
});

/** The fleet as it was before the deploy, with what the operator had suspended still suspended. */
async function expectAsBefore(): Promise<void> {
  expect(Object.values(await targetHealth())).toEqual(['healthy', 'healthy', 'healthy']);
  expect(Object.values(await versions())).toEqual([current, current, current]);
  expect(await currentVersion()).toBe(current);
  expect(await suspendedProcesses()).toEqual([OPERATOR]);
  const { records } = await cloud();
  expect((await records.getLock('web'))?.deployId).toBeUndefined();
}

describe('a release that never becomes healthy', () => {
  it('is rolled back: the target has the previous release again, is healthy and registered', async () => {
    await publishBad('6.0.0', neverUp);
    const ended = await deploy('6.0.0');
    expect(ended, JSON.stringify(ended)).toMatchObject({ status: 'FAILED', error: 'TargetNeverUp' });
    expect(ended.message).toMatch(/503 DOWN[\s\S]*Rolled back: i-\w+ has /);
    await expectAsBefore();
    const record = await recordOf(ended.executionArn);
    expect(record).toMatchObject({ status: 'FAILED', rolledBack: true });
    expect(Object.values(record?.targets ?? {}).filter(({ phase }) => phase === 'rolledBack')).toHaveLength(1);
  });
});

describe('a release that fails while its second target bakes', () => {
  it('is rolled back from both targets', async () => {
    await publishFailsLater('6.1.0');
    const ended = await deploy('6.1.0');
    expect(ended, JSON.stringify(ended)).toMatchObject({ status: 'FAILED', error: 'BakeFailed' });
    await expectAsBefore();
    const record = await recordOf(ended.executionArn);
    expect(record?.rolledBack).toBe(true);
    expect(Object.values(record?.targets ?? {}).filter(({ rollingBackTo }) => rollingBackTo === current)).toHaveLength(2);
  });
});

/** The alarm is set again and again once the deploy is in a stage, because the evaluator sets the state itself every minute. */
async function deployUnderAlarm(version: string, stage: string): Promise<string[]> {
  await publish(version);
  const arn = await withSettings({ settleSeconds: 10 }, () => startDeploy({ version }));
  await until(async () => (await recordOf(arn))?.stage === stage, `the deploy is ${stage}`);
  const alarm = { AlarmName: 'holdfast-web-target-5xx', StateReason: 'test' };
  let stop = false;
  const firing = (async () => {
    while (!stop) {
      await cloudWatch.send(new SetAlarmStateCommand({ ...alarm, StateValue: 'ALARM' }));
      await sleep(300);
    }
  })();
  const ended = await untilEnded(arn);
  stop = true;
  await firing;
  await cloudWatch.send(new SetAlarmStateCommand({ ...alarm, StateValue: 'OK' }));
  expect(ended).toMatchObject({ status: 'FAILED', error: 'AlarmFired' });
  await expectAsBefore();
  const record = await recordOf(arn);
  expect(record?.rolledBack).toBe(true);
  return Object.values(record?.targets ?? {}).map(({ phase }) => phase);
}

describe('an alarm that fires', () => {
  it('while the first target is rolled lets no other begin, and rolls it back', async () => {
    expect(await deployUnderAlarm('6.2.9', 'rolling')).toEqual(['rolledBack', 'waiting', 'waiting']);
  });

  it('while the deploy settles rolls every target back', async () => {
    expect(await deployUnderAlarm('6.3.0', 'settling')).toEqual(['rolledBack', 'rolledBack', 'rolledBack']);
  });
});

describe('a rollback that fails', () => {
  it('reports the state of each target and the command to run; that command repairs it', async () => {
    await publishBad('6.4.0', neverUp);
    const { repair } = await spoilRelease(current);
    const ended = await deploy('6.4.0');
    await repair();
    expect(ended).toMatchObject({ status: 'FAILED', error: 'TargetNeverUp' });
    const record = await recordOf(ended.executionArn);
    expect(record?.rolledBack).toBe(false);
    const [instanceId] = Object.entries(record?.targets ?? {}).find(([, { phase }]) => phase === 'failed') ?? [];
    expect(ended.message).toContain(`${instanceId} could not be brought back to ${current}`);
    expect(ended.message).toContain(`./holdfast deploy ${current} --recover`);
    expect(await suspendedProcesses()).toEqual([OPERATOR]);
    expect(await deploy(current, { recover: true })).toMatchObject({ status: 'SUCCEEDED' });
    await expectAsBefore();
  });
});

describe('a deploy with onFailure halt', () => {
  it('leaves each target as it is and reports that and the command to run; that command repairs it', async () => {
    await publishBad('6.2.0', neverUp);
    const ended = await deploy('6.2.0', { onFailure: 'halt' });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'TargetNeverUp' });
    const record = await recordOf(ended.executionArn);
    expect(record).toMatchObject({ status: 'FAILED', rolledBack: false });
    const [instanceId] = Object.entries(record?.targets ?? {}).find(([, { phase }]) => phase === 'failed') ?? [];
    expect(record?.outcome).toContain(`${instanceId} failed`);
    expect(record?.outcome).toContain(`./holdfast deploys resume ${record?.deployId}`);
    expect(await targetHealth()).not.toHaveProperty(instanceId as string);
    expect(await suspendedProcesses()).toEqual([OPERATOR]);
    await publish('6.2.1');
    expect(await deploy('6.2.1', { recover: true })).toMatchObject({ status: 'SUCCEEDED' });
    await untilHealthy(3);
  });
});
