import type { Records } from '../../records/records.ts';
import { touchedTargets } from '../../records/touched-targets.ts';
import type { Lease } from '../../records/types.ts';
import type { TargetGroup } from '../../shared/aws/target-group.ts';
import { counted } from '../../shared/texts.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import type { NextCleanUpTarget } from '../contract/clean-up-steps.ts';
import type { DeployContext } from '../contract/common.ts';
import { findNeverStarted, type RollPorts } from '../rolls/await-rolls.ts';
import { givenAtOnce, isOwnRollback, mostAtOnce, namesOf, plannedServers, rollbackName, targetsAtWork } from '../rolls/in-flight.ts';
import {
  chooseAfterRestart,
  chooseNextAction,
  type FleetAfterDeploy,
  goneTargets,
  hasLeft,
  healthOnRecord,
  healthyOthers,
} from './choose-rollback.ts';

export interface RepairPorts {
  readonly records: Records;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth'>;
  readonly now: () => number;
  readonly executions: RollPorts['executions'];
  readonly rollTargetStateMachineArn: string;
}

/**
 * The next target that a clean-up repairs, on record before anything is done to it. WAIT, for at most `registerTimeoutSeconds`,
 * while too few others are healthy; a target that could not go back by then has the reason on record.
 * @param sinceMs since when it waits; 0: it does not
 */
export async function nextToRepair(
  ports: RepairPorts,
  deploy: DeployContext,
  lease: Pick<Lease, 'fencingToken'>,
  sinceMs: number,
): Promise<NextCleanUpTarget> {
  const { records, targetGroup, now } = ports;
  const { fleet, deployId, version, recover, settings } = deploy;
  const nowMs = now();
  const waitingSinceMs = sinceMs || nowMs;
  const [record, health, instances] = await Promise.all([
    records.getFleet(fleet),
    targetGroup.describeHealth(),
    records.getInstances(fleet),
  ]);
  const { targets, claimedAtMs } = await readPresentTargets(ports, deploy, idsOf(instances, health));
  const begun = targetsAtWork(targets).filter(isOwnRollback(deploy, lease));
  const again = await findNeverStarted(ports, begun);
  const atWork = namesOf(begun);
  const servers = plannedServers(targets);
  const limit = mostAtOnce(settings.maxParallel, servers);
  const among = givenAtOnce(limit, servers);
  const current = record?.currentVersion ?? NO_RELEASE;
  const promoted = record?.deployId === deployId;
  const states = new Map(health.map(({ instanceId, state }) => [instanceId, state]));
  const facts = {
    targets,
    health: states,
    version,
    restartAll: deploy.restartAll,
    current,
    installable: await findInstallable(ports, fleet, [current, ...Object.values(targets).map(({ fromVersion }) => fromVersion)]),
    mode: promoted ? 'halt' : settings.onFailure,
    placeholders: new Set(instances.filter((instance) => instance.version === NO_RELEASE).map(({ instanceId }) => instanceId)),
    inFlight: new Set(begun.map(({ instanceId }) => instanceId)),
    mostAtOnce: limit,
    minimumHealthyTargets: recover ? 0 : settings.minimumHealthyTargets,
    waitIsOver: nowMs - waitingSinceMs >= settings.registerTimeoutSeconds * 1000,
  } satisfies FleetAfterDeploy;
  if (again) {
    const { instanceId, executionName, phaseStartedAtMs } = again;
    const roll = { instanceId, executionName, quietSeconds: settings.quietSeconds, phaseStartedAtMs, ...among };
    return { verdict: 'ROLL', waitingSinceMs: 0, executionName, room: begun.length < limit, roll, atWork };
  }
  // The fleet's traffic is no guide while it is being restored: the longest silence.
  const rollOf = (instanceId: string) => ({ instanceId, quietSeconds: settings.quietSeconds, phaseStartedAtMs: nowMs, ...among });
  const left = touchedTargets(targets).find(([id, target]) => hasLeft(target, states.get(id) ?? 'unused', claimedAtMs, nowMs));
  if (left) return { verdict: 'REGISTER', waitingSinceMs: sinceMs, roll: { ...rollOf(left[0]), hasLeft: true }, atWork };
  const next = deploy.restart === undefined ? chooseNextAction(facts) : chooseAfterRestart(targets, version, facts.inFlight);
  if (next.action === 'await') return { verdict: 'AWAIT', waitingSinceMs: 0, atWork };
  if (next.action === 'wait') return { verdict: 'WAIT', waitingSinceMs, atWork };
  if (next.action === 'done') {
    for (const instanceId of next.heldBack) {
      const detail = `kept in service: only ${counted(healthyOthers(facts, instanceId), 'target')} would stay healthy without it, and minimumHealthyTargets is ${settings.minimumHealthyTargets}`;
      await records.updateTarget(fleet, deployId, instanceId, { detail });
    }
    return { verdict: 'DONE', waitingSinceMs: 0, atWork };
  }
  const { instanceId } = next;
  const roll = rollOf(instanceId);
  if (next.action === 'register') return { verdict: 'REGISTER', waitingSinceMs: sinceMs, roll, atWork };
  // A clean-up, which has its own token, rolls a target back once: a step that is delivered twice gives the same name.
  const executionName = rollbackName(instanceId, deploy, lease);
  // If the rollback fails, what becomes of the target depends on its health now.
  const healthBefore = healthOnRecord(targets[instanceId], states.get(instanceId) ?? 'unused');
  const progress = { phase: 'waiting', phaseStartedAtMs: nowMs, rollingBackTo: next.toVersion, healthBefore, executionName } as const;
  await records.updateTarget(fleet, deployId, instanceId, progress, { notBegun: executionName });
  await records.updateDeploy(fleet, deployId, { stage: 'rolling back' });
  const room = begun.length + 1 < limit;
  return { verdict: 'ROLL', waitingSinceMs: 0, executionName, room, roll: { ...roll, executionName }, atWork: [...atWork, executionName] };
}

