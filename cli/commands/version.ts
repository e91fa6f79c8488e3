import { CONTRACT } from '../../functions/installation/contract.ts';
import { OWN_VERSION } from '../../infra/own-files.ts';
import { type Cloud, type CloudOptions, connect } from '../cloud.ts';
import { CommandFailure } from '../failure.ts';
import { judgeContract } from '../installation/judge-contract.ts';
import { readDeployed } from '../installation/read-deployed.ts';
import type { Output } from '../output.ts';

/** Failures of connect that mean that no installation is named. */
const NOWHERE = ['NoRegion', 'NoCloud'];

/** Shows the version of the command, and that of the installation where one is named. Both have a contract. */
export async function version(options: CloudOptions, output: Output): Promise<void> {
  const own = { version: OWN_VERSION, contract: CONTRACT };
  const ownLine = `holdfast ${OWN_VERSION}, contract ${CONTRACT}`;
  const cloud = await connectIfNamed(options);
  if (cloud instanceof CommandFailure) {
    output.result({ ...own, deployed: null }, () => `${ownLine}\nno installation was asked: ${cloud.message}`);
    return;
  }
  const { installation, account, region } = cloud;
  const deployed = await readDeployed(cloud);
  const found = deployed.state === 'known' ? { version: deployed.version, contract: deployed.contract } : { state: deployed.state };
  const other = judgeContract(deployed, cloud);
  const place = `installation ${installation} in account ${account}${cloud.local ? ' (local)' : ''}, ${region}`;
  output.result({ ...own, deployed: { installation, account, region, ...found } }, () =>
    [
      ownLine,
      deployed.state === 'known' ? `${place}: ${deployed.version}, contract ${deployed.contract}` : `${place}: ${ABSENT[deployed.state]}`,
      ...(other ? [other.problem, other.remedy] : []),
    ].join('\n'),
  );
}

const ABSENT = { none: 'does not exist', older: 'without a contract', unread: 'unknown' } as const;

async function connectIfNamed(options: CloudOptions): Promise<Cloud | CommandFailure> {
  try {
    return await connect(options);
  } catch (error) {
    if (error instanceof CommandFailure && NOWHERE.includes(error.code)) return error;
    throw error;
  }
}
