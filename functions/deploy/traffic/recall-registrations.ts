import type { RecordedRegistrations } from '../../records/types.ts';
import type { Registration } from '../../shared/aws/target-group.ts';

/**
 * How an instance was registered before deploys took it out: what this deploy has recorded, for a step can be delivered again
 * when the target is out already; or what the load balancer has now; or else what the last deploy recorded that knew.
 */
export function recallRegistrations(
  deployId: string,
  recorded: RecordedRegistrations | undefined,
  now: readonly Registration[],
): readonly Registration[] {
  return recorded && (recorded.deployId === deployId || now.length === 0) ? recorded.registrations : now;
}
