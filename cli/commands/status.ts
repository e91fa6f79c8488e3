import { type CloudOptions, connect } from '../cloud.ts';
import { targetLine } from '../deploy-progress.ts';
import type { Output } from '../output.ts';

/** What the fleet runs, what each instance has, and the latest deploy. */
export async function status(options: CloudOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.say(cloud.title);
  const [fleet, instances, lock, deploy] = await Promise.all([
    cloud.records.getFleet(cloud.fleet),
    cloud.records.getInstances(cloud.fleet),
    cloud.records.getLock(cloud.fleet),
    cloud.records.latestDeploy(cloud.fleet),
  ]);
  const holder = lock?.deployId;
  const value = {
    account: cloud.account,
    region: cloud.region,
    fleet: cloud.fleet,
    currentVersion: fleet?.currentVersion ?? null,
    instances,
    deployInProgress: holder ?? null,
    latestDeploy: deploy ?? null,
  };
  output.result(value, () =>
    [
      `release  ${fleet?.currentVersion ?? 'none yet: publish one with "npx holdfast releases publish VERSION PATH"'}`,
      ...instances.map((instance) => `  ${instance.instanceId}  ${instance.version}`),
      holder ? `deploy ${holder} is running` : 'no deploy is running',
      ...(deploy
        ? [
            `latest deploy  ${deploy.from} → ${deploy.to}  ${deploy.status}  ${deploy.stage}`,
            ...Object.entries(deploy.targets).map(([id, target]) => targetLine(id, target, Date.now())),
          ]
        : []),
    ].join('\n'),
  );
}
