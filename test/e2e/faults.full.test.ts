/** The faults themselves, on the kept cloud: each has its effect on its target only, and ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ResumeProcessesCommand, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import {
  DeregisterTargetsCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { targetGroupName } from '../../functions/shared/naming.ts';
import { SHORT } from '../../lab/demo/local-settings.ts';
import { until } from '../until.ts';
import { withFault } from './faults.ts';
import { autoScaling, elb, groupInstances, kept, killServer, REPLACING, runOn, ssm, targetHealth, untilHealthy } from './fleet.ts';
import { killPrimary, untilFailedOver } from './store-failover.ts';
import { underTraffic } from './under-traffic.ts';

const impatient = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials, maxAttempts: 1 };
const once = new ElasticLoadBalancingV2Client(impatient);
const lambda = new LambdaClient(impatient);
let members: string[];
let TargetGroupArn: string;

beforeAll(async () => {
  await untilHealthy(3);
  // Auto Scaling would replace a server that these scenarios deregister themselves.
  await autoScaling.send(new SuspendProcessesCommand(REPLACING));
  members = (await groupInstances()).map(({ id }) => id);
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName('holdfast', 'web')] }));
  TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn as string;
});
afterAll(async () => {
  await autoScaling.send(new ResumeProcessesCommand(REPLACING));
  once.destroy();
  lambda.destroy();
});

const describeGroups = () => once.send(new DescribeTargetGroupsCommand({}));
const Targets = () => [{ Id: members[0] as string }];
const deregister = () => elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: Targets() }));
/** Sets the target group's deregistration delay. */
const setDelay = (seconds: number) =>
  elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(seconds) }],
    }),
  );
const register = async () => {
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: Targets() }));
  await untilHealthy(3);
};

describe('withFault', () => {
  const throttled = { on: 'call', match: { service: 'elasticloadbalancing' }, effect: { kind: 'error', code: 'Throttling' } } as const;

  it('throttles while the work lasts and not afterwards', async () => {
    await withFault(throttled, () => expect(describeGroups()).rejects.toMatchObject({ name: 'Throttling' }));
    await describeGroups();
  });

  it('takes the rule away when the work fails, whose error counts', async () => {
    await expect(
      withFault(throttled, async () => {
        throw new Error('of the work');
      }),
    ).rejects.toThrow('of the work');
    await describeGroups();
  });

  it('fails when a rule hit nothing: such a test would show nothing', async () => {
    const nobody = { ...throttled, match: { ...throttled.match, caller: '*/nobody' } };
    await expect(withFault(nobody, describeGroups)).rejects.toMatchObject({
      name: 'FaultHitNothing',
      message: expect.stringContaining('matched 0'),
    });
  });
});

