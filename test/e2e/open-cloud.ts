/** The connection of a scenario, with all that scenarios read and call. */
import { type CloudOptions, connect } from '../../cli/cloud.ts';
import { deployStateMachineArnOf, openStores, releasesBucketOf, sweepStateMachineArnOf } from '../../cli/open-stores.ts';

export type ScenarioCloud = Awaited<ReturnType<typeof openCloud>>;

export async function openCloud(options: CloudOptions) {
  const cloud = await connect(options);
  return {
    ...openStores(cloud, 'records', 'sweeps', 'incidents', 'store', 'canary', 'stepFunctions', 's3'),
    deployStateMachineArn: deployStateMachineArnOf(cloud),
    sweepStateMachineArn: sweepStateMachineArnOf(cloud),
    releasesBucket: releasesBucketOf(cloud),
  };
}
