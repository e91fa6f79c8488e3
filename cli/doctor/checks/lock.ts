import type { LockRecord } from '../../../functions/shared/record-types.ts';
import { topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';

/** True while a deploy renews its lease. */
export const holdsLock = (lock: LockRecord | undefined, nowMs: number): boolean =>
  lock?.deployId !== undefined && (lock.expiresAtMs ?? Number.POSITIVE_INFINITY) > nowMs;

/** Who holds the lock that lets one deploy run at a time. */
export const checkLock: Check = (facts, { fleet }) => {
  if (facts.lock.state !== 'seen') return [];
  const lock = seen(facts.lock);
  const about = topic(
    'lock',
    fleet,
    'the lock lets one deploy of a fleet run at a time; a holder that stopped renewing it died in mid-deploy',
  );
  if (lock?.deployId === undefined) return [about.ok('no deploy holds the lock')];
  const who = `deploy ${lock.deployId} of ${lock.version ?? 'a release'}`;
  if (holdsLock(lock, facts.nowMs)) return [about.notice(`${who} is running`, 'look again when it has ended')];
  return [
    about.warning(
      `${who} holds the lock past its lease, which ended ${new Date(lock.expiresAtMs ?? 0).toISOString()}`,
      'look at "npx holdfast status" and the targets: servers may be out of service; the next deploy takes the lock over',
    ),
  ];
};
