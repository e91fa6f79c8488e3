import type { DeploySettings } from '../deploy/settings/settings.ts';
import { installSeconds } from '../instance/bundle-scripts.ts';
import { CommandFailed, ReleaseChanged } from '../instance/errors.ts';
import { type InstanceCommands, SLICE_LIMIT_SECONDS } from '../instance/instance-commands.ts';
import { checkInstall } from '../instance/steps/install.ts';
import { checkPrepare } from '../instance/steps/prepare.ts';
import { checkReadiness, sendReadiness } from '../instance/steps/readiness.ts';
import type { ServerWork } from '../instance/steps/server-step.ts';
import type { Records } from '../records/records.ts';
import type { TaskError } from '../records/types.ts';
import { wantedAssets } from '../records/wanted-assets.ts';
import type { LifecycleActions } from '../shared/aws/auto-scaling.ts';
import type { Agents } from '../shared/aws/run-command.ts';
import { describeError } from '../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import { NO_RELEASE } from '../shared/version.ts';
import type { Launch, LaunchReply, LaunchRequest } from './contract.ts';

/** An agent reports within a minute or two of the boot. Auto Scaling replaces an instance whose agent has not by then. */
export const AGENT_LIMIT_SECONDS = 900;

export interface LaunchPorts {
  readonly records: Records;
  readonly commands: InstanceCommands;
  readonly agents: Agents;
  readonly actions: LifecycleActions;
  readonly log: Log;
  readonly now: () => number;
  readonly fleet: string;
  readonly settings: DeploySettings;
}

type Step = (ports: LaunchPorts, launch: Launch, error: TaskError | undefined) => Promise<LaunchReply>;

const STEPS: Readonly<Record<LaunchRequest['step'], Step>> = {
  prepare: prepareServer,
  sendInstall,
  checkInstall: checkInstalled,
  sendReadiness: async (ports, launch) => {
    const documents = await pinned(ports, launch);
    const commandId = await sendReadiness(ports, onServer(ports, launch), ports.settings, documents);
    return { verdict: 'DONE', launch: { ...launch, documents, phase: 'checkingReadiness', commandId } };
  },
  checkReadiness: async (ports, launch) => {
    const { verdict, progress } = await checkReadiness(ports, onServer(ports, launch), installing(launch), ports.settings);
    return { verdict, launch: { ...launch, ...(progress && { readiness: progress }) } };
  },
  complete,
  abandon,
};

/** Before it serves. @throws ReleaseChanged, and the errors of its steps; the machine then abandons the launch */
export function createLaunch(ports: LaunchPorts): (request: LaunchRequest) => Promise<LaunchReply> {
  return async (request) => {
    const { step, launch } = request;
    const reply = await STEPS[step](ports, launch, 'error' in request ? request.error : undefined);
    if (reply.verdict === 'WAIT' || reply.verdict === 'REPEAT') await ports.actions.heartbeat(launch);
    return reply;
  };
}

const pinned = async ({ commands }: LaunchPorts, { documents }: Launch) => documents ?? (await commands.latestVersions());

const onServer = ({ now }: LaunchPorts, launch: Launch): ServerWork & Launch => ({
  ...launch,
  phaseStartedAtMs: launch.phaseStartedAtMs ?? now(),
});

/** Waits for the end of user data, or does on an adopted server what user data does. Sends at first and checks from then on. */
async function prepareServer(ports: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const { records, commands, fleet, now, settings } = ports;
  const { instanceId } = launch;
  if (launch.staging !== undefined) return stageAssets(ports, launch);
  if (launch.commandId === undefined) {
    if (!(await records.getFleet(fleet))) return { verdict: 'DONE', launch };
    if (!(await isOnline(ports, launch))) return awaitAgent(ports, launch);
    if (await isOver(ports, launch)) return { verdict: 'DONE', launch };
    const documents = await pinned(ports, launch);
    const commandId = await commands.sendPrepare(instanceId, documents);
    return { verdict: 'WAIT', launch: { ...launch, documents, phase: 'preparing', commandId, phaseStartedAtMs: now() } };
  }
  const check = await checkPrepare(ports, onServer(ports, launch), settings.preparationTimeoutSeconds);
  if (check.verdict === 'DONE') return stageAssets(ports, { ...launch, commandId: undefined, preparing: undefined });
  if (check.verdict === 'WAIT') return { verdict: 'WAIT', launch };
  const commandId = await commands.sendPrepare(instanceId, launch.documents);
  return { verdict: 'WAIT', launch: { ...launch, commandId, preparing: check.phase } };
}

