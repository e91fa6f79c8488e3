/** Errors that people get, and lines of the servers' logs of the same minutes. Pure. */
import type { Evidence } from '../contract/evidence.ts';
import { type Cell, type ChannelName, isTroubled } from './channels.ts';
import { hasLinesAround } from './places.ts';
import { troubleOf } from './trouble.ts';

const OF_RESPONSES: readonly ChannelName[] = ['errors', 'balancerErrors'];

/**
 * What a cause that lines show can explain of a channel: errors of minutes with such lines. Others have another reason, unless servers
 * cannot reach the store now. Whose session was lost meanwhile comes back later.
 */
export const withOwnLines =
  (lines: 'storeErrors' | 'sessionErrors') =>
  ({ minuteMs }: Cell, evidence: Evidence, channel: ChannelName): boolean => {
    const { reach, nodes } = troubleOf(evidence).channels;
    if (!OF_RESPONSES.includes(channel) || minuteMs === undefined || isTroubled(reach) || isTroubled(nodes)) return true;
    return hasLinesAround(minuteMs, lines, evidence) ?? true;
  };
