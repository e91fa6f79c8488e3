import { describeHolder } from '../../records/describe-holder.ts';
import type { LockHold, Records } from '../../records/records.ts';
import { type ResumeRecords, resumeOnRecord, suspendOnRecord } from '../../records/suspend-on-record.ts';
import { type AutoScalingGroup, AutoScalingGroupNotFound, type Group } from '../../shared/aws/auto-scaling.ts';
import { holdfast, OWN_OPTIONS } from '../../shared/command-options.ts';
import { cutOffOf, mostAreCutOff } from '../classify/facts/servers-up.ts';
import type { MitigationTarget } from '../contract/mitigation-descriptor.ts';
import type { Mitigation, Verified } from '../contract/mitigations.ts';
import { type Fleets, fleetOf } from './fleet-resources.ts';
import { HandingOver, holdFleet, keepHold, LEASE_MS, releaseHold, whyHeld } from './hold-fleet.ts';
import { MitigationRefused } from './mitigation-errors.ts';
import { askServers, isStillAway, type ReadServers, type StoreWitnesses } from './store-witnesses.ts';

/**
 * The processes that replace a server whose health check fails: HealthCheck marks it, ReplaceUnhealthy terminates it and launches another.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
 */
const REPLACING = ['HealthCheck', 'ReplaceUnhealthy'] as const;

/** The record of a suspension numbers the rounds of its holder. An incident suspends once while it holds the lock: it has one round. */
const ROUND = 1;

/**
 * The processes stay suspended for this time after the store is well again. Meanwhile servers connect to it, and the load balancer finds
 * them healthy, which takes it two to ten checks, 10 to 30 s apart. If they resumed earlier, Auto Scaling would still read from the load
 * balancer that the servers are unhealthy, and replace the fleet after all.
 */
const SETTLES_MS = 240_000;

export interface KeepServersPorts {
  readonly fleets: Fleets;
  readonly records: Pick<Records, 'acquireLock' | 'renewLease' | 'releaseLock' | 'putSuspension' | 'renewKept'> & ResumeRecords;
  readonly groupOf: (name: string) => AutoScalingGroup;
  readonly readServers: ReadServers;
  /** Whether a fleet's health check asks the store; undefined while that is not known. */
  readonly asksStore: (fleet: string) => Promise<boolean | undefined>;
  readonly witnesses: StoreWitnesses;
  readonly longestMs: number;
  readonly now: () => number;
}

interface Undo {
  readonly fleet: string;
  readonly group: string;
  readonly suspend: readonly string[];
}

/**
 * Keeps Auto Scaling from replacing the servers of a fleet whose health check asks the store, while the store is away: replaced
 * servers would be as unhealthy, and lose what the old ones have in memory. It holds the fleet's lock until it is undone.
 */
