/** How much users have begun and not finished: the report names it, so that somebody looks after it. */

import { sumOf } from '../../shared/arithmetic.ts';
import type { JsonService } from '../../shared/aws/signed/json-service.ts';
import { nounFor } from '../../shared/counted.ts';
import { criticalActionsTableName } from '../../shared/naming.ts';
import type { Collector } from '../contract/collect.ts';
import { CRITICAL_ACTIONS_TABLE, PENDING_PARTITIONS } from '../contract/critical-actions.ts';
import type { CriticalActionFacts } from '../contract/evidence.ts';

export interface CriticalActionPorts {
  readonly dynamo: JsonService;
  readonly installation: string;
  /** Fleets whose configuration has the table. */
  readonly fleets: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Counts the pending actions of the request's fleets that have not expired. No item is read. */
export function createCriticalActionsCollector({ dynamo, installation, fleets, now }: CriticalActionPorts): Collector<'criticalActions'> {
  return async (request) => {
    const takenAtMs = now();
    const asked = request.fleets.filter((fleet) => fleets.includes(fleet));
    const counts: CriticalActionFacts['fleets'][number][] = [];
    const gaps: string[] = [];
    for (const fleet of asked) {
      try {
        counts.push({ fleet, ...(await countPending(dynamo, criticalActionsTableName(installation, fleet), takenAtMs)) });
      } catch (error) {
        gaps.push(`the pending critical actions of fleet ${fleet} could not be counted (${(error as Error).name})`);
      }
    }
    return { takenAtMs, facts: { fleets: counts }, ...(gaps.length > 0 && { gaps }) };
  };
}

/**
 * One page of each partition of the index: 1 MB, some 5,000 actions. More than 16 such pages are not worth an exact number.
 * @throws AwsServiceError
 */
async function countPending(dynamo: JsonService, table: string, nowMs: number): Promise<{ pending: number; atLeast?: true }> {
  const { ttl, pendingIndex } = CRITICAL_ACTIONS_TABLE;
  const pages = await Promise.all(
    PENDING_PARTITIONS.map((partition) =>
      dynamo<{ Count?: number; LastEvaluatedKey?: object }>('Query', {
        TableName: table,
        IndexName: pendingIndex.name,
        Select: 'COUNT',
        KeyConditionExpression: '#partition = :partition AND #expiresAt > :now',
        ExpressionAttributeNames: { '#partition': pendingIndex.partitionKey, '#expiresAt': ttl },
        ExpressionAttributeValues: { ':partition': { S: partition }, ':now': { N: String(Math.floor(nowMs / 1_000)) } },
      }),
    ),
  );
  const pending = sumOf(pages, ({ Count = 0 }) => Count);
  return { pending, ...(pages.some(({ LastEvaluatedKey }) => LastEvaluatedKey !== undefined) && { atLeast: true }) };
}

/** The facts as sentences for the report; none without a fleet that has the table. */
export function describeCriticalActions({ fleets }: CriticalActionFacts): string[] {
  return fleets.map(({ fleet, pending, atLeast }) => {
    const count = `${atLeast ? 'at least ' : ''}${pending}`;
    return pending === 0
      ? `No critical action of fleet ${fleet} is pending.`
      : `${count} critical ${nounFor(pending, 'action')} of fleet ${fleet} ${pending === 1 ? 'is' : 'are'} pending: the application offers them again when their users log in.`;
  });
}
