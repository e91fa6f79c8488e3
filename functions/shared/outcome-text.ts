import type { DeployRecord } from './record-types.ts';

/** `FAILED, rolled back`; of one that runs, what it is at. */
export function outcomeText({ status, stage, rolledBack }: Pick<DeployRecord, 'status' | 'stage' | 'rolledBack'>): string {
  if (status === 'RUNNING') return `RUNNING, ${stage}`;
  return `${status}${rolledBack ? ', rolled back' : ''}`;
}
