import { bundlesOf, endSeconds, installSeconds } from '../../instance/bundle-scripts.ts';
import type { WaitIdleOutput } from '../../instance/document-contract.ts';
import { ReleaseChanged } from '../../instance/errors.ts';
import type { InstanceCommands } from '../../instance/instance-commands.ts';
import { describeSlow, unjudgedWarning } from '../../instance/judge-latency.ts';
import type { BakeSettings } from '../../instance/settings.ts';
import { checkBake, sendBake } from '../../instance/steps/bake.ts';
import { checkDrain, sendDrain } from '../../instance/steps/drain.ts';
import { checkInstall } from '../../instance/steps/install.ts';
import { checkPrepare } from '../../instance/steps/prepare.ts';
import { checkReadiness, sendReadiness } from '../../instance/steps/readiness.ts';
import { LOOK, readWatch, sendWatch } from '../../instance/steps/sessions.ts';
import { holdLease } from '../../records/lease.ts';
import type { Records } from '../../records/records.ts';
import type { TargetProgress } from '../../records/types.ts';
import type { ReadResponses } from '../../shared/aws/balancer-metrics.ts';
import type { TargetGroup } from '../../shared/aws/target-group.ts';
import { settleAll } from '../../shared/end-at.ts';
import type { MetricSink } from '../../shared/metrics.ts';
import type { Polling } from '../../shared/poll.ts';
import { isSameWarning, type UnwrittenChanges, unwrittenWarnings } from '../../shared/unwritten.ts';
import { NO_RELEASE, NO_RELEASE_SHA256 } from '../../shared/version.ts';
import { addWarnings } from '../add-warnings.ts';
import { type DeployContext, METRICS } from '../contract/common.ts';
import type { CommandRequest, Roll, RollReply } from '../contract/roll.ts';
import { ReleaseNotFound } from '../errors.ts';
import { lookAtPeople, lookByBalancer } from '../people/look-at-people.ts';
import { canLackPreparation, checkGoesOn } from '../rolls/in-flight.ts';
import { beginCookie, readCookie } from '../session-cookie/read-cookie.ts';
import { needsGate } from '../session-gate/decide-gate.ts';
import { isEndedByHand } from '../sessions/judge-sessions.ts';
import { enterPhase, type RolledReleases, recordStep, releasesOf } from '../target-phases.ts';
import { adopt, runHook, stopFailureOf } from './bundle-steps.ts';
import { checkSessionLook, checkSessionSlice, cutWarning, recordDrain, sendSessionLook, sendSessionSlice } from './session-looks.ts';

export interface CommandPorts {
  readonly records: Records;
  readonly commands: InstanceCommands;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth'>;
  readonly metrics: MetricSink;
  /** The load balancer's metrics of the fleet. */
  readonly responses: ReadResponses;
  readonly now: () => number;
  /** @default no pauses */
  readonly polling?: Polling;
  /** Deploys of the fleet keep sessions in a server's memory on it until they end. */
  readonly drainsSessions?: boolean;
  /** The fleet has variables: without any, its install document takes no versions of them. */
  readonly hasVariables?: boolean;
  /** Deploys of the fleet have a session gate. */
  readonly hasSessionGate?: boolean;
}

type Step = (
  ports: CommandPorts,
  request: CommandRequest,
  releases: RolledReleases,
  target: TargetProgress | undefined,
) => Promise<RollReply>;

