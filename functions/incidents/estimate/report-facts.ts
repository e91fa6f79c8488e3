import { describeCriticalActions } from '../collect/critical-actions.ts';
import type { Evidence } from '../contract/evidence.ts';
import { describeLostSessions } from './lost-sessions.ts';

/** What the report adds to the finding, in sentences: what a failover lost, and what users have begun and not finished. */
export function reportFacts({ fromMs, sources: { readings, criticalActions } }: Pick<Evidence, 'fromMs' | 'sources'>): string[] {
  const failover = readings && 'facts' in readings ? readings.facts.lastFailover : undefined;
  const isRecent = failover !== undefined && failover.after.atMs >= fromMs;
  return [
    ...(isRecent ? [describeLostSessions(failover)] : []),
    ...(criticalActions && 'facts' in criticalActions ? describeCriticalActions(criticalActions.facts) : []),
  ];
}
