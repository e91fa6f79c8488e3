/** One emulator behind one gateway, with what tests do in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateStateMachineCommand, DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { LocalStackSetup } from '../../../../setup/localstack.mjs';
import { readSetup } from '../../../../setup/read-setup.mjs';
import { until } from '../../../../test/until.ts';
import { zip } from '../../../../test/zip.ts';
import { freePort } from '../../../processes/free-port.ts';
import { openLedger } from '../../../processes/process-ledger.ts';
import type { Ec2Machine } from '../../ec2/describe-machines.ts';
import type { EmulatorName, EmulatorOptions } from '../../emulator/emulator.ts';
import type { ExecutionStatus } from '../../emulator/execution-metrics.ts';
import { startLocalStack } from '../../emulator/localstack/localstack.ts';
import { startMiniStack } from '../../emulator/ministack/ministack.ts';
import { createFaultRegistry } from '../../faults/fault-registry.ts';
import { startGateway } from '../../gateway/gateway.ts';
import { createAccessControl } from '../../iam/access-control.ts';
import { createCalls } from '../../iam/calls.ts';
import { createPolicyEvaluator } from '../../iam/policy-evaluator.ts';
import { createSessions } from '../../iam/sessions.ts';
import type { LocalService } from '../../service/service.ts';
import { ROOT } from '../root-credentials.ts';

const REGION = 'us-east-1';
const ROLE_NAME = 'anybody';
/** Role of every function here; it allows nothing but logging until a test adds something. */
export const ROLE = `arn:aws:iam::000000000000:role/${ROLE_NAME}`;
/** Role of every state machine that names no other. */
const MACHINE_ROLE_NAME = 'machines';
export const MACHINE_ROLE = `arn:aws:iam::000000000000:role/${MACHINE_ROLE_NAME}`;
export const EVENT_TOKEN = 'token-of-this-test';
/** That the emulator's port demands. */
const RUN_TOKEN = 'token-of-the-run';
/** The token that permits setting faults. */
export const OWNER_TOKEN = 'token-of-the-owner';

export interface Invoked {
  readonly value: unknown;
  /** `Unhandled` when the function failed. */
  readonly failure?: string;
}

export interface FunctionSettings {
  /** @default index.mjs */
  readonly file?: string;
  /** @default index.handler */
  readonly handler?: string;
  readonly timeoutSeconds?: number;
  readonly environment?: Record<string, string>;
  /** @default ROLE */
  readonly role?: string;
}

export type World = Awaited<ReturnType<typeof startWorld>>;

/** Longer than any test waits: a function stays warm for the whole of it. */
const LONG_IDLE_MS = 60_000;

/** When execution environments of functions end. */
type Idle = Partial<Pick<EmulatorOptions, 'idleEnvironmentMs' | 'mostIdleEnvironments'>>;

