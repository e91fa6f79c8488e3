/** Follows a deploy by its own record: until its execution has ended, or until its clean-up has reported as well. */

import { z } from 'zod';
import { isRefusal } from '../../functions/deploy/control/describe-outcome.ts';
import { keptRelease, touchedTargets } from '../../functions/records/touched-targets.ts';
import type { DeployRecord, LockRecord } from '../../functions/records/types.ts';
import type { Cloud } from '../cloud.ts';
import { commandFor } from '../command-options.ts';
import { asSentence, badInput, EXIT } from '../failure.ts';
import { type EndedExecution, type ExecutionEnd, followExecution } from '../follow-execution.ts';
import type { OpenCloud } from '../open-stores.ts';
import { withId } from '../option-values.ts';
import { linesView, type ProgressView } from './progress-view.ts';

export interface DeployOutcome extends ExecutionEnd {
  /** What was rolled, of a deploy that succeeded. */
  readonly plan?: { readonly from: string; readonly to: string; readonly targets: number };
}

/** How a deploy ended, its clean-up included. */
export interface DeployResult extends DeployOutcome {
  readonly servers: EffectOnServers;
  /** Absent when the deploy was refused. */
  readonly record?: DeployRecord;
}

type Followed = Pick<OpenCloud, 'stepFunctions' | 'records' | 'fleet'> & Partial<Pick<Cloud, 'local'>>;

/**
 * Follows until the execution has ended; a clean-up may go on.
 * @param progress each new line, or a view of the whole
 * @param signal stops following, never the deploy
 * @returns undefined when `signal` stopped it
 */
export function followDeploy(
  cloud: Followed,
  executionArn: string,
  progress: ((line: string) => void) | ProgressView,
  signal?: AbortSignal,
): Promise<DeployOutcome | undefined> {
  const view = typeof progress === 'function' ? linesView(progress) : progress;
  const poll = async (ended: EndedExecution | undefined) => {
    await showRecord(cloud, executionArn, view);
    return ended && outcomeOf(ended);
  };
  return followExecution(cloud, executionArn, poll, signal);
}

/** Follows until the execution has ended and its clean-up, where it needs one, has reported or can no longer report. */
export function followToEnd(
  cloud: Followed,
  executionArn: string,
  view: ProgressView,
  signal?: AbortSignal,
): Promise<DeployResult | undefined> {
  let lockLastHeldMs: number | undefined;
  const poll = async (ended: EndedExecution | undefined): Promise<DeployResult | undefined> => {
    // Read before the record, so that it is not newer than the record.
    const lock = ended && ended.status !== 'SUCCEEDED' ? await cloud.records.getLock(cloud.fleet) : undefined;
    const record = await showRecord(cloud, executionArn, view);
    if (!ended) return undefined;
    if (ended.status === 'SUCCEEDED') return { ...outcomeOf(ended), servers: 'deployed', ...(record && { record }) };
    if (record?.status === 'RUNNING') {
      const nowMs = Date.now();
      if (holdsLock(record.deployId, lock, nowMs)) lockLastHeldMs = nowMs;
      const quietSinceMs = lockLastHeldMs ?? record.startedAtMs + ended.seconds * 1000;
      if (nowMs - quietSinceMs < graceMs(record.settings?.reconcileMinutes)) return undefined;
    }
    return { ...outcomeOf(ended), servers: serversAfter(record), ...(record && { record }) };
  };
  return followExecution(cloud, executionArn, poll, signal);
}

async function showRecord({ records, fleet }: Followed, executionArn: string, view: ProgressView): Promise<DeployRecord | undefined> {
  const record = await records.getDeploy(fleet, executionArn.split(':').at(-1) as string);
  if (record) view.show(record, Date.now());
  return record;
}

/** The state that the deploy's machine ends with. */
const endState = z.object({ plan: z.object({ from: z.string(), to: z.string(), targets: z.array(z.unknown()) }) });

