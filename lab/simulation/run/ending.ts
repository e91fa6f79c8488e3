import type { DeployRecord } from '../../../functions/records/types.ts';

/** How a deploy ended, for the counts of many runs. */
export function ending(record: DeployRecord | undefined): string {
  if (record === undefined) return 'refused';
  const { status, error, rolledBack } = record;
  if (status === 'SUCCEEDED' || status === 'RUNNING') return status;
  return `${status} ${error?.Error ?? ''}${rolledBack ? ', rolled back' : ''}`;
}
