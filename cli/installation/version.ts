import { CONTRACT } from '../../functions/installation/contract.ts';
import { STORE_PART } from '../../functions/shared/naming.ts';
import { OWN_VERSION } from '../../infra/own-files.ts';
import { type Cloud, type CloudOptions, connect } from '../cloud.ts';
import { CommandFailure } from '../failure.ts';
import type { Output } from '../output.ts';
import { withFleet } from './connect-to-installation.ts';
import { versionsLines, versionsValue } from './describe-versions.ts';
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
