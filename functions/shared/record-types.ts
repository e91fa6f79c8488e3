/** The records table's items, without their keys (naming.ts). Times are milliseconds since the epoch. */

import type { CleanUpClaim, DeployContext, EndedAs, Phase, Suspension, TaskError } from '../deploy/contract.ts';
import type { AppContract } from './app-contract.ts';
import type { Registration } from './target-group.ts';

/** What a fleet runs. Made by the first `releases publish`, moved only by a deploy that succeeded. */
export interface FleetRecord {
  readonly fleet: string;
  readonly currentVersion: string;
  readonly updatedAtMs: number;
  /** Deploy that moved it; absent for the first release. */
  readonly deployId?: string;
  /** That deploy's token: a later one's promotion is never undone by an earlier deploy. */
  readonly fencingToken?: number;
}

export interface ReleaseRecord {
  readonly fleet: string;
  readonly version: string;
  readonly bucket: string;
  readonly key: string;
  /** Lower-case hex of the archive. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly publishedAtMs: number;
  readonly publishedBy: string;
  readonly app: AppContract;
}

/** What Holdfast last installed on an instance. */
export interface InstanceRecord {
  readonly instanceId: string;
  readonly version: string;
  readonly installedAtMs: number;
}

/** Held while a deploy runs. `fencingToken` survives the release of the lock and grows with each deploy. */
export interface LockRecord {
  readonly fencingToken: number;
  /** Absent when the lock is free. */
  readonly deployId?: string;
  readonly executionArn?: string;
  readonly requestedBy?: string;
  readonly version?: string;
  readonly acquiredAtMs?: number;
  readonly expiresAtMs?: number;
  /** Deploys that have not written their end; empty when absent. What the reconciler looks at, so that it need not read every record. */
  readonly openDeploys?: ReadonlySet<string>;
}

export interface RecordedSuspension extends Suspension {
  /** When it was restored, or a later deploy took it over; absent while it stands. */
  readonly endedAtMs?: number;
}

/** A deploy as the CLI follows it and history shows it. */
export interface DeployRecord {
  readonly deployId: string;
  readonly executionArn: string;
  readonly fleet: string;
  readonly from: string;
  readonly to: string;
  readonly requestedBy: string;
  readonly startedAtMs: number;
  readonly finishedAtMs?: number;
  readonly status: 'RUNNING' | 'SUCCEEDED' | EndedAs;
  /** State of the whole: `preflight`, `rolling`, `settling`, … */
  readonly stage: string;
  /** Unwrapped: `Error` is the deploy error's own name, `Cause` its sentence. */
  readonly error?: TaskError;
  /** Of a deploy that failed: whether every target that it touched has the release before again. */
  readonly rolledBack?: boolean;
  /** Of a deploy that failed: what state the fleet is in and what to run, in sentences. */
  readonly outcome?: string;
  /** Settings that it began with: its clean-up goes by them. */
  readonly settings?: DeployContext['settings'];
  /** The clean-up that works on it or did last. */
  readonly cleanUp?: CleanUpClaim;
  /** State of each watched alarm before the deploy touched anything: `OK`, `ALARM`, `INSUFFICIENT_DATA`. */
  readonly alarmsAtStart?: Readonly<Record<string, string>>;
  /** Written before anything is suspended: what a step that is delivered again, or a clean-up, has to restore. */
  readonly suspension?: RecordedSuspension;
  readonly targets: Readonly<Record<string, TargetProgress>>;
}

/** A phase that a target entered. */
export interface EnteredPhase {
  readonly phase: Phase;
  readonly startedAtMs: number;
}

export interface TargetProgress {
  readonly phase: Phase;
  /** Position in the plan, from 0. */
  readonly order: number;
  readonly fromVersion: string;
  /** Load balancer's target state before the roll; `unused` when the target was out of service already. */
  readonly healthBefore?: string;
  /** How it was registered when the deploy took it out: it is put back exactly so. */
  readonly registrations?: readonly Registration[];
  readonly phaseStartedAtMs: number;
  /** What it went through, oldest first; absent in records from before it was kept. A step that is delivered twice is in it twice. */
  readonly phases?: readonly EnteredPhase[];
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
  readonly inFlight?: number;
  readonly upInARow?: number;
  /** One sentence when the phase is `failed`, or `skipped` because the instance is gone. */
  readonly detail?: string;
  /** After a failed install: version that answers again on the instance; absent when none does. */
  readonly servingVersion?: string;
  /** Command of the phase, or the last one. */
  readonly commandId?: string;
  /** Name of the execution that rolls it; it may not have started yet. */
  readonly executionName?: string;
  /** Set once a clean-up has begun to bring it back to this release. */
  readonly rollingBackTo?: string;
}
