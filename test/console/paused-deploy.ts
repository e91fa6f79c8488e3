/** A deploy that has brought the release to its first server and waits to be continued, for tests of the console. */
import type { DeployRecord } from '../../functions/records/types.ts';
import { type FakeBackend, MACHINE } from './fake-backend.ts';

export const PAUSED = 'b0a7de00-paused';

const MINUTE = 60_000;

/** @param more what its record has besides, or in place of it */
export async function createPausedDeploy(fake: FakeBackend, more: Partial<DeployRecord> = {}): Promise<void> {
  const nowMs = Date.now();
  const target = { fromVersion: '1.0.0', phaseStartedAtMs: nowMs - 3 * MINUTE };
  await fake.records.createDeploy({
    deployId: PAUSED,
    executionArn: `${MACHINE.replace('stateMachine', 'execution')}:holdfast-web-deploy:${PAUSED}`,
    ...{ fleet: 'web', from: '1.0.0', to: '1.1.0', requestedBy: 'local/ann', startedAtMs: nowMs - 5 * MINUTE },
    ...{ status: 'RUNNING', stage: 'paused', pauseAfter: 1 },
    pause: { after: 1, startedAtMs: nowMs - 3 * MINUTE, endsAtMs: nowMs + 27 * MINUTE },
    targets: {
      'i-0a1': { ...target, order: 0, phase: 'done', executionName: 'roll-1', startedAtMs: nowMs - 4 * MINUTE },
      'i-0b2': { ...target, order: 1, phase: 'waiting' },
      'i-0c3': { ...target, order: 2, phase: 'waiting' },
    },
    ...more,
  });
  fake.executions.set(PAUSED, { status: 'RUNNING' });
}
