/** Work that does not come to its end by itself: a command that is overdue, of a deploy and of a termination. */
import { GetCommandInvocationCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RollReply } from '../../functions/deploy/contract/roll.ts';
import { until } from '../until.ts';
import { ssm, untilHealthy } from './fleet.ts';
import { ask, asked, holdFleet, letFleetGo, lifecycleAction, type Subject } from './hold-fleet.ts';

beforeAll(async () => {
  await untilHealthy(3);
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
