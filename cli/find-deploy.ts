import type { DeployRecord } from '../functions/shared/record-types.ts';
import type { Cloud } from './cloud.ts';
import { CommandFailure, EXIT } from './failure.ts';

/** Deploys that a message names. */
const NAMED = 5;

/**
 * The deploy of an id, or of the beginning of one that no other deploy of the fleet has.
 * @throws CommandFailure NoSuchDeploy, AmbiguousDeploy
 */
export async function findDeploy({ records, fleet }: Pick<Cloud, 'records' | 'fleet'>, id: string): Promise<DeployRecord> {
  const exact = await records.getDeploy(fleet, id);
  if (exact) return exact;
  const found = await records.listDeploys(fleet, id);
  const [only, another] = found;
  if (only && !another) return only;
  if (!only) {
    throw new CommandFailure(
      'NoSuchDeploy',
      `fleet ${fleet} has no deploy ${id}: "npx holdfast deploys --fleet ${fleet}" lists them; nothing was started or stopped`,
      EXIT.badInput,
    );
  }
  const named = found.slice(0, NAMED).map(({ deployId }) => deployId);
  throw new CommandFailure(
    'AmbiguousDeploy',
    `${found.length} deploys of fleet ${fleet} begin with ${id} (${named.join(', ')}${found.length > NAMED ? ', …' : ''}): give more of the id; nothing was started or stopped`,
    EXIT.badInput,
  );
}
