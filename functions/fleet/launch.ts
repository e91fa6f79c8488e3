import type { DeploySettings } from '../deploy/contract.ts';
import { CommandFailed } from '../deploy/errors.ts';
import { DELIVERY_LIMIT_SECONDS, type InstanceCommands, type SentCommand, SLICE_LIMIT_SECONDS } from '../deploy/instance-commands.ts';
import { judgeGate } from '../deploy/judge-gate.ts';
import { judgeInstall } from '../deploy/judge-install.ts';
import { gateParameters } from '../deploy/slice-parameters.ts';
import type { LifecycleActions } from '../shared/auto-scaling.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import type { FleetRecord } from '../shared/record-types.ts';
import type { Records } from '../shared/records.ts';
import type { Agents } from '../shared/run-command.ts';
import type { Launch, LaunchReply, LaunchRequest } from './contract.ts';

export interface LaunchPorts {
  readonly records: Pick<Records, 'getFleet' | 'getRelease' | 'getLock' | 'putInstance'>;
  readonly commands: InstanceCommands;
  readonly agents: Agents;
  readonly actions: LifecycleActions;
  readonly log: Log;
  readonly now: () => number;
  readonly fleet: string;
  readonly settings: DeploySettings;
}

type Step = (ports: LaunchPorts, launch: Launch) => Promise<LaunchReply>;

const STEPS: Readonly<Record<LaunchRequest['step'], Step>> = { prepare, sendInstall, checkInstall, sendGate, checkGate, complete, abandon };

/**
 * Installs the fleet's current release on an instance before it serves, behind the Auto Scaling group's launch hook.
 * @throws the deploy's errors of install and gate; the machine then abandons the launch
 */
export function createLaunch(ports: LaunchPorts): (request: LaunchRequest) => Promise<LaunchReply> {
  return async ({ step, launch }) => {
    const reply = await STEPS[step](ports, launch);
    if (reply.verdict === 'WAIT') await ports.actions.heartbeat(launch);
    return reply;
  };
}

/** What user data does for a server that Holdfast launches. Sends and then looks. */
async function prepare({ records, agents, commands, fleet, now }: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  if (launch.commandId !== undefined) {
    const prepared = await commands.readPrepare(sent(launch, SLICE_LIMIT_SECONDS));
    return prepared ? { verdict: 'DONE', launch: { ...launch, commandId: undefined } } : { verdict: 'WAIT', launch };
  }
  if (!commands.prepares || keepsItsOwn(commands, await records.getFleet(fleet))) return { verdict: 'DONE', launch };
  const agent = (await agents.describe([launch.instanceId]))[0];
  if (!agent?.online) return { verdict: 'WAIT', launch };
  return { verdict: 'WAIT', launch: { ...launch, commandId: await commands.sendPrepare(launch.instanceId), phaseStartedAtMs: now() } };
}

async function sendInstall({ records, agents, commands, fleet, now }: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const { instanceId } = launch;
  if (keepsItsOwn(commands, await records.getFleet(fleet))) return { verdict: 'AGAIN', launch };
  const version = (await records.getFleet(fleet))?.currentVersion;
  const release = version === undefined ? undefined : await records.getRelease(fleet, version);
  const agent = (await agents.describe([instanceId]))[0];
  if (!release || !agent?.online) return { verdict: 'WAIT', launch };
  const commandId = await commands.sendInstall(instanceId, release, await fencingToken(records, fleet));
  return { verdict: 'DONE', launch: { ...launch, version: release.version, commandId, phaseStartedAtMs: now() } };
}

async function checkInstall({ records, commands, fleet, settings, now }: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const output = await commands.readInstall(sent(launch, settings.installTimeoutSeconds + DELIVERY_LIMIT_SECONDS));
  if (!output) return { verdict: 'WAIT', launch };
  const { instanceId } = launch;
  const version = installing(launch);
  const sha256 = (await records.getRelease(fleet, version))?.sha256 ?? 'unknown';
  const judgement = judgeInstall(output, { instanceId, version, sha256, fromVersion: 'none' });
  if (!judgement.installed) throw judgement.error;
  return { verdict: 'DONE', launch: { ...launch, commandId: undefined, gate: undefined, phaseStartedAtMs: now() } };
}

async function sendGate({ commands, settings, now }: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const remainingSeconds = settings.healthDeadlineSeconds - (now() - (launch.phaseStartedAtMs ?? now())) / 1000;
  const commandId = await commands.sendObserve(launch.instanceId, gateParameters(settings, remainingSeconds));
  return { verdict: 'DONE', launch: { ...launch, commandId } };
}

async function checkGate({ commands, settings, now }: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const look = await commands.readObserve(sent(launch, settings.healthDeadlineSeconds + SLICE_LIMIT_SECONDS));
  if (!look) return { verdict: 'WAIT', launch };
  const subject = { instanceId: launch.instanceId, version: installing(launch), phaseStartedAtMs: launch.phaseStartedAtMs ?? now() };
  const { verdict, progress } = judgeGate(look, launch.gate, subject, now(), settings);
  return { verdict, launch: { ...launch, gate: progress } };
}

async function complete({ records, actions, log, fleet, now }: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const { instanceId } = launch;
  if (launch.version === undefined) return letServe(actions, log, launch);
  const version = installing(launch);
  // On record before it serves: a deploy that meets the instance right after must know what it has.
  await records.putInstance(fleet, { instanceId, version, installedAtMs: launch.phaseStartedAtMs ?? now() });
  const current = (await records.getFleet(fleet))?.currentVersion;
  if (current !== undefined && current !== version) return { verdict: 'AGAIN', launch };
  return letServe(actions, log, launch);
}

async function letServe(actions: LifecycleActions, log: Log, launch: Launch): Promise<LaunchReply> {
  if (!(await actions.complete(launch, 'CONTINUE')))
    log.warn(LOG_EVENTS.lifecycleActionGone, { instanceId: launch.instanceId, action: 'CONTINUE' });
  return { verdict: 'DONE', launch };
}

/** In a fleet that ran before Holdfast came, servers serve what they bring until a deploy has rolled it: publishing changes nothing. */
function keepsItsOwn({ prepares }: Pick<InstanceCommands, 'prepares'>, fleet: FleetRecord | undefined): boolean {
  return prepares && fleet?.deployId === undefined;
}

async function abandon({ actions, log }: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  if (!(await actions.complete(launch, 'ABANDON')))
    log.warn(LOG_EVENTS.lifecycleActionGone, { instanceId: launch.instanceId, action: 'ABANDON' });
  return { verdict: 'DONE', launch };
}

/** The latest deploy's token: the instance then refuses a deploy that lost its lock before this launch. */
export async function fencingToken(records: Pick<Records, 'getLock'>, fleet: string): Promise<number> {
  return (await records.getLock(fleet))?.fencingToken ?? 0;
}

/** The release that sendInstall chose. @throws CommandFailed when that step never ran */
function installing({ version, instanceId }: Launch): string {
  if (version === undefined) throw new CommandFailed(`no install was sent to ${instanceId}`);
  return version;
}

function sent(launch: Launch, limitSeconds: number): SentCommand {
  return { commandId: launch.commandId, instanceId: launch.instanceId, overdueAtMs: (launch.phaseStartedAtMs ?? 0) + limitSeconds * 1000 };
}
