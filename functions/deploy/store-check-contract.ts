/** What the store-check function is asked, and what it saw of the session store. */
import type { DeployContext, Roll, Verdict } from './contract.ts';

/** Which primary the session store has: changes with every failover. Empty while it is not known. */
export interface StoreIdentity {
  readonly replicationId: string;
}

/** Reply to checkStore. */
export interface StoreCheck extends StoreIdentity {
  /** Those that are in step. */
  readonly replicas: number;
}

/** Reply to checkStore and awaitStore, to be handed back in. WAIT: not ready to bear the next target. */
export interface StoreReadiness extends StoreIdentity {
  readonly verdict: Verdict;
  /** 0 while it is ready. */
  readonly waitingSinceMs: number;
  /** It was away, or had another primary, since the deploy began. */
  readonly failedOver: boolean;
}

/** Reply to compareStore. AGAIN: the store failed over, so bake anew; DONE: it did not. */
export interface StoreComparison extends StoreIdentity {
  readonly verdict: Verdict;
}

export type StoreCheckRequest =
  // the session store only
  | { readonly step: 'checkStore'; readonly deploy: DeployContext }
  | { readonly step: 'awaitStore'; readonly deploy: DeployContext; readonly store: StoreReadiness }
  /** After a bake that failed; `store` is how it was before the target was taken out. */
  | { readonly step: 'compareStore'; readonly deploy: DeployContext; readonly roll: Roll; readonly store: StoreIdentity };