/** @param localStack LocalStack instead of MiniStack */
export async function startWorld(services: readonly LocalService[], localStack?: LocalStackSetup, idle: Idle = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-seams-'));
  // Closing a ledger ends whatever carries its run's name, in whichever test process: no two worlds may share one.
  const ledger = openLedger(path.join(folder, 'run'), path.basename(folder));
  const setup = readSetup();
  const logLines: { logGroup: string; message: string }[] = [];
  const executions: ExecutionStatus[] = [];
  const ec2Machines: Ec2Machine[] = [];
  const port = await freePort();
  const emulatorAccess = { url: `http://127.0.0.1:${port}`, token: RUN_TOKEN, region: REGION, credentials: ROOT };
  const calls = createCalls();
  const evaluator = createPolicyEvaluator(emulatorAccess, Date.now);
  const sessions = createSessions(ROOT, Date.now);
  const emulatorVerifies = localStack === undefined;
  const access = createAccessControl({ token: EVENT_TOKEN, sessions, evaluator, calls, now: Date.now, emulatorVerifies });
  const faults = createFaultRegistry(Date.now);
  const gateway = await startGateway({
    services,
    access,
    faults: { registry: faults, token: OWNER_TOKEN },
    emulator: emulatorAccess,
    port: 0,
    region: REGION,
    log: () => {},
    onLogLine: (line) => logLines.push(line),
    onExecution: (execution) => executions.push(execution),
    machines: () => ec2Machines,
  });
  const emulatorOptions: EmulatorOptions = {
    gatewayUrl: gateway.url,
    access: emulatorAccess,
    folder: path.join(folder, 'emulator'),
    node: setup.node,
    ledger,
    eventToken: EVENT_TOKEN,
    idleEnvironmentMs: LONG_IDLE_MS,
    ...idle,
    functionEnvironment: { AWS_ENDPOINT_URL: gateway.url, ADDED_HERE: 'yes' },
  };
  const emulator = localStack
    ? await startLocalStack({ ...emulatorOptions, ...localStack })
    : await startMiniStack({ ...emulatorOptions, python: setup.python });
  const config = { endpoint: gateway.url, region: REGION, credentials: ROOT, maxAttempts: 1 };
  const lambda = new LambdaClient(config);
  const stepFunctions = new SFNClient(config);
  const cloudFormation = new CloudFormationClient(config);
  const iam = new IAMClient(config);
  let machines = 0;

  async function makeRole(RoleName: string, ...statements: object[]): Promise<string> {
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(TRUST) }));
    await putPolicy(RoleName, 'own', statements);
    return Role?.Arn as string;
  }
  async function putPolicy(RoleName: string, PolicyName: string, statements: object[]): Promise<void> {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  }

  async function stop(): Promise<void> {
    await emulator.stop();
    await gateway.close();
    evaluator.close();
    for (const client of [lambda, stepFunctions, cloudFormation, iam]) client.destroy();
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await emulator.ready();
    await makeRole(ROLE_NAME, { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' });
    await makeRole(MACHINE_ROLE_NAME, { Effect: 'Allow', Action: ['lambda:*', 'states:*', 'events:*', 'logs:*'], Resource: '*' });
  } catch (error) {
    await stop();
    throw error;
  }

  const name: EmulatorName = localStack ? 'localstack' : 'ministack';
  const world = {
    emulator: name,
    config,
    emulatorAccess,
    lambda,
    stepFunctions,
    cloudFormation,
    logLines,
    /** That were told to have begun or ended. */
    executions,
    /** That EC2 lists. */
    machines: ec2Machines,
    calls,
    faults,
    callerOf: access.callerOf,
    stop,

    /** What every function may do from now on, beside its log; nothing else. */
    allow: (...statements: object[]) => putPolicy(ROLE_NAME, 'allowed', statements),

    /** Makes a role with these statements; gives its ARN. */
    makeRole,

    /** Creates a function of one file; gives its ARN. */
    async makeFunction(name: string, code: string, settings: FunctionSettings = {}): Promise<string> {
      const { file = 'index.mjs', handler = 'index.handler', timeoutSeconds = 10, environment = {}, role = ROLE } = settings;
      const made = await lambda.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Runtime: 'nodejs24.x' as 'nodejs22.x',
          Role: role,
          Handler: handler,
          Timeout: timeoutSeconds,
          Environment: { Variables: environment },
          Code: { ZipFile: await zip({ [file]: code }) },
        }),
      );
      return made.FunctionArn as string;
    },

    async invoke(name: string, payload: unknown = {}): Promise<Invoked> {
      const reply = await lambda.send(new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(payload)) }));
      const value = JSON.parse(Buffer.from(reply.Payload ?? []).toString() || 'null') as unknown;
      return { value, ...(reply.FunctionError && { failure: reply.FunctionError }) };
    },

    /** The status of a dry run. */
    async dryRun(FunctionName: string): Promise<number | undefined> {
      return (await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'DryRun' }))).$metadata.httpStatusCode;
    },

    /** A state machine of these states, the first of them first; gives its ARN. */
    async makeMachine(states: Record<string, object>, more: object = {}, roleArn: string = MACHINE_ROLE): Promise<string> {
      machines += 1;
      const definition = JSON.stringify({ StartAt: Object.keys(states)[0], States: states, ...more });
      const made = await stepFunctions.send(new CreateStateMachineCommand({ name: `machine-${machines}`, definition, roleArn }));
      return made.stateMachineArn as string;
    },

    async start(stateMachineArn: string, input: unknown = {}): Promise<string> {
      return (await stepFunctions.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) })))
        .executionArn as string;
    },

    describe: (executionArn: string) => stepFunctions.send(new DescribeExecutionCommand({ executionArn })),

    async ended(executionArn: string) {
      return until(async () => {
        const execution = await world.describe(executionArn);
        return execution.status === 'RUNNING' ? undefined : execution;
      });
    },

    async run(stateMachineArn: string, input: unknown = {}) {
      return world.ended(await world.start(stateMachineArn, input));
    },
  };
  return world;
}

const TRUST = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: {
        Service: ['lambda.amazonaws.com', 'states.amazonaws.com', 'events.amazonaws.com'],
        AWS: 'arn:aws:iam::000000000000:root',
      },
      Action: 'sts:AssumeRole',
    },
  ],
};

/** A task that invokes a function and gives its answer. */
export const invokeTask = (functionArn: string, more: object = {}): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: functionArn, 'Payload.$': '$' },
  ...('Next' in more ? {} : { End: true }),
  ...more,
});

/** A task that starts a state machine, waits for its end and gives what came of it. */
export const startAndWait = (stateMachineArn: string, more: object = {}): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution.sync:2',
  Parameters: { StateMachineArn: stateMachineArn, 'Input.$': '$' },
  ...('Next' in more ? {} : { End: true }),
  ...more,
});
