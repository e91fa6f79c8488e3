/** Work that does not come to its end by itself: a deploy that is stopped, a command that is overdue. */
import { DescribeExecutionCommand, ListExecutionsCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { GetCommandInvocationCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RollReply } from '../../functions/deploy/contract/roll.ts';
import { rollTargetStateMachineName } from '../../functions/shared/naming.ts';
import { until } from '../until.ts';
import { cloud, deploy, publish, recordOf, ssm, startDeploy, suspendedProcesses, untilHealthy, versions } from './fleet.ts';
import { FULL } from './full-run.ts';
import { ask, asked, holdFleet, letFleetGo, lifecycleAction, type Subject } from './hold-fleet.ts';

beforeAll(async () => {
  await untilHealthy(3);
});

describe('a deploy that an operator stops in mid-target', () => {
  it.runIf(FULL)("has that target's execution stopped by its clean-up, and the next deploy repairs what is left", async () => {
    const { records, fleet, stepFunctions, deployStateMachineArn } = await cloud();
    await publish('60.0.0');
    const executionArn = await startDeploy({ version: '60.0.0' });
    await until(
      async () => Object.values((await recordOf(executionArn))?.targets ?? {}).some(({ phase }) => phase === 'draining'),
      'a target is drained',
    );
    await stepFunctions.send(new StopExecutionCommand({ executionArn }));
    const stateMachineArn = deployStateMachineArn.replace(/[^:]+$/, rollTargetStateMachineName('holdfast', 'web'));
    const { executions = [] } = await stepFunctions.send(new ListExecutionsCommand({ stateMachineArn }));
    const latest = executions.toSorted((a, b) => Number(b.startDate) - Number(a.startDate))[0];

    // Its clean-up holds the lock until everything is as it was.
    await until(
      async () => (await records.getLock(fleet))?.deployId === undefined && (await recordOf(executionArn))?.status !== 'RUNNING',
      'the clean-up is over',
      120_000,
    );
    // SUCCEEDED would be a target that was brought to its end although its deploy was stopped.
    const roll = await stepFunctions.send(new DescribeExecutionCommand({ executionArn: latest?.executionArn }));
    expect([roll.status, roll.error]).toEqual(['ABORTED', 'Aborted']);
    expect(await deploy('60.0.0')).toMatchObject({ status: 'SUCCEEDED' });
    await untilHealthy(3);
    expect(Object.values(await versions())).toEqual(['60.0.0', '60.0.0', '60.0.0']);
    expect(await suspendedProcesses()).toEqual([]);
  });
});

describe('a command that is overdue', () => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await holdFleet('overdue');
  });
  afterAll(() => letFleetGo(subject));

  /** A wait-idle command that runs for a minute. */
  async function sendLongWait(): Promise<RollReply['roll']> {
    const { deploy: own, lease, instanceId } = subject;
    const patient = { ...own, settings: { ...own.settings, drainSliceSeconds: 60 } };
    const roll = { instanceId, quietSeconds: 120, phaseStartedAtMs: Date.now() };
    return (await asked<RollReply>('deploy-command', { step: 'sendWaitIdle', deploy: patient, lease, roll })).roll;
  }
  const untilCancelled = ({ commandId, instanceId }: RollReply['roll']) =>
    until(async () => {
      // Systems Manager does not know an invocation at once.
      const invocation = await ssm
        .send(new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId }))
        .catch((error: Error) => (error.name === 'InvocationDoesNotExist' ? undefined : Promise.reject(error)));
      return invocation?.Status === 'Cancelled';
    }, 'the command is cancelled');

  it('is cancelled by the deploy, which fails and reports it', async () => {
    const { deploy: own, lease } = subject;
    const roll = await sendLongWait();
    const answer = await ask('deploy-command', {
      step: 'checkWaitIdle',
      deploy: own,
      lease,
      // It was to end within seconds, and has had half a minute.
      roll: { ...roll, phaseStartedAtMs: 1, commandSentAtMs: Date.now() - 30_000 },
    });
    expect(answer).toMatchObject({
      failed: true,
      value: { errorType: 'CommandFailed', errorMessage: expect.stringMatching(/did not end in time; it was cancelled$/) },
    });
    await untilCancelled(roll);
  });

  it('is cancelled by a termination, which continues', async () => {
    const roll = await sendLongWait();
    const termination = { ...lifecycleAction(subject.instanceId), commandId: roll.commandId, phaseStartedAtMs: 1 };
    expect(await asked('lifecycle', { step: 'checkWaitIdle', termination })).toMatchObject({ verdict: 'DONE' });
    await untilCancelled(roll);
  });
});
