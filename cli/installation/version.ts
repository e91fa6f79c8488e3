import { CONTRACT } from '../../functions/installation/contract.ts';
import { STORE_PART } from '../../functions/shared/naming.ts';
import { OWN_VERSION } from '../../infra/own-files.ts';
import { type Cloud, type CloudOptions, connect } from '../cloud.ts';
import { CommandFailure } from '../failure.ts';
import type { Output } from '../output.ts';
import { withFleet } from './connect-to-installation.ts';
import { type Deployed, type DeployedPart, judgeContract, partName } from './judge-contract.ts';
import { readDeployed, readParts } from './read-deployed.ts';

/** Failures of connect that mean that no installation is named. */
const NOWHERE = ['NoRegion', 'NoCloud'];

/** Shows the version of the command, and those of the installation and of its parts where one is named. Each has a contract. */
export async function version(options: CloudOptions, output: Output): Promise<void> {
  const own = { version: OWN_VERSION, contract: CONTRACT };
  const ownLine = `holdfast ${OWN_VERSION}, contract ${CONTRACT}`;
  const cloud = await connectIfNamed(options);
  if (cloud instanceof CommandFailure) {
    output.result({ ...own, deployed: null }, () => `${ownLine}\nno installation was asked: ${cloud.message}`);
    return;
  }
  const { account, region, installation, fleet } = cloud;
  output.at({ account, region, installation, fleet });
  const deployed = await readDeployed(cloud);
  // What the user named has to exist; without a name, that nothing is deployed yet is an answer.
  if (options.installation !== undefined || options.fleet !== undefined) await withFleet(cloud, deployed, options, { part: STORE_PART });
  const found = { deployed, parts: deployed.state === 'known' ? await readParts(cloud, deployed) : {} };
  output.result({ ...own, deployed: { installation, account, region, ...versionsValue(found) } }, () =>
    [ownLine, ...versionsLines(found, cloud)].join('\n'),
  );
}

async function connectIfNamed(options: CloudOptions): Promise<Cloud | CommandFailure> {
  try {
    return await connect(options);
  } catch (error) {
    if (error instanceof CommandFailure && NOWHERE.includes(error.code)) return error;
    throw error;
  }
}

/** The versions of the installation and of its parts, with what follows from them. Pure. */

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
