import type { DeployRecord } from '../../../functions/records/types.ts';
import { EXECUTION } from '../fake-cloud.ts';

const FAILED = {
  deployId: 'd1',
  executionArn: EXECUTION,
  fleet: 'web',
  from: '1.0.0',
  to: '1.1.0',
  requestedBy: 'local/ann',
  startedAtMs: 1,
  status: 'FAILED',
  stage: 'finished',
  targets: {},
} satisfies DeployRecord;

/** Deploy `d1` of fleet web as records have it: it failed, where `more` has nothing else. */
export const deployRecord = (more: object = {}) => ({ ...FAILED, ...more });
