import type { ResolvedSettings } from '../deploy/settings/settings.ts';
import { bundlesOf, longest, STOP_EVENTS, scriptsAlone } from '../instance/bundle-scripts.ts';
import { CommandFailed } from '../instance/errors.ts';
import type { InstanceCommands } from '../instance/instance-commands.ts';
import type { DrainedTarget } from '../instance/progress.ts';
import { checkDrain, drainedTarget, sendDrain } from '../instance/steps/drain.ts';
import type { Records } from '../records/records.ts';
import { hookSeconds } from '../shared/app-contract.ts';
import type { LifecycleActions } from '../shared/aws/auto-scaling.ts';
import { classifyAwsError } from '../shared/aws/classify-aws-error.ts';
import { healthOf, type Registration, type TargetGroup } from '../shared/aws/target-group.ts';
import { describeError } from '../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import { POLL_ONCE, type Polling, pauseUntil } from '../shared/poll.ts';
import type { ScriptStep, Termination, TerminationReply, TerminationRequest } from './contract.ts';
import { fencingToken } from './launch.ts';

export interface TerminatePorts {
  readonly records: Records;
  readonly commands: Pick<InstanceCommands, 'latestVersions' | 'sendWaitIdle' | 'readWaitIdle' | 'sendInstall' | 'readInstall'>;
  readonly targetGroup: Pick<TargetGroup, 'deregister' | 'describeHealth' | 'describeProtocolVersion'>;
  /** Where a deploy keeps the sessions of a server on it; undefined for a fleet whose deploys do not. */
  readonly drainGroup?: Pick<TargetGroup, 'describeHealth'> | undefined;
  readonly actions: LifecycleActions;
  readonly log: Log;
  readonly now: () => number;
  readonly fleet: string;
  readonly settings: ResolvedSettings;
  /** @default no pauses */
  readonly polling?: Polling;
}

/** Between two looks at an instance on which a deploy keeps sessions. */
const LOOK_MS = 10_000;

/** Longer than a roll (3 h at most) and the clean-up after it; an execution's history has room for twice as many looks. */
const LONGEST_HOLD_MS = 4 * 3_600_000;

/**
 * Holds a terminating instance while a deploy keeps sessions on it, and then until it is idle, or until the time of a drain is up. The
 * drain starts anew for an instance that a deploy has registered again meanwhile. The machine's limit of 12 hours and the hook's own (48
 * hours) bound it all.
 */
export function createTerminate(ports: TerminatePorts): (request: TerminationRequest) => Promise<TerminationReply> {
  return async ({ step, termination }) => {
    switch (step) {
      case 'sendWaitIdle':
        return unlessStuck(ports, termination, () => sendWaitIdle(ports, termination));
      case 'checkWaitIdle':
        return unlessStuck(ports, termination, () => checkWaitIdle(ports, termination));
      case 'completeTermination':
        return complete(ports, termination);
      default:
        return runScripts(ports, step, termination);
    }
  };
}

const SCRIPTS = {
  beforeBlockTraffic: { mode: 'BeforeBlockTraffic', events: ['BeforeBlockTraffic'] },
  end: { mode: 'end', events: STOP_EVENTS },
} as const;

