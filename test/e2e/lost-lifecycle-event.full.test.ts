/** Events of lifecycle hooks are best-effort: the reconciler starts what they did not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LifecycleAction } from '../../functions/shared/aws/auto-scaling.ts';
import { launchStateMachineName, terminateStateMachineName } from '../../functions/shared/naming.ts';
import { until } from '../until.ts';
import { kept, statesOf, untilEnded, untilHealthy } from './fleet.ts';
import { asked } from './hold-fleet.ts';
import { beginWaitingLaunch, beginWaitingTermination, endWaiting } from './waiting-launch.ts';

let waiting: LifecycleAction;

beforeAll(async () => {
  await untilHealthy(3);
  waiting = await beginWaitingLaunch();
});
afterAll(async () => {
  if (waiting) await endWaiting(waiting);
});

const reconcile = () => asked<object>('deploy-reconcile', { step: 'reconcile' });
const reconciled = (machine: string) =>
  `arn:aws:states:${kept.region}:000000000000:execution:${machine}:${waiting.instanceId}-reconciled-1`;

/** The event's own execution has ended, and the server still waits: it could as well never have begun. */
async function untilReconciled(machine: string) {
  await until(async () => {
    await reconcile();
    return statesOf(reconciled(machine)).catch(() => undefined);
  }, `${machine} is started for the server`);
  return untilEnded(reconciled(machine));
}

describe('a server that waits with no execution for it', { timeout: 90_000 }, () => {
  it('is launched by the reconciler, which installs nothing where the launch is over', async () => {
    await reconcile(); // the event's own execution runs: nothing is started
    await expect(untilReconciled(launchStateMachineName('holdfast', 'web'))).resolves.toMatchObject({ status: 'SUCCEEDED' });
    expect(await statesOf(reconciled(launchStateMachineName('holdfast', 'web')))).not.toContain('Install: check');
  });

  it('is terminated by the reconciler', async () => {
    await beginWaitingTermination(waiting);
    await reconcile();
    await expect(untilReconciled(terminateStateMachineName('holdfast', 'web'))).resolves.toMatchObject({ status: 'SUCCEEDED' });
  });
});
