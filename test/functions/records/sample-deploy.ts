import type { DeployRecord } from '../../../functions/records/types.ts';

/** A deploy that has begun, and knows no targets yet. */
export const deploy = (deployId: string, startedAtMs = 1): DeployRecord => ({
  deployId,
  executionArn: `arn:${deployId}`,
  fleet: 'web',
  from: 'none',
  to: '2',
  requestedBy: 'ann',
  startedAtMs,
  status: 'RUNNING',
  stage: 'planning',
  targets: {},
});