const STEPS: Readonly<Record<CommandRequest['step'], Step>> = {
  prepare: prepareServer,
  sendSessionLook,
  checkSessionLook,
  sendSessionSlice,
  checkSessionSlice,
  /** What a rollback replaces is not cut by the setting, and a placeholder has nothing to lose. */
  sendLook: async (ports, { deploy, lease, roll }, releases) =>
    releases.isRollback || isIdle(releases)
      ? { verdict: 'WAIT', roll: { ...roll, commandId: undefined } }
      : awaitingCommand(roll, await sendWatch(ports, roll.instanceId, { ...lease, ...LOOK }, deploy.documents)),
  checkLook: async (ports, { roll }) =>
    roll.commandId === undefined || (await readWatch(ports, roll))
      ? { verdict: 'DONE', roll: { ...roll, commandId: undefined } }
      : { verdict: 'WAIT', roll },
  sendWaitIdle: async (ports, { deploy, lease, roll }, releases) =>
    isIdle(releases)
      ? { verdict: 'WAIT', roll }
      : awaitingCommand(roll, await sendDrain(ports, roll, drainLimits(deploy, roll, releases), lease.fencingToken, deploy.documents)),
  checkWaitIdle: drained,
  sendInstall,
  checkInstall: checkInstalled,
  sendReadiness: async (ports, { deploy, roll }) =>
    awaitingCommand(roll, await sendReadiness(ports, roll, deploy.settings, deploy.documents)),
  checkReadiness: checkReady,
  BeforeBlockTraffic: runHook('BeforeBlockTraffic'),
  BeforeAllowTraffic: runHook('BeforeAllowTraffic'),
  AfterAllowTraffic: runHook('AfterAllowTraffic'),
  readCookie,
  sendBake: async (ports, { deploy, roll }, releases) =>
    isBaked(releases)
      ? { verdict: 'WAIT', roll }
      : awaitingCommand(roll, await sendBake(ports, roll, bakeOf(deploy, roll), deploy.documents)),
  /** What was counted until now was not the release's fault. */
  bakeAgain: async ({ records, now }, { deploy, roll }) => ({
    verdict: 'WAIT',
    roll: {
      ...(await enterPhase(records, deploy, roll, { phase: 'baking', phaseStartedAtMs: now() })),
      bake: undefined,
      people: { sinceMs: now(), looks: 0 },
    },
  }),
  checkBake: baked,
};

/** Work on one target's server, by Run Command: each phase sends a document, checks for its answer and judges it. */
export function createCommand(ports: CommandPorts): (request: CommandRequest) => Promise<RollReply> {
  const { records, now } = ports;
  return async (request) => {
    const { deploy, lease, roll, step } = request;
    const [, record] = await settleAll([holdLease(records, deploy, lease, now()), records.getDeploy(deploy.fleet, deploy.deployId)]);
    const target = record?.targets[roll.instanceId];
    const releases = releasesOf(deploy, target);
    if (step === 'checkWaitIdle' && !isIdle(releases)) checkGoesOn(record, roll.instanceId);
    const reply = await STEPS[step](ports, request, releases, target);
    const { commandId } = reply.roll;
    // On record, so that a clean-up finds a command that nobody waits for any more.
    if (commandId === undefined || commandId === roll.commandId) return reply;
    await note(records, deploy, roll, { commandId });
    return { ...reply, roll: { ...reply.roll, commandSentAtMs: now() } };
  };
}

const awaitingCommand = (roll: Roll, commandId: string): RollReply => ({ verdict: 'WAIT', roll: { ...roll, commandId } });

const drainLimits = ({ settings }: DeployContext, { quietSeconds }: Roll, { isRollback }: RolledReleases) => ({
  ...settings,
  quietSeconds,
  isRollback,
});

/** The first targets of a deploy can have a longer bake. */
const bakeOf = ({ settings }: DeployContext, { bakeSeconds = settings.bakeSeconds }: Roll) => ({ ...settings, bakeSeconds });

/** Nobody uses a placeholder: no server with a release is recorded as one that has none. */
const isIdle = ({ fromVersion, isRollback }: RolledReleases): boolean => fromVersion === NO_RELEASE && !isRollback;

/** Where a placeholder was before, or is again, there is no traffic to compare with. */
const isBaked = ({ fromVersion, version }: RolledReleases): boolean => fromVersion === NO_RELEASE || version === NO_RELEASE;

