import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/**
 * AWS refuses a request whose time differs from its own by more than this.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
const REFUSED_SECONDS = 300;
const SKEWED_SECONDS = 30;

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
  if (seconds >= REFUSED_SECONDS) return about.error(what, 'set the clock: AWS refuses requests that differ by five minutes');
  if (seconds >= SKEWED_SECONDS) return about.warning(what, 'enable time synchronization (NTP)');
  return about.ok("this machine's clock matches AWS's");
};
