import type { DocumentVersions } from '../../instance/document-contract.ts';
import { holdLease } from '../../records/hold-lease.ts';
import type { Records } from '../../records/records.ts';
import type { DeployRecord, FleetRecord, TargetProgress } from '../../records/types.ts';
import type { Alarms } from '../../shared/aws/alarms.ts';
import type { AutoScalingGroup } from '../../shared/aws/auto-scaling.ts';
import type { RequestRate } from '../../shared/aws/request-rate.ts';
import type { Agents } from '../../shared/aws/run-command.ts';
import type { TargetGroup } from '../../shared/aws/target-group.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import { addWarnings } from '../add-warnings.ts';
import type { AssessRequest, LeftOut, NextTarget, Plan, PlannedTarget, Preflight, Rolled, Settle } from '../contract/assess.ts';
import type { DeployContext } from '../contract/common.ts';
import { ReleaseNotFound, TargetFailed } from '../errors.ts';
import { checkPreflight } from './check-preflight.ts';
import { chooseNextTarget, isStarting, orderToRoll } from './choose-next-target.ts';
import { chooseQuietSeconds } from './choose-quiet.ts';
import { type FleetMember, fleetMembers } from './fleet-members.ts';
import { comesUpLater, keepsServing, leaveOut, newcomersOf, rolledOf, withNewcomers } from './newcomers.ts';
import { memberToRestart, nextToRestart, type RestartedServer } from './restart.ts';
import { warnOfBlindDrains } from './warn-of-blind-drains.ts';
import { warnOfLostSessions } from './warn-of-lost-sessions.ts';
import { warnOfRedAlarms } from './warn-of-red-alarms.ts';
import { settle, stopOnAlarms } from './watch-alarms.ts';

export interface AssessPorts {
  readonly records: Pick<
    Records,
    'renewLease' | 'getFleet' | 'getRelease' | 'getInstances' | 'getDeploy' | 'updateDeploy' | 'planDeploy' | 'putTarget' | 'updateTarget'
  >;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth' | 'describeProtocolVersion'>;
  /** Whether a user's requests go to one server. */
  readonly isSticky: () => Promise<boolean>;
  /** Absent for a fleet of named instances. */
  readonly group?: Pick<AutoScalingGroup, 'describe'>;
  /** Ids of the named instances. */
  readonly named?: readonly string[];
  /** The fleet's servers ran before Holdfast: no placeholder is on them. */
  readonly prepares: boolean;
  readonly agents: Agents;
  readonly alarms: Alarms;
  /** The documents' latest versions, as they are now. */
  readonly documentVersions: () => Promise<DocumentVersions>;
  readonly requestRate: RequestRate;
  readonly now: () => number;
}

export type AssessReply = DocumentVersions | Plan | Preflight | NextTarget | Rolled | LeftOut | Settle;

/** Reads the fleet and decides what to do; changes nothing but the deploy's own record. */
export function createAssess(ports: AssessPorts): (request: AssessRequest) => Promise<AssessReply> {
  return async (request) => {
    const { deploy, lease } = request;
    await holdLease(ports.records, deploy, lease, ports.now());
    switch (request.step) {
      case 'pinDocuments':
        return pinDocuments(ports, deploy);
      case 'plan':
        return plan(ports, deploy);
      case 'preflight':
        return preflight(ports, deploy);
      case 'nextTarget':
        return nextTarget(ports, request);
      case 'checkTarget':
        return checkTarget(ports, deploy, request.instanceId);
      case 'leaveOut':
        await leaveOut(ports.records, deploy, { instanceId: request.instanceId, error: request.error, nowMs: ports.now() });
        return { verdict: 'SKIP' };
      case 'settle':
        return settle(ports, deploy, request);
    }
  };
}

/** On record too, for the clean-up of a deploy that died. */
async function pinDocuments({ records, documentVersions }: AssessPorts, { fleet, deployId }: DeployContext): Promise<DocumentVersions> {
  const documents = await documentVersions();
  await records.updateDeploy(fleet, deployId, { documents });
  return documents;
}

interface Fleet {
  readonly current: FleetRecord | undefined;
  /** The deploy's own. */
  readonly record: DeployRecord | undefined;
  readonly members: readonly FleetMember[];
}

