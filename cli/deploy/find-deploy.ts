import type { DeployRecord } from '../../functions/records/types.ts';
import { commandFor } from '../command-options.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import type { OpenCloud } from '../open-stores.ts';

/** The most ids in a message. */
const LISTED = 5;

/**
 * The deploy with an id, or the only deploy of the fleet whose id begins with it.
 * @throws CommandFailure NoSuchDeploy, AmbiguousDeploy
 */
export async function findDeploy(
  cloud: Pick<OpenCloud, 'records' | 'fleet' | 'local' | 'region' | 'installation'>,
  id: string,
): Promise<DeployRecord> {
  const { records, fleet } = cloud;
  const exact = await records.getDeploy(fleet, id);
  if (exact) return exact;
  const found = await records.findDeploys(fleet, id);
  const [only, another] = found;
  if (only && !another) return only;
  if (!only) {
    throw new CommandFailure(
      'NoSuchDeploy',
      `Fleet ${fleet} has no deploy ${id}. Nothing was started or stopped. List its deploys with: ${commandFor(cloud, 'deploys')}`,
      EXIT.badInput,
    );
  }
  const listed = found.slice(0, LISTED).map(({ deployId }) => deployId);
  throw new CommandFailure(
    'AmbiguousDeploy',
    `The ids of ${found.length} deploys of fleet ${fleet} begin with ${id} (${listed.join(', ')}${found.length > LISTED ? ', …' : ''}). Nothing was started or stopped. Give more characters of the id.`,
    EXIT.badInput,
  );
}
