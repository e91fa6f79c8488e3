/** Every permission that a function uses is taken from its role in turn: the step that needs it is refused, by name. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeployContext, Lease } from '../../functions/deploy/contract.ts';
import { functionName } from '../../functions/shared/naming.ts';
import { LOCAL_CREDENTIALS } from '../../local/local-account.ts';
import { currentVersion, GROUP, groupInstances, kept, until, untilHealthy } from './fleet.ts';

const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: LOCAL_CREDENTIALS };
const iam = new IAMClient(client);
const lambda = new LambdaClient(client);

/** What the steps are asked with: a deploy of its own that holds the fleet's lock, and one real instance. */
interface Subject {
  readonly deploy: DeployContext;
  readonly lease: Lease;
  readonly instanceId: string;
  readonly current: string;
}
let subject: Subject;

/** What prepares the step is done before the permission is taken. */
type Case = readonly [action: string, request: (subject: Subject) => object | Promise<object>];

const rolling =
  (step: string, more: object = {}) =>
  (given: Subject) => ({
    step,
    deploy: given.deploy,
    lease: given.lease,
    roll: { instanceId: given.instanceId, fromVersion: given.current, phaseStartedAtMs: Date.now(), ...more },
  });
const assessing =
  (step: string, more: object = {}) =>
  ({ deploy, lease }: Subject) => ({ step, deploy, lease, ...more });
const launching =
  (step: string, more: object = {}) =>
  ({ instanceId }: Subject) => ({ step, launch: { ...action(instanceId), ...more } });
const action = (instanceId: string) => ({
  autoScalingGroupName: GROUP,
  lifecycleHookName: 'wait-until-idle',
  lifecycleActionToken: '00000000-0000-0000-0000-000000000000',
  instanceId,
});
const suspension = { autoScalingGroupName: GROUP, alreadySuspended: [], suspendedByDeploy: ['AZRebalance'] };
const settling = { settleStartedAtMs: 1 };

/** By function: the permission, and a step that needs it and changes nothing without it. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  'deploy-control': [
    ['dynamodb:UpdateItem', assessing('acquireLock')],
    ['dynamodb:PutItem', assessing('acquireLock')],
    ['dynamodb:GetItem', ({ deploy }) => ({ step: 'report', deploy, error: { Error: 'Any', Cause: 'any' } })],
  ],
  'deploy-assess': [
    ['dynamodb:UpdateItem', assessing('settle', settling)],
    ['dynamodb:GetItem', assessing('settle', settling)],
    ['dynamodb:Query', assessing('plan')],
    ['elasticloadbalancing:DescribeTargetHealth', assessing('plan')],
    ['autoscaling:DescribeAutoScalingGroups', assessing('plan')],
    ['ssm:DescribeInstanceInformation', ({ deploy, lease }) => ({ step: 'preflight', deploy: { ...deploy, version: '9.9.9' }, lease })],
    ['cloudwatch:DescribeAlarms', assessing('settle', settling)],
  ],
  'deploy-traffic': [
    ['dynamodb:UpdateItem', rolling('deregister')],
    ['dynamodb:GetItem', (given) => ({ ...rolling('putBack')(given), error: { Error: 'Any', Cause: 'any' } })],
    ['elasticloadbalancing:DeregisterTargets', rolling('deregister')],
    ['elasticloadbalancing:RegisterTargets', rolling('register')],
    ['elasticloadbalancing:DescribeTargetHealth', rolling('checkHealthy')],
  ],
  'deploy-command': [
    ['dynamodb:UpdateItem', rolling('sendWaitIdle')],
    ['dynamodb:GetItem', rolling('sendInstall')],
    ['ssm:SendCommand', rolling('sendWaitIdle')],
    ['ssm:GetCommandInvocation', rolling('checkWaitIdle', { commandId: '00000000-0000-0000-0000-000000000000' })],
    [
      'elasticloadbalancing:DescribeTargetHealth',
      async (given) => ({ ...rolling('checkBake')(given), ...(await asked<object>('deploy-command', rolling('sendBake')(given))) }),
    ],
  ],
  'deploy-scaling': [
    ['dynamodb:UpdateItem', assessing('suspend')],
    ['dynamodb:Query', assessing('suspend')],
    ['dynamodb:GetItem', assessing('resume', { suspension })],
    ['autoscaling:DescribeAutoScalingGroups', assessing('suspend')],
    ['autoscaling:SuspendProcesses', assessing('suspend')],
    ['autoscaling:ResumeProcesses', assessing('resume', { suspension })],
  ],
  lifecycle: [
    ['dynamodb:GetItem', launching('sendInstall')],
    ['dynamodb:PutItem', launching('complete', { version: '1.0.0' })],
    ['dynamodb:DeleteItem', () => ({ step: 'completeTermination', termination: action('i-00000000000000000') })],
    ['ssm:DescribeInstanceInformation', launching('sendInstall')],
    ['ssm:SendCommand', launching('sendInstall')],
    ['ssm:GetCommandInvocation', launching('checkInstall', { version: '1.0.0', commandId: '00000000-0000-0000-0000-000000000000' })],
    ['autoscaling:CompleteLifecycleAction', launching('abandon')],
    ['autoscaling:RecordLifecycleActionHeartbeat', () => launching('sendInstall')({ ...subject, instanceId: 'i-00000000000000000' })],
  ],
};

async function ask(name: string, request: object): Promise<{ failed: boolean; value: Record<string, unknown> }> {
  const FunctionName = `${functionName('holdfast', 'web', name)}:live`;
  const reply = await lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(request)) }));
  return {
    failed: reply.FunctionError !== undefined,
    value: JSON.parse(Buffer.from(reply.Payload ?? []).toString()) as Record<string, unknown>,
  };
}

async function asked<T>(name: string, request: object): Promise<T> {
  const { failed, value } = await ask(name, request);
  if (failed) throw new Error(`${name}: ${JSON.stringify(value)}`);
  return value as T;
}

interface Statement {
  readonly Action: string | readonly string[];
}

/** Takes one action out of every statement of a function's role while `work` runs. */
async function without<T>(name: string, taken: string, work: () => Promise<T>): Promise<T> {
  const { Role } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName('holdfast', 'web', name) }));
  const RoleName = Role?.split('/').at(-1) as string;
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const before = await Promise.all(PolicyNames.map((PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))));
  const put = (PolicyName: string | undefined, document: string) =>
    iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: document }));
  const documents = before.map(({ PolicyName, PolicyDocument }) => ({ PolicyName, text: decodeURIComponent(PolicyDocument ?? '') }));
  let found = 0;
  try {
    for (const { PolicyName, text } of documents) {
      const policy = JSON.parse(text) as { Statement: Statement[] };
      const narrowed = policy.Statement.map((statement) => {
        const actions = [statement.Action].flat();
        found += actions.filter((one) => one === taken).length;
        return { ...statement, Action: actions.filter((one) => one !== taken) };
      });
      await put(PolicyName, JSON.stringify({ ...policy, Statement: narrowed.filter(({ Action }) => Action.length > 0) }));
    }
    expect(found, `the role of ${name} has ${taken}`).toBeGreaterThan(0);
    return await work();
  } finally {
    for (const { PolicyName, text } of documents) await put(PolicyName, text);
  }
}