export function createKeepServers(ports: KeepServersPorts): Mitigation<Undo> {
  const { fleets, records, groupOf, now } = ports;
  return {
    async plan(target) {
      const { name: fleet, autoScalingGroup } = fleetOf(fleets, target);
      if (autoScalingGroup === undefined) return { refused: `fleet ${fleet} has no Auto Scaling group: nothing replaces its servers` };
      const lock = await records.getLock(fleet);
      const held = whyHeld(lock, target, now());
      if (held !== undefined) return { refused: held };
      const left = lock?.suspension;
      if (left && left.deployId !== target.incidentId) {
        return {
          refused: `deploy ${left.deployId} has left ${left.suspendedByDeploy.join(', ')} of ${autoScalingGroup} suspended, so that nothing replaces servers; resume them when the store is well`,
        };
      }
      const group = await groupOf(autoScalingGroup).describe();
      if (group.healthCheckType !== undefined && !group.healthCheckType.includes('ELB')) {
        return {
          refused: `${autoScalingGroup} does not use the load balancer's health checks: a store that is away makes it replace nothing`,
        };
      }
      const asks = await ports.asksStore(fleet);
      if (asks !== true) {
        const why = asks === false ? 'does not ask the store' : 'is not known to ask the store (no release of it names a gate)';
        return { refused: `the health check of fleet ${fleet} ${why}: a store that is away makes ${autoScalingGroup} replace nothing` };
      }
      const suspend = REPLACING.filter(
        (process) => !group.suspendedProcesses.includes(process) || left?.suspendedByDeploy.includes(process),
      );
      if (suspend.length === 0)
        return { refused: `${REPLACING.join(' and ')} of ${autoScalingGroup} are suspended already, by somebody else` };
      const undo: Undo = { fleet, group: autoScalingGroup, suspend };
      const unhealthy = markedUnhealthy(group);
      return {
        calls: [
          {
            service: 'autoscaling',
            operation: 'SuspendProcesses',
            input: { AutoScalingGroupName: autoScalingGroup, ScalingProcesses: suspend },
          },
          ...unhealthy.map((InstanceId) => ({
            service: 'autoscaling',
            operation: 'SetInstanceHealth',
            input: { InstanceId, HealthStatus: 'Healthy', ShouldRespectGracePeriod: false },
          })),
        ],
        effect: `Auto Scaling replaces no server of fleet ${fleet} until the store is well, no refresh starts meanwhile, and a deploy that starts keeps it so; ${group.members.length} servers stay. To end that sooner: ${holdfast(`incidents release ${target.incidentId} ${OWN_OPTIONS}`)}`,
        undo,
      };
    },
    async act(target, plan) {
      const { fleet, group: name, suspend } = plan.undo;
      const hold = await holdUnlessTaken(ports, target, fleet);
      // An earlier attempt suspended, and a deploy has the lock since: it hands back what is suspended.
      if (hold === undefined) return;
      const group = groupOf(name);
      await refuseTheirs(ports, target, plan.undo);
      const alreadySuspended = REPLACING.filter((process) => !suspend.includes(process));
      const suspension = { autoScalingGroupName: name, alreadySuspended, suspendedByDeploy: suspend, round: ROUND };
      const suspended = await suspendOnRecord({ records, group }, hold, suspension, now() + LEASE_MS);
      if (suspended === 'refused')
        throw new MitigationRefused(
          `nothing was changed in fleet ${fleet}: this incident no longer holds its lock, or has begun to resume Auto Scaling`,
        );
      if (suspended === 'resumed') {
        throw new MitigationRefused(`fleet ${fleet} had its processes resumed before this step suspended them; they are resumed again`);
      }
      // Auto Scaling terminates a server that is marked Unhealthy as soon as the processes resume.
      await markHealthy(group);
    },
    async verify(target, plan) {
      const { fleet, group: name, suspend } = plan.undo;
      await records.renewKept(fleet, { incidentId: target.incidentId, suspended: suspend, untilMs: now() + LEASE_MS });
      if (!(await keepHold(records, fleet, target.incidentId, now()))) {
        const taken = await takenOver(ports, target, fleet);
        if (taken !== undefined) return taken;
      }
      const { suspendedProcesses, members } = await groupOf(name).describe();
      const missing = suspend.filter((process) => !suspendedProcesses.includes(process));
      if (missing.length > 0) return { verdict: 'WAIT', detail: `${name} does not show ${missing.join(' and ')} as suspended yet` };
      return { verdict: 'DONE', detail: `${suspend.join(' and ')} of ${name} are suspended, and its ${members.length} servers stay` };
    },
    undo: (target, plan) => restore(ports, target, plan.undo),
    settlesMs: SETTLES_MS,
    longestMs: ports.longestMs,
    async needed(_target, plan) {
      const servers = await askServers(ports.readServers)(plan.undo.fleet);
      const goesOn = await isStillAway(ports.witnesses, plan.undo.fleet, servers);
      // Auto Scaling would replace those that are still cut off. After some time that is the repair: the store works for the others.
      return !goesOn && cutOffOf(servers) > 0 && !mostAreCutOff(servers) ? 'unknown' : goesOn;
    },
  };
}

/**
 * What somebody else has suspended since the plan would be resumed with the rest at the end.
 * @throws MitigationRefused
 */
async function refuseTheirs({ records, groupOf }: KeepServersPorts, target: MitigationTarget, { fleet, group, suspend }: Undo) {
  if ((await records.getLock(fleet))?.suspension?.deployId === target.incidentId) return;
  const { suspendedProcesses } = await groupOf(group).describe();
  const theirs = suspend.filter((process) => suspendedProcesses.includes(process));
  if (theirs.length === 0) return;
  await releaseHold(records, fleet, target.incidentId);
  throw new MitigationRefused(`somebody else has suspended ${theirs.join(' and ')} of ${group} since the plan; nothing was changed`);
}

