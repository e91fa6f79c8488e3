import type { InstallOutput } from './contract.ts';
import { ChecksumMismatch, InstallFailed, LeaseLost } from './errors.ts';

/** What was to be installed where. */
export interface InstallSubject {
  readonly instanceId: string;
  readonly version: string;
  readonly sha256: string;
  /** Release on the instance before. */
  readonly fromVersion: string;
}

export type InstallJudgement =
  | { readonly installed: true }
  /** `servingVersion`: what answers on the instance now; absent when nothing is known to. */
  | { readonly installed: false; readonly error: Error; readonly servingVersion?: string };

/** What install-release's answer means: the error for the deploy, and whether the release before serves still or again. */
export function judgeInstall(output: InstallOutput, subject: InstallSubject): InstallJudgement {
  if (output.result !== 'failed') return { installed: true };
  const { instanceId, version, sha256, fromVersion } = subject;
  const failure = `release ${version} could not be installed on ${instanceId}: ${output.message}`;
  switch (output.error) {
    case 'ChecksumMismatch':
      return {
        installed: false,
        error: new ChecksumMismatch(instanceId, version, sha256, output.message),
        servingVersion: output.serving ?? fromVersion,
      };
    case 'InvalidRelease': // refused before the server was stopped
      return { installed: false, error: new InstallFailed(failure), servingVersion: output.serving ?? fromVersion };
    case 'StaleFencingToken':
      return { installed: false, error: new LeaseLost(failure) };
    case 'ServiceDidNotStart':
      return { installed: false, error: new InstallFailed(failure), servingVersion: output.serving };
  }
}
