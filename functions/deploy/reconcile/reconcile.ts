import { resumeOnRecord } from '../../records/lease.ts';
import { isLockHeld } from '../../records/outcome-text.ts';
import type { Records } from '../../records/records.ts';
import type { LockRecord } from '../../records/types.ts';
import type { AutoScalingGroup } from '../../shared/aws/auto-scaling.ts';
import { type Executions, executionArnOf } from '../../shared/aws/executions.ts';
import { closeGate, type GateFront } from '../../shared/aws/gate-front.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import type { MetricSink } from '../../shared/metrics.ts';
import { isTidy, reasonToSkip } from '../clean-up/claim-deploy.ts';
import { MAX_CLEAN_UPS } from '../contract/clean-up-steps.ts';
import { LEFTOVER_METRICS } from '../contract/common.ts';
import { chooseMembersToMarkHealthy } from '../scaling/plan-suspension.ts';
import { isInUse, type LeftPinPorts, releaseLeftPin } from './release-left-pin.ts';
import { type LifecycleMachines, startLifecycles } from './start-lifecycles.ts';

interface ReconcilePorts {
  readonly records: Records;
  /** Absent for a fleet whose deploys do not wait for sessions. */
  readonly drain?: LeftPinPorts;
  /** Of a fleet whose deploys have a session gate. */
  readonly gate?: GateFront;
  readonly executions: Pick<Executions, 'describe' | 'start' | 'startOnce' | 'running'>;
  /** Absent for a fleet without an Auto Scaling group, as are its lifecycles. */
  readonly group?: KeptServersPorts['group'];
  readonly lifecycles?: LifecycleMachines;
  readonly log: Log;
  readonly metrics: Pick<MetricSink, 'count'>;
  readonly now: () => number;
  readonly fleet: string;
  readonly deployStateMachineArn: string;
  readonly cleanUpStateMachineArn: string;
}

export interface Reconciled {
  /** Deploys whose clean-up was started. */
  readonly started: readonly string[];
  /** The deploy whose lock was released, because its own step that does so had failed. */
  readonly released?: string;
  /** Deploys that are left to the operator. */
  readonly givenUp: readonly string[];
  /** Whether the drain rule took sessions, or its group had a server, although no deploy is open: a step was taken to end that. */
  readonly pinLeft?: true;
  /** Instances whose launch or termination was started, because no event did. */
  readonly attended: readonly string[];
}

/**
 * Finds deploys that ended without a complete clean-up, and instances that wait for a launch or termination that no event has
 * started: Step Functions' and Auto Scaling's events are best-effort, and a clean-up can
 * fail as well. A clean-up that is started once too often finds nothing to do.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export function createReconcile(ports: ReconcilePorts): () => Promise<Reconciled> {
  const { records, executions, log, fleet } = ports;
  return async () => {
    const started: string[] = [];
    const givenUp: string[] = [];
    const running: string[] = [];
    // The turn goes on even if this, the pin or the gate fails; the error is thrown at its end.
    const left = await records.getLock(fleet);
    const [kept] = await Promise.allSettled([endKeptServers(ports, left)]);
    const lock = kept.status === 'fulfilled' ? kept.value : left;
    for (const deployId of lock?.openDeploys ?? []) {
      const record = await records.getDeploy(fleet, deployId);
      if (record && isTidy(record, lock)) {
        await records.closeDeploy(fleet, deployId);
        continue;
      }
      const execution = await executions.describe(executionArnOf(ports.deployStateMachineArn, deployId));
      const otherCleanUp = record?.cleanUp && (await executions.describe(record.cleanUp.executionArn));
      if ([execution, otherCleanUp].some((one) => one?.status === 'RUNNING')) running.push(deployId);
      const reason = record
        ? reasonToSkip({ record, lock, execution, otherCleanUp, error: undefined })
        : execution?.status === 'RUNNING'
          ? 'the deploy has just begun'
          : undefined;
      if (reason !== undefined) continue;
      if ((record?.cleanUp?.attempt ?? 0) >= MAX_CLEAN_UPS) {
        givenUp.push(deployId);
        log.warn(LOG_EVENTS.cleanUpGivenUp, { deployId, attempts: MAX_CLEAN_UPS });
        continue;
      }
      await executions.start(ports.cleanUpStateMachineArn, { deployId });
      started.push(deployId);
      log.info(LOG_EVENTS.cleanUpRestarted, { deployId, deployStatus: execution?.status });
    }
    const released = await releaseLeftLock(ports, lock);
    const { stuck, orphaned } = findLeftovers({ lock: released ? undefined : lock, running, givenUp, nowMs: ports.now() });
    if (stuck) ports.metrics.count(LEFTOVER_METRICS.deployStuck);
    if (orphaned) ports.metrics.count(LEFTOVER_METRICS.orphanedLock);
    const [pin, gate] = await Promise.allSettled([
      releaseLeftPin(ports, ports.drain, released === undefined ? lock : undefined, { running, givenUp }),
      // A deploy that begins now opens its own gate minutes later.
      ports.gate !== undefined && !isInUse(lock) && closeGate(ports.gate),
    ]);
    if (gate.status === 'fulfilled' && gate.value) log.warn(LOG_EVENTS.gateLeft, {});
    const attended = ports.lifecycles ? await startLifecycles({ executions, log }, ports.lifecycles) : [];
    for (const one of [kept, pin, gate]) if (one.status === 'rejected') throw one.reason;
    const pinLeft = pin.status === 'fulfilled' && pin.value;
    if (pinLeft) log.warn(LOG_EVENTS.pinLeft, {});
    return { started, ...(released !== undefined && { released }), givenUp, attended, ...(pinLeft && { pinLeft }) };
  };
}

/**
 * Releases the lock of a deploy that has its report, left nothing suspended, and of which nothing runs any more: its step that
 * releases the lock failed, and the fleet would stay locked until the lease is over. The token is the one that was read, so that a
 * lock that somebody has taken since stays. So is that of an earlier version's refresh, whose state machine went with the upgrade, once its
 * lease is over.
 * @returns the deploy
 */
