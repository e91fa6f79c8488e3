import { INSTANCE_ERRORS } from '../instance/errors.ts';
import { describeHolder } from '../records/outcome-text.ts';
import type { LockRecord } from '../records/types.ts';
import { HoldfastError, MissingEnvironment, TransientServiceError } from '../shared/errors.ts';
import { VERSION_RULE } from '../shared/version.ts';

/** The operator sees the message as it is: it states what happened, where, and what was expected. */
abstract class DeployError extends HoldfastError {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

export class InvalidInput extends DeployError {
  override readonly name = 'InvalidInput';
}

export class InvalidVersion extends DeployError {
  override readonly name = 'InvalidVersion';
  constructor(value: unknown) {
    super(`${JSON.stringify(value) ?? 'nothing'} is not a valid version. ${VERSION_RULE}`);
  }
}

export class DeployInProgress extends DeployError {
  override readonly name = 'DeployInProgress';
  readonly holder: string;
  constructor(fleet: string, lock: Pick<LockRecord, 'deployId' | 'requestedBy' | 'version' | 'acquiredAtMs' | 'heldBy'>) {
    const since = lock.acquiredAtMs === undefined ? 'an unknown time' : new Date(lock.acquiredAtMs).toISOString();
    super(`${describeHolder(lock)} by ${lock.requestedBy ?? 'unknown'} has held the lock of fleet ${fleet} since ${since}`);
    this.holder = lock.deployId ?? 'unknown';
  }
}

export class ReleaseNotFound extends DeployError {
  override readonly name = 'ReleaseNotFound';
  constructor(fleet: string, version: string) {
    super(`fleet ${fleet} has no release ${version}: publish it first`);
  }
}

export class TooFewHealthyTargets extends DeployError {
  override readonly name = 'TooFewHealthyTargets';
}

export class AgentTooOld extends DeployError {
  override readonly name = 'AgentTooOld';
}

export class AgentOffline extends DeployError {
  override readonly name = 'AgentOffline';
}

/** A server cannot read a variable of the fleet, or the fleet has none that the release requires. */
export class EnvironmentUnreadable extends DeployError {
  override readonly name = 'EnvironmentUnreadable';
}

export class StoreUnavailable extends DeployError {
  override readonly name = 'StoreUnavailable';
}

export class ReplicasOutOfSync extends DeployError {
  override readonly name = 'ReplicasOutOfSync';
}

export class TargetNeverHealthy extends DeployError {
  override readonly name = 'TargetNeverHealthy';
}

/** The load balancer did not take the target's address again in time: it still drains, or is refused. */
export class TargetNotRegistered extends DeployError {
  override readonly name = 'TargetNotRegistered';
}

/** The drain rule, its group or the servers' routes do not allow sessions to be waited for. */
export class SessionsNotDrainable extends DeployError {
  override readonly name = 'SessionsNotDrainable';
}

/** A server's sessions could not be pinned to it in time. It still serves. */
export class PinTimedOut extends DeployError {
  override readonly name = 'PinTimedOut';
}

/** The new release sends users away, refuses them, or does not know their sessions. */
export class UsersTurnedAway extends DeployError {
  override readonly name = 'UsersTurnedAway';
}

/** With the new release, pages answer errors or lack their scripts, styles, fonts or images. */
export class PagesBroken extends DeployError {
  override readonly name = 'PagesBroken';
}

/** One of the two releases does not read the sessions that the other one writes. */
export class SessionsIncompatible extends DeployError {
  override readonly name = 'SessionsIncompatible';
}

export class NewcomerTimedOut extends DeployError {
  override readonly name = 'NewcomerTimedOut';
}

export class TargetFailed extends DeployError {
  override readonly name = 'TargetFailed';
}

/** Another target has failed before this one was touched, or while it drained: it keeps its release. */
export class DeployStopping extends DeployError {
  override readonly name = 'DeployStopping';
  constructor(instanceId: string, failed: string) {
    super(`${instanceId} was not rolled, for the deploy has failed meanwhile (${failed})`);
  }
}

/** A step that was delivered twice, or whose answer was lost, comes after a later one: nobody waits for it any more. */
export class StepOvertaken extends DeployError {
  override readonly name = 'StepOvertaken';
}

/** Nobody has continued the deploy in time. */
export class PauseTimedOut extends DeployError {
  override readonly name = 'PauseTimedOut';
}

export class AlarmFired extends DeployError {
  override readonly name = 'AlarmFired';
}

/** Names for the state machine's Retry: the step can be repeated as it is. */
export const RETRYABLE_ERRORS = [TransientServiceError.errorName] as const;

/** Errors that repeating the step does not change; the state machines repeat every other one. */
export const DEPLOY_ERRORS = [
  'InvalidInput',
  'InvalidVersion',
  'DeployInProgress',
  'LeaseLost',
  'ReleaseNotFound',
  'TooFewHealthyTargets',
  'AgentTooOld',
  'AgentOffline',
  'EnvironmentUnreadable',
  'StoreUnavailable',
  'ReplicasOutOfSync',
  'TargetNeverHealthy',
  'TargetNotRegistered',
  'SessionsNotDrainable',
  'PinTimedOut',
  'SessionsIncompatible',
  'UsersTurnedAway',
  'PagesBroken',
  'NewcomerTimedOut',
  'TargetFailed',
  'DeployStopping',
  'StepOvertaken',
  'PauseTimedOut',
  'AlarmFired',
  ...INSTANCE_ERRORS,
  MissingEnvironment.errorName,
] as const;
export type DeployErrorName = (typeof DEPLOY_ERRORS)[number];
