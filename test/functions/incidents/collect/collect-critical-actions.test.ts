import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createCriticalActionsCollector, describeCriticalActions } from '../../../../functions/incidents/collect/collect-records.ts';
import { fakeClient } from '../../fakes/fake-client.ts';

const request = { incidentId: 'inc-0123456789ab', runbook: 'store-failure', fromMs: 0, toMs: 1, firstSignMs: 0, hashKey: '00' } as const;

describe('the number of pending critical actions', () => {
  it('is a sum over the partitions of the index, and a lower bound where a page has a next one', async () => {
    const dynamo = fakeClient<DynamoDBDocumentClient>((_, { ExpressionAttributeValues }: QueryCommandInput) => {
      const isLast = ExpressionAttributeValues?.[':partition'] === 'f';
      return { Count: 2, ...(isLast && { LastEvaluatedKey: {} }) };
    });
    const collect = createCriticalActionsCollector({
      dynamo,
      installation: 'holdfast',
      fleets: ['web'],
      now: () => 5_000,
    });
    expect(await collect({ ...request, fleets: ['web', 'shop'] })).toEqual({
      takenAtMs: 5_000,
      facts: { fleets: [{ fleet: 'web', pending: 32, atLeast: true }] },
    });
  });

  it.each([
    [{ fleet: 'web', pending: 0 }, 'No critical action of fleet web is pending.'],
    [{ fleet: 'web', pending: 1 }, /^1 critical action of fleet web is pending: the application offers/],
    [{ fleet: 'web', pending: 9, atLeast: true } as const, /^at least 9 critical actions of fleet web are pending/],
  ])('is a sentence of the report: %j', (fact, sentence) => {
    expect(describeCriticalActions({ fleets: [fact] })).toEqual([expect.stringMatching(sentence)]);
  });
});
