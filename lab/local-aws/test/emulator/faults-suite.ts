import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { EVENT_TOKEN, invokeTask, OWNER_TOKEN, startAndWait, type World } from './world.ts';

/** Pause of a state before its next attempt; MiniStack takes fractions, which are faster. */
const RETRY_SECONDS = 0.1;

/** What a test sets in the gateway happens to functions and to events of Step Functions. */
export function describeFaults(world: () => World): void {
  afterEach(() => world().faults.reset());

  describe('a fault of an invocation', () => {
    const made = new Map<string, Promise<string>>();
    /** Counts its invocations, which a killed process forgets. */
    const counter = (name: string): Promise<string> => {
      const code = 'let count = 0; export const handler = async (event) => { count += 1; return { count, pid: process.pid }; };';
      const found = made.get(name) ?? world().makeFunction(name, code, { timeoutSeconds: 1 });
      made.set(name, found);
      return found;
    };

    it('throws the named error for the first invocations, and the function works again afterwards', async () => {
      await counter('thrice');
      world().faults.add({
        on: 'invocation',
        match: { function: 'thrice' },
        when: { first: 2 },
        effect: { kind: 'throw', error: 'Lambda.TooManyRequestsException', message: 'Rate Exceeded', afterWork: false },
      });
      const failed = { failure: 'Unhandled', value: { errorType: 'Lambda.TooManyRequestsException', errorMessage: 'Rate Exceeded' } };
      expect([await world().invoke('thrice'), await world().invoke('thrice'), await world().invoke('thrice')]).toMatchObject([
        failed,
        failed,
        { value: { count: 1 } },
      ]);
      expect(world().faults.list()).toMatchObject([{ matched: 3, applied: 2 }]);
    });

    it('throws after the work is done: an answer that is lost', async () => {
      await counter('after');
      const effect = { kind: 'throw', error: 'Lost', message: 'x', afterWork: true } as const;
      world().faults.add({ on: 'invocation', match: { function: 'after' }, when: { nth: 1 }, effect });
      expect(await world().invoke('after')).toMatchObject({ failure: 'Unhandled', value: { errorType: 'Lost' } });
      expect((await world().invoke('after')).value).toMatchObject({ count: 2 });
    });

    it('kills the process in the middle', async () => {
      await counter('dies');
      const before = (await world().invoke('dies')).value as { pid: number };
      world().faults.add({ on: 'invocation', match: { function: 'dies' }, when: { nth: 1 }, effect: { kind: 'die', afterMs: 20 } });
      expect(await world().invoke('dies')).toMatchObject({ failure: 'Unhandled', value: { errorType: 'Runtime.ExitError' } });
      const after = (await world().invoke('dies')).value as { pid: number; count: number };
      expect(after.count).toBe(1);
      expect(after.pid).not.toBe(before.pid);
    });

    it('runs into the time limit', async () => {
      await counter('overruns');
      world().faults.add({ on: 'invocation', match: { function: 'overruns' }, when: { nth: 1 }, effect: { kind: 'overrun' } });
      expect(await world().invoke('overruns')).toMatchObject({ failure: 'Unhandled', value: { errorType: 'Sandbox.Timedout' } });
      expect((await world().invoke('overruns')).value).toMatchObject({ count: 1 });
    });

    it('is caught by its name in a state machine, and meets only the payload that it is for', async () => {
      const functionArn = await counter('stepped');
      world().faults.add({
        on: 'invocation',
        match: { function: 'stepped', payload: 'register' },
        when: {},
        effect: { kind: 'throw', error: 'Throttling', message: 'x', afterWork: false },
      });
      const machine = await world().makeMachine({
        Work: invokeTask(functionArn, { Catch: [{ ErrorEquals: ['Throttling'], Next: 'Caught' }], End: true }),
        Caught: { Type: 'Pass', Result: 'caught', End: true },
      });
      expect(await world().run(machine, { step: 'register' })).toMatchObject({ status: 'SUCCEEDED', output: '"caught"' });
      expect((await world().run(machine, { step: 'deregister' })).output).toContain('"count"');
    });
  });

  describe('a fault of an event of Step Functions', () => {
    let eventBridge: EventBridgeClient;
    let sqs: SQSClient;
    let queueUrl: string;
    let machine: string;

    beforeAll(async () => {
      eventBridge = new EventBridgeClient(world().config);
      sqs = new SQSClient(world().config);
      queueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: 'statuses' }))).QueueUrl as string;
      const EventPattern = JSON.stringify({ source: ['aws.states'], detail: { status: ['SUCCEEDED'] } });
      await eventBridge.send(new PutRuleCommand({ Name: 'statuses', EventPattern }));
      const Targets = [{ Id: 'q', Arn: 'arn:aws:sqs:us-east-1:000000000000:statuses' }];
      await eventBridge.send(new PutTargetsCommand({ Rule: 'statuses', Targets }));
      machine = await world().makeMachine({ Done: { Type: 'Pass', End: true } });
    });
    afterAll(() => {
      eventBridge.destroy();
      sqs.destroy();
    });

    /** Executions that an event told of, in order, until one about `last` has come. */
    const toldUntil = async (last: string): Promise<string[]> => {
      const told: string[] = [];
      await until(async () => {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
        );
        for (const { Body = '{}' } of Messages) told.push((JSON.parse(Body) as { detail: { executionArn: string } }).detail.executionArn);
        return told.includes(last) || undefined;
      });
      return told;
    };
    const set = (effect: { kind: 'drop' } | { kind: 'twice' } | { kind: 'delay'; ms: number }) =>
      world().faults.add({ on: 'event', match: { source: 'aws.states', resource: 'SUCCEEDED' }, when: { nth: 1 }, effect });
    const run = async () => (await world().run(machine)).executionArn as string;

    it('loses it', async () => {
      set({ kind: 'drop' });
      const [, kept] = [await run(), await run()];
      expect(await toldUntil(kept)).toEqual([kept]);
    });

    it('delivers it twice', async () => {
      set({ kind: 'twice' });
      const [twice, once] = [await run(), await run()];
      expect((await toldUntil(once)).filter((arn) => arn === twice)).toHaveLength(2);
    });

    it('delivers it late', async () => {
      set({ kind: 'delay', ms: 800 });
      const [late, early] = [await run(), await run()];
      expect(await toldUntil(late)).toEqual([early, late]);
    });
  });

  it("accepts the emulator's token for its questions and the owner's for what it sets, and neither for the other", async () => {
    const ask = async (path: string, token: string) =>
      (
        await fetch(`${world().config.endpoint}/_holdfast/faults/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-holdfast-token': token },
          body: path === 'list' ? '{}' : '{"function":"f","payload":{}}',
        })
      ).status;
    expect([await ask('of-invocation', EVENT_TOKEN), await ask('of-invocation', OWNER_TOKEN), await ask('of-invocation', '')]).toEqual([
      200, 403, 403,
    ]);
    expect([await ask('list', OWNER_TOKEN), await ask('list', EVENT_TOKEN), await ask('list', '')]).toEqual([200, 403, 403]);
  });

  describe('a fault of a call', () => {
    it('meets one caller alone: the session of a function is told from another by its role and name', async () => {
      await world().makeFunction('caller', 'export const handler = async () => process.env.AWS_ACCESS_KEY_ID;');
      const { value: accessKeyId } = await world().invoke('caller');
      expect(world().callerOf(accessKeyId as string)).toMatch(/^arn:aws:sts::000000000000:assumed-role\/anybody\/caller$/);
    });

    it('meets a state machine that starts a child: refused, it tries again, and a lost answer starts no second one', async () => {
      const states = {
        // It still runs at the second attempt.
        Wait: { Type: 'Wait', Seconds: 1, Next: 'Say' },
        Say: { Type: 'Pass', Result: 7, End: true },
      };
      const Retry = [
        { ErrorEquals: ['StepFunctions.AWSStepFunctionsException', 'StepFunctions.SdkClientException'], IntervalSeconds: RETRY_SECONDS },
      ];
      const caught = (name: string) => ({ ErrorEquals: [name], Next: 'Caught' });
      const starter = (child: string) =>
        world().makeMachine({
          Run: startAndWait(child, {
            Parameters: { StateMachineArn: child, 'Name.$': '$.name', Input: {} },
            Retry,
            Catch: [caught('StepFunctions.ExecutionAlreadyExistsException')],
            OutputPath: '$.Output',
            End: true,
          }),
          Caught: { Type: 'Pass', Result: 'known', End: true },
        });
      const match = (child: string) => ({ service: 'states', action: 'StartExecution', caller: 'arn:aws:sts::*', resource: child });
      const throttled = { kind: 'error', code: 'ThrottlingException', status: 400, message: 'Rate exceeded' } as const;
      const children = [await world().makeMachine(states), await world().makeMachine(states)] as const;
      const [refused, lost] = [await starter(children[0]), await starter(children[1])];
      world().faults.add({ on: 'call', match: match(children[0]), when: { first: 1 }, effect: throttled });
      world().faults.add({ on: 'call', match: match(children[1]), when: { first: 1 }, effect: { kind: 'loseAnswer' } });
      const ended = await Promise.all([world().run(refused, { name: 'refused' }), world().run(lost, { name: 'lost' })]);
      expect(ended.map(({ status, output }) => [status, output])).toEqual([
        ['SUCCEEDED', '7'],
        ['SUCCEEDED', '7'],
      ]);
      expect(world().faults.list()).toMatchObject([{ applied: 1 }, { applied: 1 }]);
      const begun = (child: string) =>
        world().executions.filter(({ stateMachineArn, status }) => stateMachineArn === child && status === 'RUNNING');
      expect(children.map((child) => begun(child).length)).toEqual([1, 1]);
      expect(await world().run(lost, { name: 'lost' })).toMatchObject({ status: 'SUCCEEDED', output: '"known"' });
    });

    it('meets the services of the emulator too', async () => {
      world().faults.add({
        on: 'call',
        match: { service: 'sts', action: 'GetCallerIdentity', caller: 'arn:aws:iam::*:root' },
        when: { first: 1 },
        effect: { kind: 'error', code: 'Throttling', status: 400, message: 'Rate exceeded' },
      });
      const sts = new STSClient(world().config);
      await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
      expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toBe('000000000000');
      sts.destroy();
    });
  });
}
