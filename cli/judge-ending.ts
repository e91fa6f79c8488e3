/** What the end of a deploy means to whoever waits for it. Pure. */
import { keptRelease, touchedTargets } from '../functions/deploy/choose-rollback.ts';
import type { DeployRecord, LockRecord } from '../functions/shared/record-types.ts';
import { EXIT } from './failure.ts';

/**
 * What a deploy left on the servers. `untouched`: none left its release. `unknown`: its clean-up has not reported. `left`: at least one server that it touched
 * does not have the release before again.
 */
export type Servers = 'deployed' | 'untouched' | 'rolledBack' | 'left' | 'unknown';

/** @param record undefined for a deploy that was refused: those leave none */
export function serversAfter(record: Pick<DeployRecord, 'status' | 'rolledBack' | 'targets'> | undefined): Servers {
  if (!record) return 'untouched';
  if (record.status === 'RUNNING') return 'unknown';
  if (record.status === 'SUCCEEDED') return 'deployed';
  if (record.rolledBack) return 'rolledBack';
  return touchedTargets(record.targets).every(([, target]) => keptRelease(target)) ? 'untouched' : 'left';
}

/** Errors of a deploy that cannot be what was meant, and that changes nothing. */
const BAD_INPUT: readonly string[] = ['InvalidInput', 'InvalidVersion', 'ReleaseNotFound'];

/** The exit code of a deploy by its end. */
export function exitCodeOf({ status, error, servers }: { status: string; error?: string; servers: Servers }): number {
  if (status === 'SUCCEEDED') return 0;
  if (servers === 'left' || servers === 'unknown') return EXIT.notRolledBack;
  if (servers === 'rolledBack') return EXIT.failed;
  if (error === 'DeployInProgress') return EXIT.deployRuns;
  return error !== undefined && BAD_INPUT.includes(error) ? EXIT.badInput : EXIT.failed;
}

/** A clean-up renews the lock that it holds for its deploy: one that holds none has ended, or has not begun. */
export const holdsLock = (deployId: string, lock: LockRecord | undefined, nowMs: number): boolean =>
  lock?.deployId === deployId && (lock.expiresAtMs ?? 0) > nowMs;

/** After the lock is free, what the schedule that looks for such deploys still needs: its interval, and a minute to begin. */
export const graceMs = (reconcileMinutes = 5): number => (reconcileMinutes + 1) * 60_000;
