import type { AskServers, VariablesSeen } from '../../instance/ask-servers.ts';
import type { SessionsSeen } from '../../instance/steps/sessions.ts';
import type { Records } from '../../records/records.ts';
import type { ReleaseRecord } from '../../records/types.ts';
import type { Alarms } from '../../shared/aws/alarms.ts';
import type { Attributes } from '../../shared/aws/attributes-reader.ts';
import type { AutoScalingGroup } from '../../shared/aws/auto-scaling.ts';
import type { Agents } from '../../shared/aws/run-command.ts';
import type { TargetGroup } from '../../shared/aws/target-group.ts';
import { NO_RELEASE, UNKNOWN_RELEASE } from '../../shared/version.ts';
import { orderToRoll } from '../assess/choose-next-target.ts';
import { type FleetView, fleetMembers, servesUsers, stoppedMembers } from '../assess/fleet-members.ts';
import { notedAlarms } from '../assess/watch-alarms.ts';
import type { DeployContext } from '../contract/common.ts';
import { type DrainFrontReads, judgeDrainFront } from '../sessions/judge-drain-rule.ts';
import type { DryRunFacts } from './facts.ts';

/** Each reads only. */
export interface DryRunPorts {
  readonly fleet: string;
  /** The fleet's settings as its environment holds them, unchecked. */
  readonly settings: unknown;
  readonly records: Records;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth' | 'describeProtocolVersion' | 'registersWith' | 'ofAddresses'>;
  readonly targetGroupArn: string;
  /** The target group's. */
  readonly attributes: () => Promise<Attributes>;
  /** Absent for a fleet of named instances. */
  readonly group?: Pick<AutoScalingGroup, 'name' | 'describe' | 'hooks'> | undefined;
  /** Ids of the named instances. */
  readonly named?: readonly string[] | undefined;
  /** The fleet's servers ran before Holdfast: no placeholder is on them. */
  readonly prepares: boolean;
  readonly agents: Agents;
  readonly alarms: Pick<Alarms, 'states'>;
  /** What the deploy's own check of the session store finds, at the latest at `endMs`, in milliseconds since the epoch. */
  readonly checkStore: (deploy: DeployContext, endMs: number) => Promise<DryRunFacts['store']>;
  readonly concurrency: () => Promise<DryRunFacts['concurrency']>;
  /** How to read the drain rule, the rules around it and both groups; absent for a fleet whose deploys do not wait for sessions. */
  readonly front?: DrainFrontReads | undefined;
  /** Asks servers for the sessions in their memory, and returns the answers that arrive by `endMs`; absent where `front` is. */
  readonly countSessions?: AskServers<SessionsSeen> | undefined;
  /** Undefined for a fleet without variables. */
  readonly readEnvironment?: AskServers<VariablesSeen> | undefined;
  /** {@link ENV.sessionGate}. */
  readonly sessionGate?: string | undefined;
  readonly now: () => number;
}

/**
 * From the invocation's start, whatever it waits for: the store's check and the questions to servers end then. Below the function's own
 * limit of 60 s, with time left for a call that is under way and for the report.
 */
export const LONGEST_DRY_RUN_MS = 45_000;
/** Enough to find one that succeeded among those that failed. */
const LATEST_DEPLOYS = 20;

/** The store's check and everything else at the same time: the servers' sessions, which need the list of servers, do not wait for it. */
export async function readFacts(ports: DryRunPorts, deploy: DeployContext): Promise<DryRunFacts> {
  const endMs = ports.now() + LONGEST_DRY_RUN_MS;
  const [store, others] = await Promise.all([ports.checkStore(deploy, endMs), readFleet(ports, deploy, endMs)]);
  return { ...others, store };
}

async function readFleet(ports: DryRunPorts, deploy: DeployContext, endMs: number): Promise<Omit<DryRunFacts, 'store'>> {
  const { records, targetGroup, group, named, prepares, front } = ports;
  const { fleet, version } = deploy;
  const [described, targets, instances, current, lock, latest, alarms, protocolVersion, attributes, drainRule, concurrency, hooks] =
    await Promise.all([
      group?.describe(),
      targetGroup.describeHealth(),
      records.getInstances(fleet),
      records.getFleet(fleet),
      records.getLock(fleet),
      records.latestDeploys(fleet, LATEST_DEPLOYS),
      ports.alarms.states(notedAlarms(deploy)),
      targetGroup.describeProtocolVersion(),
      ports.attributes(),
      front && judgeDrainFront(front),
      ports.concurrency(),
      group?.hooks(),
    ]);
  const unrecorded = !current && !prepares ? NO_RELEASE : UNKNOWN_RELEASE;
  const view: FleetView = { group: described?.members, named, targets, instances, unrecorded };
  const members = fleetMembers(view);
  const toRoll = orderToRoll(members, { rolled: new Set(), version });
  const ids = toRoll.map(({ instanceId }) => instanceId);
  // Of what runs already, the dry run is that of a restart.
  const inService = members.flatMap(({ instanceId, lifecycle }) => (lifecycle === 'inService' ? instanceId : []));
  const asked = ids.length > 0 ? ids : inService;
  const [agents, variables, sessions, known] = await Promise.all([
    ports.agents.describe(ids),
    ports.readEnvironment?.(asked, endMs),
    ports.countSessions?.(
      toRoll.filter(servesUsers).map(({ instanceId }) => instanceId),
      endMs,
    ),
    readReleases(ports, deploy, toRoll),
  ]);
  return {
    deploy,
    nowMs: ports.now(),
    lock,
    release: known.find((release) => release.version === version),
    contracts: new Map(known.map((release) => [release.version, release.app])),
    from: current?.currentVersion ?? NO_RELEASE,
    members,
    stopped: stoppedMembers(view),
    toRoll,
    agents,
    ...(variables && { variables }),
    asked,
    alarmStates: alarms,
    protocolVersion,
    attributes,
    targetGroupArn: ports.targetGroupArn,
    ofAddresses: targetGroup.ofAddresses,
    registeredWith: described?.targetGroupArns ?? (await targetGroup.registersWith()),
    latest,
    concurrency,
    ...(drainRule && { drainRule }),
    sessionGate: ports.sessionGate,
    sessions: sessions ?? new Map(),
    suspendsAutoScaling: group !== undefined,
    ...{ groupName: group?.name ?? '', hooks: hooks ?? [] },
  };
}

async function readReleases(
  { records }: DryRunPorts,
  { fleet, version }: DeployContext,
  toRoll: DryRunFacts['toRoll'],
): Promise<readonly ReleaseRecord[]> {
  const versions = new Set([version, ...toRoll.map((member) => member.version)]);
  const releases = await Promise.all([...versions].map((one) => records.getRelease(fleet, one)));
  return releases.filter((release): release is ReleaseRecord => release !== undefined);
}
