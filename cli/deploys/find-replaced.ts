import type { DeployRecord, FleetRecord } from '../../functions/records/types.ts';
import { NO_RELEASE } from '../../functions/shared/version.ts';
import type { Cloud } from '../cloud.ts';
import { CommandFailure, EXIT } from '../failure.ts';

/**
 * Deploys of a release over itself are passed over, up to this number. If every one of the latest deploys is of that kind, the search ends.
 */
const MOST_DEPLOYS = 100;

/**
 * The release that the last promoted deploy replaced. Deploys of a release over itself replaced nothing and are passed over.
 * @throws CommandFailure NothingToRollBack
 */
export async function findReplaced({ records, fleet }: Pick<Cloud, 'records' | 'fleet'>): Promise<string> {
  const current = await records.getFleet(fleet);
  if (current === undefined) throw nothing(fleet, 'no deploy has been promoted yet');
  const replaced = await replacedBy(records, current);
  if (replaced === undefined) throw nothing(fleet, `the deploy that brought ${current.currentVersion} is no longer on record`);
  if (replaced === NO_RELEASE) throw nothing(fleet, `${current.currentVersion} is its first release`);
  return replaced;
}

async function replacedBy(records: Cloud['records'], { fleet, deployId, currentVersion }: FleetRecord): Promise<string | undefined> {
  const promoted = await records.getDeploy(fleet, deployId);
  if (promoted && promoted.from !== currentVersion) return promoted.from;
  const brought = ({ to, from, status, restart }: DeployRecord) =>
    status === 'SUCCEEDED' && restart === undefined && to === currentVersion && from !== currentVersion;
  return (await records.latestDeploys(fleet, MOST_DEPLOYS)).find(brought)?.from;
}

const nothing = (fleet: string, why: string): CommandFailure =>
  new CommandFailure(
    'NothingToRollBack',
    `Fleet ${fleet} has no release to go back to: ${why}. Nothing was started. Deploy a release by its version.`,
    EXIT.badInput,
  );
