import type { LockRecords } from '../shared/records.ts';
import type { DeployContext, Lease } from './contract.ts';
import { LeaseLost } from './errors.ts';

/**
 * Renews the deploy's lease, right before a change: load balancer and Auto Scaling take no token, so nothing else keeps
 * a deploy that lost its lock from acting. The renewed lease outlives the function's time limit.
 * @throws LeaseLost when the lock is another deploy's, or was released
 */
export async function holdLease(
  records: Pick<LockRecords, 'renewLease'>,
  deploy: DeployContext,
  lease: Lease,
  nowMs: number,
): Promise<Lease> {
  const { deployId, fleet } = deploy;
  const expiresAtMs = nowMs + deploy.settings.leaseSeconds * 1000;
  const hold = { fleet, deployId, fencingToken: lease.fencingToken };
  if (await records.renewLease(hold, expiresAtMs)) return { ...lease, expiresAtMs };
  throw new LeaseLost(`deploy ${deployId} does not hold the lock of fleet ${fleet} with token ${lease.fencingToken} any more`);
}