/** While the target still serves: prepares its server. */
async function prepareServer(ports: CommandPorts, request: CommandRequest, releases: RolledReleases): Promise<RollReply> {
  if (request.roll.adopts !== undefined) return adopt(ports, request, releases);
  const { verdict, roll } = await prepareOnce(ports, request, releases);
  if (verdict === 'DONE' && request.deploy.adopt) return adopt(ports, { ...request, roll }, releases);
  return { verdict, roll };
}

/** Sends at first and checks from then on; a server that has had a release is prepared. */
async function prepareOnce(ports: CommandPorts, { deploy, roll }: CommandRequest, releases: RolledReleases): Promise<RollReply> {
  const { commands, records, now } = ports;
  if (!commands.prepares && !canLackPreparation(releases.fromVersion)) return { verdict: 'DONE', roll };
  const send = async (step: Roll) => awaitingCommand(step, await commands.sendPrepare(roll.instanceId, deploy.documents));
  if (roll.commandId === undefined) return send(await enterPhase(records, deploy, roll, { phase: 'preparing', phaseStartedAtMs: now() }));
  const check = await checkPrepare(ports, roll, deploy.settings.preparationTimeoutSeconds);
  if (check.verdict === 'WAIT') return { verdict: 'WAIT', roll };
  await note(records, deploy, roll, { detail: check.verdict === 'DONE' ? '' : `user data is still ${check.phase}` });
  return check.verdict === 'DONE' ? { verdict: 'DONE', roll } : send(roll);
}

async function drained(ports: CommandPorts, { deploy, roll }: CommandRequest, releases: RolledReleases): Promise<RollReply> {
  const { records, metrics, now } = ports;
  if (isIdle(releases))
    return {
      verdict: 'DONE',
      roll: { ...(await enterPhase(records, deploy, roll, { phase: 'installing', phaseStartedAtMs: now() })), drain: undefined },
    };
  let target: TargetProgress | undefined;
  const onAnswer = async (answer: WaitIdleOutput) => {
    await recordDrain(records, deploy, roll, answer);
    // Not of the step's begin: an operator can have ended the drain while the step waited for the answer.
    target = (await records.getDeploy(deploy.fleet, deploy.deployId))?.targets[roll.instanceId];
    return { isEndedByHand: isEndedByHand(target, 'draining') };
  };
  const { verdict, progress } = await checkDrain(ports, roll, drainLimits(deploy, roll, releases), onAnswer);
  if (verdict !== 'DONE') return { verdict, roll: { ...roll, ...(progress && { drain: progress }) } };
  const cut = progress?.cut;
  if (cut !== undefined)
    await addWarnings(records, deploy, [
      cutWarning(roll, cut, isEndedByHand(target, 'draining') ? target?.endDrain?.requestedBy : undefined),
    ]);
  // A step that is delivered twice finds the server past its drain, and what it cut on record.
  const requestsCut = (target?.requestsCut ?? 0) + (typeof cut === 'number' && target?.phase === 'draining' ? cut : 0);
  metrics.seconds(METRICS.drainSeconds, (now() - roll.phaseStartedAtMs) / 1000);
  if (progress?.sessions !== undefined) metrics.count(METRICS.drainedSessions, progress.sessions);
  const installing = { phase: 'installing', phaseStartedAtMs: now(), ...(requestsCut > 0 && { requestsCut }) } as const;
  return { verdict, roll: { ...(await enterPhase(records, deploy, roll, installing)), drain: undefined } };
}

