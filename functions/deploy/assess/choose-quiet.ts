import type { DeploySettings } from '../settings/settings.ts';

export type QuietLimits = Pick<DeploySettings, 'quietSeconds' | 'leastQuietSeconds'>;

/** With fewer minutes than this it is unknown how steady the traffic is. */
const FEWEST_MINUTES = 3;
/** Zones of the largest Region: a load balancer node that does not know of the change yet carries at least a sixth of the traffic. */
const MOST_NODES = 6;
/** One silence in a million is by chance: ln(1,000,000). */
const SURPRISE = Math.log(1e6);

/**
 * How long no request has to arrive before a target that left the load balancer counts as idle, in seconds.
 *
 * A load balancer goes on sending for a while, each of its nodes by itself, so silence means something only where
 * requests were to be expected. With random arrivals at a rate r, a silence of t seconds has the chance exp(−r·t); a node
 * that still sends, and carries a sixth of the traffic, would have sent a request within 6 · ln(10⁶) / r = 83 / r seconds.
 * The quietest of the last minutes gives r. Without enough of them the wait is `quietSeconds`, which is also the longest.
 * @param requestsPerMinute requests to one target in each of the last minutes
 */
export function chooseQuietSeconds(requestsPerMinute: readonly number[], limits: QuietLimits): number {
  const { quietSeconds } = limits;
  const leastQuietSeconds = Math.min(limits.leastQuietSeconds, quietSeconds);
  if (requestsPerMinute.length < FEWEST_MINUTES) return quietSeconds;
  const rate = Math.min(...requestsPerMinute) / 60;
  if (rate <= 0) return quietSeconds;
  return Math.min(quietSeconds, Math.max(leastQuietSeconds, (MOST_NODES * SURPRISE) / rate));
}