/** Sends at first and checks from then on. What goes wrong does not hold up the termination. */
async function runScripts(ports: TerminatePorts, step: ScriptStep, termination: Termination): Promise<TerminationReply> {
  const { records, commands, actions, fleet, log, now } = ports;
  const { instanceId, scripts } = termination;
  const done: TerminationReply = { verdict: 'DONE', termination: { ...termination, scripts: undefined } };
  try {
    if (scripts?.step === step) {
      const { commandId, sentAtMs, seconds } = scripts;
      const answer = await commands.readInstall({ commandId, instanceId, sentAtMs, overdueAtMs: sentAtMs + seconds * 1000 });
      if (answer?.result === 'failed') log.warn(LOG_EVENTS.drainGivenUp, { instanceId, error: answer.message });
      if (answer) return done;
      await actions.heartbeat(termination);
      return { verdict: 'WAIT', termination };
    }
    const { mode, events } = SCRIPTS[step];
    const version = (await records.getInstances(fleet)).find((instance) => instance.instanceId === instanceId)?.version;
    const [bundle] = version === undefined ? [] : await bundlesOf(records, fleet, [version]);
    if (termination.event?.Origin === 'WarmPool' || bundle === undefined || hookSeconds(bundle, events) === 0) return done;
    const seconds = longest(hookSeconds(bundle, events));
    const ordered = scriptsAlone(fleet, { mode, stopFailure: 'continue', seconds });
    const documents = termination.documents ?? (await commands.latestVersions());
    const commandId = await commands.sendInstall(instanceId, ordered, await fencingToken(records, fleet), documents);
    return { verdict: 'WAIT', termination: { ...termination, documents, scripts: { step, commandId, sentAtMs: now(), seconds } } };
  } catch (error) {
    if (classifyAwsError(error) === 'transient') throw error;
    // As in a drain: the clean-up of a deploy has cancelled it.
    if (error instanceof CommandFailed && error.cancelled) return { ...done, verdict: 'WAIT' };
    log.warn(LOG_EVENTS.drainGivenUp, { instanceId, error: describeError(error) });
    return done;
  }
}

async function sendWaitIdle(ports: TerminatePorts, termination: Termination): Promise<TerminationReply> {
  // No user reaches a server of a warm pool, which is stopped, or runs and is registered nowhere.
  if (termination.event?.Origin === 'WarmPool') return { verdict: 'DONE', termination };
  const { records, fleet, settings, now } = ports;
  await takeOut(ports, termination.instanceId);
  // It is asked nothing before: its drain begins when no node of the load balancer sends it requests any more, and the clean-up of a deploy
  // waits for the end of every command on a server that the deploy touched.
  if (await isPinned(ports, termination)) return { verdict: 'DONE', termination: held(termination, now()) };
  const { phaseStartedAtMs = now() } = termination;
  const documents = termination.documents ?? (await ports.commands.latestVersions());
  const drain = termination.drain ?? { quietSeconds: 0, target: await targetOf(ports, termination.instanceId, phaseStartedAtMs) };
  const draining = { ...termination, documents, drain, phaseStartedAtMs };
  const commandId = await sendDrain(ports, draining, settings, await fencingToken(records, fleet), documents);
  return { verdict: 'DONE', termination: { ...draining, commandId } };
}

/** The target's registrations: from the load balancer, or, if it no longer lists the target, from the record of the last deploy. */
async function targetOf({ targetGroup, records, fleet }: TerminatePorts, instanceId: string, nowMs: number): Promise<DrainedTarget> {
  const [health, recorded, protocolVersion] = await Promise.all([
    targetGroup.describeHealth(),
    records.getRegistrations(fleet, instanceId),
    targetGroup.describeProtocolVersion(),
  ]);
  const { registrations = recorded?.registrations ?? [] } = healthOf(instanceId, health);
  return drainedTarget(registrations, protocolVersion, nowMs);
}

/** Auto Scaling has deregistered it, but a deploy that was rolling it can have registered it again, and its users would be cut off. */
async function takeOut(ports: TerminatePorts, instanceId: string): Promise<void> {
  const registrations = await registrationsOf(ports, instanceId);
  if (registrations.length > 0) await ports.targetGroup.deregister(instanceId, registrations);
}

/** The registrations through which users can reach the instance; a draining target has none. */
async function registrationsOf({ targetGroup }: TerminatePorts, instanceId: string): Promise<readonly Registration[]> {
  const { state, registrations = [] } = healthOf(instanceId, await targetGroup.describeHealth());
  return state === 'draining' ? [] : registrations;
}

/** It is released once every node of the load balancer follows: one that has gone before would still get their requests. */
async function isPinned({ drainGroup, now }: TerminatePorts, { instanceId, heldSinceMs = now() }: Termination): Promise<boolean> {
  if (drainGroup === undefined || now() - heldSinceMs >= LONGEST_HOLD_MS) return false;
  return healthOf(instanceId, await drainGroup.describeHealth()).state === 'healthy';
}