/** Every server of a deploy gets the archive that the deploy was planned with; a rollback the one on record, or the placeholder. */
async function sendInstall(
  { commands, records, hasVariables }: CommandPorts,
  { deploy, lease, roll }: CommandRequest,
  rolled: RolledReleases,
  target: TargetProgress | undefined,
): Promise<RollReply> {
  const { version, isRollback, fromVersion } = rolled;
  const { fleet, deployId, documents } = deploy;
  if (version === NO_RELEASE) {
    const [bundle] = await bundlesOf(records, fleet, [deploy.version]);
    const commandSeconds = bundle && endSeconds(bundle);
    const scripts = commandSeconds && { mode: 'install' as const, stopFailure: 'continue' as const, seconds: commandSeconds };
    const none = { fleet, version, sha256: NO_RELEASE_SHA256, ...(scripts && { scripts }) };
    return awaitingCommand({ ...roll, commandSeconds }, await commands.sendInstall(roll.instanceId, none, lease.fencingToken, documents));
  }
  const [release, record] = await Promise.all([records.getRelease(fleet, version), records.getDeploy(fleet, deployId)]);
  if (!release) throw new ReleaseNotFound(fleet, version);
  const { sha256 } = release;
  const planned = version === deploy.version ? record?.sha256 : undefined;
  if (planned !== undefined && planned !== sha256) throw new ReleaseChanged(roll.instanceId, version, planned, sha256);
  const restarts = deploy.restartAll ? version === fromVersion : deploy.restart === roll.instanceId && !isRollback;
  const recorded = isRollback && hasVariables ? target?.environment : undefined;
  const { bundle } = release.app;
  const before = bundle ? await bundlesOf(records, fleet, [version, fromVersion, deploy.version]) : [];
  const seconds = bundle && installSeconds(bundle, before);
  const scripts = seconds && {
    mode: restarts ? ('restart' as const) : isRollback ? ('restore' as const) : ('install' as const),
    stopFailure: stopFailureOf(deploy, isRollback),
    seconds,
  };
  const ordered = { fleet, version, sha256, restarts, recorded, ...(scripts && { scripts }) };
  const commandId = await commands.sendInstall(roll.instanceId, ordered, lease.fencingToken, documents);
  return awaitingCommand({ ...roll, commandSeconds: seconds }, commandId);
}

async function checkInstalled(ports: CommandPorts, { deploy, roll }: CommandRequest, releases: RolledReleases): Promise<RollReply> {
  const { records, now } = ports;
  const { fleet, settings } = deploy;
  const installTimeoutSeconds = roll.commandSeconds ?? settings.installTimeoutSeconds;
  const judgement = await checkInstall(ports, roll, { fleet, ...releases, installTimeoutSeconds });
  if (!judgement) return { verdict: 'WAIT', roll };
  if (!judgement.installed) {
    if (judgement.canRetry && !roll.installedAgain) return { verdict: 'REPEAT', roll: { ...roll, installedAgain: true } };
    // On record first: the release that serves now decides whether the target can be put back.
    await note(records, deploy, roll, { servingVersion: judgement.servingVersion });
    throw judgement.error;
  }
  const { environment, environmentBefore, environmentNote } = judgement;
  // A server reads current values at a boot as well, which nothing records.
  if (environmentBefore && !releases.isRollback) await note(records, deploy, roll, { environment: environmentBefore });
  const { instanceId } = roll;
  await records.putInstance(fleet, { instanceId, version: releases.version, installedAtMs: now(), ...(environment && { environment }) });
  if (environmentNote !== undefined) await addWarnings(records, deploy, [`${instanceId}: ${environmentNote}`]);
  const readiness = { phase: 'checkingReadiness', phaseStartedAtMs: now() } as const;
  return { verdict: 'DONE', roll: await enterPhase(records, deploy, roll, readiness) };
}

/** Begins to read session cookies, and decides on the session gate: most targets have neither, and cost no call of a function for it. */
async function checkReady(ports: CommandPorts, { deploy, roll }: CommandRequest, releases: RolledReleases): Promise<RollReply> {
  const { verdict, progress, errors } = await checkReadiness(ports, roll, releases.version, deploy.settings);
  if (!progress) return { verdict, roll };
  await note(ports.records, deploy, roll, { upInARow: progress.upInARow });
  // The counter before the first request from the load balancer: what the bake compares with.
  const passed = { ...roll, readiness: progress, bake: { errorsAtStart: errors } };
  if (verdict !== 'DONE') return { verdict, roll: passed };
  const record = ports.hasSessionGate ? await ports.records.getDeploy(deploy.fleet, deploy.deployId) : undefined;
  const gated = record && needsGate(deploy, releases, record.targets) ? { ...passed, sessionGate: true as const } : passed;
  return { verdict, roll: await beginCookie(ports, { deploy, roll: gated }, releases) };
}

