import type { DeployRecord } from './types.ts';

/** `FAILED, rolled back`; for a running deploy its stage. */
export function outcomeText({ status, stage, rolledBack }: Pick<DeployRecord, 'status' | 'stage' | 'rolledBack'>): string {
  if (status === 'RUNNING') return `RUNNING, ${stage}`;
  return `${status}${rolledBack ? ', rolled back' : ''}`;
}
