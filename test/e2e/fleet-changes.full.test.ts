/** Instances that come and go around a deploy, and a fleet with no healthy target. */
import {
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reconciled } from '../../functions/deploy/reconcile/reconcile.ts';
import { functionName } from '../../functions/shared/naming.ts';
import { until } from '../until.ts';
import { withFault } from './faults.ts';
import {
  autoScaling,
  currentVersion,
  deploy,
  GROUP,
  groupInstances,
  kept,
  publish,
  recordOf,
  runOn,
  startDeploy,
  suspendedProcesses,
  targetHealth,
  untilEnded,
  untilHealthy,
  versions,
} from './fleet.ts';

const RECONCILER = functionName('holdfast', 'web', 'deploy-reconcile');
const lambda = new LambdaClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });

/** @throws Error naming the function's error */
async function reconcile(): Promise<Reconciled> {
  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: `${RECONCILER}:live` }));
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) throw new Error(text);
  return JSON.parse(text) as Reconciled;
}

beforeAll(async () => {
  await untilHealthy(3);
});
afterAll(() => lambda.destroy());

describe('newcomers', { timeout: 240_000 }, () => {
  it('one that replaces a member in mid-deploy gets the old release and joins the plan', async () => {
    const oldVersion = await currentVersion();
    await publish('5.0.0');
    const arn = await startDeploy({ version: '5.0.0' });
    const waiting = await until(async () => {
      const targets = Object.entries((await recordOf(arn))?.targets ?? {});
      return targets.some(([, target]) => target.phase === 'draining')
        ? targets.find(([, target]) => target.phase === 'waiting')?.[0]
        : undefined;
    }, 'a target that is waiting while another is rolled');
    const before = new Set((await groupInstances()).map(({ id }) => id));
    await autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: waiting, ShouldDecrementDesiredCapacity: false }));
    const ended = await untilEnded(arn);
    expect(ended).toMatchObject({ status: 'SUCCEEDED' });
    await untilHealthy(3);
    const newcomer = (await groupInstances()).map(({ id }) => id).find((id) => !before.has(id)) as string;
    // The deploy can end before the other one has: it is held until the load balancer has forgotten it.
    await until(async () => (await groupInstances()).every(({ state }) => state === 'InService'), 'the terminated member has gone');
    expect(new Set(Object.values(await versions()))).toEqual(new Set(['5.0.0']));
    // It was launched with the release that the fleet ran at the time, and then rolled as a target of this deploy.
    expect((await recordOf(arn))?.targets[newcomer]).toMatchObject({ phase: 'done', fromVersion: oldVersion });
  });

  it('one whose launch event is lost does not hold up the deploy for ever, and the reconciler starts its launch', async () => {
    await publish('5.0.1');
    const lost = {
      on: 'event',
      match: { source: 'aws.autoscaling', detailType: 'EC2 Instance-launch*' },
      effect: { kind: 'drop' },
    } as const;
    // Neither the event nor the schedule starts it: the deploy meets an instance that never comes.
    const idle = { on: 'invocation', match: { function: RECONCILER }, effect: { kind: 'throw', error: 'TestIsNotReady' } } as const;
    const before = new Set((await groupInstances()).map(({ id }) => id));
    const { arn, ended } = await withFault([lost, idle], async () => {
      const arn = await startDeploy({ version: '5.0.1' });
      await until(async () => {
        const targets = Object.values((await recordOf(arn))?.targets ?? {});
        return targets.some(({ phase }) => phase === 'draining');
      }, 'a target that is rolled');
      await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: 4 }));
      const ended = await untilEnded(arn);
      await expect(reconcile()).rejects.toThrow('TestIsNotReady');
      return { arn, ended };
    });
    expect(ended).toMatchObject({ status: 'SUCCEEDED' });
    const newcomer = (await groupInstances()).map(({ id }) => id).find((id) => !before.has(id)) as string;
    const record = await recordOf(arn);
    expect(record?.targets[newcomer]).toMatchObject({
      phase: 'skipped',
      newcomer: true,
      detail: expect.stringMatching(/^still starting after 30 s/),
    });
    expect(record?.outcome).toContain(`Finished without servers that Auto Scaling launched during the deploy: ${newcomer} (still starting`);
    expect(await reconcile()).toMatchObject({ attended: [newcomer] });
    await untilHealthy(4);
    expect(Object.values(await versions())).toEqual(['5.0.1', '5.0.1', '5.0.1', '5.0.1']);
    await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: 3 }));
    await untilHealthy(3);
  });

  it('one that starts after the deploy gets the new release', async () => {
    const [member] = await groupInstances();
    await autoScaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: member?.id, ShouldDecrementDesiredCapacity: false }),
    );
    await until(async () => !(await groupInstances()).some(({ id }) => id === member?.id), 'the member has gone');
    await untilHealthy(3);
    expect(Object.values(await versions())).toEqual(['5.0.1', '5.0.1', '5.0.1']);
  });

  it('one that is added by growing the group serves the current release', async () => {
    await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: 4 }));
    await untilHealthy(4);
    expect(Object.values(await versions())).toEqual(['5.0.1', '5.0.1', '5.0.1', '5.0.1']);
    await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: 3 }));
    await untilHealthy(3);
  });
});

describe('a fleet with no healthy target', () => {
  beforeAll(async () => {
    // As an operator would, so that Auto Scaling does not replace what is to be recovered.
    await autoScaling.send(
      new SuspendProcessesCommand({ AutoScalingGroupName: GROUP, ScalingProcesses: ['HealthCheck', 'ReplaceUnhealthy'] }),
    );
    await runOn(
      (await groupInstances()).map(({ id }) => id),
      'systemctl stop holdfast-app',
    );
    await until(async () => Object.values(await targetHealth()).every((state) => state === 'unhealthy'), 'every target is unhealthy');
  });
  afterAll(async () => {
    await autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: GROUP }));
  });

  it('is refused without recover, and rolled with it; what the operator had suspended stays suspended', async () => {
    await publish('5.1.0');
    const refused = await deploy('5.1.0');
    expect(refused).toMatchObject({ status: 'FAILED', error: 'TooFewHealthyTargets' });
    const rolled = await deploy('5.1.0', { recover: true });
    expect(rolled).toMatchObject({ status: 'SUCCEEDED' });
    await untilHealthy(3);
    expect(Object.values(await versions())).toEqual(['5.1.0', '5.1.0', '5.1.0']);
    expect(await suspendedProcesses()).toEqual(['HealthCheck', 'ReplaceUnhealthy']);
  });
});
