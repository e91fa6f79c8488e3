/**
 * The main job can fail: each of these takes one thing away and must turn the run red. Each restores what it took.
 */

import { CreateStateMachineCommand, DeleteStateMachineCommand, DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deployUnderTraffic, isGreen } from '../../lab/demo/deploy-under-traffic.ts';
import { until } from '../until.ts';
import { withFault } from './faults.ts';
import { cloud, currentVersion, deploy, kept, publish, untilHealthy } from './fleet.ts';
import { SLOW_PROPAGATION, untilAlarm, withHastyDrain } from './hasty-drain.ts';
import { sweepUser, withStore } from './open-store.ts';
import { storeProcesses } from './store-failover.ts';

let round = 0;
let from = '';
let to = '';
let printed: string[] = [];

beforeAll(async () => {
  await untilHealthy(3);
});
beforeEach(async () => {
  from = await currentVersion();
  to = `9.0.${round++}`;
  printed = [];
  await publish(to);
});

const run = async (meanwhile?: () => Promise<void>) =>
  deployUnderTraffic({
    cloud: await cloud(),
    loadBalancerUrl: kept.loadBalancerUrl,
    caFile: kept.caFile,
    users: 100,
    from,
    to,
    log: (line) => printed.push(line),
    ...(meanwhile && { meanwhile }),
  });

describe('the run turns red', () => {
  it('when the deployed drain step returns at once: requests fail', async () => {
    // However slow this machine installs: the load balancer still sends requests when the server stops.
    const summary = await withHastyDrain(() => withFault(SLOW_PROPAGATION, () => run()));
    expect(summary.traffic.failed).toBeGreaterThan(0);
    expect(printed.join('\n')).toContain('failed: ');
    expect(isGreen(summary)).toBe(false);
    // Its minute has ended: the deploys that follow do not have these errors in theirs.
    await untilAlarm('load-balancer-5xx');
  });

  it("when one user's session key is deleted in the store: exactly one session is lost", async () => {
    const summary = await run(async () => {
      // The application's own user is not allowed to list keys.
      await withStore(
        async (store) => {
          // Each answer renews its session's life, so the longest one belongs to a user of this run.
          const [, keys] = await store.scan('0', 'MATCH', 'sess:web:*', 'COUNT', 10_000);
          const lives = await Promise.all(keys.map(async (key) => ({ key, ms: await store.pttl(key) })));
          const liveliest = lives.reduce((a, b) => (b.ms > a.ms ? b : a));
          expect(await store.unlink(liveliest.key)).toBe(1);
        },
        await sweepUser(),
      );
    });
    expect(summary.deploy.status).toBe('SUCCEEDED');
    expect(summary.traffic).toMatchObject({ sessionsLost: 1 });
    expect(isGreen(summary)).toBe(false);
  });

  it('when the state machine is deleted: the deploy cannot start', async () => {
    const { stepFunctions, deployStateMachineArn } = await cloud();
    const { name, definition, roleArn } = await stepFunctions.send(
      new DescribeStateMachineCommand({ stateMachineArn: deployStateMachineArn }),
    );
    await stepFunctions.send(new DeleteStateMachineCommand({ stateMachineArn: deployStateMachineArn }));
    try {
      await expect(run()).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
    } finally {
      await stepFunctions.send(new CreateStateMachineCommand({ name, definition, roleArn }));
    }
  });
});

describe('a session store that does not answer', () => {
  it('fails the preflight before any target is drained', async () => {
    const pids = storeProcesses().map(({ pid }) => pid);
    expect(pids.length).toBeGreaterThanOrEqual(4);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      const ended = await deploy(to);
      expect(ended).toMatchObject({ status: 'FAILED', error: 'StoreUnavailable' });
      expect(ended.message).toMatch(/store/);
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    await until(async () => (await deploy(to)).status === 'SUCCEEDED', 'the store answers again', 120_000);
  });
});
