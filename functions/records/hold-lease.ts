import { LeaseLost } from './errors.ts';
import type { LockRecords } from './records.ts';
import type { Lease } from './types.ts';

/** The deploy that holds the lock, and for how long each renewal extends its lease. */
export interface LeaseHolder {
  readonly fleet: string;
  readonly deployId: string;
  readonly settings: { readonly leaseSeconds: number };
}

/**
 * Renews the deploy's lease right before a change. Load balancers and Auto Scaling take no fencing token, so nothing else stops
 * a deploy that lost its lock. The renewed lease outlives the function's time limit.
 * @throws LeaseLost when the lock is another deploy's, or was released
 */
export async function holdLease(
  records: Pick<LockRecords, 'renewLease'>,
  deploy: LeaseHolder,
  lease: Lease,
  nowMs: number,
): Promise<Lease> {
  const { deployId, fleet, settings } = deploy;
  const expiresAtMs = nowMs + settings.leaseSeconds * 1000;
  const hold = { fleet, deployId, fencingToken: lease.fencingToken };
  if (await records.renewLease(hold, expiresAtMs)) return { ...lease, expiresAtMs };
  throw new LeaseLost(`deploy ${deployId} no longer holds the lock of fleet ${fleet} with token ${lease.fencingToken}`);
}