/** Before the install: the assets of the releases whose pages the server is asked for. Without them it serves all the same. */
async function stageAssets(ports: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const { records, commands, fleet, log, now } = ports;
  const { instanceId, commandId, staging = 0, phaseStartedAtMs: sentAtMs = now() } = launch;
  if (commandId !== undefined) {
    const command = { commandId, instanceId, sentAtMs, overdueAtMs: sentAtMs + SLICE_LIMIT_SECONDS * 1000 };
    const problem = await commands.readStageAssets(command).then(
      (answer) => (answer === undefined ? 'runs' : answer.result === 'failed' ? answer.message : undefined),
      (error: unknown) => describeError(error),
    );
    if (problem === 'runs') return { verdict: 'WAIT', launch };
    if (problem !== undefined) log.warn(LOG_EVENTS.assetsNotStaged, { instanceId, error: problem });
  }
  const [lock, current] = await Promise.all([records.getLock(fleet), records.getFleet(fleet)]);
  const wanted = await wantedAssets(records, fleet, lock?.deployId !== undefined && !lock.heldBy ? [lock.version] : []);
  const others = wanted.filter(({ version }) => version !== current?.currentVersion);
  const index = commandId === undefined ? staging : staging + 1;
  const next = others[index];
  if (next === undefined) return { verdict: 'DONE', launch: { ...launch, commandId: undefined, staging: undefined } };
  const release = { fleet, ...next, wanted: wanted.map(({ version }) => version) };
  const sent = await commands.sendStageAssets(instanceId, release, lock?.fencingToken ?? 0, launch.documents);
  return { verdict: 'WAIT', launch: { ...launch, commandId: sent, staging: index, phaseStartedAtMs: now() } };
}

async function sendInstall(ports: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const { records, commands, fleet, now } = ports;
  const { instanceId } = launch;
  const current = await records.getFleet(fleet);
  if (!current) return { verdict: 'SKIP', launch };
  const version = current.currentVersion;
  const release = await records.getRelease(fleet, version);
  if (!release)
    throw new CommandFailed(
      `the record of release ${version}, the current one of fleet ${fleet}, is missing: nothing was installed on ${instanceId}`,
    );
  if (release.sha256 !== current.sha256) throw new ReleaseChanged(instanceId, version, current.sha256, release.sha256);
  if (!(await isOnline(ports, launch))) return awaitAgent(ports, launch);
  if (await isOver(ports, launch)) return { verdict: 'SKIP', launch: { ...launch, version: undefined } };
  const { bundle } = release.app;
  // An image can have brought another bundle, whose stop takes as long as this one's.
  const seconds = bundle && installSeconds(bundle, [bundle]);
  const scripts = seconds && { mode: 'launch' as const, stopFailure: 'continue' as const, seconds };
  const installed = { fleet, version, sha256: release.sha256, ...(scripts && { scripts }) };
  const documents = await pinned(ports, launch);
  const commandId = await commands.sendInstall(instanceId, installed, await fencingToken(records, fleet), documents);
  return {
    verdict: 'DONE',
    launch: { ...launch, documents, phase: 'installing', version, commandId, commandSeconds: seconds, phaseStartedAtMs: now() },
  };
}

