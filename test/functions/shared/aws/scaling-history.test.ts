import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { expect, it } from 'vitest';
import { createScalingHistory } from '../../../../functions/shared/aws/scaling-history.ts';

const SINCE_MS = Date.parse('2026-11-21T10:00:00Z');
const activity = (instanceId: string, minutes: number, isOver = true) => ({
  StartTime: new Date(SINCE_MS + minutes * 60_000),
  ...(isOver && { EndTime: new Date(SINCE_MS + (minutes + 1) * 60_000) }),
  Description: `Terminating EC2 instance: ${instanceId}${isOver ? '' : ' - Waiting For ELB Connection Draining'}`,
  Cause: 'an instance was taken out of service in response to an ELB system health check failure.',
});

it('reads back to a time, past an old activity in progress, which Auto Scaling describes first', async () => {
  const Activities = [activity('i-1', -90, false), activity('i-2', 5, false), activity('i-3', 4), activity('i-4', -3), activity('i-5', 3)];
  const client = { send: async () => ({ Activities }) } as unknown as AutoScalingClient;
  const found = await createScalingHistory(client, 'web').activitiesSince(SINCE_MS);
  expect(found.map(({ instanceId, kind }) => [instanceId, kind])).toEqual([
    ['i-2', 'termination'],
    ['i-3', 'termination'],
  ]);
});