async function releaseLeftLock(
  { records, executions, log, fleet, now }: ReconcilePorts,
  lock: LockRecord | undefined,
): Promise<string | undefined> {
  if (lock?.deployId === undefined) return undefined;
  const { deployId, fencingToken, executionArn, heldBy } = lock;
  const release = async () => {
    if (!(await records.releaseLock({ fleet, deployId, fencingToken }))) return undefined;
    log.warn(LOG_EVENTS.lockReleased, { deployId, fencingToken });
    return deployId;
  };
  if (heldBy === 'refresh' && !isLockHeld(lock, now())) return release();
  if (heldBy !== undefined) return undefined;
  const record = await records.getDeploy(fleet, deployId);
  if (!record || !isTidy(record, lock)) return undefined;
  const arns = new Set([record.executionArn, record.cleanUp?.executionArn, executionArn]);
  for (const arn of arns) {
    if (arn !== undefined && (await executions.describe(arn))?.status === 'RUNNING') return undefined;
  }
  return release();
}

/** A lease lasts for minutes and each step renews it: one that expired this long ago belongs to no deploy that makes progress. */
const SILENT_MS = 300_000;

interface LeftoverFacts {
  readonly lock: LockRecord | undefined;
  /** Deploys whose own execution or clean-up runs. */
  readonly running: readonly string[];
  /** Deploys whose last clean-up has failed: what they suspended stays suspended. */
  readonly givenUp: readonly string[];
  readonly nowMs: number;
}

/**
 * Finds what the alarms `deploy-stuck` and `orphaned-lock` report: a deploy that is running but makes no progress, and a lock or suspended
 * processes of a deploy that has ended.
 */
export function findLeftovers({ lock, running, givenUp, nowMs }: LeftoverFacts): { readonly stuck: boolean; readonly orphaned: boolean } {
  const isSilent = lock?.deployId !== undefined && lock.expiresAtMs !== undefined && nowMs - lock.expiresAtMs >= SILENT_MS;
  const isRunning = lock?.deployId !== undefined && running.includes(lock.deployId);
  return { stuck: isSilent && isRunning, orphaned: givenUp.length > 0 || (isSilent && !isRunning) };
}

interface KeptServersPorts {
  readonly records: Records;
  readonly group?: Pick<AutoScalingGroup, 'describe' | 'resume' | 'markHealthy'>;
  readonly log: Log;
  readonly now: () => number;
  readonly fleet: string;
}

const LEASE_MS = 120_000;

/**
 * Takes the lock that an incident holds, or that is free while its suspension is on record: marks servers Healthy, since Auto Scaling would
 * replace the others at once, resumes exactly what it suspended, and releases the lock. A deploy that has taken the suspension over resumes
 * it itself.
 * @returns the lock as it is then
 */
export async function endKeptServers(
  { records, group, log, now, fleet }: KeptServersPorts,
  lock: LockRecord | undefined,
): Promise<LockRecord | undefined> {
  const suspension = lock?.suspension?.deployId.startsWith('inc-') ? lock.suspension : undefined;
  // Its own lock is one of a turn before, which failed in between.
  const isHeld = lock?.heldBy === 'incident' || (lock?.heldBy === 'reconcile' && lock.deployId?.startsWith('inc-'));
  const incidentId = isHeld ? lock?.deployId : lock?.deployId === undefined ? suspension?.deployId : undefined;
  // The clean-up of an open deploy takes the suspension over, and must find the lock free.
  if (incidentId === undefined || (lock?.openDeploys?.size ?? 0) > 0) return lock;
  const nowMs = now();
  const request = { fleet, deployId: incidentId, executionArn: incidentId, requestedBy: 'reconcile', version: 'none', nowMs };
  const taken = await records.takeOverLock({ ...request, expiresAtMs: nowMs + LEASE_MS, heldBy: 'reconcile' });
  if (!taken.acquired) return records.getLock(fleet);
  const hold = { fleet, deployId: incidentId, fencingToken: taken.fencingToken };
  if (suspension?.deployId === incidentId && group !== undefined) {
    const prepare = async () => {
      const described = await group.describe();
      const all = new Set(described.members.map(({ instanceId }) => instanceId));
      // One that has left meanwhile keeps none of the others from it; after any other error the next turn goes on.
      for (const instanceId of chooseMembersToMarkHealthy(described, all))
        await group.markHealthy(instanceId).catch((error: unknown) => {
          if (!(error instanceof Error) || error.name !== 'ValidationError') throw error;
        });
    };
    const resumed = await resumeOnRecord({ records, group, prepare }, hold, suspension);
    log.info(LOG_EVENTS.processesResumed, { deployId: incidentId, resumed: resumed ?? [] });
  }
  await records.releaseLock(hold);
  return records.getLock(fleet);
}
