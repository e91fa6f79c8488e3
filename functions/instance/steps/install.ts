import { LeaseLost, type Records } from '../../records/records.ts';
import type { InstallOutput } from '../document-contract.ts';
import { ChecksumMismatch, InstallFailed } from '../errors.ts';
import { DELIVERY_LIMIT_SECONDS } from '../instance-commands.ts';
import { describeEvidence, type ServerWork, type StepPorts, sentCommand } from './server-step.ts';

export interface OrderedInstall {
  readonly fleet: string;
  readonly version: string;
  /** Release on the instance before. */
  readonly fromVersion: string;
  readonly installTimeoutSeconds: number;
}

type Ports = Pick<StepPorts, 'commands'> & { readonly records: Records };

/** What became of the install that was sent; undefined while it runs. @throws CommandFailed, LeaseLost */
export async function checkInstall(
  { commands, records }: Ports,
  step: ServerWork,
  { fleet, version, fromVersion, installTimeoutSeconds }: OrderedInstall,
): Promise<InstallJudgement | undefined> {
  const answer: InstallOutput | undefined = await commands.readInstall(sentCommand(step, installTimeoutSeconds + DELIVERY_LIMIT_SECONDS));
  if (!answer) return undefined;
  const sha256 = (await records.getRelease(fleet, version))?.sha256 ?? 'unknown';
  return judgeInstall(answer, { instanceId: step.instanceId, version, sha256, fromVersion });
}

export interface InstallSubject {
  readonly instanceId: string;
  readonly version: string;
  readonly sha256: string;
  /** Release on the instance before. */
  readonly fromVersion: string;
}

export type InstallJudgement =
  | {
      readonly installed: true;
      readonly environment?: Readonly<Record<string, string>> | undefined;
      readonly environmentBefore?: Readonly<Record<string, string>> | undefined;
      readonly environmentNote?: string | undefined;
    }
  /** `servingVersion`: what answers on the instance now; absent when nothing is known to. */
  | {
      readonly installed: false;
      readonly error: Error;
      readonly servingVersion?: string;
      /** The archive did not come whole, and nothing was stopped for it: the next download may. */
      readonly canRetry?: true;
    };

/** The meaning of install-release's answer: the error for the deploy, and whether the previous release still serves or serves again. */
export function judgeInstall(output: InstallOutput, subject: InstallSubject): InstallJudgement {
  if (output.result !== 'failed') {
    const { environment, environmentNote } = output;
    const { environmentBefore } = output.result === 'installed' ? output : {};
    return { installed: true, environment, environmentBefore, environmentNote };
  }
  const { instanceId, version, sha256, fromVersion } = subject;
  const answer = output.lastAnswer === undefined ? '' : `; last answer: ${output.lastAnswer}`;
  const failure = `release ${version} could not be installed on ${instanceId}: ${output.message}${answer}${describeEvidence(output)}`;
  // Refused before the server was stopped.
  const untouched = { installed: false, servingVersion: output.serving ?? fromVersion } as const;
  switch (output.error) {
    case 'DownloadFailed':
      return { ...untouched, error: new InstallFailed(failure), canRetry: true };
    case 'ChecksumMismatch':
      return { ...untouched, error: new ChecksumMismatch(instanceId, version, sha256, output.message), canRetry: true };
    case 'NotPrepared':
    case 'InvalidRelease':
    case 'UnsafeFolder':
    case 'FilesDiffer':
      return { ...untouched, error: new InstallFailed(failure) };
    case 'StaleFencingToken':
      return { installed: false, error: new LeaseLost(failure) };
    case 'ServiceDidNotStart':
    case 'HookFailed':
      return { installed: false, error: new InstallFailed(failure), servingVersion: output.serving };
  }
}