beforeAll(async () => {
  await untilHealthy(3);
  const current = await currentVersion();
  const [instance] = await groupInstances();
  const executionName = `permissions-${Date.now()}`;
  const execution = { executionName, executionArn: `arn:aws:states:::execution:any:${executionName}`, startTime: new Date().toISOString() };
  const valid = await asked<DeployContext>('deploy-control', { step: 'validate', input: { version: current }, ...execution });
  const deploy = { ...valid, settings: { ...valid.settings, alarmNames: ['any'] } };
  const lease = await until('the lock is free', () =>
    asked<Lease>('deploy-control', { step: 'acquireLock', deploy }).catch(() => undefined),
  );
  subject = { deploy, lease, instanceId: instance?.id as string, current };
});
afterAll(async () => {
  const { deploy, lease } = subject;
  await asked('deploy-scaling', { step: 'resume', deploy, lease, suspension });
  await asked('deploy-control', { step: 'report', deploy });
  await asked('deploy-control', { step: 'releaseLock', deploy, lease });
  for (const each of [iam, lambda]) each.destroy();
});

describe.each(Object.entries(CASES))('the role of %s', (name, cases) => {
  it.each(cases)('without %s is refused, and the error names it', async (taken, request) => {
    const given = await request(subject);
    const { failed, value } = await without(name, taken, () => ask(name, given));
    expect([failed, value]).toEqual([
      true,
      expect.objectContaining({
        errorType: expect.stringMatching(/^AccessDenied(Exception)?$/),
        errorMessage: expect.stringContaining(`is not authorized to perform: ${taken}`),
      }),
    ]);
  });
});

it('keeps an account of who called what, by role', async () => {
  const lines = (await readFile(path.join(kept.runFolder, 'calls.ndjson'), 'utf8')).trim().split('\n');
  const calls = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const role = expect.stringMatching(/^arn:aws:iam::000000000000:role\/holdfast-web/);
  expect(calls).toContainEqual({
    principal: role,
    action: 'dynamodb:UpdateItem',
    resource: expect.stringContaining('table/holdfast-records'),
    allowed: true,
  });
  expect(calls).toContainEqual({
    principal: role,
    action: 'ssm:SendCommand',
    resource: expect.stringContaining(':instance/i-'),
    allowed: true,
  });
  expect(calls).toContainEqual({
    principal: role,
    action: 'ssm:SendCommand',
    resource: expect.stringContaining(':document/'),
    allowed: false,
  });
});
