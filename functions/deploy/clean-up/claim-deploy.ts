import type { Records } from '../../records/records.ts';
import type { DeployRecord } from '../../records/types.ts';
import { type Executions, executionArnOf } from '../../shared/aws/executions.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import type { CleanUpInput, CleanUpTask } from '../contract/clean-up.ts';
import type { DeployContext } from '../contract/common.ts';
import { resolveSettings } from '../settings/read-settings.ts';
import { endOf, reasonToSkip } from './decide-claim.ts';

export interface ClaimPorts {
  readonly records: Pick<
    Records,
    'getDeploy' | 'getLock' | 'takeOverLock' | 'releaseLock' | 'closeDeploy' | 'claimCleanUp' | 'updateDeploy'
  >;
  readonly executions: Pick<Executions, 'describe'>;
  readonly log: Log;
  readonly now: () => number;
  readonly fleet: string;
  /** The fleet's settings as its environment holds them: for a record that has none. */
  readonly settings: unknown;
  readonly deployStateMachineArn: string;
}

/**
 * Claims a deploy for this clean-up, or gives the reason why there is nothing to do. The lock passes to the clean-up with a
 * higher token, so that no step of the deploy changes anything from here on.
 * @param own ARN of the clean-up's execution
 */
export async function claimDeploy(ports: ClaimPorts, { deployId, error }: CleanUpInput, own: string): Promise<CleanUpTask> {
  const { records, executions, log, now, fleet } = ports;
  const executionArn = executionArnOf(ports.deployStateMachineArn, deployId);
  const [record, held, execution] = await Promise.all([
    records.getDeploy(fleet, deployId),
    records.getLock(fleet),
    executions.describe(executionArn),
  ]);
  if (!record) return forget(ports, deployId, execution?.status === 'RUNNING' && !error);
  const seen = record.cleanUp;
  const otherCleanUp = seen && seen.executionArn !== own ? await executions.describe(seen.executionArn) : undefined;
  const reason = reasonToSkip({ record, lock: held, execution, otherCleanUp, error });
  if (reason !== undefined) return { verdict: 'SKIP', reason };
  const mark = { executionArn: own, startedAtMs: now(), attempt: (seen?.attempt ?? 0) + (seen?.executionArn === own ? 0 : 1) };
  if (!(await records.claimCleanUp(fleet, deployId, mark, seen))) return { verdict: 'SKIP', reason: 'another clean-up has just begun' };

  const deploy = contextOf(record, ports.settings);
  const nowMs = now();
  const { requestedBy, to: version } = record;
  const expiresAtMs = nowMs + deploy.settings.leaseSeconds * 1000;
  const lock = await records.takeOverLock({ fleet, deployId, executionArn: own, requestedBy, version, nowMs, expiresAtMs });
  const end = endOf({ execution, error });
  log.info(LOG_EVENTS.cleanUpStarted, { deployId, endedAs: end.endedAs, error: end.error.Error, overtaken: !lock.acquired });
  const common = { deploy, ...end, strayCallSeconds: error ? 0 : deploy.settings.strayCallSeconds };
  // The deploy that holds the lock has taken over the suspension, and repairs what it finds.
  if (!lock.acquired) return { verdict: 'OVERTAKEN', ...common };
  await records.updateDeploy(fleet, deployId, { stage: 'cleaning up' });
  return {
    verdict: 'DONE',
    ...common,
    lease: { fencingToken: lock.fencingToken, expiresAtMs },
  };
}

/** A deploy without a record: it was refused, or ended right after it took the lock, before it changed anything. */
async function forget({ records, fleet }: ClaimPorts, deployId: string, runs: boolean): Promise<CleanUpTask> {
  if (runs) return { verdict: 'SKIP', reason: 'the deploy has just begun' };
  const lock = await records.getLock(fleet);
  if (lock?.deployId === deployId) await records.releaseLock({ fleet, deployId, fencingToken: lock.fencingToken });
  await records.closeDeploy(fleet, deployId);
  return { verdict: 'SKIP', reason: 'the deploy never began' };
}

/** The deploy as its steps knew it. */
function contextOf(record: DeployRecord, settings: unknown): DeployContext {
  const { deployId, executionArn, fleet, to: version, startedAtMs, requestedBy, recover = false, documents } = record;
  const resolved = resolveSettings(record.settings ?? settings, fleet);
  const context = { deployId, executionArn, fleet, version, startedAtMs, requestedBy, recover, settings: resolved };
  return { ...context, ...(documents && { documents }) };
}