describe('a fault', () => {
  it('of a function throws as if the function did', async () => {
    const invoke = () => lambda.send(new InvokeCommand({ FunctionName: 'holdfast-web-deploy-control', Payload: Buffer.from('{}') }));
    await withFault(
      { on: 'invocation', match: { function: '*-deploy-control' }, when: { first: 1 }, effect: { kind: 'throw', error: 'Fault' } },
      async () => {
        const { FunctionError, Payload } = await invoke();
        expect([FunctionError, JSON.parse(Buffer.from(Payload ?? []).toString())]).toMatchObject(['Unhandled', { errorType: 'Fault' }]);
        expect(Buffer.from((await invoke()).Payload ?? []).toString()).not.toContain('"Fault"');
      },
    );
  });

  it('of an agent leaves its command Pending until it is over', async () => {
    const [InstanceId, other] = members as [string, string];
    const CommandId = await withFault({ on: 'agent', match: { instanceId: InstanceId }, effect: { kind: 'silence' } }, async () => {
      const { Command } = await ssm.send(
        new SendCommandCommand({ InstanceIds: [InstanceId], DocumentName: 'AWS-RunShellScript', Parameters: { commands: ['true'] } }),
      );
      await runOn([other], 'true');
      expect(await ssm.send(new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId }))).toMatchObject({
        Status: 'Pending',
      });
      return Command?.CommandId;
    });
    const status = async () => (await ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId }))).Status;
    await until(async () => (await status()) === 'Success', 'the command is done');
  });

  it('of events loses those of Systems Manager', async () => {
    await withFault({ on: 'event', match: { source: 'aws.ssm' }, effect: { kind: 'drop' } }, () => runOn([members[0] as string], 'true'));
  });

  it('of the propagation lets requests arrive at a target for 3 s after its deregistration, and none fails', async () => {
    const { report } = await underTraffic({ users: 20, thinkTimeMs: 100 }, () =>
      withFault({ on: 'propagation', effect: { kind: 'lag', ms: 3_000 } }, async () => {
        const served = async () => Number(/"requests":(\d+)/.exec((await runOn([members[0] as string], STATUS))[0] ?? '')?.[1]);
        await deregister();
        const atOnce = await served();
        await sleep(1_000);
        const later = await served();
        expect(later).toBeGreaterThan(atOnce);
        await sleep(3_000);
        const quiet = await served();
        await sleep(1_000);
        expect(await served()).toBe(quiet);
      }),
    );
    await register();
    expect(report, JSON.stringify(report.failedBy)).toMatchObject({ failed: 0, sessionsLost: 0 });
  });
});
const STATUS = 'curl -s http://127.0.0.1:$HOLDFAST_LOCAL_PORT/internal/status';

describe('a target that is deregistered under traffic of the hard kinds', () => {
  beforeAll(() => setDelay(5));
  afterAll(() => setDelay(SHORT.deregistrationDelaySeconds as number));

  it('fails only the requests that outlive the delay, and the report has their target and cause', async () => {
    const hard = { longShare: 0.05, longMs: 2_000, downloadShare: 0.1, downloadMs: 1_000, webSocketUsers: 24 };
    const { report: within } = await underTraffic({ users: 30, ...hard }, async () => {
      await deregister();
      await until(async () => (await targetHealth())[members[0] as string] === undefined, 'it is unused');
      await sleep(2_000);
    });
    await register();
    expect(within, JSON.stringify(within.failedBy)).toMatchObject({ failed: 0, sessionsLost: 0 });
    expect(within.hard?.webSockets.cutOff).toBeGreaterThan(0);
    expect(within.hard?.webSockets.refused).toBe(0);
    expect(within.hard?.webSockets.opened).toBe(24 + (within.hard?.webSockets.cutOff ?? 0));

    const { report: beyond } = await underTraffic({ users: 30, longShare: 0.3, longMs: 9_000 }, async () => {
      await sleep(2_000);
      await deregister();
      await sleep(8_000);
    });
    await register();
    expect(beyond.failed).toBeGreaterThan(0);
    for (const group of beyond.failedBy) expect(group).toMatchObject({ failure: 'serverError', cause: 'deregistered', target: members[0] });
    expect(beyond.hard?.long.failed).toBe(beyond.failed);
  });
});

describe('a server that is killed', () => {
  it('fails requests of its own alone', async () => {
    const { report } = await underTraffic({ users: 30, thinkTimeMs: 100 }, async () => {
      expect(await killServer(members[1] as string)).toBe(true);
      await sleep(3_000);
    });
    await untilHealthy(3);
    expect(report.failed).toBeGreaterThan(0);
    for (const group of report.failedBy) expect(group).toMatchObject({ target: members[1] });
    expect(report.sessionsLost).toBe(0);
  });
});

describe('the primary of the session store that is killed', () => {
  it('is followed by a replica, and the report counts the sessions that were lost', async () => {
    const { result, report } = await underTraffic({ users: 30 }, async () => {
      const old = await killPrimary();
      const failover = await untilFailedOver(old);
      await sleep(2_000);
      return { old, ...failover };
    });
    expect(result.id).not.toBe(result.old);
    expect(report.sessionsLost > 0).toBe(Object.keys(report.losses).length > 0);
    expect(report.sessionsLost).toBeLessThan(30);
    expect(report.sessions).toBe(30);
  });
});