/** Both at the same time: a verdict on people does not wait for the bake's own. */
async function bakeWithPeople(ports: CommandPorts, { deploy, roll }: CommandRequest, releases: RolledReleases) {
  const bake = bakeOf(deploy, roll);
  let verdict: RollReply['verdict'] | undefined;
  const checked = checkBake(ports, roll, { ...bake, isRollback: releases.isRollback }).then(
    (check) => {
      verdict = check.verdict;
      return check;
    },
    (error: unknown) => {
      verdict = 'WAIT';
      throw error;
    },
  );
  const look = { deploy, roll, releases, bakeSeconds: bake.bakeSeconds, verdict: () => verdict };
  const [check, people] = await Promise.all([checked, lookAtPeople(ports, look)]);
  if (check.verdict === 'DONE') await lookByBalancer(ports, look);
  return { ...check, people };
}

async function baked(ports: CommandPorts, request: CommandRequest, releases: RolledReleases): Promise<RollReply> {
  const { deploy } = request;
  const { records, now } = ports;
  const { isRollback } = releases;
  const judged = isBaked(releases)
    ? { verdict: 'DONE' as const, progress: {}, inFlight: undefined, isUnjudged: false, unwritten: undefined, people: undefined }
    : await bakeWithPeople(ports, request, releases);
  const { verdict, progress, inFlight, isUnjudged, unwritten, people } = judged;
  const roll = people ? { ...request.roll, people } : request.roll;
  if (!progress) return { verdict, roll };
  const { slow } = progress;
  if (slow || roll.bake?.slow)
    await note(records, deploy, roll, { detail: slow ? describeSlow(slow, deploy.settings.bakeMaxLatencyMs) : '' });
  if (verdict !== 'DONE') return { verdict, roll: { ...roll, bake: progress } };
  if (isUnjudged && !isRollback) await warnUnjudged(records, deploy, bakeOf(deploy, roll));
  if (unwritten && !isRollback) await warnUnwritten(records, deploy, unwritten);
  const finishedAtMs = now();
  const phase = isRollback ? 'rolledBack' : 'done';
  const seen = { inFlight, ...(unwritten && { unwritten }) };
  const done = await enterPhase(records, deploy, roll, { finishedAtMs, ...seen, phase, phaseStartedAtMs: finishedAtMs });
  return { verdict, roll: { ...done, bake: progress } };
}

/** Once a deploy: the sentence names no server. A release that states no `latencyMs` has its health path judged, which has answered. */
async function warnUnjudged(
  records: CommandPorts['records'],
  { fleet, deployId, version }: DeployContext,
  bake: BakeSettings,
): Promise<void> {
  const release = await records.getRelease(fleet, version);
  if (release?.app.latencyMs !== undefined) await addWarnings(records, { fleet, deployId }, [unjudgedWarning(version, bake)]);
}

/** Once a deploy: the servers run one release. */
async function warnUnwritten(
  records: CommandPorts['records'],
  { fleet, deployId, version }: DeployContext,
  unwritten: UnwrittenChanges,
): Promise<void> {
  const found = unwrittenWarnings(version, unwritten);
  if (found.length === 0) return;
  const { warnings = [] } = (await records.getDeploy(fleet, deployId)) ?? {};
  const fresh = found.filter((sentence) => !warnings.some((known) => isSameWarning(known, sentence)));
  if (fresh.length > 0) await addWarnings(records, { fleet, deployId }, fresh);
}

async function note(records: CommandPorts['records'], deploy: DeployContext, roll: Roll, progress: Partial<TargetProgress>): Promise<void> {
  if (Object.values(progress).every((value) => value === undefined)) return;
  await recordStep(records, deploy, roll, progress);
}
