import { holdLease } from '../../records/lease.ts';
import type { Records } from '../../records/records.ts';
import { touchedTargets } from '../../records/touched-targets.ts';
import type { Lease } from '../../records/types.ts';
import { type Executions, executionArnOf } from '../../shared/aws/executions.ts';
import { closeGate, type GateFront } from '../../shared/aws/gate-front.ts';
import type { RunningCommands } from '../../shared/aws/run-command.ts';
import { settleAll } from '../../shared/end-at.ts';
import { describeError } from '../../shared/errors.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import type { AwaitedRollbacks, CleanUpRequest, CleanUpTask, NextCleanUpTarget, Serving, StepResult } from '../contract/clean-up-steps.ts';
import type { DeployContext } from '../contract/common.ts';
import { awaitRolls, deathOf, type RollPorts } from '../rolls/await-rolls.ts';
import { isOwnRollback, namesOf, rollbackName } from '../rolls/in-flight.ts';
import { UNENDED } from '../target-phases.ts';
import { comesIntoService, type FleetAfterDeploy, hasLeft } from './choose-rollback.ts';
import { type ClaimPorts, claimDeploy } from './claim-deploy.ts';
import { nextToRepair, type RepairPorts } from './next-to-repair.ts';

export interface CleanUpPorts extends ClaimPorts, RepairPorts, RollPorts {
  readonly records: Records;
  readonly executions: Pick<Executions, 'describe' | 'stop'>;
  readonly commands: RunningCommands;
  /** Of a fleet whose deploys have a session gate. */
  readonly gate?: GateFront;
}

export type CleanUpReply = CleanUpTask | NextCleanUpTarget | AwaitedRollbacks | Serving | StepResult;

/** Repairs what a deploy left that failed, was stopped, or died. Each step can be repeated, by this clean-up or the next. */
export function createCleanUp(ports: CleanUpPorts): (request: CleanUpRequest) => Promise<CleanUpReply> {
  return async (request) => {
    if (request.step === 'claim') return claimDeploy(ports, request.input, request.executionArn);
    const { deploy } = request;
    await holdLease(ports.records, deploy, request.lease, ports.now());
    switch (request.step) {
      case 'stopExecutions':
        return stopExecutions(ports, deploy, request.lease);
      case 'cancelCommands':
        return cancelCommands(ports, deploy, request.lease);
      case 'nextTarget':
        return nextToRepair(ports, deploy, request.lease, request.waitingSinceMs);
      case 'awaitTargets':
        return awaitTargets(ports, request);
      case 'checkServing':
        return checkServing(ports, deploy, request.waitingSinceMs);
    }
  };
}

const targetsOf = async ({ records }: CleanUpPorts, { fleet, deployId }: DeployContext) =>
  (await records.getDeploy(fleet, deployId))?.targets ?? {};

/** Targets that an execution or a command may still work on. */
const busy = (targets: FleetAfterDeploy['targets']) =>
  touchedTargets(targets).filter(([, { phase }]) => phase !== 'done' && phase !== 'rolledBack');

/** A step that is delivered again can find the clean-up's own rollback at work: that is neither stopped nor are its commands cancelled. */
type OwnLease = Pick<Lease, 'fencingToken'>;

/** Stopping the parent stops its child only on a best-effort basis; and what another clean-up began runs on without it. */
async function stopExecutions(ports: CleanUpPorts, deploy: DeployContext, lease: OwnLease): Promise<StepResult> {
  for (const [instanceId, { executionName }] of busy(await targetsOf(ports, deploy))) {
    if (executionName === undefined || executionName === rollbackName(instanceId, deploy, lease)) continue;
    await ports.executions.stop(executionArnOf(ports.rollTargetStateMachineArn, executionName), `clean-up of deploy ${deploy.deployId}`);
  }
  return { verdict: 'DONE' };
}

/** Nothing that was sent before the claim runs longer: 60 s until the agent begins, 600 s of install, and its download. */
const LONGEST_COMMAND_MS = 900_000;

/** A hundred servers, one after the other, would take as long as the function may. */
const SERVERS_AT_ONCE = 10;

/**
 * Cancels the deploy's running commands, and waits for their end: Run Command cancels on a best-effort basis. A command that
 * is reported as running past every time-out belongs to an agent that is gone.
 */
