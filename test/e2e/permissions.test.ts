/** Every permission that a function uses is taken from its role in turn: the step that needs it is refused, by name. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeployContext, Lease } from '../../functions/deploy/contract.ts';
import { functionName } from '../../functions/shared/naming.ts';
import { LOCAL_CREDENTIALS } from '../../local/local-account.ts';
import { currentVersion, groupInstances, kept, until, untilHealthy } from './fleet.ts';
import { CASES, NOT_TAKEN, type Subject, suspension } from './permission-cases.ts';

const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: LOCAL_CREDENTIALS };
const iam = new IAMClient(client);
const lambda = new LambdaClient(client);

let subject: Subject;

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

interface Policy {
  readonly RoleName: string;
  readonly PolicyName: string;
  readonly statements: readonly Statement[];
}

/** The policies of a function's role. */
async function policiesOf(name: string): Promise<Policy[]> {
  const { Role } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName('holdfast', 'web', name) }));
  const RoleName = Role?.split('/').at(-1) as string;
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  return Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      return { RoleName, PolicyName, statements: (JSON.parse(decodeURIComponent(PolicyDocument)) as { Statement: Statement[] }).Statement };
    }),
  );
}

const put = ({ RoleName, PolicyName, statements }: Policy) =>
  iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }) }),
  );

/** Takes one action out of every statement of a function's role while `work` runs. */
async function without<T>(name: string, taken: string, work: () => Promise<T>): Promise<T> {
  const policies = await policiesOf(name);
  try {
    for (const policy of policies) {
      const narrowed = policy.statements.map((statement) => ({
        ...statement,
        Action: [statement.Action].flat().filter((one) => one !== taken),
      }));
      await put({ ...policy, statements: narrowed.filter(({ Action }) => Action.length > 0) });
    }
    return await work();
  } finally {
    for (const policy of policies) await put(policy);
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
  subject = { deploy, lease, instanceId: instance?.id as string, current, ask: asked };
});
afterAll(async () => {
  const { deploy, lease } = subject;
  await asked('deploy-scaling', { step: 'resume', deploy, lease, suspension });
  await asked('deploy-control', { step: 'report', deploy });
  await asked('deploy-control', { step: 'releaseLock', deploy, lease });
  for (const each of [iam, lambda]) each.destroy();
});

/** What the runtime itself may do: logs, traces, network interfaces. */
const OF_THE_RUNTIME = /^(logs|xray|ec2):/;

describe.each(Object.entries(CASES))('the role of %s', (name, cases) => {
  it('has no permission but those that are taken here, and those that are not with a reason', async () => {
    const actions = (await policiesOf(name)).flatMap(({ statements }) => statements.flatMap(({ Action }) => [Action].flat()));
    const own = new Set(actions.filter((action) => !OF_THE_RUNTIME.test(action)));
    expect([...own].toSorted()).toEqual([...cases.map(([taken]) => taken), ...Object.keys(NOT_TAKEN[name] ?? {})].toSorted());
  });

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

describe('the role of deploy-store-check', () => {
  const check = () => ask('deploy-store-check', { step: 'checkStore', deploy: subject.deploy });

  it('may connect to the store as its own user, and both are on record', async () => {
    expect(await check()).toMatchObject({ failed: false });
    for (const resource of ['replicationgroup:', 'user:']) {
      expect(await recordedCalls()).toContainEqual({
        principal: expect.stringMatching(/^arn:aws:iam::000000000000:role\/holdfast-web/),
        action: 'elasticache:Connect',
        resource: expect.stringMatching(`^arn:aws:elasticache:${kept.region}:000000000000:${resource}holdfast`),
        allowed: true,
      });
    }
  });

  it('without elasticache:Connect is refused by the store', async () => {
    const { failed, value } = await without('deploy-store-check', 'elasticache:Connect', check);
    expect([failed, value]).toEqual([
      true,
      expect.objectContaining({ errorType: 'StoreUnavailable', errorMessage: expect.stringContaining('WRONGPASS') }),
    ]);
  });
});

async function recordedCalls(): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(path.join(kept.runFolder, 'calls.ndjson'), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

it('keeps an account of who called what, by role', async () => {
  const calls = await recordedCalls();
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
