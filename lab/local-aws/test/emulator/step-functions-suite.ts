import { PublishStateMachineVersionCommand, StopExecutionCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { startAndWait, type World } from './world.ts';

const WAIT = { Type: 'Wait', Seconds: 1, End: true };
/** Emulators differ in the spaces of an output. */
const outputOf = ({ status, output }: { readonly status?: string; readonly output?: string }): unknown[] => [
  status,
  JSON.parse(output ?? 'null'),
];

/** What of executions no row of the table has (test/step-functions/rows). At once: they wait more than they work. */
export function describeStepFunctions(world: () => World): void {
  describe('state machines', { concurrent: true }, () => {
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
