import { HoldfastError } from '../shared/errors.ts';
import type { Suspension } from './suspension.ts';
import type {
  CleanUpClaim,
  DeployContinued,
  DeployPause,
  DeployRecord,
  EndedAs,
  FleetRecord,
  InstanceRecord,
  LockRecord,
  OtherHolder,
  Phase,
  RecordedRegistrations,
  ReleaseRecord,
  TargetProgress,
  TaskError,
} from './types.ts';

/** Conditions under which a target's record is changed, so that a step which comes late or twice does not undo a later one. */
export interface TargetCondition {
  readonly executionName?: string | undefined;
  readonly phases?: readonly Phase[] | undefined;
  /** The roll by this execution has not begun yet: another one is on record, or none, or this one waits. */
  readonly notBegun?: string | undefined;
  /** No execution was ever to roll it. */
  readonly neverRolled?: true | undefined;
}

/** A fleet's current release, its published releases, and the release on each instance. Reads are strongly consistent. */
export interface FleetRecords {
  /** Undefined until a deploy of the fleet has succeeded. */
  getFleet(fleet: string): Promise<FleetRecord | undefined>;
  /** False when the release exists; releases never change. It becomes current only by a deploy that succeeds. */
  putRelease(release: ReleaseRecord): Promise<boolean>;
  getRelease(fleet: string, version: string): Promise<ReleaseRecord | undefined>;
  /** Newest first. */
  listReleases(fleet: string): Promise<readonly ReleaseRecord[]>;
  putInstance(fleet: string, instance: InstanceRecord): Promise<void>;
  getInstances(fleet: string): Promise<readonly InstanceRecord[]>;
  /** Undefined for an instance that no deploy has taken out. */
  getRegistrations(fleet: string, instanceId: string): Promise<RecordedRegistrations | undefined>;
  putRegistrations(fleet: string, instanceId: string, registrations: RecordedRegistrations): Promise<void>;
  /** Deletes the instance's record and its registrations. Succeeds when there are none. */
  deleteInstance(fleet: string, instanceId: string): Promise<void>;
  /** Makes `promotion.version` the current release. False when a deploy with a higher token has promoted one since. */
  promote(fleet: string, promotion: Promotion): Promise<boolean>;
}

export interface Promotion {
  readonly version: string;
  /** The checksum of the archive that the deploy installed. */
  readonly sha256: string;
  readonly deployId: string;
  readonly fencingToken: number;
  readonly atMs: number;
}

/** A request for a fleet's lock. Times are milliseconds since the epoch. */
export interface LockRequest {
  readonly fleet: string;
  readonly deployId: string;
  readonly executionArn: string;
  readonly requestedBy: string;
  /** Release that is deployed. */
  readonly version: string;
  readonly nowMs: number;
  readonly expiresAtMs: number;
  /** The kind of a holder without a clean-up, which the lock does not list among the open deploys. @default a deploy */
  readonly heldBy?: OtherHolder;
}

export interface LockHold {
  readonly fleet: string;
  readonly deployId: string;
  readonly fencingToken: number;
}

export type LockAnswer =
  | { readonly acquired: true; readonly fencingToken: number; readonly expiresAtMs: number }
  | { readonly acquired: false; readonly holder: LockRecord };

/** The lock that lets one deploy of a fleet run at a time. Its token grows with every acquisition. */
export interface LockRecords {
  getLock(fleet: string): Promise<LockRecord | undefined>;
  /**
   * Takes a free or expired lock. If the deploy holds it already, extends the lease and returns the same token. The
   * reconciler does not take it while a deploy is open, whose clean-up still has to restore the servers.
   */
  acquireLock(request: LockRequest): Promise<LockAnswer>;
  /**
   * For the clean-up of `request.deployId`: takes a lock that this deploy holds, or that is free or expired, with a higher
   * token, which fences everything that the deploy still has under way. Each call raises the token.
   */
  takeOverLock(request: LockRequest): Promise<LockAnswer>;
  /** Records that the deploy has ended or never started: the reconciler no longer checks it. */
  closeDeploy(fleet: string, deployId: string): Promise<void>;
  /**
   * Does what `closeDeploy` does, for a deploy without a record. False, and nothing is changed, when it holds the lock: the step that took it
   * is still at work although its execution has ended, and writes the record next.
   */
  forgetDeploy(fleet: string, deployId: string): Promise<boolean>;
  /** False when the lock is another deploy's, or was released. An expired lease can be renewed until another deploy takes the lock. */
  renewLease(hold: LockHold, expiresAtMs: number): Promise<boolean>;
  /** False when this deploy no longer holds the lock. */
  releaseLock(hold: LockHold): Promise<boolean>;
  /**
   * Replaces what the fleet has on record as suspended; it outlives the release of the lock. False, and nothing is replaced, when
   * this deploy no longer holds the lock, or has begun to resume this round or a later one.
   */
  putSuspension(hold: LockHold, suspension: Suspension): Promise<boolean>;
  /** From here on `putSuspension` refuses this round. Comes before the processes are resumed; repeating it changes nothing. */
  beginResume(hold: LockHold, round: number): Promise<void>;
  /** Removes the suspension, and what an earlier version kept of it, unless a later one has replaced it: of another deploy, of the same one's clean-up, or of a later round. */
  deleteSuspension(hold: LockHold, round: number): Promise<void>;
}

