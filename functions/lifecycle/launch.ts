import type { DeploySettings } from '../deploy/settings/settings.ts';
import { CommandFailed, ReleaseChanged } from '../instance/errors.ts';
import type { InstanceCommands } from '../instance/instance-commands.ts';
import { checkGate, sendGate } from '../instance/steps/gate.ts';
import { checkInstall } from '../instance/steps/install.ts';
import { checkPrepare } from '../instance/steps/prepare.ts';
import type { ServerStep } from '../instance/steps/server-step.ts';
import type { Records } from '../records/records.ts';
import type { FleetRecord } from '../records/types.ts';
import type { LifecycleActions } from '../shared/aws/auto-scaling.ts';
import type { Agents } from '../shared/aws/run-command.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
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

const STEPS: Readonly<Record<LaunchRequest['step'], Step>> = {
  prepare: prepareServer,
  sendInstall,
  checkInstall: installed,
  sendGate: async (ports, launch) => {
    const documents = await pinned(ports, launch);
    const commandId = await sendGate(ports, onServer(ports, launch), ports.settings, documents);
    return { verdict: 'DONE', launch: { ...launch, documents, commandId } };
  },
  checkGate: async (ports, launch) => {
    const { verdict, progress } = await checkGate(ports, onServer(ports, launch), installing(launch), ports.settings);
    return { verdict, launch: { ...launch, ...(progress && { gate: progress }) } };
  },
  complete,
  abandon,
};

/**
 * Installs the fleet's current release on an instance before it serves, behind the Auto Scaling group's launch hook.
 * @throws ReleaseChanged when the release on record is not the deployed one, and the errors of install and gate; the machine then
 * abandons the launch
 */
export function createLaunch(ports: LaunchPorts): (request: LaunchRequest) => Promise<LaunchReply> {
  return async ({ step, launch }) => {
    const reply = await STEPS[step](ports, launch);
    if (reply.verdict === 'WAIT') await ports.actions.heartbeat(launch);
    return reply;
  };
}

const pinned = async ({ commands }: LaunchPorts, { documents }: Launch) => documents ?? (await commands.latestVersions());

const onServer = ({ now }: LaunchPorts, launch: Launch): ServerStep & Launch => ({
  ...launch,
  phaseStartedAtMs: launch.phaseStartedAtMs ?? now(),
});

/** Does what user data does on a server that Holdfast launches. Sends at first and checks from then on. */
async function prepareServer(ports: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const { records, commands, fleet, now } = ports;
  const { instanceId } = launch;
  if (launch.commandId !== undefined) {
    const verdict = await checkPrepare(ports, onServer(ports, launch));
    return { verdict, launch: verdict === 'DONE' ? { ...launch, commandId: undefined } : launch };
  }
  if (!commands.prepares || keepsItsOwn(commands, await records.getFleet(fleet))) return { verdict: 'DONE', launch };
  if (!(await isOnline(ports, instanceId))) return { verdict: 'WAIT', launch };
  const documents = await pinned(ports, launch);
  const commandId = await commands.sendPrepare(instanceId, documents);
  return { verdict: 'WAIT', launch: { ...launch, documents, commandId, phaseStartedAtMs: now() } };
}

async function sendInstall(ports: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const { records, commands, fleet, now } = ports;
  const { instanceId } = launch;
  const current = await records.getFleet(fleet);
  if (keepsItsOwn(commands, current)) return { verdict: 'SKIP', launch };
  const release = current && (await records.getRelease(fleet, current.currentVersion));
  if (!release || !(await isOnline(ports, instanceId))) return { verdict: 'WAIT', launch };
  if (release.sha256 !== current.sha256) throw new ReleaseChanged(instanceId, release.version, current.sha256, release.sha256);
  const version = current.currentVersion;
  const installed = { fleet, version, sha256: release.sha256 };
  const documents = await pinned(ports, launch);
  const commandId = await commands.sendInstall(instanceId, installed, await fencingToken(records, fleet), documents);
  return { verdict: 'DONE', launch: { ...launch, documents, version, commandId, phaseStartedAtMs: now() } };
}

async function installed(ports: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const { fleet, now } = ports;
  const { installTimeoutSeconds } = ports.settings;
  const installation = { fleet, version: installing(launch), fromVersion: 'none', installTimeoutSeconds };
  const judgement = await checkInstall(ports, onServer(ports, launch), installation);
  if (!judgement) return { verdict: 'WAIT', launch };
  if (!judgement.installed) throw judgement.error;
  return { verdict: 'DONE', launch: { ...launch, commandId: undefined, gate: undefined, phaseStartedAtMs: now() } };
}

async function isOnline({ agents }: LaunchPorts, instanceId: string): Promise<boolean> {
  return (await agents.describe([instanceId]))[0]?.online ?? false;
}

async function complete({ records, actions, log, fleet, now }: LaunchPorts, launch: Launch): Promise<LaunchReply> {
  const { instanceId } = launch;
  if (launch.version === undefined) return letServe(actions, log, launch);
  const version = installing(launch);
  // On record before it serves: a deploy that finds the instance right after has to know its release.
  await records.putInstance(fleet, { instanceId, version, installedAtMs: launch.phaseStartedAtMs ?? now() });
  const current = (await records.getFleet(fleet))?.currentVersion;
  if (current !== undefined && current !== version) return { verdict: 'REPEAT', launch };
  return letServe(actions, log, launch);
}

async function letServe(actions: LifecycleActions, log: Log, launch: Launch): Promise<LaunchReply> {
  if (!(await actions.complete(launch, 'CONTINUE')))
    log.warn(LOG_EVENTS.lifecycleActionGone, { instanceId: launch.instanceId, action: 'CONTINUE' });
  return { verdict: 'DONE', launch };
}

/** In a fleet that ran before Holdfast, new servers keep the release in their image until a deploy has rolled the fleet. */
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
  if (version === undefined) throw new CommandFailed(`no install command was sent to ${instanceId}`);
  return version;
}
