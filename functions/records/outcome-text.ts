import { leftOutOf } from './left-out.ts';
import type { DeployRecord } from './types.ts';

/** `FAILED, rolled back`, `SUCCEEDED, without 1 server`; for a running deploy its stage. */
export function outcomeText({
  status,
  stage,
  rolledBack,
  targets,
}: Pick<DeployRecord, 'status' | 'stage' | 'rolledBack' | 'targets'>): string {
  if (status === 'RUNNING') return `RUNNING, ${stage}`;
  const leftOut = status === 'SUCCEEDED' ? leftOutOf(targets).length : 0;
  if (leftOut > 0) return `SUCCEEDED, without ${leftOut} ${leftOut === 1 ? 'server' : 'servers'}`;
  return `${status}${rolledBack ? ', rolled back' : ''}`;
}
