import type { AskServers, VariablesSeen } from '../../instance/ask-servers.ts';
import type { DocumentVersions } from '../../instance/document-contract.ts';
import { holdLease } from '../../records/lease.ts';
import type { Records } from '../../records/records.ts';
import type { Alarms } from '../../shared/aws/alarms.ts';
import { type Attributes, isSticky } from '../../shared/aws/attributes-reader.ts';
import type { Agents } from '../../shared/aws/run-command.ts';
import type { TargetGroup } from '../../shared/aws/target-group.ts';
import { warningsOf } from '../../shared/check.ts';
import { settleAll } from '../../shared/end-at.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import { addWarnings } from '../add-warnings.ts';
import type {
  AssessRequest,
  AwaitedTargets,
  BegunNothing,
  NextTarget,
  Plan,
  PlannedTarget,
  Preflight,
  Settle,
} from '../contract/assess-steps.ts';
import type { DeployContext } from '../contract/common.ts';
import { ReleaseNotFound } from '../errors.ts';
import { explainError } from '../explain-error.ts';
import { type PlannedLooks, planLooks } from '../people/describe-people.ts';
import { awaitRolls, deathOf, type OwnRolls, type RollPorts } from '../rolls/await-rolls.ts';
import { namesOf } from '../rolls/in-flight.ts';
import { learnFrom } from '../rolls/learn-from.ts';
import { UNENDED } from '../target-phases.ts';
import { checkIsCurrent, memberToRestart, orderToRoll } from './choose-next-target.ts';
import { type FleetMember, servesUsers } from './fleet-members.ts';
import { type NextTargetPorts, nextTarget } from './next-target.ts';
import { checkPreflight, PREFLIGHT_CHECKS } from './preflight.ts';
import type { PreflightFacts } from './preflight-facts.ts';
import { allOf, progressOf, readFleet, restartOf } from './read-fleet.ts';
import { notedAlarms, settle } from './watch-alarms.ts';

/** Below the function's own limit of 60 s. */
const LONGEST_QUESTION_MS = 40_000;
/** Among so many there is one that succeeded, as a rule; each record can have hundreds of targets. */
const LATEST_DEPLOYS = 5;

export interface AssessPorts extends NextTargetPorts {
  readonly records: NextTargetPorts['records'] & Pick<Records, 'renewLease' | 'getRelease' | 'planDeploy' | 'latestDeploys'>;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth' | 'describeProtocolVersion' | 'registersWith' | 'ofAddresses'>;
  readonly targetGroupArn: string;
  /** The target group's. */
  readonly attributes: () => Promise<Attributes>;
  readonly agents: Agents;
  readonly alarms: Alarms;
  /** Undefined for a fleet without variables. */
  readonly readEnvironment?: AskServers<VariablesSeen> | undefined;
  /** {@link ENV.sessionGate}. */
  readonly sessionGate?: string | undefined;
  /** The documents' latest versions, as they are now. */
  readonly documentVersions: () => Promise<DocumentVersions>;
}

export type AssessReply = DocumentVersions | Plan | Preflight | NextTarget | AwaitedTargets | BegunNothing | Settle;

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
      case 'awaitTargets':
        return awaitTargets(ports, deploy, request.atWork);
      case 'beginNothing':
        await ports.records.recordFirstFailure(deploy.fleet, deploy.deployId, explainError(request.error));
        return { verdict: 'DONE' };
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

async function plan(ports: AssessPorts, deploy: DeployContext): Promise<Plan> {
  const { fleet, deployId, version } = deploy;
  const [release, { current, members }] = await Promise.all([ports.records.getRelease(fleet, version), readFleet(ports, deploy)]);
  if (!release) throw new ReleaseNotFound(fleet, version);
  const from = current?.currentVersion ?? NO_RELEASE;
  const toRoll = toRollOf(deploy, { current, members });
  // A server without a record of versions had no variables: a rollback gives it none.
  const had = ports.readEnvironment && { environment: { list: '0' } };
  const skipped =
    deploy.restart !== undefined ? [] : members.filter((member) => member.lifecycle === 'inService' && !toRoll.includes(member));
  const targets = Object.fromEntries([
    ...toRoll.map((member, order) => [member.instanceId, progressOf({ ...had, ...member }, order, 'waiting', ports.now())] as const),
    ...skipped.map((member, index) => [member.instanceId, progressOf(member, toRoll.length + index, 'skipped', ports.now())] as const),
  ]);
  await ports.records.planDeploy(fleet, deployId, { from, sha256: release.sha256, targets });
  return {
    from,
    to: version,
    targets: toRoll.map(({ instanceId, version: on, health }): PlannedTarget => ({ instanceId, version: on, health })),
  };
}

/** The members that will be rolled, in order. @throws InvalidInput, TooFewHealthyTargets for a restart that cannot be */
function toRollOf(deploy: DeployContext, { current, members }: Pick<Awaited<ReturnType<typeof readFleet>>, 'current' | 'members'>) {
  const { fleet, version } = deploy;
  const restarted = restartOf(deploy, current);
  if (restarted) return [memberToRestart(members, restarted)];
  if (deploy.restartAll) checkIsCurrent({ fleet, version, current: current?.currentVersion }, `fleet ${fleet}`);
  return orderToRoll(members, { rolled: new Set(), version, ...allOf(deploy) });
}

