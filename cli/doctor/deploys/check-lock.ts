import { describeHolder } from '../../../functions/records/outcome-text.ts';
import type { LockRecord } from '../../../functions/records/types.ts';
import { commandFor } from '../../command-options.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** True while a deploy, whichever it is, renews its lease on the lock. A lock without an end of its lease counts as held. */
export const isLockHeld = (lock: LockRecord | undefined, nowMs: number): boolean =>
  lock?.deployId !== undefined && (lock.expiresAtMs ?? Number.POSITIVE_INFINITY) > nowMs;

/** The lock that allows one deploy of a fleet at a time. */
export const checkLock: Check = (facts, subject) => {
  const { fleet } = subject;
  if (facts.lock.state !== 'known') return [];
  const lock = known(facts.lock);
  const about = topic(
    'lock',
    fleet,
    'the lock allows one deploy of a fleet at a time; a holder that no longer renews its lease died during the deploy',
  );
  if (lock?.deployId === undefined) return about.ok('no deploy holds the lock');
  const who = describeHolder(lock);
  if (isLockHeld(lock, facts.nowMs)) return about.notice(`${who} is running`, 'run doctor again when it has ended');
  return about.warning(
    `${who} still holds the lock, although its lease expired at ${new Date(lock.expiresAtMs ?? 0).toISOString()}`,
    `check "${commandFor(subject, 'status')}" and the targets: servers may be out of service; the next deploy takes the lock over`,
  );
};
