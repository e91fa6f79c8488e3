/** The versions of the installation and of its parts, with what follows from them. Pure. */
import type { Cloud } from '../cloud.ts';
import { type Deployed, type DeployedPart, judgeContract, partName } from './judge-contract.ts';

export interface DeployedVersions {
  readonly deployed: Deployed;
  /** Versions of the parts, by their names; empty where the installation's own is unknown. */
  readonly parts: Readonly<Record<string, DeployedPart>>;
}

/** The value that `--json` prints. */
export function versionsValue({ deployed, parts }: DeployedVersions): object {
  const values = Object.fromEntries(Object.entries(parts).map(([part, found]) => [part, versionOf(found)]));
  return { ...versionOf(deployed), ...(deployed.state === 'known' && { parts: values }) };
}

const versionOf = (found: Deployed | DeployedPart): object =>
  found.state === 'known' ? { version: found.version, contract: found.contract } : { state: found.state };

/** A line for the installation, one for each part, then what differs from the command, and each way out once. */
export function versionsLines(
  { deployed, parts }: DeployedVersions,
  cloud: Pick<Cloud, 'installation' | 'fleet' | 'local' | 'account' | 'region'>,
): string[] {
  // A part that the credentials cannot read is another fleet's, which has policies of its own.
  const readable = Object.entries(parts).filter(([, { state }]) => state !== 'unread');
  const others = [judgeContract(deployed, cloud), ...readable.map(([part, found]) => judgeContract(found, cloud, part))].filter(
    (other) => other !== undefined,
  );
  return [
    `installation ${cloud.installation} in account ${cloud.account}${cloud.local ? ' (local)' : ''}, ${cloud.region}: ${textOf(deployed)}`,
    ...Object.entries(parts).map(([part, found]) => `  ${partName(part)}: ${textOf(found)}`),
    ...others.map(({ problem }) => problem),
    ...new Set(others.map(({ remedy }) => remedy)),
  ];
}

const textOf = (found: Deployed | DeployedPart): string =>
  found.state === 'known' ? `${found.version}, contract ${found.contract}` : ABSENT[found.state];

const ABSENT = { none: 'does not exist', older: 'without a contract', absent: 'without a contract', unread: 'unknown' } as const;
