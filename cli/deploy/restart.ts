import { commandFor } from '../command-options.ts';
import { badInput } from '../failure.ts';
import { connectToChange } from '../installation/connect-to-installation.ts';
import { openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { type DeployOptions, deployTo } from './deploy.ts';

/**
 * Restarts one server with the fleet's current release, by a deploy that touches no other server and leaves the fleet's record as it is; or
 * all of them, one after the other.
 * @throws CommandFailure InvalidOption, NoRelease
 */
export async function restart(
  instanceId: string | undefined,
  { all, ...options }: DeployOptions & { readonly all?: true },
  output: Output,
): Promise<number> {
  if ((instanceId === undefined) !== (all === true)) {
    throw badInput(
      'InvalidOption',
      `A restart takes either the id of one server or --all${instanceId === undefined ? '' : `, and not ${instanceId} with it`}. Nothing was started.`,
    );
  }
  const cloud = openStores(await connectToChange(options), 'records', 'stepFunctions');
  output.at(cloud);
  const fleet = await cloud.records.getFleet(cloud.fleet);
  if (fleet === undefined) {
    throw badInput(
      'NoRelease',
      `Fleet ${cloud.fleet} has no release yet, so ${instanceId ?? 'none of its servers'} has nothing to restart. Nothing was started. Deploy one with: ${commandFor(cloud, 'deploy VERSION')}`,
    );
  }
  const restarted = instanceId === undefined ? { restartAll: true as const } : { restart: instanceId };
  return deployTo(cloud, fleet.currentVersion, { ...options, ...restarted }, output);
}
