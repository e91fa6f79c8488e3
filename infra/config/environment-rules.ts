/** What a fleet's functions get as their environment, which Lambda limits. */
import { membersText } from '../../functions/deploy/contract/members-text.ts';
import type { ExistingMember } from '../../functions/shared/aws/target-group.ts';
import { type BrokenRule, collectBrokenRules } from './broken-rules.ts';
import type { FleetConfig } from './fleet.ts';

/** Names and values of all variables. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const LARGEST_ENVIRONMENT_BYTES = 4_096;
/**
 * Room for everything except members and settings, in the function that has most: variables' names, ARNs, and names of documents, of a
 * table and of alarms.
 */
const OTHERS_BYTES = 1_400;

/** Members that the configuration lists; none of an Auto Scaling group. */
export const listedMembers = ({ members, existing = {} }: FleetConfig): readonly ExistingMember[] =>
  members === 'instances'
    ? (existing.instanceIds ?? []).map((instanceId) => ({ instanceId }))
    : (existing.nodes ?? []).map(({ nodeId, ip, port, availabilityZone }) => ({
        instanceId: nodeId,
        target: { id: ip, port, ...(availabilityZone && { availabilityZone }) },
      }));

/** A function with a larger environment is refused in the middle of a deployment. */
export function environmentRules(fleet: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  const members = listedMembers(fleet);
  const bytes = membersText(members).length + JSON.stringify(fleet.deploy).length;
  const most = LARGEST_ENVIRONMENT_BYTES - OTHERS_BYTES;
  if (bytes > most) {
    refuse(
      `lists ${members.length} members and ${fleet.deploy.alarmNames.length} alarms, which need ${bytes} bytes of the environment of its functions with the settings of deploys, and ${most} are left of the 4 KB that Lambda allows: split the fleet, or list fewer deploy.alarmNames`,
    );
  }
  return broken;
}