function outcomeOf({ output, ...end }: EndedExecution): DeployOutcome {
  const { data } = endState.safeParse(output === undefined ? undefined : JSON.parse(output));
  return { ...end, ...(data && { plan: { ...data.plan, targets: data.plan.targets.length } }) };
}

/** The result of a deploy whose record has its end, as following it would have returned it. */
export function resultOf(record: DeployRecord): DeployResult {
  const { executionArn, status, error, outcome, startedAtMs, finishedAtMs = startedAtMs } = record;
  const message =
    error &&
    [error.Cause, outcome]
      .filter((part) => part)
      .map((part) => asSentence(part as string))
      .join(' ');
  return {
    status,
    executionArn,
    seconds: (finishedAtMs - startedAtMs) / 1000,
    ...(error && { error: error.Error, message }),
    servers: serversAfter(record),
    record,
  };
}

/**
 * What a deploy did to the servers. `untouched`: every server kept its release. `unknown`: its clean-up has not reported.
 * `left`: at least one server that it changed does not run the previous release again.
 */
export type EffectOnServers = 'deployed' | 'untouched' | 'rolledBack' | 'left' | 'unknown';

/** @param record undefined for a deploy that was refused, which has none */
export function serversAfter(record: Pick<DeployRecord, 'status' | 'rolledBack' | 'targets'> | undefined): EffectOnServers {
  if (!record) return 'untouched';
  if (record.status === 'RUNNING') return 'unknown';
  if (record.status === 'SUCCEEDED') return 'deployed';
  if (record.rolledBack) return 'rolledBack';
  return touchedTargets(record.targets).every(([, target]) => keptRelease(target)) ? 'untouched' : 'left';
}

export function exitCodeOf({ status, error, servers }: { status: string; error?: string; servers: EffectOnServers }): number {
  if (status === 'SUCCEEDED') return 0;
  if (servers === 'left' || servers === 'unknown') return EXIT.notRolledBack;
  if (servers === 'rolledBack') return EXIT.failed;
  if (error === 'DeployInProgress') return EXIT.deployRuns;
  return isRefusal(error) ? EXIT.badInput : EXIT.failed;
}

/** A clean-up holds and renews the lock of its deploy: one that does not has ended, or has not started. */
export const holdsLock = (deployId: string, lock: LockRecord | undefined, nowMs: number): boolean =>
  lock?.deployId === deployId && (lock.expiresAtMs ?? 0) > nowMs;

/** How long the scheduled clean-up may need to start after the lock is free: its interval, and a minute. */
export const graceMs = (reconcileMinutes = 5): number => (reconcileMinutes + 1) * 60_000;

/** The most ids in a message. */
const LISTED = 5;

/** The deploy with an id, or the only deploy of the fleet whose id begins with it. @throws CommandFailure NoSuchDeploy, AmbiguousDeploy */
export function findDeploy(
  cloud: Pick<OpenCloud, 'records' | 'fleet' | 'local' | 'region' | 'installation'>,
  deployId: string,
): Promise<DeployRecord> {
  const { records, fleet } = cloud;
  const refuse = (found: readonly DeployRecord[]) => {
    if (found.length === 0)
      return badInput(
        'NoSuchDeploy',
        `Fleet ${fleet} has no deploy ${deployId}. Nothing was started or stopped. List its deploys with: ${commandFor(cloud, 'deploys')}`,
      );
    const listed = found.slice(0, LISTED).map((one) => one.deployId);
    return badInput(
      'AmbiguousDeploy',
      `The ids of ${found.length} deploys of fleet ${fleet} begin with ${deployId} (${listed.join(', ')}${found.length > LISTED ? ', …' : ''}). Nothing was started or stopped. Give more characters of the id.`,
    );
  };
  return withId(
    deployId,
    (id) => records.getDeploy(fleet, id),
    (id) => records.findDeploys(fleet, id),
    refuse,
  );
}
