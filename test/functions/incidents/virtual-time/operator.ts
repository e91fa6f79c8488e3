import { createScaling } from '../../../../functions/deploy/scaling/scaling.ts';
import type { Suspension } from '../../../../functions/records/suspension.ts';
import { DEPLOY, recordingLog } from '../../fakes/fixtures.ts';
import type { incidentWorld } from './world.ts';

/** An operator's deploy of the fleet, as far as Auto Scaling shows it. */
export async function deployIn({ fleetRecords, group, now }: Pick<ReturnType<typeof incidentWorld>, 'fleetRecords' | 'group' | 'now'>) {
  const scaling = createScaling({ records: fleetRecords, group, log: recordingLog(), now, pause: async () => {} });
  const lock = await fleetRecords.acquireLock({ ...DEPLOY, nowMs: now(), expiresAtMs: now() + 3_600_000, takesOver: true });
  if (!lock.acquired) throw new Error('the deploy was refused');
  const suspension = (await scaling({ step: 'suspend', deploy: DEPLOY, lease: lock, round: 0 })) as Suspension;
  const hold = { fleet: 'web', deployId: 'd1', fencingToken: lock.fencingToken };
  // Each of its steps renews the lease.
  await fleetRecords.renewLease(hold, now() + 3_600_000);
  return async () => {
    await scaling({ step: 'resume', deploy: DEPLOY, lease: lock, suspension });
    await fleetRecords.closeDeploy('web', 'd1');
    await fleetRecords.releaseLock(hold);
  };
}
