/** Lambda and Step Functions. */
import { InvokeCommand, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import type { Ability, ClientConfig } from './ability.ts';
import { makeFunction, must, mustRefuse, startMachine } from './calls.ts';

const THROWS = 'export const handler = async () => { throw Object.assign(new Error("none left"), { name: "OutOfStock" }); };';
const COUNTS = `let count = 0;
export const handler = async ({ hang }) => {
  count += 1;
  if (hang) for (;;) {}
  return count;
};`;

/** A task that sends its token to a queue and waits for the answer. */
const _waiting = (QueueUrl: string, more: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
  Parameters: { QueueUrl, MessageBody: { 'token.$': '$$.Task.Token' } },
  End: true,
  ...more,
});
const CAUGHT = { Type: 'Pass', Result: 'by name', End: true };

const mustCatch = async (config: ClientConfig, task: object, error: string, action: string) => {
  const Catch = [{ ErrorEquals: [error], Next: 'Caught' }];
  const { end } = await startMachine(config, { Try: { ...task, Catch }, Caught: CAUGHT }, action);
  const output = await end();
  must(output === '"by name"', `it ended with ${output}`);
};

export const FUNCTIONS_AND_MACHINES: readonly Ability[] = [
  {
    service: 'Lambda',
    what: 'runs a Node function, and reports the error that it throws by its name (without Docker)',
    async show(config) {
      const { client, FunctionName } = await makeFunction(config, THROWS);
      const { Payload = [] } = await client.send(new InvokeCommand({ FunctionName }));
      must((JSON.parse(Buffer.from(Payload).toString()) as { errorType?: string }).errorType === 'OutOfStock', 'another name');
    },
  },
  {
    service: 'Lambda',
    what: 'keeps a function warm, stops it at its time-out, and then starts it anew (without Docker)',
    async show(config) {
      const { client, FunctionName } = await makeFunction(config, COUNTS, 1);
      const invoke = async (hang: boolean) => {
        const Payload = Buffer.from(JSON.stringify({ hang }));
        return Buffer.from((await client.send(new InvokeCommand({ FunctionName, Payload }))).Payload ?? []).toString();
      };
      const replies = [await invoke(false), await invoke(false), await invoke(true), await invoke(false)];
      must(/^1 2 .*timed out after 1\.00 seconds.* 1$/.test(replies.join(' ')), `it answered ${replies.join(' ')}`);
    },
  },
  {
    service: 'Lambda',
    what: 'refuses a call beyond a function’s reserved concurrency (without Docker)',
    async show(config) {
      const { client, FunctionName } = await makeFunction(config, COUNTS);
      const invoke = () => client.send(new InvokeCommand({ FunctionName, Payload: Buffer.from('{}') }));
      await invoke();
      await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
      await mustRefuse(/^TooManyRequestsException/, invoke());
    },
  },
  {
    service: 'Step Functions',
    what: 'catches a function’s error by its name (without Docker)',
    async show(config) {
      const { arn } = await makeFunction(config, THROWS);
      await mustCatch(config, { Type: 'Task', Resource: arn, End: true }, 'OutOfStock', 'lambda:InvokeFunction');
    },
  },
];
