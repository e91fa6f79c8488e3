import { describeCriticalActions } from '../collect/collect-critical-actions.ts';
import type { Evidence } from '../contract/evidence.ts';
import { describeLostSessions } from './estimate-lost-sessions.ts';

/** A failover that is longer ago than this before the first sign has nothing to do with it. */
const BEFORE_SIGN_MS = 10 * 60_000;

/** What the report adds to the finding, in sentences: what a failover lost, and what users have begun and not finished. */
export function reportFacts({ firstSignMs, sources: { readings, criticalActions } }: Pick<Evidence, 'firstSignMs' | 'sources'>): string[] {
  const failover = readings && 'facts' in readings ? readings.facts.lastFailover : undefined;
  const isRecent = failover !== undefined && failover.after.atMs >= firstSignMs - BEFORE_SIGN_MS;
  return [
    ...(isRecent ? [describeLostSessions(failover)] : []),
    ...(criticalActions && 'facts' in criticalActions ? describeCriticalActions(criticalActions.facts) : []),
  ];
}