/** What the deploy's record shows its clean-up. */
interface Recorded extends Pick<FleetAfterDeploy, 'targets'> {
  readonly claimedAtMs: number;
}

/** The deploy's targets; those whose instances are gone are left out from here on, by the record too. */
async function readPresentTargets(ports: RepairPorts, deploy: DeployContext, present: ReadonlySet<string>): Promise<Recorded> {
  const { records, now } = ports;
  const { fleet, deployId } = deploy;
  const recorded = await readRecord(records, deploy);
  const { targets } = recorded;
  if (goneTargets(targets, present).length === 0) return recorded;
  // A rollback under way can have recorded its instance between the two reads: only what is absent after the targets were read is gone.
  const presentNow = idsOf(...(await Promise.all([records.getInstances(fleet), ports.targetGroup.describeHealth()])));
  for (const instanceId of goneTargets(targets, presentNow)) {
    await records.updateTarget(fleet, deployId, instanceId, { phase: 'skipped', finishedAtMs: now(), detail: 'the instance is gone' });
  }
  return readRecord(records, deploy);
}

const idsOf = (...lists: readonly (readonly { readonly instanceId: string }[])[]): ReadonlySet<string> =>
  new Set(lists.flatMap((list) => list.map(({ instanceId }) => instanceId)));

async function findInstallable({ records }: RepairPorts, fleet: string, versions: readonly string[]): Promise<ReadonlySet<string>> {
  const distinct = [...new Set(versions)];
  const releases = await Promise.all(distinct.map((version) => records.getRelease(fleet, version)));
  return new Set(distinct.filter((_, index) => releases[index] !== undefined));
}

async function readRecord(records: RepairPorts['records'], { fleet, deployId }: DeployContext): Promise<Recorded> {
  const { targets = {}, cleanUp } = (await records.getDeploy(fleet, deployId)) ?? {};
  return { targets, claimedAtMs: cleanUp?.startedAtMs ?? 0 };
}
