/** Releases that cannot be rolled: each deploy ends with the reason, and all other targets keep serving. */

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
import { spoilRelease, WRONG_SHA256 } from './spoil-release.ts';

let current: string;

beforeAll(async () => {
  await untilHealthy(3);
  current = await currentVersion();
});

const lockIsFree = async () => (await (await cloud()).records.getLock('web'))?.deployId === undefined;

describe('a version that was never published', () => {
  it('fails before any target is drained', async () => {
    const ended = await deploy('7.7.7');
    expect(ended).toMatchObject({ status: 'FAILED', error: 'ReleaseNotFound' });
    expect(ended.message).toContain('7.7.7');
    expect(Object.values((await recordOf(ended.executionArn))?.targets ?? {}).filter((target) => target.startedAtMs !== undefined)).toEqual(
      [],
    );
    expect(Object.values(await targetHealth())).toEqual(['healthy', 'healthy', 'healthy']);
    expect(await lockIsFree()).toBe(true);
  });
});

describe('a release whose checksum is wrong', () => {
  it('leaves its target on the old release, serving again, and names both sums', async () => {
    await publish('3.0.0');
    const { sha256 } = await spoilRelease('3.0.0');
    const ended = await deploy('3.0.0');
    expect(ended).toMatchObject({ status: 'FAILED', error: 'ChecksumMismatch' });
    expect(ended.message).toContain(WRONG_SHA256);
    expect(ended.message).toContain(sha256);
    await untilHealthy(3);
    expect(new Set(Object.values(await versions()))).toEqual(new Set([current]));
    expect(await suspendedProcesses()).toEqual([]);
    expect(await lockIsFree()).toBe(true);
  });
});

describe('a release that never becomes healthy, in a deploy that is to halt', () => {
  // Past its grace period Auto Scaling would replace the broken target by one with the previous release, at an unpredictable moment.
  const OPERATOR = ['HealthCheck', 'ReplaceUnhealthy'];
  beforeAll(async () => {
    await autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: GROUP, ScalingProcesses: OPERATOR }));
  });
  afterAll(async () => {
    await autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: GROUP }));
  });

  it('fails at the deadline with the target and the last answer, and the others serve on', async () => {
    await publishBad('4.0.0', neverUp);
    const ended = await deploy('4.0.0', { onFailure: 'halt' });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'TargetNeverUp' });
    const failed = Object.entries((await recordOf(ended.executionArn))?.targets ?? {}).filter(([, target]) => target.phase === 'failed');
    expect(failed).toHaveLength(1);
    const [instanceId] = failed[0] as [string, unknown];
    expect(ended.message).toContain(instanceId);
    expect(ended.message).toContain('503 DOWN');
    // The reason stays on the server: a response can contain anything.
    expect(ended.message).not.toContain('the licence has run out');
    const health = await targetHealth();
    delete health[instanceId];
    expect(Object.values(health)).toEqual(['healthy', 'healthy']);
    expect(await currentVersion()).toBe(current);
    expect(await suspendedProcesses()).toEqual(OPERATOR);
  });

  it('is repaired by deploying a good release, which takes the broken target first', async () => {
    await publish('4.0.1');
    const ended = await deploy('4.0.1');
    expect(ended, JSON.stringify(ended)).toMatchObject({ status: 'SUCCEEDED' });
    const targets = Object.values((await recordOf(ended.executionArn))?.targets ?? {}).sort(
      (a, b) => (a.startedAtMs ?? 0) - (b.startedAtMs ?? 0),
    );
    expect(targets[0]?.fromVersion).not.toBe(current);
    await untilHealthy(3);
    expect(new Set(Object.values(await versions()))).toEqual(new Set(['4.0.1']));
  });
});
