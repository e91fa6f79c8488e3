import { describeError } from '../shared/errors.ts';
import { type Executions, executionArnOf } from '../shared/executions.ts';
import { LOG_EVENTS } from '../shared/log-events.ts';
import type { Records } from '../shared/records.ts';
import type { RunningCommands } from '../shared/run-command.ts';
import { type FleetAfterDeploy, touchedTargets } from './choose-rollback.ts';
import { type ClaimPorts, claimDeploy } from './claim-deploy.ts';
import type { CleanUpRequest, CleanUpTask, DeployContext, NextToPutRight, Serving, Verdict } from './contract.ts';
import { explainError } from './explain-error.ts';
import { holdLease } from './hold-lease.ts';
import { nextToPutRight, type PutRightPorts } from './next-to-put-right.ts';

export interface CleanUpPorts extends ClaimPorts, PutRightPorts {
  readonly records: ClaimPorts['records'] & PutRightPorts['records'] & Pick<Records, 'renewLease'>;
  readonly executions: Pick<Executions, 'describe' | 'stop'>;
  readonly commands: RunningCommands;
  readonly rollTargetStateMachineArn: string;
}

/** What `stopExecutions`, `cancelCommands` and `noteFailure` say. */
export interface Said {
  readonly verdict: Verdict;
}

export type CleanUpReply = CleanUpTask | NextToPutRight | Serving | Said;

/** Puts right what a deploy left that failed, was stopped, or died. Each step can be repeated, by this clean-up or the next. */
export function createCleanUp(ports: CleanUpPorts): (request: CleanUpRequest) => Promise<CleanUpReply> {
  return async (request) => {
    if (request.step === 'claim') return claimDeploy(ports, request.input, request.executionArn);
    const { deploy } = request;
    await holdLease(ports.records, deploy, request.lease, ports.now());
    switch (request.step) {
      case 'stopExecutions':
        return stopExecutions(ports, deploy);
      case 'cancelCommands':
        return cancelCommands(ports, deploy);
      case 'nextTarget':
        return nextToPutRight(ports, deploy);
      case 'noteFailure':
        return noteFailure(ports, request);
      case 'checkServing':
        return checkServing(ports, deploy, request.waitingSinceMs);
    }
  };
}

const targetsOf = async ({ records }: CleanUpPorts, { fleet, deployId }: DeployContext) =>
  (await records.getDeploy(fleet, deployId))?.targets ?? {};

/** Targets that something may still work on. */
const busy = (targets: FleetAfterDeploy['targets']) =>
  touchedTargets(targets).filter(([, { phase }]) => phase !== 'done' && phase !== 'rolledBack');

/** Stopping the parent takes its child along at best; and what another clean-up began goes on without it. */
async function stopExecutions(ports: CleanUpPorts, deploy: DeployContext): Promise<Said> {
  for (const [, { executionName }] of busy(await targetsOf(ports, deploy))) {
    if (executionName === undefined) continue;
    await ports.executions.stop(executionArnOf(ports.rollTargetStateMachineArn, executionName), `clean-up of deploy ${deploy.deployId}`);
  }
  return { verdict: 'DONE' };
}

/** Nothing that was sent before the claim runs longer: 60 s until the agent begins, 600 s of install, and its download. */
const LONGEST_COMMAND_MS = 900_000;

/**
 * Cancels what Run Command still does for the deploy, and waits for its end: an agent takes a cancellation as a wish. What
 * is said to run past any command's time-out is an agent that is gone.
 */
async function cancelCommands(
  { records, commands, log, now }: CleanUpPorts,
  { fleet, deployId, startedAtMs }: DeployContext,
): Promise<Said> {
  const record = await records.getDeploy(fleet, deployId);
  let running = 0;
  for (const [instanceId, { commandId }] of busy(record?.targets ?? {})) {
    const found = await commands.running(instanceId, startedAtMs, commandId);
    running += found.length;
    for (const each of found) {
      await commands.cancel(each, instanceId).catch((error: unknown) => {
        log.warn(LOG_EVENTS.commandCancelFailed, { commandId: each, instanceId, error: describeError(error) });
      });
    }
  }
  const overdue = now() - (record?.cleanUp?.startedAtMs ?? 0) >= LONGEST_COMMAND_MS;
  return { verdict: running === 0 || overdue ? 'DONE' : 'WAIT' };
}

/** An execution that was stopped or ran out of time has put nothing back and written nothing: or it would be tried for ever. */
async function noteFailure(ports: CleanUpPorts, { deploy, roll, error }: CleanUpRequest & { readonly step: 'noteFailure' }): Promise<Said> {
  const { fleet, deployId } = deploy;
  const target = (await targetsOf(ports, deploy))[roll.instanceId];
  if (target?.phase !== 'failed') {
    const detail = `${explainError(error).Cause} — it is not known which release serves`;
    await ports.records.updateTarget(fleet, deployId, roll.instanceId, { phase: 'failed', finishedAtMs: ports.now(), detail });
  }
  return { verdict: 'DONE' };
}

/** Until every touched target that is registered is healthy; what is not by `registerTimeoutSeconds` is left to the report. */
async function checkServing(ports: CleanUpPorts, deploy: DeployContext, sinceMs: number): Promise<Serving> {
  const nowMs = ports.now();
  const waitingSinceMs = sinceMs || nowMs;
  const [targets, health] = await Promise.all([targetsOf(ports, deploy), ports.targetGroup.describeHealth()]);
  const touched = new Set(touchedTargets(targets).map(([instanceId]) => instanceId));
  const waitedFor = health.some(({ instanceId, state }) => touched.has(instanceId) && (state === 'initial' || state === 'unhealthy'));
  const overdue = nowMs - waitingSinceMs >= deploy.settings.registerTimeoutSeconds * 1000;
  return { verdict: waitedFor && !overdue ? 'WAIT' : 'DONE', waitingSinceMs };
}
