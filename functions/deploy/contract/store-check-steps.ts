/** Requests and replies of the store-check function. */

import type { VerdictOf } from '../../shared/verdict.ts';
import type { DeployContext } from './common.ts';
import type { Roll } from './roll.ts';

/** Which primary the session store has: changes with every failover. Empty while it is not known. */
export interface StoreIdentity {
  readonly replicationId: string;
}

/** Reply to checkStore. */
export interface StoreCheck extends StoreIdentity {
  /** The number of replicas that are in sync. */
  readonly replicas: number;
}

/** Reply to checkStore and awaitStore; pass it back in. WAIT: the store is not ready for the next target. */
export interface StoreReadiness extends StoreIdentity {
  readonly verdict: VerdictOf<'DONE' | 'WAIT'>;
  /** 0 while it is ready. */
  readonly waitingSinceMs: number;
  /** Alarms and unhealthy servers can be due to the store: its primary changed since the deploy began, or it is or was lately not ready. */
  readonly failedOver: boolean;
  /** When the store was last not ready, milliseconds since the epoch. Absent where `failedOver` has another reason, or is not set. */
  readonly notReadyAtMs?: number;
}

/** Reply to compareStore. REPEAT: the store failed over, so the bake starts again; DONE: it did not; WAIT: not known yet. */
export interface StoreComparison extends StoreIdentity {
  readonly verdict: VerdictOf<'DONE' | 'WAIT' | 'REPEAT'>;
}

export type StoreCheckRequest =
  // the session store only
  | { readonly step: 'checkStore'; readonly deploy: DeployContext }
  | { readonly step: 'awaitStore'; readonly deploy: DeployContext; readonly store: StoreReadiness }
  /** Asks after a failed bake whether the store failed over; `store` is its identity before the target was taken out. */
  | { readonly step: 'compareStore'; readonly deploy: DeployContext; readonly roll: Roll; readonly store: StoreIdentity };
