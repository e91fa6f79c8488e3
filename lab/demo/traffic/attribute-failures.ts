/** Joins what users and the load balancer recorded of failed requests: target and cause of each. Pure. */
import type { FailedRequest } from '#local-aws/elbv2/data-plane/failed-requests.ts';
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
 * Target and cause are the load balancer's: only it knows which target one of its own 502s was for.
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
