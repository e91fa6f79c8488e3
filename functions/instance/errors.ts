import { HoldfastError } from '../shared/errors.ts';

/** Requests were still in flight, or still arriving, when the drain's time was up. Nothing was cut. */
export class DrainTimedOut extends HoldfastError {
  override readonly name = 'DrainTimedOut';
}

/** User data failed or does not end, so that no release can be installed. Nothing was stopped. */
export class PreparationFailed extends HoldfastError {
  override readonly name = 'PreparationFailed';
}

export class InstallFailed extends HoldfastError {
  override readonly name = 'InstallFailed';
}

export class ChecksumMismatch extends HoldfastError {
  override readonly name = 'ChecksumMismatch';
  /** @param found the instance's own words, which name the sum that it computed */
  constructor(instanceId: string, version: string, expectedSha256: string, found: string) {
    super(`the archive of release ${version} on ${instanceId} should have SHA-256 ${expectedSha256}: ${found}`);
  }
}

/** The record of a release names another archive than the one that was deployed: nobody changes a published release. */
export class ReleaseChanged extends HoldfastError {
  override readonly name = 'ReleaseChanged';
  constructor(instanceId: string, version: string, deployedSha256: string, recordedSha256: string) {
    super(
      `the record of release ${version} has SHA-256 ${recordedSha256}, and ${deployedSha256} was deployed: nothing was installed on ${instanceId}. Find out who changed the record, then publish under a new version and deploy that`,
    );
  }
}

export class TargetNeverUp extends HoldfastError {
  override readonly name = 'TargetNeverUp';
}

export class BakeFailed extends HoldfastError {
  override readonly name = 'BakeFailed';
}

/** A Run Command that did not run, was cancelled, or printed no answer that can be read. */
export class CommandFailed extends HoldfastError {
  override readonly name = 'CommandFailed';
  /** Somebody else cancelled it, which shows nothing of the server. */
  readonly cancelled: boolean;
  constructor(message: string, { cancelled = false } = {}) {
    super(message);
    this.cancelled = cancelled;
  }
}

/** What a step on a server can fail with for good: repeating the step does not change it. */
export const INSTANCE_ERRORS = [
  'DrainTimedOut',
  'PreparationFailed',
  'InstallFailed',
  'ChecksumMismatch',
  'ReleaseChanged',
  'TargetNeverUp',
  'BakeFailed',
  'CommandFailed',
] as const;
