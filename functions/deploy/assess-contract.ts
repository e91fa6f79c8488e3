/** What the assess function is asked, and what it found of the fleet: the plan, its fitness, the next target. */
import type { DeployContext, Lease, Roll, Verdict } from './contract.ts';

/** What Plan decided. The order is a forecast: NextTarget looks at the fleet anew each time. */
export interface Plan {
  /** Release that the fleet record names; `none` before the first. */
  readonly from: string;
  readonly to: string;
  readonly targets: readonly PlannedTarget[];
}

export interface PlannedTarget {
  readonly instanceId: string;
  /** Release on the instance by its record; `unknown` when nothing was recorded. */
  readonly version: string;
  /** Load balancer's target state: `healthy`, `unhealthy`, `unused`, … */
  readonly health: string;
}

/**
 * Reply to pinDocuments are the versions of the documents, to plan the {@link Plan}, to preflight {@link Preflight}, to
 * nextTarget {@link NextTarget}, to settle {@link Settle}. A time of 0: not begun.
 */
export type AssessRequest =
  // reads ELB, Auto Scaling, SSM, CloudWatch alarms and DynamoDB; writes only the deploy's record
  | { readonly step: 'pinDocuments'; readonly deploy: DeployContext; readonly lease: Lease }
  | { readonly step: 'plan'; readonly deploy: DeployContext; readonly lease: Lease }
  | { readonly step: 'preflight'; readonly deploy: DeployContext; readonly lease: Lease; readonly plan: Plan }
  | { readonly step: 'nextTarget'; readonly deploy: DeployContext; readonly lease: Lease; readonly waitingSinceMs: number }
  | {
      readonly step: 'settle';
      readonly deploy: DeployContext;
      readonly lease: Lease;
      readonly settleStartedAtMs: number;
      /** The session store had another primary in mid-deploy. */
      readonly storeFailedOver: boolean;
    };

/** Reply to preflight: what was found fit. */
export interface Preflight {
  readonly healthyTargets: number;
  /** Alarms that were red before the deploy; they do not block it. */
  readonly alreadyInAlarm: readonly string[];
}

/** Reply to settle: WAIT until the settle time has passed, then DONE. Hand `settleStartedAtMs` back in. */
export interface Settle {
  readonly verdict: Verdict;
  readonly settleStartedAtMs: number;
}

/** Reply to nextTarget. WAIT: an instance is starting; DONE: every member has the version. */
export interface NextTarget {
  readonly verdict: Verdict;
  /** With AGAIN: the target to roll. */
  readonly roll?: Roll;
  /** 0 while the deploy is not waiting. Hand it back in. */
  readonly waitingSinceMs: number;
}
