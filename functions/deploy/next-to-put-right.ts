import type { TargetProgress } from '../shared/record-types.ts';
import type { Records } from '../shared/records.ts';
import type { TargetGroup, TargetHealth } from '../shared/target-group.ts';
import { choosePutRight, type FleetAfterDeploy, goneTargets } from './choose-rollback.ts';
import type { DeployContext, NextToPutRight } from './contract.ts';

export interface PutRightPorts {
  readonly records: Pick<Records, 'getDeploy' | 'getFleet' | 'getRelease' | 'getInstances' | 'updateDeploy' | 'updateTarget'>;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth'>;
  readonly now: () => number;
}

/** The target that a clean-up puts right next, on record before anything is done to it. */
export async function nextToPutRight(ports: PutRightPorts, deploy: DeployContext): Promise<NextToPutRight> {
  const { records, targetGroup, now } = ports;
  const { fleet, deployId, version, settings } = deploy;
  const [record, health] = await Promise.all([records.getFleet(fleet), targetGroup.describeHealth()]);
  const targets = await presentTargets(ports, deploy, health);
  const current = record?.currentVersion ?? 'none';
  const promoted = record?.deployId === deployId;
  const states = new Map(health.map(({ instanceId, state }) => [instanceId, state]));
  const next = choosePutRight({
    targets,
    health: states,
    version,
    current,
    installable: await installable(ports, fleet, [current, ...Object.values(targets).map(({ fromVersion }) => fromVersion)]),
    mode: promoted ? 'halt' : settings.onFailure,
  });
  if (next.action === 'done') return { verdict: 'DONE' };
  const { instanceId } = next;
  const nowMs = now();
  const target = targets[instanceId] as TargetProgress;
  const executionName = `${instanceId}-back-${nowMs}`;
  // How busy the fleet is tells little while it is being mended: the longest silence.
  const { quietSeconds } = settings;
  const roll = { instanceId, fromVersion: target.fromVersion, quietSeconds, phaseStartedAtMs: nowMs, executionName };
  if (next.action === 'putBack') return { verdict: 'PUT_BACK', roll };
  // The decision of what becomes of it, should this fail, goes by how it is now.
  const healthBefore = states.get(instanceId) ?? 'unused';
  await records.updateTarget(fleet, deployId, instanceId, {
    phase: 'waiting',
    phaseStartedAtMs: nowMs,
    rollingBackTo: next.toVersion,
    healthBefore,
    executionName,
  });
  await records.updateDeploy(fleet, deployId, { stage: 'rolling back' });
  return { verdict: 'AGAIN', roll: { ...roll, fromVersion: version, toVersion: next.toVersion } };
}

/** The deploy's targets; those whose instances are gone are left out from here on, by the record too. */
async function presentTargets(
  { records, now }: PutRightPorts,
  deploy: DeployContext,
  health: readonly TargetHealth[],
): Promise<FleetAfterDeploy['targets']> {
  const { fleet, deployId } = deploy;
  const [targets, instances] = await Promise.all([targetsOf(records, deploy), records.getInstances(fleet)]);
  const gone = goneTargets(targets, new Set([...instances, ...health].map(({ instanceId }) => instanceId)));
  if (gone.length === 0) return targets;
  for (const instanceId of gone) {
    await records.updateTarget(fleet, deployId, instanceId, { phase: 'skipped', finishedAtMs: now(), detail: 'the instance is gone' });
  }
  return targetsOf(records, deploy);
}

async function installable({ records }: PutRightPorts, fleet: string, versions: readonly string[]): Promise<ReadonlySet<string>> {
  const distinct = [...new Set(versions)];
  const releases = await Promise.all(distinct.map((version) => records.getRelease(fleet, version)));
  return new Set(distinct.filter((_, index) => releases[index] !== undefined));
}

async function targetsOf(records: PutRightPorts['records'], { fleet, deployId }: DeployContext): Promise<FleetAfterDeploy['targets']> {
  return (await records.getDeploy(fleet, deployId))?.targets ?? {};
}