async function cancelCommands({ records, commands, log, now }: CleanUpPorts, deploy: DeployContext, lease: OwnLease): Promise<StepResult> {
  const { fleet, deployId, startedAtMs } = deploy;
  const record = await records.getDeploy(fleet, deployId);
  const claimedAtMs = record?.cleanUp?.startedAtMs ?? 0;
  // A long drain has left pages of commands that ended long ago. Asking for the latest ones alone keeps all targets in one invocation.
  const sinceMs = Math.max(startedAtMs, claimedAtMs - LONGEST_COMMAND_MS);
  const of = busy(record?.targets ?? {}).filter(([id, { executionName }]) => executionName !== rollbackName(id, deploy, lease));
  const cancelOn = async ([instanceId, { commandId }]: (typeof of)[number]): Promise<number> => {
    const found = await commands.running(instanceId, sinceMs, commandId);
    for (const each of found) {
      await commands.cancel(each, instanceId).catch((error: unknown) => {
        log.warn(LOG_EVENTS.commandCancelFailed, { commandId: each, instanceId, error: describeError(error) });
      });
    }
    return found.length;
  };
  let running = 0;
  for (let from = 0; from < of.length; from += SERVERS_AT_ONCE) {
    for (const found of await settleAll(of.slice(from, from + SERVERS_AT_ONCE).map(cancelOn))) running += found;
  }
  const overdue = now() - claimedAtMs >= LONGEST_COMMAND_MS;
  return { verdict: running === 0 || overdue ? 'DONE' : 'WAIT' };
}

type Awaiting = Extract<CleanUpRequest, { readonly step: 'awaitTargets' }>;

/**
 * DONE: a rollback has ended, and another can begin. One that was stopped or timed out has recorded no failure itself; without one it would
 * be tried for ever.
 */
async function awaitTargets(ports: CleanUpPorts, { deploy, lease, atWork: seen }: Awaiting): Promise<AwaitedRollbacks> {
  const { fleet, deployId } = deploy;
  const { atWork, someEnded, unstarted, again } = await awaitRolls(ports, deploy, {
    seen,
    isOwn: isOwnRollback(deploy, lease),
    async recordDeath({ instanceId, executionName, phase }, execution) {
      const detail = `${deathOf(instanceId, execution, phase).Cause}; the release on the server is unknown`;
      const failed = { phase: 'failed', finishedAtMs: ports.now(), detail, died: executionName } as const;
      await ports.records.updateTarget(fleet, deployId, instanceId, failed, { executionName, phases: UNENDED });
    },
  });
  const verdict = someEnded || unstarted ? 'DONE' : again.verdict;
  return { verdict, waitSeconds: again.waitSeconds, waitingSinceMs: 0, atWork: namesOf(atWork) };
}

/**
 * DONE once every touched target that is in service is healthy; the report lists those that are not by `registerTimeoutSeconds`. REGISTER:
 * nextTarget has one to register.
 */
async function checkServing(ports: CleanUpPorts, deploy: DeployContext, sinceMs: number): Promise<Serving> {
  const nowMs = ports.now();
  const waitingSinceMs = sinceMs || nowMs;
  const [record, health] = await Promise.all([ports.records.getDeploy(deploy.fleet, deploy.deployId), ports.targetGroup.describeHealth()]);
  const touched = touchedTargets(record?.targets ?? {});
  const states = new Map(health.map(({ instanceId, state }) => [instanceId, state]));
  const stateOf = (instanceId: string) => states.get(instanceId) ?? 'unused';
  const claimedAtMs = record?.cleanUp?.startedAtMs ?? 0;
  if (touched.some(([instanceId, target]) => hasLeft(target, stateOf(instanceId), claimedAtMs, nowMs)))
    return { verdict: 'REGISTER', waitingSinceMs: 0 };
  const waitedFor = touched.some(([instanceId, target]) => comesIntoService(target, stateOf(instanceId)));
  const overdue = nowMs - waitingSinceMs >= deploy.settings.registerTimeoutSeconds * 1000;
  if (waitedFor && !overdue) return { verdict: 'WAIT', waitingSinceMs };
  // By now no call of the deploy's own gate is under way. What stays open is closed by the reconciler: Auto Scaling and the lock come first.
  if (ports.gate)
    await closeGate(ports.gate).catch((error: unknown) =>
      ports.log.warn(LOG_EVENTS.gateLeft, { deployId: deploy.deployId, error: describeError(error) }),
    );
  return { verdict: 'DONE', waitingSinceMs };
}
