import { topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';

/**
 * AWS refuses a request whose time is further off than this.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
const REFUSED_SECONDS = 300;
const MUCH_SECONDS = 30;

/** This machine's clock, by which leases and certificates are judged here. */
export const checkClock: Check = (facts) => {
  const skewMs = seen(facts.clockSkewMs);
  if (skewMs === undefined) return [];
  const about = topic('clock', 'this machine', 'signed requests carry the time, and this report compares leases and certificates with it');
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const what = `this machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} AWS's`;
  if (seconds >= REFUSED_SECONDS) return [about.error(what, 'set it: AWS refuses requests that are five minutes off')];
  if (seconds >= MUCH_SECONDS) return [about.warning(what, 'switch on time synchronization (NTP)')];
  return [about.ok("this machine's clock agrees with AWS's")];
};
