import type { FleetRecords } from '../../records/records.ts';
import type { InstallOutput } from '../document-contract.ts';
import { DELIVERY_LIMIT_SECONDS } from '../instance-commands.ts';
import { type InstallJudgement, judgeInstall } from '../judge-install.ts';
import { type ServerWork, type StepPorts, sentCommand } from './server-step.ts';

export interface OrderedInstall {
  readonly fleet: string;
  readonly version: string;
  /** Release on the instance before. */
  readonly fromVersion: string;
  readonly installTimeoutSeconds: number;
}

type Ports = Pick<StepPorts, 'commands'> & { readonly records: Pick<FleetRecords, 'getRelease'> };

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
