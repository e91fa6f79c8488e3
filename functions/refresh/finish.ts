/** How a refresh ends, whatever ends it, and what a schedule repeats. */
import { explainError } from '../deploy/explain-error.ts';
import { fillSettings } from '../deploy/settings/read-settings.ts';
import type { RefreshedServer, RefreshRecord } from '../records/refresh-records.ts';
import type { EndedAs, LockRecord, TaskError } from '../records/types.ts';
import { executionArnOf } from '../shared/aws/executions.ts';
import { NoLaunchTemplate } from '../shared/aws/group-servers.ts';
import { LOG_EVENTS } from '../shared/log-events.ts';
import { planOf } from './begin.ts';
import type { Finished, RefreshRequest } from './contract.ts';
import { type RefreshPorts, readMembers } from './ports.ts';

/** Ends a refresh after its last server, or after an error: a server that was only drained serves again, and the lock is free. */
export async function finish(ports: RefreshPorts, request: RefreshRequest & { readonly step: 'finish' }): Promise<Finished> {
  const { refreshId, fleet } = request.refresh;
  const error = request.error && explainError(request.error);
  await end(ports, refreshId, await ports.records.getLock(fleet), error ? 'FAILED' : 'SUCCEEDED', error);
  return { verdict: 'DONE', ...(error && { error }) };
}

/**
 * Ends a refresh after an abort or a time-out, which run no Catch, and after an error in `finish` itself. Step Functions does not stop a
 * function that it has called: the machine waits for the function's end before this step, and the schedule comes back later.
 */
export async function tidy(ports: RefreshPorts, refreshId: string, { strayCallSeconds } = { strayCallSeconds: 0 }): Promise<Finished> {
  const { records, describeExecution, fleet } = ports;
  const [record, lock] = await Promise.all([records.getRefresh(fleet), records.getLock(fleet)]);
  const isOpen = record?.refreshId === refreshId && record.status === 'RUNNING';
  if (!isOpen && lock?.deployId !== refreshId) return { verdict: 'SKIP' };
  const execution = await describeExecution(executionArnOf(ports.stateMachineArn, refreshId));
  if (execution?.status === 'RUNNING') return { verdict: 'SKIP' };
  if (execution?.stopDate !== undefined && ports.now() < (execution.stopDate + strayCallSeconds) * 1000) return { verdict: 'SKIP' };
  const status = ENDINGS[execution?.status ?? ''] ?? 'FAILED';
  const Cause = execution?.cause ?? 'the refresh ended without a cause';
  await end(ports, refreshId, lock, status, { Error: execution?.error ?? 'Unknown', Cause });
  return { verdict: 'DONE' };
}

const ENDINGS: Readonly<Record<string, EndedAs>> = { ABORTED: 'ABORTED', TIMED_OUT: 'TIMED_OUT' };

/**
 * Runs on a schedule. Ends a refresh that has no more execution, because status events are best-effort, and records which servers are
 * outdated, which `holdfast status` shows.
 */
export async function check(ports: RefreshPorts): Promise<Finished> {
  const { records, fleet, now } = ports;
  const [record, lock] = await Promise.all([records.getRefresh(fleet), records.getLock(fleet)]);
  const open = lock?.heldBy === 'refresh' ? lock.deployId : record?.status === 'RUNNING' ? record.refreshId : undefined;
  if (open !== undefined) await tidy(ports, open, fillSettings(ports.settings, fleet));
  try {
    const { members, current, toReplace } = planOf(await readMembers(ports), false);
    const outdated = Object.fromEntries(toReplace.map(({ instanceId, why }) => [instanceId, why]));
    await records.putServers(fleet, { checkedAtMs: now(), members, current, outdated });
  } catch (error) {
    // An existing group with a launch configuration has nothing to compare with.
    if (!(error instanceof NoLaunchTemplate)) throw error;
  }
  return { verdict: 'DONE' };
}

async function end(
  ports: RefreshPorts,
  refreshId: string,
  lock: LockRecord | undefined,
  status: RefreshRecord['status'],
  error: TaskError | undefined,
): Promise<void> {
  const { records, log, fleet, now } = ports;
  const nowMs = now();
  const fencingToken = await fence(ports, refreshId, lock);
  // Without the lock nothing is changed here: the deploy that holds it registers a server that it finds out of service.
  if (fencingToken !== undefined) await settleServers(ports, refreshId, error);
  const ended = await records.endRefresh(fleet, refreshId, { status, finishedAtMs: nowMs, ...(error && { error }) });
  if (fencingToken !== undefined) await records.releaseLock({ fleet, deployId: refreshId, fencingToken });
  if (ended) log.info(LOG_EVENTS.refreshFinished, { refreshId, status, error: error?.Error });
}

/** Takes the lock over from whatever this refresh still has under way. @returns undefined when it does not hold the lock */
async function fence(ports: RefreshPorts, refreshId: string, lock: LockRecord | undefined): Promise<number | undefined> {
  if (lock?.deployId !== refreshId) return undefined;
  const { records, fleet, now } = ports;
  const { executionArn = '', requestedBy = 'unknown', version = 'none' } = lock;
  const nowMs = now();
  const expiresAtMs = nowMs + fillSettings(ports.settings, fleet).leaseSeconds * 1000;
  const taken = await records.takeOverLock({
    fleet,
    deployId: refreshId,
    executionArn,
    requestedBy,
    version,
    nowMs,
    expiresAtMs,
    heldBy: 'refresh',
  });
  return taken.acquired ? taken.fencingToken : undefined;
}

/** Registers a server again that was taken out but not terminated, and records what became of the others. */
async function settleServers(ports: RefreshPorts, refreshId: string, error: TaskError | undefined): Promise<void> {
  const { records, group, targetGroup, fleet } = ports;
  const record = await records.getRefresh(fleet);
  if (record?.refreshId !== refreshId) return;
  for (const [instanceId, server] of Object.entries(record.servers)) {
    if (server.phase === 'draining') {
      const isMember = (await group.read()).members.some((one) => one.instanceId === instanceId && one.lifecycleState === 'InService');
      const recorded = await records.getRegistrations(fleet, instanceId);
      const registrations = recorded?.deployId === refreshId ? recorded.registrations : undefined;
      const isBack = isMember && (await targetGroup.register(instanceId, registrations)).registered;
      const gone = isMember ? 'the load balancer did not take it back' : 'the group has terminated it already, and replaces it';
      const detail = isBack ? 'registered again: it was not terminated' : gone;
      await note(ports, refreshId, instanceId, { ...server, phase: isBack ? 'kept' : 'failed', detail });
    } else if (server.phase === 'replacing') {
      const detail = `it has gone, and whether its replacement serves is open: ${error?.Cause ?? 'the refresh ended'}`;
      await note(ports, refreshId, instanceId, { ...server, phase: 'failed', detail });
    }
  }
}

const note = ({ records, fleet, now }: RefreshPorts, refreshId: string, instanceId: string, server: RefreshedServer): Promise<void> =>
  records.putServer(fleet, refreshId, instanceId, { ...server, phaseStartedAtMs: now() });
