import type { FailoverSample } from '../../collect/contract.ts';
import { describeCriticalActions } from '../collect/collect-critical-actions.ts';
import type { Evidence } from '../contract/evidence.ts';
import { excessOf, isTroubled } from '../trouble/channels.ts';
import { troubleOf } from '../trouble/trouble.ts';
import { describeLostSessions } from './estimate-lost-sessions.ts';

/** A failover that is longer ago than this before the first sign has nothing to do with it. */
const BEFORE_SIGN_MS = 10 * 60_000;

/** What the report adds to the finding, in sentences: what a failover lost, and what users have begun and not finished. */
export function reportFacts(evidence: Evidence): string[] {
  const { firstSignMs, sources } = evidence;
  const { readings, criticalActions } = sources;
  const failover = readings && 'facts' in readings ? readings.facts.lastFailover : undefined;
  const isRecent = failover !== undefined && failover.after.atMs >= firstSignMs - BEFORE_SIGN_MS;
  return [
    ...(isRecent ? [describeLostSessions(failover, lostAround(failover, evidence))] : []),
    ...(criticalActions && 'facts' in criticalActions ? describeCriticalActions(criticalActions.facts) : []),
  ];
}

/** What a failover took is missed at the next requests. */
const MISSED_MS = 3 * 60_000;

function lostAround({ before, after }: FailoverSample, evidence: Evidence): number {
  const { lost } = troubleOf(evidence).channels;
  if (!isTroubled(lost)) return 0;
  const cells = lost.cells.filter(({ minuteMs = 0 }) => minuteMs >= before.atMs - 60_000 && minuteMs <= after.atMs + MISSED_MS);
  return Math.floor(excessOf({ cells }));
}
