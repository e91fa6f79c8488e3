import { HoldfastError, MissingEnvironment, TransientServiceError } from '../shared/errors.ts';
import { VERSION_PATTERN } from '../shared/version.ts';

/** A message's sentence is shown to the operator as it is: it says what happened, where, and what was expected. */
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
    super(`${JSON.stringify(value) ?? 'nothing'} is not a version: it has to match ${VERSION_PATTERN}`);
  }
}

export class DeployInProgress extends DeployError {
  override readonly name = 'DeployInProgress';
  readonly holder: string;
  constructor(
    fleet: string,
    lock: { readonly deployId?: string; readonly requestedBy?: string; readonly version?: string; readonly acquiredAtMs?: number },
  ) {
    const since = lock.acquiredAtMs === undefined ? 'an unknown time' : new Date(lock.acquiredAtMs).toISOString();
    super(
      `deploy ${lock.deployId ?? 'unknown'} of ${lock.version ?? 'an unknown version'} by ${lock.requestedBy ?? 'unknown'} holds the lock of fleet ${fleet} since ${since}`,
    );
    this.holder = lock.deployId ?? 'unknown';
  }
}

/** Another deploy took the lock, or it was released: this one must not change anything any more. */
export class LeaseLost extends DeployError {
  override readonly name = 'LeaseLost';
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

export class StoreUnavailable extends DeployError {
  override readonly name = 'StoreUnavailable';
}

export class ReplicasOutOfSync extends DeployError {
  override readonly name = 'ReplicasOutOfSync';
}

/** Requests were still in flight, or still arriving, when the drain's time was up. Nothing was cut. */
export class DrainTimedOut extends DeployError {
  override readonly name = 'DrainTimedOut';
}

export class InstallFailed extends DeployError {
  override readonly name = 'InstallFailed';
}

export class ChecksumMismatch extends DeployError {
  override readonly name = 'ChecksumMismatch';
  /** @param found the instance's own words, which name the sum that it computed */
  constructor(instanceId: string, version: string, expectedSha256: string, found: string) {
    super(`the archive of release ${version} on ${instanceId} should have SHA-256 ${expectedSha256}: ${found}`);
  }
}

export class TargetNeverUp extends DeployError {
  override readonly name = 'TargetNeverUp';
}

export class TargetNeverHealthy extends DeployError {
  override readonly name = 'TargetNeverHealthy';
}

export class BakeFailed extends DeployError {
  override readonly name = 'BakeFailed';
}

export class NewcomerTimedOut extends DeployError {
  override readonly name = 'NewcomerTimedOut';
}

export class AlarmFired extends DeployError {
  override readonly name = 'AlarmFired';
}

/** A Run Command that did not run, was cancelled, or said nothing that can be read. */
export class CommandFailed extends DeployError {
  override readonly name = 'CommandFailed';
}

/** Names for the state machine's Retry: the step may be repeated as it is. */
export const RETRYABLE_ERRORS = [TransientServiceError.errorName] as const;

/** Verdicts, which repeating does not change: the state machines repeat every other error. */
export const DEPLOY_ERRORS = [
  'InvalidInput',
  'InvalidVersion',
  'DeployInProgress',
  'LeaseLost',
  'ReleaseNotFound',
  'TooFewHealthyTargets',
  'AgentTooOld',
  'AgentOffline',
  'StoreUnavailable',
  'ReplicasOutOfSync',
  'DrainTimedOut',
  'InstallFailed',
  'ChecksumMismatch',
  'TargetNeverUp',
  'TargetNeverHealthy',
  'BakeFailed',
  'NewcomerTimedOut',
  'AlarmFired',
  'CommandFailed',
  MissingEnvironment.errorName,
] as const;
export type DeployErrorName = (typeof DEPLOY_ERRORS)[number];