const isReachable = async (ports: TerminatePorts, termination: Termination): Promise<boolean> =>
  (await registrationsOf(ports, termination.instanceId)).length > 0 || isPinned(ports, termination);

const anew = (termination: Termination): Termination => ({
  ...termination,
  isHeld: undefined,
  commandId: undefined,
  phaseStartedAtMs: undefined,
  drain: undefined,
});

const held = (termination: Termination, nowMs: number): Termination => ({
  ...anew(termination),
  isHeld: true,
  heldSinceMs: termination.heldSinceMs ?? nowMs,
});

/** One look at an instance on which a deploy keeps sessions; once it does not, the instance is drained. */
async function hold(ports: TerminatePorts, termination: Termination): Promise<TerminationReply> {
  const { actions, now, polling = POLL_ONCE } = ports;
  await actions.heartbeat(termination);
  if (!(await isPinned(ports, termination))) return { verdict: 'REPEAT', termination: anew(termination) };
  await takeOut(ports, termination.instanceId);
  await pauseUntil(now() + LOOK_MS, now(), polling);
  return { verdict: 'WAIT', termination: held(termination, now()) };
}

/** An instance that cannot be asked whether it is idle, or that was busy to the end of its drain, can still serve what a deploy keeps on it. */
const goUnlessPinned = async (ports: TerminatePorts, termination: Termination): Promise<TerminationReply> =>
  (await isPinned(ports, termination)) ? hold(ports, termination) : { verdict: 'DONE', termination };

async function checkWaitIdle(ports: TerminatePorts, termination: Termination): Promise<TerminationReply> {
  const { actions, settings, now } = ports;
  if (termination.isHeld) return hold(ports, termination);
  // No command could be sent, because the instance no longer answers.
  if (termination.commandId === undefined) return goUnlessPinned(ports, termination);
  const { phaseStartedAtMs = now() } = termination;
  const { verdict, progress } = await checkDrain(ports, { ...termination, phaseStartedAtMs }, settings);
  if (verdict === 'DONE') {
    if (!(await isReachable(ports, termination))) return { verdict, termination };
    // Users can have come while the slice ran, and still can: the drain begins again.
    await actions.heartbeat(termination);
    return { verdict: 'REPEAT', termination: anew(termination) };
  }
  await actions.heartbeat(termination);
  return { verdict, termination: { ...termination, ...(progress && { drain: progress }) } };
}

/** A deploy can have registered it again since: then its drain starts anew. One that cannot be drained, or looked up, goes. */
async function complete(ports: TerminatePorts, termination: Termination): Promise<TerminationReply> {
  const { records, actions, log, fleet } = ports;
  const { instanceId } = termination;
  if (termination.commandId !== undefined && (await isReachable(ports, termination).catch(() => false))) {
    await actions.heartbeat(termination);
    return { verdict: 'REPEAT', termination: anew(termination) };
  }
  if (!(await actions.complete(termination, 'CONTINUE'))) log.warn(LOG_EVENTS.lifecycleActionGone, { instanceId, action: 'CONTINUE' });
  await records.deleteInstance(fleet, instanceId);
  return { verdict: 'DONE', termination };
}

/** A drain that cannot be checked, or whose time is up, does not hold up the termination; transient errors are repeated. */
async function unlessStuck(
  ports: TerminatePorts,
  termination: Termination,
  step: () => Promise<TerminationReply>,
): Promise<TerminationReply> {
  const { log, actions } = ports;
  try {
    return await step();
  } catch (error) {
    if (classifyAwsError(error) === 'transient') throw error;
    if (error instanceof CommandFailed && error.cancelled) {
      // The clean-up of a deploy cancels every command on servers that the deploy touched, this one included. The drain goes on with
      // another command, within its own time.
      await actions.heartbeat(termination);
      return { verdict: 'REPEAT', termination };
    }
    log.warn(LOG_EVENTS.drainGivenUp, { instanceId: termination.instanceId, error: describeError(error) });
    return goUnlessPinned(ports, { ...termination, commandId: undefined });
  }
}
