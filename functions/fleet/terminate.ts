import type { DeployContext } from '../deploy/contract.ts';
import { blindDrainSeconds, decideDrain } from '../deploy/decide-drain.ts';
import { type InstanceCommands, SLICE_LIMIT_SECONDS } from '../deploy/instance-commands.ts';
import { waitIdleParameters } from '../deploy/slice-parameters.ts';
import type { LifecycleActions } from '../shared/auto-scaling.ts';
import { classifyAwsError } from '../shared/classify-aws-error.ts';
import { describeError } from '../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import { NO_PATIENCE, type Patience, pauseUntil } from '../shared/patient.ts';
import type { Records } from '../shared/records.ts';
import type { Termination, TerminationReply, TerminationRequest } from './contract.ts';
import { fencingToken } from './launch.ts';

export interface TerminatePorts {
  readonly records: Pick<Records, 'getLock' | 'deleteInstance'>;
  readonly commands: Pick<InstanceCommands, 'sendWaitIdle' | 'readWaitIdle'>;
  readonly actions: LifecycleActions;
  readonly log: Log;
  readonly now: () => number;
  readonly fleet: string;
  readonly settings: DeployContext['settings'];
  /** @default no pauses */
  readonly patience?: Patience;
}

/** Holds a terminating instance until it is idle, at most for the drain's time: a termination is never blocked past it. */
export function createTerminate(ports: TerminatePorts): (request: TerminationRequest) => Promise<TerminationReply> {
  return async ({ step, termination }) => {
    switch (step) {
      case 'sendWaitIdle':
        return unlessStuck(ports, termination, () => sendWaitIdle(ports, termination));
      case 'checkWaitIdle':
        return unlessStuck(ports, termination, () => checkWaitIdle(ports, termination));
      case 'completeTermination':
        return complete(ports, termination);
    }
  };
}

async function sendWaitIdle(
  { records, commands, fleet, settings, now }: TerminatePorts,
  termination: Termination,
): Promise<TerminationReply> {
  const { instanceId, previousRequests: requests, quietSeconds = 0, phaseStartedAtMs = now() } = termination;
  const counted = { quietSeconds: settings.quietSeconds, drain: { requests, quietSeconds } };
  const elapsedSeconds = (now() - phaseStartedAtMs) / 1000;
  const parameters = waitIdleParameters(settings, await fencingToken(records, fleet), counted, elapsedSeconds);
  const commandId = await commands.sendWaitIdle(instanceId, parameters);
  return { verdict: 'DONE', termination: { ...termination, commandId, phaseStartedAtMs } };
}

async function checkWaitIdle(
  { commands, actions, settings, now, patience = NO_PATIENCE }: TerminatePorts,
  termination: Termination,
): Promise<TerminationReply> {
  const { instanceId, commandId } = termination;
  // Nothing was sent: the instance cannot be asked any more.
  if (commandId === undefined) return { verdict: 'DONE', termination };
  const startedAtMs = termination.phaseStartedAtMs ?? now();
  const overdueAtMs = startedAtMs + (settings.drainTimeoutSeconds + SLICE_LIMIT_SECONDS) * 1000;
  const look = await commands.readWaitIdle({ commandId, instanceId, overdueAtMs });
  const decision = look && decideDrain(look, instanceId, startedAtMs, now(), settings);
  if (decision?.verdict === 'DONE') return { verdict: 'DONE', termination };
  const quiet = decision && { previousRequests: decision.progress.requests, quietSeconds: decision.progress.quietSeconds };
  await actions.heartbeat(termination);
  if (decision?.verdict === 'WAIT') await pauseUntil(startedAtMs + blindDrainSeconds(settings) * 1000, now(), patience);
  return { verdict: decision?.verdict ?? 'WAIT', termination: { ...termination, ...quiet } };
}

async function complete({ records, actions, log, fleet }: TerminatePorts, termination: Termination): Promise<TerminationReply> {
  const { instanceId } = termination;
  if (!(await actions.complete(termination, 'CONTINUE'))) log.warn(LOG_EVENTS.lifecycleActionGone, { instanceId, action: 'CONTINUE' });
  await records.deleteInstance(fleet, instanceId);
  return { verdict: 'DONE', termination };
}

/** A drain that cannot be watched, or whose time is up, lets the termination go on; what passes by itself is repeated. */
async function unlessStuck(
  { log }: TerminatePorts,
  termination: Termination,
  step: () => Promise<TerminationReply>,
): Promise<TerminationReply> {
  try {
    return await step();
  } catch (error) {
    if (classifyAwsError(error) === 'transient') throw error;
    log.warn(LOG_EVENTS.drainGivenUp, { instanceId: termination.instanceId, error: describeError(error) });
    return { verdict: 'DONE', termination: { ...termination, commandId: undefined } };
  }
}
