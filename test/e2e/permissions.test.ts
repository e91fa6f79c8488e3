/** Every permission that a function uses is taken from its role in turn: the step that needs it is refused, by name. */
import { ResumeProcessesCommand, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeTargetGroupsCommand, RegisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCalls } from '#local-aws/iam/calls.ts';
import type { LifecycleAction } from '../../functions/shared/aws/auto-scaling.ts';
import { functionName, targetGroupName } from '../../functions/shared/naming.ts';
import { autoScaling, elb, GROUP, kept, targetHealth, untilHealthy } from './fleet.ts';
import { ask, holdFleet, letFleetGo, lifecycleAction, type Subject } from './hold-fleet.ts';
import { CASES, NOT_THROWN, OF_UPGRADE } from './permission-cases.ts';
import { policiesOf, without } from './taken-permission.ts';
import { beginWaitingLaunch, endWaiting } from './waiting-launch.ts';

const lambda = new LambdaClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
/** What is installed anew here serves nothing for a moment; it is not to be replaced for that. */
const OPERATOR = ['HealthCheck', 'ReplaceUnhealthy'];

let subject: Subject;
let endLaunch: (() => Promise<void>) | undefined;

beforeAll(async () => {
  await untilHealthy(3);
  await autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: GROUP, ScalingProcesses: OPERATOR }));
  let open: Promise<LifecycleAction> | undefined;
  // A launch that is over installs nothing. Not before its cases: the reconciler looks twice at a server that waits.
  subject = { ...(await holdFleet('permissions')), launching: () => (open ??= beginWaitingLaunch()) };
  endLaunch = async () => {
    if (open) await endWaiting(await open);
  };
});
afterAll(async () => {
  await letFleetGo(subject);
  await endLaunch?.();
  await untilHealthy(3);
  await autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: GROUP }));
  lambda.destroy();
});

async function roleOf(name: string, part = 'web'): Promise<string> {
  const { Role } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName('holdfast', part, name) }));
  return Role as string;
}

/** What the runtime itself may do: logs, traces, network interfaces. */
const OF_THE_RUNTIME = /^(logs|xray|ec2):/;

describe.each(Object.entries(CASES))('the role of %s', (name, cases) => {
  it('has no permission but those that are taken here', async () => {
    const policies = await policiesOf(await roleOf(name));
    const actions = policies.flatMap(({ statements }) => statements.flatMap(({ Action = [] }) => [Action].flat()));
    const own = new Set(actions.filter((action) => !OF_THE_RUNTIME.test(action)));
    expect([...own].toSorted()).toEqual([...cases.map(([taken]) => taken), ...(OF_UPGRADE[name] ?? [])].toSorted());
  });

  it.each(cases)('without %s is refused', async (taken, request) => {
    const given = await request(subject);
    // Fails when no refusal of this very action is on record.
    const { failed, value } = await without(await roleOf(name), taken, () => ask(name, given));
    if (NOT_THROWN.has(taken) || NOT_THROWN.has(`${name} ${taken}`)) return;
    expect([failed, value]).toEqual([
      true,
      expect.objectContaining({
        errorType: expect.stringMatching(/^AccessDenied(Exception)?$/),
        errorMessage: expect.stringContaining(`is not authorized to perform: ${taken}`),
      }),
    ]);
  });
});

describe('the role of lifecycle', () => {
  it('takes a terminating instance out that a deploy has registered again', async () => {
    const { instanceId } = subject;
    const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName('holdfast', 'web')] }));
    const group = { TargetGroupArn: TargetGroups?.[0]?.TargetGroupArn, Targets: [{ Id: instanceId }] };
    try {
      const { failed } = await ask('lifecycle', { step: 'sendWaitIdle', termination: lifecycleAction(instanceId) });
      expect([failed, (await targetHealth())[instanceId]]).toEqual([false, 'draining']);
    } finally {
      await elb.send(new RegisterTargetsCommand(group));
    }
  });
});

describe.each([
  ['deploys-widget', 'web', /<table/],
  // Whether there has been one is another scenario's.
  ['incidents-widget', 'store', /<table|no incident yet/],
] as const)('the role of %s', (name, part, drawn) => {
  const draw = () => ask(name, { rows: 1 }, part);

  it('reads what it draws', async () => {
    expect(await draw()).toEqual({ failed: false, value: expect.stringMatching(drawn) });
  });

  it('without dynamodb:Query reports in one sentence that it is not allowed', async () => {
    const { failed, value } = await without(await roleOf(name, part), 'dynamodb:Query', draw);
    expect([failed, value]).toEqual([false, expect.stringContaining('could not be read (AccessDeniedException)')]);
  });
});

describe('the role of deploy-store-check', () => {
  const check = () => ask('deploy-store-check', { step: 'checkStore', deploy: subject.deploy });

  it('may connect to the store as its own user, and both are on record', async () => {
    expect(await check()).toMatchObject({ failed: false });
    for (const resource of ['replicationgroup:', 'user:']) {
      expect(readCalls(kept.runFolder)).toContainEqual({
        principal: expect.stringMatching(/^arn:aws:iam::000000000000:role\/holdfast-web/),
        action: 'elasticache:Connect',
        resource: expect.stringMatching(`^arn:aws:elasticache:${kept.region}:000000000000:${resource}holdfast`),
        allowed: true,
      });
    }
  });

  it('without elasticache:Connect is refused by the store', async () => {
    const { failed, value } = await without(await roleOf('deploy-store-check'), 'elasticache:Connect', check);
    expect([failed, value]).toEqual([
      true,
      expect.objectContaining({ errorType: 'StoreUnavailable', errorMessage: expect.stringContaining('WRONGPASS') }),
    ]);
  });
});

it('keeps an account of who called what, by role', () => {
  const calls = readCalls(kept.runFolder);
  const principal = expect.stringMatching(/^arn:aws:iam::000000000000:role\/holdfast-web/);
  const table = expect.stringContaining('table/holdfast-records');
  expect(calls).toContainEqual({ principal, action: 'dynamodb:UpdateItem', resource: table, allowed: true });
  expect(calls).toContainEqual({ principal, action: 'ssm:SendCommand', resource: expect.stringContaining(':instance/i-'), allowed: true });
  expect(calls).toContainEqual({ principal, action: 'ssm:SendCommand', resource: expect.stringContaining(':document/'), allowed: false });
});
