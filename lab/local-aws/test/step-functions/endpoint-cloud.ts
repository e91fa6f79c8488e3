/** Step Functions and Lambda behind an endpoint, by the SDK: an emulator, or AWS. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  type LambdaClient,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { zip } from '../../../../test/zip.ts';
import { ASK, BEHAVIOUR, type Seen, SOURCE } from './behaviour.ts';
import type { Json } from './json.ts';
import { NotRun, type StatesCloud } from './row.ts';

export interface Endpoint {
  readonly name: string;
  readonly stepFunctions: SFNClient;
  /** Undefined: rows with functions are not run. */
  readonly lambda: LambdaClient | undefined;
  /** ARNs of the roles of functions and of machines. */
  readonly functionRole: string;
  readonly machineRole: string;
}

const POLL_MS = 200;
/** An execution of a row takes seconds, or, where a token is answered, as long as its task waits. */
const LONGEST_EXECUTION_MS = 240_000;

/** Names are new with every call; `remove` deletes what was created. */
export function endpointCloud({
  name: endpoint,
  stepFunctions,
  lambda,
  functionRole,
  machineRole,
}: Endpoint): StatesCloud & { remove(): Promise<void> } {
  const run = `asl-${randomUUID().slice(0, 8)}`;
  const functions: string[] = [];
  const machines: string[] = [];
  const functionsOf = (): LambdaClient => {
    if (!lambda) throw new NotRun(`${endpoint} runs no functions here`);
    return lambda;
  };
  const describe = (executionArn: string) => stepFunctions.send(new DescribeExecutionCommand({ executionArn }));

  return {
    name: endpoint,
    async makeFunction(name, behaviour) {
      const client = functionsOf();
      // 64 characters at most.
      const FunctionName = `${run}-${name}`.slice(0, 64);
      const made = await client.send(
        new CreateFunctionCommand({
          FunctionName,
          Role: functionRole,
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Timeout: behaviour.timeoutSeconds ?? 30,
          Environment: { Variables: { [BEHAVIOUR]: JSON.stringify(behaviour) } },
          Code: { ZipFile: await zip({ 'index.mjs': SOURCE }) },
        }),
      );
      functions.push(FunctionName);
      await waitUntilFunctionActiveV2({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { FunctionName });
      return made.FunctionArn as string;
    },
    async makeMachine(name, { states, timeoutSeconds }) {
      const definition = JSON.stringify({ StartAt: Object.keys(states)[0], States: states, TimeoutSeconds: timeoutSeconds });
      const made = await stepFunctions.send(
        new CreateStateMachineCommand({ name: `${run}-${name}`.slice(0, 80), definition, roleArn: machineRole }),
      );
      machines.push(made.stateMachineArn as string);
      return made.stateMachineArn as string;
    },
    async start(stateMachineArn, input, name) {
      const started = await stepFunctions.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input), name }));
      return started.executionArn as string;
    },
    async stop(executionArn, error, cause) {
      await stepFunctions.send(new StopExecutionCommand({ executionArn, error, cause }));
    },
    async ended(executionArn) {
      const deadline = Date.now() + LONGEST_EXECUTION_MS;
      for (;;) {
        const { status = '', error, cause, output, startDate, stopDate } = await describe(executionArn);
        if (status !== 'RUNNING') {
          const [startedAtMs, stoppedAtMs] = [startDate?.getTime() ?? 0, stopDate?.getTime() ?? 0];
          return {
            status,
            error,
            cause,
            startedAtMs,
            stoppedAtMs,
            output: output === undefined ? undefined : (JSON.parse(output) as Json),
          };
        }
        if (Date.now() > deadline) return { status: 'RUNNING, and does not end', startedAtMs: 0, stoppedAtMs: 0 };
        await sleep(POLL_MS);
      }
    },
    async seenBy(FunctionName) {
      const reply = await functionsOf().send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(ASK)) }));
      return JSON.parse(Buffer.from(reply.Payload ?? []).toString()) as Seen;
    },
    sleep: (seconds) => sleep(seconds * 1_000),
    async remove() {
      for (const stateMachineArn of machines) await stepFunctions.send(new DeleteStateMachineCommand({ stateMachineArn }));
      for (const FunctionName of functions) await lambda?.send(new DeleteFunctionCommand({ FunctionName }));
    },
  };
}
