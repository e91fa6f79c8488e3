/** Releases that fail during the deploy: every target returns to the previous release, and the fleet is as before. */
import { ResumeProcessesCommand, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { neverUp } from './bad-releases.ts';
import {
  autoScaling,
  cloud,
  currentVersion,
  deploy,
  GROUP,
  publish,
  publishBad,
  recordOf,
  suspendedProcesses,
  targetHealth,
  untilHealthy,
  versions,
} from './fleet.ts';
import { spoilRelease } from './spoil-release.ts';

const OPERATOR = 'AZRebalance';
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