async function readFleet(
  { group, named, prepares, targetGroup, records }: AssessPorts,
  { fleet, deployId }: DeployContext,
): Promise<Fleet> {
  const [described, targets, instances, current, record] = await Promise.all([
    group?.describe(),
    targetGroup.describeHealth(),
    records.getInstances(fleet),
    records.getFleet(fleet),
    records.getDeploy(fleet, deployId),
  ]);
  // After a first deploy's own promotion too: what launched before it has the placeholder still.
  const isFirst = !current || (current.deployId === deployId && record?.from === NO_RELEASE);
  const unrecorded = isFirst && !prepares ? NO_RELEASE : 'unknown';
  return { current, record, members: fleetMembers({ group: described?.members, named, targets, instances, unrecorded }) };
}

async function plan(ports: AssessPorts, deploy: DeployContext): Promise<Plan> {
  const { fleet, deployId, version } = deploy;
  const release = await ports.records.getRelease(fleet, version);
  if (!release) throw new ReleaseNotFound(fleet, version);
  const { current, members } = await readFleet(ports, deploy);
  const from = current?.currentVersion ?? NO_RELEASE;
  const restarted = restartOf(deploy, current);
  const toRoll = restarted ? [memberToRestart(members, restarted)] : orderToRoll(members, { rolled: new Set(), version });
  const skipped = restarted ? [] : members.filter((member) => member.lifecycle === 'inService' && !toRoll.includes(member));
  const targets = Object.fromEntries([
    ...toRoll.map((member, order) => [member.instanceId, progressOf(member, order, 'waiting', ports.now())] as const),
    ...skipped.map((member, index) => [member.instanceId, progressOf(member, toRoll.length + index, 'skipped', ports.now())] as const),
  ]);
  await ports.records.planDeploy(fleet, deployId, { from, sha256: release.sha256, targets });
  return {
    from,
    to: version,
    targets: toRoll.map(({ instanceId, version: on, health }): PlannedTarget => ({ instanceId, version: on, health })),
  };
}

const restartOf = ({ restart, fleet, version, settings }: DeployContext, current: FleetRecord | undefined): RestartedServer | undefined =>
  restart === undefined ? undefined : { ...settings, fleet, instanceId: restart, version, current: current?.currentVersion };

async function preflight(ports: AssessPorts, deploy: DeployContext): Promise<Preflight> {
  const { fleet, deployId, version, recover, settings } = deploy;
  await ports.records.updateDeploy(fleet, deployId, { stage: 'preflight' });
  const { members, current } = await readFleet(ports, deploy);
  const restarted = restartOf(deploy, current);
  const toRoll = restarted ? [memberToRestart(members, restarted)] : orderToRoll(members, { rolled: new Set(), version });
  const [agents, alarms] = await Promise.all([
    ports.agents.describe(toRoll.map(({ instanceId }) => instanceId)),
    ports.alarms.states(settings.alarmNames),
  ]);
  const found = checkPreflight({ members, toRoll, agents, alarms, recover: recover || restarted !== undefined, settings });
  await ports.records.updateDeploy(fleet, deployId, { alarmsAtStart: alarms });
  await addWarnings(ports.records, deploy, [...(await foresee(ports, deploy, toRoll)), ...(restarted ? [] : warnOfRedAlarms(alarms))]);
  return found;
}

/** What the operator should know of the drains and of sessions in memory before the first target is touched. */
async function foresee(
  { records, targetGroup, isSticky }: AssessPorts,
  { fleet, version, settings }: DeployContext,
  toRoll: readonly FleetMember[],
): Promise<readonly string[]> {
  const versions = toRoll.map((member) => member.version);
  const [protocolVersion, sticky, ...releases] = await Promise.all([
    targetGroup.describeProtocolVersion(),
    isSticky(),
    ...[...new Set([version, ...versions])].map((one) => records.getRelease(fleet, one)),
  ]);
  const contracts = new Map(releases.flatMap((release) => (release ? [[release.version, release.app]] : [])));
  return [
    warnOfBlindDrains({ versions, contracts, protocolVersion, settings }),
    warnOfLostSessions(version, contracts.get(version), sticky),
  ].filter((warning) => warning !== undefined);
}

