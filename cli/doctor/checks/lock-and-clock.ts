import { describeHolder } from '../../../functions/records/describe-holder.ts';
import type { LockRecord } from '../../../functions/records/types.ts';
import { optionsOf } from '../../command-options.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/**
 * AWS refuses a request whose time differs from its own by more than this.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
const REFUSED_SECONDS = 300;
const SKEWED_SECONDS = 30;

/** True while a deploy renews its lease on the lock. */
export const holdsLock = (lock: LockRecord | undefined, nowMs: number): boolean =>
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
  if (lock?.deployId === undefined) return [about.ok('no deploy holds the lock')];
  const who = describeHolder(lock);
  if (holdsLock(lock, facts.nowMs)) return [about.notice(`${who} is running`, 'run doctor again when it has ended')];
  return [
    about.warning(
      `${who} still holds the lock, although its lease expired at ${new Date(lock.expiresAtMs ?? 0).toISOString()}`,
      `check "npx holdfast status ${optionsOf(subject)}" and the targets: servers may be out of service; the next deploy takes the lock over`,
    ),
  ];
};

/** This machine's clock, which leases and certificates are compared with. */
export const checkClock: Check = (facts) => {
  const skewMs = known(facts.clockSkewMs);
  if (skewMs === undefined) return [];
  const about = topic(
    'clock',
    'this machine',
    'requests are signed with the time, and this report compares leases and certificates with it',
  );
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const what = `this machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} AWS's`;
  if (seconds >= REFUSED_SECONDS) return [about.error(what, 'set the clock: AWS refuses requests that differ by five minutes')];
  if (seconds >= SKEWED_SECONDS) return [about.warning(what, 'enable time synchronization (NTP)')];
  return [about.ok("this machine's clock matches AWS's")];
};
