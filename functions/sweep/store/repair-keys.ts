import type { Redis } from 'ioredis';
import type { UsableScripts } from './find-usable-scripts.ts';
import { pipelinedRepair } from './pipelined-repair.ts';
import { scriptedRepair } from './scripted-repair.ts';
import type { Repaired, RepairRequest } from './sweep-store.ts';

/**
 * Repairs by a script if the user is allowed to run one that writes, otherwise by EXPIRE with NX. A dry run checks by the same means.
 * @param together false where keys can be in different slots
 */
export function createRepair(redis: Redis, { readOnly, canWrite }: UsableScripts, together: boolean) {
  let byScript = canWrite;
  return async (requests: readonly RepairRequest[], dry: boolean): Promise<Repaired> => {
    if (!byScript || !readOnly) return pipelinedRepair(redis, requests, dry);
    const scripted = await scriptedRepair(redis, readOnly, together, requests, dry);
    const refused = requests.filter((_, index) => scripted.outcomes[index] === 'not-sent');
    if (scripted.interruption || refused.length === 0) return scripted;
    // The user lost the permission for scripts since this connection was opened.
    byScript = false;
    const { outcomes, ...rest } = await pipelinedRepair(redis, refused, dry);
    const outcomeOf = new Map(refused.map((request, index) => [request, outcomes[index]]));
    return {
      outcomes: requests.map((request, index) => (outcomeOf.has(request) ? outcomeOf.get(request) : scripted.outcomes[index])),
      ...rest,
    };
  };
}
