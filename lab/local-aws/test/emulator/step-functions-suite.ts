import { setTimeout as sleep } from 'node:timers/promises';
import { PublishStateMachineVersionCommand, StopExecutionCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { invokeTask, startAndWait, type World } from './world.ts';

const WAIT = { Type: 'Wait', Seconds: 1, End: true };
/** Emulators differ in the spaces of an output. */
const outputOf = ({ status, output }: { readonly status?: string; readonly output?: string }): unknown[] => [
  status,
  JSON.parse(output ?? 'null'),
];

/**
 * State machines, where they matter to a deploy.
 * @param retrySeconds pause before the next attempt; MiniStack takes fractions, which are faster
 * @param concurrent whether several run at once: they wait more than they work
 */
export function describeStepFunctions(world: () => World, { retrySeconds = 1, concurrent = false } = {}): void {
  describe('state machines', () => {
    // Alone: it counts on an environment that stays warm.
    it('retry an error by its name, as often as they say', async () => {
      const arn = await world().makeFunction(
        'counts',
        'let calls = 0; export const handler = async ({ name }) => { calls += 1; if (name) throw Object.assign(new Error(String(calls)), { name }); return calls; };',
      );
      const machine = await world().makeMachine({
        Try: invokeTask(arn, { Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: retrySeconds, BackoffRate: 1, MaxAttempts: 2 }] }),
      });
      expect(await world().run(machine, { name: 'Busy' })).toMatchObject({ status: 'FAILED', error: 'Busy' });
      expect(await world().run(machine, { name: 'Broken' })).toMatchObject({ status: 'FAILED', error: 'Broken' });
      // Three calls for the first, one for the second.
      expect((await world().invoke('counts')).value).toBe(5);
    });
  });

  describe('state machines', { concurrent }, () => {
    it('catch an error of a function by its name', async () => {
      const arn = await world().makeFunction(
        'refuses',
        'export const handler = async ({ name }) => { throw Object.assign(new Error("because"), { name }); };',
      );
      const machine = await world().makeMachine({
        Try: invokeTask(arn, {
          Catch: [
            { ErrorEquals: ['LockTaken'], ResultPath: '$.error', Next: 'Taken' },
            { ErrorEquals: ['States.ALL'], Next: 'Other' },
          ],
        }),
        Taken: { Type: 'Succeed' },
        Other: { Type: 'Fail', Error: 'Other' },
      });
      const [named, other] = await Promise.all([world().run(machine, { name: 'LockTaken' }), world().run(machine, { name: 'Another' })]);
      expect(named.status).toBe('SUCCEEDED');
      const { error } = JSON.parse(named.output ?? '') as { error: { Error: string; Cause: string } };
      expect([error.Error, JSON.parse(error.Cause)]).toEqual(['LockTaken', expect.objectContaining({ errorMessage: 'because' })]);
      expect(other).toMatchObject({ status: 'FAILED', error: 'Other' });
    });

    it('end at their own time-out, and a late result changes nothing', async () => {
      const arn = await world().makeFunction(
        'late',
        'export const handler = async () => { await new Promise((done) => setTimeout(done, 1_600)); };',
      );
      const machine = await world().makeMachine({ Late: invokeTask(arn) }, { TimeoutSeconds: 1 });
      const executionArn = await world().start(machine);
      const ended = await world().ended(executionArn);
      expect(ended.status).toBe('TIMED_OUT');
      await sleep(1_200);
      expect(await world().describe(executionArn)).toMatchObject({ status: 'TIMED_OUT', stopDate: ended.stopDate });
    });

    it('are reported to the gateway when they start and end, for their metrics', async () => {
      const waiting = await world().makeMachine({ Wait: { Type: 'Wait', Seconds: 60, End: true } }, { TimeoutSeconds: 1 });
      const failing = await world().makeMachine({ Fail: { Type: 'Fail', Error: 'Any' } });
      const passing = await world().makeMachine({ Pass: { Type: 'Pass', End: true } });
      await Promise.all([waiting, failing, passing].map((machine) => world().run(machine, {})));
      const toldOf = (machine: string) => world().executions.filter(({ stateMachineArn }) => stateMachineArn === machine);
      await until(async () => [waiting, failing, passing].every((machine) => toldOf(machine).length === 2) || undefined);
      expect([waiting, failing, passing].map((machine) => toldOf(machine).map(({ status }) => status))).toEqual([
        ['RUNNING', 'TIMED_OUT'],
        ['RUNNING', 'FAILED'],
        ['RUNNING', 'SUCCEEDED'],
      ]);
      const [begun, ended] = toldOf(waiting);
      expect(begun?.endedAtMs ?? undefined).toBeUndefined();
      expect((ended?.endedAtMs ?? 0) - (ended?.startedAtMs ?? 0)).toBeGreaterThanOrEqual(900);
    });

    it('stay aborted when they were stopped, also when what they waited for fails later', async () => {
      const arn = await world().makeFunction(
        'late-fails',
        'export const handler = async () => { await new Promise((done) => setTimeout(done, 700)); throw new Error("late"); };',
      );
      const executionArn = await world().start(await world().makeMachine({ Late: invokeTask(arn) }));
      await sleep(300);
      await world().stepFunctions.send(new StopExecutionCommand({ executionArn, error: 'Aborted', cause: 'by hand' }));
      await sleep(900);
      expect(await world().describe(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Aborted', cause: 'by hand' });
    });

    it("fail with a child's error inside the cause of States.TaskFailed", async () => {
      const arn = await world().makeFunction(
        'child-fails',
        'export const handler = async () => { throw Object.assign(new Error("it burns"), { name: "BakeFailed" }); };',
      );
      const child = await world().makeMachine({ Fail: invokeTask(arn) });
      const parent = await world().makeMachine({
        Run: startAndWait(child, {
          Catch: [
            { ErrorEquals: ['BakeFailed'], Next: 'Wrong' },
            { ErrorEquals: ['States.TaskFailed'], ResultPath: '$', Next: 'Caught' },
          ],
        }),
        Caught: { Type: 'Succeed' },
        Wrong: { Type: 'Fail', Error: 'CaughtByTheWrongName' },
      });
      const execution = await world().run(parent);
      expect(execution.status).toBe('SUCCEEDED');
      const caught = JSON.parse(execution.output ?? '') as { Error: string; Cause: string };
      const described = JSON.parse(caught.Cause) as Record<string, string>;
      expect(caught.Error).toBe('States.TaskFailed');
      expect(described).toMatchObject({ Status: 'FAILED', Error: 'BakeFailed', StateMachineArn: child, ExecutionArn: expect.any(String) });
      expect(JSON.parse(described['Cause'] ?? '')).toMatchObject({ errorMessage: 'it burns' });
    });

    it("give a child's output to the parent", async () => {
      const child = await world().makeMachine({ Answer: { Type: 'Pass', Result: { answer: 42 }, End: true } });
      const parent = await world().makeMachine({ Run: startAndWait(child, { OutputPath: '$.Output' }) });
      expect(outputOf(await world().run(parent))).toEqual(['SUCCEEDED', { answer: 42 }]);
    });

    const saying = (what: string) => ({ Say: { Type: 'Pass', Result: { what }, End: true } });
    const change = (stateMachineArn: string, states: Record<string, object>) =>
      world().stepFunctions.send(
        new UpdateStateMachineCommand({ stateMachineArn, definition: JSON.stringify({ StartAt: Object.keys(states)[0], States: states }) }),
      );

    it('keep the definition that they started with', async () => {
      const machine = await world().makeMachine({ Wait: { Type: 'Wait', Seconds: 1, Next: 'Say' }, ...saying('before') });
      const executionArn = await world().start(machine);
      await change(machine, saying('after'));
      expect(outputOf(await world().ended(executionArn))).toEqual(['SUCCEEDED', { what: 'before' }]);
      expect(outputOf(await world().run(machine))).toEqual(['SUCCEEDED', { what: 'after' }]);
    });

    it('run a published version as it was published, as a child too', async () => {
      const machine = await world().makeMachine(saying('first'));
      const { stateMachineVersionArn: version = '' } = await world().stepFunctions.send(
        new PublishStateMachineVersionCommand({ stateMachineArn: machine }),
      );
      await change(machine, saying('second'));
      const parent = await world().makeMachine({ Run: startAndWait(version, { OutputPath: '$' }) });
      const ended = await world().run(parent);
      const child = JSON.parse(ended.output ?? '{}') as { Output: object; ExecutionArn: string };
      expect(child.Output).toEqual({ what: 'first' });
      expect(await world().describe(child.ExecutionArn)).toMatchObject({ stateMachineArn: machine, stateMachineVersionArn: version });
      const pinned = await world().run(version);
      expect(pinned.stateMachineVersionArn).toBe(version);
      expect(outputOf(pinned)).toEqual(['SUCCEEDED', { what: 'first' }]);
      expect(outputOf(await world().run(machine))).toEqual(['SUCCEEDED', { what: 'second' }]);
    });

    it.each([
      ['stopped', {}],
      ['timed out', { TimeoutSeconds: 1 }],
    ])('also stop the child that they wait for when they are %s', async (way, more) => {
      const child = await world().makeMachine({ First: { Type: 'Wait', Seconds: 2, Next: 'Second' }, Second: WAIT });
      const executionArn = await world().start(
        await world().makeMachine(
          { Run: startAndWait(child, { Parameters: { StateMachineArn: child, Name: `child-${way.replace(' ', '-')}` } }) },
          more,
        ),
      );
      const childArn = `${child.replace(':stateMachine:', ':execution:')}:child-${way.replace(' ', '-')}`;
      await until(() =>
        world()
          .describe(childArn)
          .catch(() => undefined),
      );
      if (way === 'stopped') await world().stepFunctions.send(new StopExecutionCommand({ executionArn }));
      expect((await world().ended(childArn)).status).toBe('ABORTED');
      expect((await world().ended(executionArn)).status).toBe(way === 'stopped' ? 'ABORTED' : 'TIMED_OUT');
    });
  });
}