export interface DeployRecords {
  /** Leaves an existing record as it is: a step that is delivered twice must not erase progress. */
  createDeploy(deploy: DeployRecord): Promise<void>;
  getDeploy(fleet: string, deployId: string): Promise<DeployRecord | undefined>;
  /** Deploys whose id begins with `idPrefix`, latest start first. A fleet can have thousands: with targets only where it is one deploy. */
  findDeploys(fleet: string, idPrefix: string): Promise<readonly DeployRecord[]>;
  /** The latest `count`, latest start first; no other is read. */
  latestDeploys(fleet: string, count: number): Promise<readonly DeployRecord[]>;
  /**
   * Changes the given fields. False, and nothing is changed, for a deploy without a record, for one that has finished, and for one that
   * has not as many warnings as `onlyIf` wants.
   */
  updateDeploy(fleet: string, deployId: string, change: DeployChange, onlyIf?: { readonly warnings: number }): Promise<boolean>;
  /** Records why the deploy begins nothing any more. Does nothing where a failure is on record already, or the deploy has finished. */
  recordFirstFailure(fleet: string, deployId: string, error: TaskError): Promise<void>;
  /** Records that the deploy waits. Does nothing where it has waited already, or has finished. */
  beginPause(fleet: string, deployId: string, pause: DeployPause): Promise<void>;
  /**
   * Lets a deploy that waits go on. False, and nothing is changed, when it does not wait (any more): it was continued, has failed, has
   * finished or is cleaned up, or its time was up at `continued.atMs`.
   */
  continueDeploy(fleet: string, deployId: string, continued: DeployContinued): Promise<boolean>;
  /** Does what `recordFirstFailure` does, for a deploy that waits. False, and nothing is changed, when it was continued or has failed. */
  failPause(fleet: string, deployId: string, error: TaskError): Promise<boolean>;
  /** Records what the deploy was planned with. Does nothing once targets are on record: a plan that comes late must not erase progress. */
  planDeploy(fleet: string, deployId: string, plan: DeployPlan): Promise<void>;
  /**
   * Adds a target, or, with the name of the execution that is to roll it, replaces its progress until that execution has begun. False, and
   * nothing is changed, where the target is on record already, or where an execution has begun.
   */
  putTarget(fleet: string, deployId: string, instanceId: string, progress: TargetProgress): Promise<boolean>;
  /**
   * Changes the given fields, and adds the phase that it enters to the target's `phases`. False, and nothing is changed, when
   * the target is not on record or not as `onlyIf` wants it.
   */
  updateTarget(
    fleet: string,
    deployId: string,
    instanceId: string,
    progress: Partial<TargetProgress>,
    onlyIf?: TargetCondition,
  ): Promise<boolean>;
  /** Records that a clean-up works on the deploy. False when another one did so since `seen` was read. */
  claimCleanUp(fleet: string, deployId: string, claim: CleanUpClaim, seen: CleanUpClaim | undefined): Promise<boolean>;
  /** False when there is no such record. */
  finishDeploy(fleet: string, deployId: string, end: DeployEnd): Promise<boolean>;
}

export type DeployChange = Partial<
  Pick<DeployRecord, 'stage' | 'alarmsAtStart' | 'documents' | 'warnings' | 'people' | 'sessions' | 'sessionGate' | 'stages'>
>;

export type DeployPlan = Required<Pick<DeployRecord, 'from' | 'sha256' | 'targets'>>;

export interface DeployEnd {
  readonly status: 'SUCCEEDED' | EndedAs;
  readonly finishedAtMs: number;
  readonly error?: TaskError;
  readonly rolledBack?: boolean;
  readonly outcome?: string;
  readonly sessionsCutOff?: number;
}

/** All records of an installation, which a core is given whole. */
export type Records = FleetRecords & LockRecords & DeployRecords;

/** Another deploy took the lock, or the lock was released: this deploy must not change anything any more. */
export class LeaseLost extends HoldfastError {
  override readonly name = 'LeaseLost';
}
