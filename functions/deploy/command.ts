import type { MetricSink } from '../shared/metrics.ts';
import { NO_PATIENCE, type Patience, pauseUntil } from '../shared/patient.ts';
import type { Records } from '../shared/records.ts';
import { healthOf, type TargetGroup } from '../shared/target-group.ts';
import { type CommandRequest, type DeployContext, METRICS, type Roll, type RollReply } from './contract.ts';
import { blindDrainSeconds, decideDrain } from './decide-drain.ts';
import { ReleaseNotFound } from './errors.ts';
import { holdLease } from './hold-lease.ts';
import { DELIVERY_LIMIT_SECONDS, type InstanceCommands, type SentCommand, SLICE_LIMIT_SECONDS } from './instance-commands.ts';
import { judgeBake } from './judge-bake.ts';
import { judgeGate } from './judge-gate.ts';
import { judgeInstall } from './judge-install.ts';
import { bakeParameters, gateParameters, LAST_MOMENT_SECONDS, waitIdleParameters } from './slice-parameters.ts';
import { enterPhase, versionOf } from './target-phases.ts';

export interface CommandPorts {
  readonly records: Pick<Records, 'renewLease' | 'getRelease' | 'putInstance' | 'updateTarget'>;
  readonly commands: InstanceCommands;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth'>;
  readonly metrics: MetricSink;
  readonly now: () => number;
  /** @default no pauses */
  readonly patience?: Patience;
}

type Step = (ports: CommandPorts, request: CommandRequest) => Promise<RollReply>;

const STEPS: Readonly<Record<CommandRequest['step'], Step>> = {
  prepare,
  sendWaitIdle,
  checkWaitIdle,
  sendInstall,
  checkInstall,
  sendGate: sendObserve((deploy) => deploy.settings.healthDeadlineSeconds, gateParameters),
  checkGate,
  sendBake: sendObserve((deploy) => deploy.settings.bakeSeconds, bakeParameters),
  bakeAnew,
  checkBake,
};

/** Work on one target's instance, by Run Command: each phase sends a document, looks for its answer and judges it. */
export function createCommand(ports: CommandPorts): (request: CommandRequest) => Promise<RollReply> {
  return async (request) => {
    await holdLease(ports.records, request.deploy, request.lease, ports.now());
    const reply = await STEPS[request.step](ports, request);
    const { commandId } = reply.roll;
    // On record, so that a clean-up finds a command that nobody waits for any more.
    if (commandId === undefined || commandId === request.roll.commandId) return reply;
    await note(ports.records, request.deploy, request.roll, { commandId });
    return { ...reply, roll: { ...reply.roll, commandSentAtMs: ports.now() } };
  };
}

/** While the target still serves. Sends and then looks; nothing is to be done where user data has prepared the server. */
async function prepare({ commands, records, now }: CommandPorts, { deploy, roll }: CommandRequest): Promise<RollReply> {
  if (!commands.prepares) return { verdict: 'DONE', roll };
  if (roll.commandId === undefined) {
    const preparing = await enterPhase(records, deploy, roll, 'preparing', now());
    return { verdict: 'WAIT', roll: { ...preparing, commandId: await commands.sendPrepare(roll.instanceId, deploy.documents) } };
  }
  const prepared = await commands.readPrepare(sent(roll, SLICE_LIMIT_SECONDS));
  return { verdict: prepared ? 'DONE' : 'WAIT', roll };
}

async function sendWaitIdle({ commands, now }: CommandPorts, { deploy, lease, roll }: CommandRequest): Promise<RollReply> {
  const elapsedSeconds = (now() - roll.phaseStartedAtMs) / 1000;
  const parameters = waitIdleParameters(deploy.settings, lease.fencingToken, roll, elapsedSeconds);
  const commandId = await commands.sendWaitIdle(roll.instanceId, parameters, deploy.documents);
  return { verdict: 'WAIT', roll: { ...roll, commandId } };
}

async function checkWaitIdle(
  { commands, records, metrics, now, patience = NO_PATIENCE }: CommandPorts,
  { deploy, roll }: CommandRequest,
): Promise<RollReply> {
  const look = await commands.readWaitIdle(sent(roll, deploy.settings.drainTimeoutSeconds + SLICE_LIMIT_SECONDS));
  if (!look) return { verdict: 'WAIT', roll };
  await note(records, deploy, roll, { inFlight: look.inFlight });
  const { verdict, progress } = decideDrain(look, roll.instanceId, roll.phaseStartedAtMs, now(), {
    ...deploy.settings,
    quietSeconds: roll.quietSeconds,
    isRollback: roll.toVersion !== undefined,
  });
  // There is nothing to look at: only time helps.
  if (verdict === 'WAIT') await pauseUntil(roll.phaseStartedAtMs + blindDrainSeconds(deploy.settings) * 1000, now(), patience);
  // Those of the first look: the longer a drain takes, the more of them have expired.
  const sessions = roll.drain?.sessions ?? look.sessions;
  if (verdict !== 'DONE') return { verdict, roll: { ...roll, drain: { ...progress, sessions } } };
  metrics.seconds(METRICS.drainSeconds, (now() - roll.phaseStartedAtMs) / 1000);
  if (sessions !== undefined) metrics.count(METRICS.drainedSessions, sessions);
  return { verdict, roll: { ...(await enterPhase(records, deploy, roll, 'installing', now())), drain: undefined } };
}