async function checkInstalled(ports: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const { fleet, now } = ports;
  const installTimeoutSeconds = launch.commandSeconds ?? ports.settings.installTimeoutSeconds;
  const installation = { fleet, version: installing(launch), fromVersion: NO_RELEASE, installTimeoutSeconds };
  const judgement = await checkInstall(ports, onServer(ports, launch), installation);
  if (!judgement) return { verdict: 'WAIT', launch };
  if (!judgement.installed) throw judgement.error;
  return {
    verdict: 'DONE',
    launch: {
      ...launch,
      ...{ installSentAtMs: launch.phaseStartedAtMs, environment: judgement.environment },
      ...{ commandId: undefined, readiness: undefined, phaseStartedAtMs: now() },
    },
  };
}

/** The event came twice, or late and after the reconciler's start: the server may serve by now, so nothing is installed or recorded. */
async function isOver({ actions, log }: LaunchPorts, launch: Launch): Promise<boolean> {
  if (await actions.heartbeat(launch)) return false;
  log.warn(LOG_EVENTS.lifecycleActionGone, { instanceId: launch.instanceId, action: 'heartbeat' });
  return true;
}

async function isOnline({ agents }: LaunchPorts, { instanceId }: Launch): Promise<boolean> {
  return (await agents.describe([instanceId]))[0]?.online ?? false;
}

/** @throws CommandFailed after {@link AGENT_LIMIT_SECONDS} */
async function awaitAgent({ now }: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const { instanceId, phase, phaseStartedAtMs } = launch;
  const sinceMs = phase === 'waiting' && phaseStartedAtMs !== undefined ? phaseStartedAtMs : now();
  if (now() - sinceMs >= AGENT_LIMIT_SECONDS * 1000) {
    throw new CommandFailed(`the Systems Manager agent on ${instanceId} did not report within ${AGENT_LIMIT_SECONDS} s of the launch`);
  }
  return { verdict: 'WAIT', launch: { ...launch, phase: 'waiting', phaseStartedAtMs: sinceMs } };
}

async function complete(ports: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const { records, actions, log, fleet, now } = ports;
  const { instanceId, version, environment, phaseStartedAtMs = now(), installSentAtMs: installedAtMs = phaseStartedAtMs } = launch;
  if (await isOver(ports, launch)) return { verdict: 'DONE', launch };
  // On record before it serves: a deploy that finds the instance right after has to know its release.
  if (version !== undefined) await records.putInstance(fleet, { instanceId, version, installedAtMs, ...(environment && { environment }) });
  const current = (await records.getFleet(fleet))?.currentVersion;
  if (current !== version) return { verdict: 'REPEAT', launch: { ...launch, version: undefined, commandId: undefined } };
  return letServe(actions, log, launch);
}

async function letServe(actions: LifecycleActions, log: Log, launch: Launch): Promise<LaunchReply> {
  if (!(await actions.complete(launch, 'CONTINUE')))
    log.warn(LOG_EVENTS.lifecycleActionGone, { instanceId: launch.instanceId, action: 'CONTINUE' });
  return { verdict: 'DONE', launch };
}

/** Auto Scaling then replaces the instance. */
async function abandon({ actions, log }: LaunchPorts, launch: Launch, error: TaskError | undefined): Promise<LaunchReply> {
  const { instanceId, phase = 'waiting', preparing } = launch;
  log.warn(LOG_EVENTS.launchAbandoned, { instanceId, phase, preparing, error: error?.Error });
  if (!(await actions.complete(launch, 'ABANDON'))) log.warn(LOG_EVENTS.lifecycleActionGone, { instanceId, action: 'ABANDON' });
  return { verdict: 'DONE', launch };
}

/** The latest deploy's token: the instance then refuses a deploy that lost its lock before this launch. */
export async function fencingToken(records: Records, fleet: string): Promise<number> {
  return (await records.getLock(fleet))?.fencingToken ?? 0;
}

/** The release that sendInstall chose. @throws CommandFailed when that step never ran */
function installing({ version, instanceId }: Launch): string {
  if (version === undefined) throw new CommandFailed(`no install command was sent to ${instanceId}`);
  return version;
}