async function preflight(ports: AssessPorts, deploy: DeployContext): Promise<Preflight> {
  const { fleet, deployId, version, recover, pauseAfter, settings } = deploy;
  const [, { members, current, stopped, ...read }] = await settleAll([
    ports.records.updateDeploy(fleet, deployId, { stage: 'preflight' }),
    readFleet(ports, deploy),
  ]);
  const restarted = restartOf(deploy, current);
  const toRoll = toRollOf(deploy, { current, members });
  const memberIds = toRoll.map(({ instanceId }) => instanceId);
  const { ofAddresses } = ports.targetGroup;
  const [agents, alarmStates, attributes, latest, registeredWith, variables] = await Promise.all([
    ports.agents.describe(memberIds),
    ports.alarms.states(notedAlarms(deploy)),
    ports.attributes(),
    ports.records.latestDeploys(fleet, LATEST_DEPLOYS),
    read.registersWith ?? ports.targetGroup.registersWith(),
    ports.readEnvironment?.(memberIds, ports.now() + LONGEST_QUESTION_MS),
  ]);
  const isUrgent = recover || restarted !== undefined;
  const { looks, ...releases } = await readReleases(ports, deploy, toRoll, isSticky(attributes));
  const facts = {
    ...{ version, settings, pauseAfter, recover: isUrgent, restarts: restarted !== undefined },
    ...{ members, toRoll, memberIds, stopped, reached: isUrgent ? [] : toRoll, agents, alarmStates },
    ...{ attributes, targetGroupArn: ports.targetGroupArn, ofAddresses, registeredWith, lastRollSeconds: learnFrom(latest)?.rollSeconds },
    ...releases,
    ...(variables && { variables }),
  };
  const found = checkPreflight(facts);
  await ports.records.updateDeploy(fleet, deployId, { alarmsAtStart: alarmStates, ...looks });
  const hooks = restarted ? undefined : await ports.group?.hooks();
  const ofGroup = hooks && { groupName: ports.group?.name ?? '', hooks };
  await addWarnings(ports.records, deploy, warningsOf(PREFLIGHT_CHECKS, 'preflight', { ...facts, ...ofGroup }));
  return found;
}

/** What the releases of the servers say of the drains and sessions ahead, before the first target is touched. */
async function readReleases(
  { records, targetGroup, sessionGate }: AssessPorts,
  { fleet, version, restart, restartAll, settings }: DeployContext,
  toRoll: readonly FleetMember[],
  isSticky: boolean,
): Promise<Pick<PreflightFacts, 'protocolVersion' | 'contracts'> & { readonly looks: PlannedLooks }> {
  const [protocolVersion, ...releases] = await Promise.all([
    targetGroup.describeProtocolVersion(),
    ...[...new Set([version, ...toRoll.map((member) => member.version)])].map((one) => records.getRelease(fleet, one)),
  ]);
  const contracts = new Map(releases.flatMap((release) => (release ? [[release.version, release.app]] : [])));
  const serving = toRoll.filter(servesUsers).map((member) => contracts.get(member.version));
  const known = {
    ...settings,
    ...(restart !== undefined && { peopleWaitSeconds: 0 }),
    sessionGate: restart === undefined && !restartAll ? sessionGate : 'a restart has no session gate',
    isSticky,
  };
  return { protocolVersion, contracts, looks: planLooks(version, contracts.get(version), serving, known) };
}

/**
 * DONE: a roll has ended, and another can begin. FAILED: one has failed, and all others have ended. REPEAT and WAIT: none has ended, and
 * after a failure also: not all have.
 */
async function awaitTargets(ports: RollPorts, deploy: DeployContext, seen: readonly string[]): Promise<AwaitedTargets> {
  const { fleet, deployId } = deploy;
  const { atWork, someEnded, unstarted, again } = await awaitRolls(ports, deploy, { seen, recordDeath: deathRecorder(ports, deploy) });
  const failure = (await ports.records.getDeploy(fleet, deployId))?.firstFailure;
  const common = { waitingSinceMs: 0, waitSeconds: again.waitSeconds, atWork: namesOf(atWork) };
  if (failure && unstarted) {
    // What it was chosen for has failed since: it is not begun.
    const { instanceId, executionName } = unstarted;
    await ports.records.updateTarget(fleet, deployId, instanceId, { died: executionName }, { executionName, phases: ['waiting'] });
    return { verdict: 'REPEAT', ...common };
  }
  if (failure && atWork.length === 0) return { verdict: 'FAILED', error: failure, ...common };
  if (failure) return { verdict: someEnded ? 'REPEAT' : again.verdict, ...common };
  return { verdict: someEnded || unstarted ? 'DONE' : again.verdict, ...common };
}

/**
 * The target of a roll that died stays in its phase, by which the clean-up knows what to do with it. One bad newcomer does not roll a good
 * deploy back: it is left as it is.
 */
const deathRecorder =
  ({ records, now }: RollPorts, { fleet, deployId }: DeployContext): OwnRolls['recordDeath'] =>
  async ({ instanceId, executionName, phase, mayFail }, execution) => {
    const error = deathOf(instanceId, execution, phase);
    const asItWas = { executionName, phases: UNENDED };
    if (mayFail) {
      const left = { phase: 'failed', finishedAtMs: now(), detail: error.Cause, died: executionName } as const;
      await records.updateTarget(fleet, deployId, instanceId, left, asItWas);
      return;
    }
    // Read after the execution was seen to be over: it records its end before, so that an end that is not on record now never comes.
    const target = (await records.getDeploy(fleet, deployId))?.targets[instanceId];
    if (target?.executionName !== executionName || !UNENDED.includes(target.phase)) return;
    // The failure first: one that is known to have died is no longer looked at, so that after a stop between the two nobody would record it.
    await records.recordFirstFailure(fleet, deployId, error);
    await records.updateTarget(fleet, deployId, instanceId, { died: executionName }, asItWas);
  };
