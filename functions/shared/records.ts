import type { CleanUpClaim, EndedAs, TaskError } from '../deploy/contract.ts';
import type { DeployRecord, FleetRecord, InstanceRecord, LockRecord, ReleaseRecord, TargetProgress } from './record-types.ts';

/** What a fleet runs, the releases that it can run, and what its instances have. Readers see every write before them. */
export interface FleetRecords {
  getFleet(fleet: string): Promise<FleetRecord | undefined>;
  /** False when the release exists; releases never change. A fleet's first release makes the fleet's record, naming it. */
  putRelease(release: ReleaseRecord): Promise<boolean>;
  getRelease(fleet: string, version: string): Promise<ReleaseRecord | undefined>;
  /** Newest first. */
  listReleases(fleet: string): Promise<readonly ReleaseRecord[]>;
  putInstance(fleet: string, instance: InstanceRecord): Promise<void>;
  getInstances(fleet: string): Promise<readonly InstanceRecord[]>;
  /** Deleting what is gone succeeds. */
  deleteInstance(fleet: string, instanceId: string): Promise<void>;
  /** Makes `promotion.version` the current release. False when a deploy with a higher token has promoted since. */
  promote(fleet: string, promotion: Promotion): Promise<boolean>;
}

export interface Promotion {
  readonly version: string;
  readonly deployId: string;
  readonly fencingToken: number;
  readonly atMs: number;
}

/** Who wants a fleet's lock, and until when. Times are milliseconds since the epoch. */
export interface LockRequest {
  readonly fleet: string;
  readonly deployId: string;
  readonly executionArn: string;
  readonly requestedBy: string;
  readonly version: string;
  readonly nowMs: number;
  readonly expiresAtMs: number;
}

export interface LockHold {
  readonly fleet: string;
  readonly deployId: string;
  readonly fencingToken: number;
}

export type LockAnswer =
  | { readonly acquired: true; readonly fencingToken: number; readonly expiresAtMs: number }
  | { readonly acquired: false; readonly holder: LockRecord };

/** The lock that lets one deploy of a fleet run at a time. Its token grows with every acquisition and never shrinks. */
export interface LockRecords {
  getLock(fleet: string): Promise<LockRecord | undefined>;
  /** Takes a free or expired lock. Asked again by the deploy that holds it, answers with the same token, lease extended. */
  acquireLock(request: LockRequest): Promise<LockAnswer>;
  /**
   * For the clean-up of `request.deployId`: takes a lock that this deploy holds, or that is free or expired, with a higher
   * token, so that whatever the deploy still has under way is fenced. Asked again, raises the token again.
   */
  takeOverLock(request: LockRequest): Promise<LockAnswer>;
  /** The deploy has written its end, or never began: the reconciler need not look at it any more. */
  closeDeploy(fleet: string, deployId: string): Promise<void>;
  /** False when the lock is another deploy's, or was released. An expired lease that nobody took can be renewed. */
  renewLease(hold: LockHold, expiresAtMs: number): Promise<boolean>;
  /** False when the lock is not this deploy's any more. */
  releaseLock(hold: LockHold): Promise<boolean>;
}

/** Deploys as the CLI follows them and history shows them. */
export interface DeployRecords {
  /** A record that exists stays as it is: a step that is delivered twice must not wipe progress. */
  createDeploy(deploy: DeployRecord): Promise<void>;
  getDeploy(fleet: string, deployId: string): Promise<DeployRecord | undefined>;
  /** Every deploy on record, latest start first: of a fleet in use, thousands. @param idsFrom those whose id begins so */
  listDeploys(fleet: string, idsFrom?: string): Promise<readonly DeployRecord[]>;
  /** The latest `count`, latest start first; no other is read. */
  latestDeploys(fleet: string, count: number): Promise<readonly DeployRecord[]>;
  /** Changes the fields given; a deploy without a record is left without. */
  updateDeploy(fleet: string, deployId: string, change: DeployChange): Promise<void>;
  /** Adds a target, or replaces its progress. */
  putTarget(fleet: string, deployId: string, instanceId: string, progress: TargetProgress): Promise<void>;
  /** Changes the fields given, and adds the phase that it enters to the target's `phases`. The target has to be in the record. */
  updateTarget(fleet: string, deployId: string, instanceId: string, progress: Partial<TargetProgress>): Promise<void>;
  /** Writes that a clean-up works on the deploy. False when another one did so since `seen` was read. */
  claimCleanUp(fleet: string, deployId: string, claim: CleanUpClaim, seen: CleanUpClaim | undefined): Promise<boolean>;
  /** False when there is no such record. */
  finishDeploy(fleet: string, deployId: string, end: DeployEnd): Promise<boolean>;
}

/** What the steps find out on the way. */
export type DeployChange = Partial<Pick<DeployRecord, 'stage' | 'from' | 'targets' | 'alarmsAtStart' | 'suspension'>>;

export interface DeployEnd {
  readonly status: 'SUCCEEDED' | EndedAs;
  readonly finishedAtMs: number;
  readonly error?: TaskError;
  readonly rolledBack?: boolean;
  readonly outcome?: string;
}

/** All records of an installation; a core names the part that it needs. */
export type Records = FleetRecords & LockRecords & DeployRecords;
