/** What the end of a deploy means for its servers and for the exit code. Pure. */
import { isRefusal } from '../../functions/deploy/control/needs-operator.ts';
import { keptRelease, touchedTargets } from '../../functions/records/touched-targets.ts';
import type { DeployRecord, LockRecord } from '../../functions/records/types.ts';
import { commandFor } from '../command-options.ts';
import { badInput, EXIT } from '../failure.ts';
import type { OpenCloud } from '../open-stores.ts';
import { withId } from '../option-values.ts';

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

/** The exit code of an ended deploy. */
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

/**
 * The deploy with an id, or the only deploy of the fleet whose id begins with it.
 * @throws CommandFailure NoSuchDeploy, AmbiguousDeploy
 */
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
