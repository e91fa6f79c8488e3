/**
 * A deploy with what happens meanwhile and how it has to end, for both worlds: the simulation and the local cloud. Releases and servers
 * have no names of their own, so that both can be compared: `before` and `new`, and positions in the plan.
 */
import type { EndedAs, Phase } from '../../../functions/records/types.ts';

/** Where a release shows that it is bad; of `settle`, an alarm is red as if the release had raised it. */
export type Quality = 'good' | 'checksum' | 'start' | 'ready' | 'loadBalancer' | 'bake' | 'settle';

/** The deploy's record says that it is in this stage, or that one of its targets is in this phase. */
export type When = { readonly stage: 'planning' | 'settling' } | { readonly phase: Phase };

export type What =
  /** An operator stops the execution. */
  | { readonly kind: 'abort' }
  /** Somebody else deploys `before` again. */
  | { readonly kind: 'secondDeploy' }
  /** SIGKILL to the application of the server at this position; systemd starts it again. */
  | { readonly kind: 'killed'; readonly position: number }
  /** An operator terminates the instance at this position; the group launches another one. */
  | { readonly kind: 'terminated'; readonly position: number }
  /** The session store's primary ends, and a replica takes over. */
  | { readonly kind: 'failover' };

export interface Scenario {
  readonly name: string;
  readonly release: Quality;
  readonly onFailure?: 'halt';
  readonly happens?: { readonly when: When; readonly what: What };
  /** Deploys `new` once more, after the first one. */
  readonly again?: true;
  readonly ends: Ending;
}

/** How many servers every scenario begins with, healthy and with one release. */
export const SERVERS = 3;

/** A target of the deploy, in the order of the plan. */
export interface TargetEnding {
  /** On the server at the end; `gone`: it is no member any more. */
  readonly has: 'before' | 'new' | 'gone' | 'other';
  /** Those that it entered, in order. */
  readonly phases: readonly Phase[];
}

export interface Ending {
  readonly status: 'SUCCEEDED' | EndedAs;
  /** The deploy's error by name. */
  readonly error?: string;
  readonly rolledBack?: boolean;
  /** The fleet's current release. */
  readonly current: 'before' | 'new' | 'other';
  /** Healthy targets, and all that are registered. */
  readonly healthy: number;
  readonly registered: number;
  readonly suspended: readonly string[];
  readonly lock: 'free' | 'held';
  readonly openDeploys: number;
  readonly targets: readonly TargetEnding[];
  /** How the other deploy ended: `SUCCEEDED`, or the name of its error. */
  readonly other?: string;
}
