/** Follows a deploy until its execution has ended and its clean-up, where it needs one, has reported. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployRecord } from '../functions/shared/record-types.ts';
import { type DeployOutcome, type Followed, followDeploy } from './follow-deploy.ts';
import { graceMs, holdsLock, type Servers, serversAfter } from './judge-ending.ts';
import type { ProgressView } from './progress-view.ts';

const LOOK_INTERVAL_MS = 1_000;

export interface Ending extends DeployOutcome {
  readonly servers: Servers;
  /** Absent when the deploy was refused. */
  readonly record?: DeployRecord;
}

/** @returns undefined when it was stopped by `signal` */
export async function followToEnd(
  cloud: Followed,
  executionArn: string,
  view: ProgressView,
  signal?: AbortSignal,
): Promise<Ending | undefined> {
  const outcome = await followDeploy(cloud, executionArn, view, signal);
  if (!outcome) return undefined;
  if (outcome.status === 'SUCCEEDED') return { ...outcome, servers: 'deployed' };
  const record = await afterCleanUp(cloud, executionArn, outcome.seconds, view, signal);
  if (signal?.aborted) return undefined;
  return { ...outcome, servers: serversAfter(record), ...(record && { record }) };
}

/** The record once it has its end, or as it stands when nobody is left to write that. */
async function afterCleanUp(
  { records, fleet }: Followed,
  executionArn: string,
  seconds: number,
  view: ProgressView,
  signal?: AbortSignal,
): Promise<DeployRecord | undefined> {
  const deployId = executionArn.split(':').at(-1) as string;
  let lastHeldMs: number | undefined;
  for (;;) {
    // The lock first: what it says is not newer than the record.
    const lock = await records.getLock(fleet);
    const record = await records.getDeploy(fleet, deployId);
    if (record?.status !== 'RUNNING' || signal?.aborted) return record;
    const nowMs = Date.now();
    view.show(record, nowMs);
    lastHeldMs = holdsLock(deployId, lock, nowMs) ? nowMs : (lastHeldMs ?? record.startedAtMs + seconds * 1000);
    if (nowMs - lastHeldMs >= graceMs(record.settings?.reconcileMinutes)) return record;
    await sleep(LOOK_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}

/** The end of a deploy that has written it, as following it would have given it. */
export function endingOf(record: DeployRecord): Ending {
  const { executionArn, status, error, outcome, startedAtMs, finishedAtMs = startedAtMs } = record;
  const message = error && [error.Cause, outcome].filter(Boolean).join('. ');
  return {
    status,
    executionArn,
    seconds: (finishedAtMs - startedAtMs) / 1000,
    ...(error && { error: error.Error, message }),
    servers: serversAfter(record),
    record,
  };
}
