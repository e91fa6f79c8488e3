import { commandFor } from '../command-options.ts';
import { badInput } from '../failure.ts';
import { type ChangeOptions, connectToChange } from '../installation/connect-to-installation.ts';
import { openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { deployTo } from './deploy.ts';

/**
 * Restarts one server with the fleet's current release: a deploy that touches no other server, and leaves the fleet's record as it is.
 * @throws CommandFailure NoRelease
 */
export async function restart(instanceId: string, options: ChangeOptions, output: Output): Promise<number> {
  const cloud = openStores(await connectToChange(options), 'records', 'stepFunctions');
  output.at(cloud);
  const fleet = await cloud.records.getFleet(cloud.fleet);
  if (fleet === undefined) {
    throw badInput(
      'NoRelease',
      `Fleet ${cloud.fleet} has no release yet, so ${instanceId} has nothing to restart. Nothing was started. Deploy one with: ${commandFor(cloud, 'deploy VERSION')}`,
    );
  }
  return deployTo(cloud, fleet.currentVersion, { ...options, restart: instanceId }, output);
}