/** Undefined where a deploy has the lock and what this incident had suspended before. @throws MitigationRefused where nothing was suspended */
async function holdUnlessTaken({ records, now }: KeepServersPorts, target: MitigationTarget, fleet: string): Promise<LockHold | undefined> {
  try {
    return await holdFleet(records, fleet, target, 'keep-servers', now());
  } catch (error) {
    const lock = error instanceof MitigationRefused ? await records.getLock(fleet) : undefined;
    if (lock?.suspension?.deployId === target.incidentId || lock?.kept?.incidentId === target.incidentId) return undefined;
    throw error;
  }
}

/**
 * What has become of the lock that the incident no longer holds. A deploy that has taken it keeps what is suspended, and hands it back at its
 * end: then the incident holds the lock again. Undefined: it does.
 */
async function takenOver({ records, now }: KeepServersPorts, target: MitigationTarget, fleet: string): Promise<Verified | undefined> {
  const { incidentId } = target;
  const lock = await records.getLock(fleet);
  const holder = lock?.deployId === undefined ? 'a deploy that has ended' : describeHolder(lock);
  const handsBack = `${holder} has what is suspended in fleet ${fleet}, whose servers stay, and hands it back at its end`;
  if (lock?.suspension?.deployId !== incidentId) {
    if (lock?.suspension && lock.kept?.incidentId === incidentId) return { verdict: 'DONE', detail: handsBack };
    const detail = `nothing that this incident suspended in fleet ${fleet} is on record for it any more: ${holder} resumes it, or has done so`;
    return { verdict: 'DONE', isHandedOver: true, detail };
  }
  try {
    await holdFleet(records, fleet, target, 'keep-servers', now());
    return undefined;
  } catch (error) {
    if (!(error instanceof MitigationRefused)) throw error;
    return { verdict: 'DONE', detail: handsBack };
  }
}

/**
 * Resumes exactly the processes that the record names as suspended. A deploy that has taken the record over, and not handed it back, resumes
 * them itself from here on, with everything else.
 */
async function restore(ports: KeepServersPorts, target: MitigationTarget, { fleet, group: name }: Undo): Promise<void> {
  const { records, groupOf, now } = ports;
  const { incidentId } = target;
  const { suspension, kept } = (await records.getLock(fleet)) ?? {};
  if (suspension?.deployId === incidentId) {
    let hold: LockHold;
    try {
      hold = await holdFleet(records, fleet, target, 'keep-servers', now());
    } catch (error) {
      if (!(error instanceof MitigationRefused)) throw error;
      // A deploy has the lock. It has taken the suspension since, or takes it with its next step: then a later turn lets it go.
      if (await records.dropKept(fleet, incidentId)) return;
      throw new HandingOver(error);
    }
    const group = await unlessDeleted(groupOf(name));
    // A server that is marked Unhealthy keeps the mark however well it is, and Auto Scaling would replace it at once.
    const resumed = await resumeOnRecord({ records, group, prepare: () => markHealthy(group), now }, hold, { ...suspension, round: ROUND });
    // The deploy that took the lock meanwhile can still be refused: the next turn looks again.
    if (resumed === undefined) throw new HandingOver(new Error(`a deploy of fleet ${fleet} has just taken over what is suspended`));
  } else if (kept?.incidentId === incidentId && !(await records.dropKept(fleet, incidentId))) {
    throw new HandingOver(new Error(`a deploy of fleet ${fleet} has just handed back what is suspended`));
  }
  await releaseHold(records, fleet, incidentId);
}

const markedUnhealthy = ({ members }: Group): readonly string[] =>
  members.flatMap(({ instanceId, lifecycleState, healthStatus }) =>
    lifecycleState === 'InService' && healthStatus === 'Unhealthy' ? [instanceId] : [],
  );

/** Nothing of a group that somebody has deleted is suspended any more, and the record of it goes. */
async function unlessDeleted(group: AutoScalingGroup): Promise<Pick<AutoScalingGroup, 'describe' | 'markHealthy' | 'resume'>> {
  try {
    await group.describe();
    return group;
  } catch (error) {
    if (!(error instanceof AutoScalingGroupNotFound)) throw error;
    return {
      describe: async () => ({ members: [], targetGroupArns: [], suspendedProcesses: [] }),
      markHealthy: async () => {},
      resume: async () => {},
    };
  }
}

async function markHealthy(group: Pick<AutoScalingGroup, 'describe' | 'markHealthy'>): Promise<void> {
  for (const instanceId of markedUnhealthy(await group.describe())) await group.markHealthy(instanceId);
}