async function sendInstall({ commands, records }: CommandPorts, { deploy, lease, roll }: CommandRequest): Promise<RollReply> {
  const release = await records.getRelease(deploy.fleet, versionOf(deploy, roll));
  if (!release) throw new ReleaseNotFound(deploy.fleet, versionOf(deploy, roll));
  const commandId = await commands.sendInstall(roll.instanceId, release, lease.fencingToken, deploy.documents);
  return { verdict: 'WAIT', roll: { ...roll, commandId } };
}

async function checkInstall({ commands, records, now }: CommandPorts, { deploy, roll }: CommandRequest): Promise<RollReply> {
  const { fleet } = deploy;
  const { instanceId, fromVersion } = roll;
  const version = versionOf(deploy, roll);
  const output = await commands.readInstall(sent(roll, deploy.settings.installTimeoutSeconds + DELIVERY_LIMIT_SECONDS));
  if (!output) return { verdict: 'WAIT', roll };
  const release = await records.getRelease(fleet, version);
  const judgement = judgeInstall(output, { instanceId, version, sha256: release?.sha256 ?? 'unknown', fromVersion });
  if (!judgement.installed) {
    if (judgement.mayTryAgain && !roll.installedAgain) return { verdict: 'AGAIN', roll: { ...roll, installedAgain: true } };
    // On record first: what serves now decides whether the target may be put back.
    await note(records, deploy, roll, { servingVersion: judgement.servingVersion });
    throw judgement.error;
  }
  await records.putInstance(fleet, { instanceId, version, installedAtMs: now() });
  return { verdict: 'DONE', roll: await enterPhase(records, deploy, roll, 'gating', now()) };
}

function sendObserve(phaseSeconds: (deploy: DeployContext) => number, parameters: typeof gateParameters | typeof bakeParameters): Step {
  return async ({ commands, now }, { deploy, roll }) => {
    const remainingSeconds = phaseSeconds(deploy) - (now() - roll.phaseStartedAtMs) / 1000;
    const commandId = await commands.sendObserve(roll.instanceId, parameters(deploy.settings, remainingSeconds), deploy.documents);
    return { verdict: 'WAIT', roll: { ...roll, commandId } };
  };
}

async function checkGate({ commands, records, now }: CommandPorts, { deploy, roll }: CommandRequest): Promise<RollReply> {
  const { settings } = deploy;
  const version = versionOf(deploy, roll);
  const look = await commands.readObserve(sent(roll, settings.healthDeadlineSeconds + SLICE_LIMIT_SECONDS));
  if (!look) return { verdict: 'WAIT', roll };
  const subject = { instanceId: roll.instanceId, version, phaseStartedAtMs: roll.phaseStartedAtMs };
  const { verdict, progress } = judgeGate(look, roll.gate, subject, now(), settings);
  await note(records, deploy, roll, { upInARow: progress.upInARow });
  // The counter before the first request from the load balancer: what the bake compares with.
  return { verdict, roll: { ...roll, gate: progress, bake: { errorsAtStart: look.errors } } };
}

/** What was counted until now was not the release's fault. */
async function bakeAnew({ records, now }: CommandPorts, { deploy, roll }: CommandRequest): Promise<RollReply> {
  return { verdict: 'WAIT', roll: { ...(await enterPhase(records, deploy, roll, 'baking', now())), bake: undefined } };
}

async function checkBake(
  { commands, targetGroup, records, now, patience = NO_PATIENCE }: CommandPorts,
  { deploy, roll }: CommandRequest,
): Promise<RollReply> {
  const look = await commands.readObserve(sent(roll, deploy.settings.bakeSeconds + SLICE_LIMIT_SECONDS));
  if (!look) return { verdict: 'WAIT', roll };
  const endsAtMs = roll.phaseStartedAtMs + deploy.settings.bakeSeconds * 1000;
  // The last answer comes just before the end; a command for what is left would come after it.
  if (endsAtMs - now() < LAST_MOMENT_SECONDS * 1000) await pauseUntil(endsAtMs, now(), patience);
  const health = healthOf(roll.instanceId, await targetGroup.describeHealth());
  const { verdict, progress } = judgeBake(look, health, roll.bake, roll.phaseStartedAtMs, now(), {
    ...deploy.settings,
    isRollback: roll.toVersion !== undefined,
  });
  if (verdict !== 'DONE') return { verdict, roll: { ...roll, bake: progress } };
  const done = await enterPhase(records, deploy, roll, roll.toVersion === undefined ? 'done' : 'rolledBack', now(), {
    finishedAtMs: now(),
    inFlight: look.inFlight,
  });
  return { verdict, roll: { ...done, bake: progress } };
}

function sent(roll: Roll, limitSeconds: number): SentCommand {
  const { commandId, commandSentAtMs: sentAtMs, instanceId, phaseStartedAtMs } = roll;
  return { commandId, sentAtMs, instanceId, overdueAtMs: phaseStartedAtMs + limitSeconds * 1000 };
}

async function note(
  records: CommandPorts['records'],
  { fleet, deployId }: DeployContext,
  roll: Roll,
  progress: Parameters<Records['updateTarget']>[3],
): Promise<void> {
  if (Object.values(progress).every((value) => value === undefined)) return;
  await records.updateTarget(fleet, deployId, roll.instanceId, progress);
}
