/** Which target had each request that failed, and why: the user's view and the load balancer's put together. Pure. */
import type { FailedRequest } from '../elbv2/failed-requests.ts';
import type { FailedGroup, FailureClass, TrafficPhase } from './contract.ts';

/** A request that failed, as its user saw it. */
export interface FailedOutcome {
  readonly phase: TrafficPhase;
  readonly failure: FailureClass;
  readonly traceId?: string | undefined;
  readonly server?: string | undefined;
  readonly version?: string | undefined;
}

/**
 * The load balancer's word counts where it has one, for only it knows which target a 502 of its own was about.
 *
 * @returns the most frequent first
 */
export function attributeFailures(failed: readonly FailedOutcome[], known: readonly FailedRequest[]): readonly FailedGroup[] {
  const byTrace = new Map(known.flatMap((request) => (request.traceId === undefined ? [] : [[request.traceId, request] as const])));
  const groups = new Map<string, FailedGroup>();
  for (const { phase, failure, traceId, server, version } of failed) {
    const found = traceId === undefined ? undefined : byTrace.get(traceId);
    const group = {
      phase,
      failure,
      ...(found && { cause: found.cause }),
      ...(found?.targetId !== undefined && { target: found.targetId }),
      ...(server !== undefined && { server }),
      ...(version !== undefined && { version }),
    };
    const key = JSON.stringify(group);
    groups.set(key, { ...group, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}
