import type { DeployRecord } from '../../records/types.ts';
import { sumOf } from '../../shared/arithmetic.ts';

/** Sessions that servers still had when the wait for them ended; undefined of a deploy that waited for none. */
export function sessionsCutOff(record: Pick<DeployRecord, 'targets'> | undefined): number | undefined {
  const counts = Object.values(record?.targets ?? {}).flatMap((target) => target.sessionsCutOff ?? []);
  return counts.length === 0 ? undefined : sumOf(counts);
}
