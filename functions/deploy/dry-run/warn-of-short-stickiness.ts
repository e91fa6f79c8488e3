import { durationText } from '../../shared/duration-text.ts';
import type { ServerSessions } from '../sessions/judge-routes.ts';

/**
 * One sentence where the load balancer forgets a user's server before that server ends the session; undefined otherwise. A deploy's rule
 * leads such a user to the server while it waits for its sessions, and to any server at all other times.
 *
 * @param stickySeconds how long the load balancer remembers a user's server after the last request; undefined when that is not known
 * @param servers with the session time-outs that they have answered
 */
export function warnOfShortStickiness(
  stickySeconds: number | undefined,
  servers: readonly Pick<ServerSessions, 'counts' | 'timeoutSeconds'>[],
): string | undefined {
  const longest = Math.max(0, ...servers.map(({ counts, timeoutSeconds = 0 }) => (counts ? timeoutSeconds : 0)));
  if (stickySeconds === undefined || stickySeconds >= longest) return undefined;
  return `The load balancer leads a user to the server of the session for ${durationText(stickySeconds * 1000)} after the last request, and the servers keep sessions for ${durationText(longest * 1000)}: who comes back later than that is logged out, also without a deploy. Set the duration of the target group's stickiness to a day (86400).`;
}