async function nextTarget(
  ports: AssessPorts,
  { deploy, waitingSinceMs, storeFailedOver }: Extract<AssessRequest, { step: 'nextTarget' }>,
): Promise<NextTarget> {
  const { records } = ports;
  const { fleet, deployId, version, recover, settings } = deploy;
  const nowMs = ports.now();
  const { members, record, current } = await readFleet(ports, deploy);
  const restarted = restartOf(deploy, current);
  const planned = record?.targets ?? {};
  const known = restarted ? planned : withNewcomers(planned, members, nowMs);
  for (const [instanceId, progress] of Object.entries(known)) {
    if (!planned[instanceId]) await records.putTarget(fleet, deployId, instanceId, progress);
  }
  const choice = {
    rolled: rolledOf(known),
    newcomers: newcomersOf(known),
    version,
    recover,
    waitingSinceMs: waitingSinceMs || undefined,
    nowMs,
    limits: settings,
  };
  const next = restarted ? nextToRestart(members, restarted, choice.rolled) : chooseNextTarget(members, choice);
  if (next.verdict !== 'ROLL') {
    for (const instanceId of next.leftOut) {
      const serving = members.find((member) => member.instanceId === instanceId && !isStarting(member, { rolled: new Set(), version }));
      const detail = serving
        ? keepsServing(serving, settings.newcomerTimeoutSeconds)
        : comesUpLater(deploy, settings.newcomerTimeoutSeconds);
      const phase = serving ? 'failed' : 'skipped';
      if (known[instanceId]?.phase !== phase) {
        await records.updateTarget(fleet, deployId, instanceId, { phase, finishedAtMs: nowMs, detail }, { neverRolled: true });
      }
    }
    if (next.verdict === 'DONE') return { verdict: 'DONE', waitingSinceMs: 0 };
    const comesOutdated = members.some((one) => one.proceeds && one.version !== version && !next.leftOut.includes(one.instanceId));
    return { verdict: 'WAIT', waitingSinceMs: next.waitingSinceMs, ...(comesOutdated && { comesOutdated }) };
  }
  await stopOnAlarms(ports, deploy, { record, current, storeFailedOver });
  const { instanceId } = next.member;
  const quietSeconds = chooseQuietSeconds(await ports.requestRate.perMinute(nowMs), settings);
  const { order = 0, phases, newcomer, seenAtMs } = known[instanceId] ?? {};
  // On record before it starts: an execution that no record names could not be stopped. A deploy rolls a target once, and a step
  // that is delivered twice gives the same name, so that both are about the same execution.
  const executionName = `${instanceId}-${deploy.startedAtMs}`;
  const progress = {
    ...progressOf(next.member, order, 'waiting', nowMs),
    startedAtMs: nowMs,
    executionName,
    ...(phases && { phases }),
    ...(newcomer && { newcomer, seenAtMs }),
  };
  await Promise.all([
    records.putTarget(fleet, deployId, instanceId, progress),
    records.updateDeploy(fleet, deployId, { stage: 'rolling' }),
  ]);
  const roll = { instanceId, executionName, quietSeconds, phaseStartedAtMs: nowMs, ...(next.mayFail && { mayFail: true as const }) };
  return { verdict: 'ROLL', waitingSinceMs: 0, executionName, mayFail: next.mayFail, roll };
}

/** A roll that has ended, by its record. @throws TargetFailed unless it succeeded */
async function checkTarget({ records }: AssessPorts, { fleet, deployId }: DeployContext, instanceId: string): Promise<Rolled> {
  const target = (await records.getDeploy(fleet, deployId))?.targets[instanceId];
  if (target?.phase === 'done') return { verdict: 'DONE' };
  const how = target?.phase === 'failed' ? `failed: ${target.detail}` : `stopped while ${target?.phase}`;
  throw new TargetFailed(`the roll of ${instanceId} ${how}`);
}

function progressOf(member: FleetMember, order: number, phase: 'waiting' | 'skipped', nowMs: number): TargetProgress {
  return { phase, order, fromVersion: member.version, healthBefore: member.health, phaseStartedAtMs: nowMs };
}
