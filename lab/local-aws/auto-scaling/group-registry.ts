/** The groups that exist, their activities, and AWS's errors for those that do not. */

import type { Now } from '../interfaces.ts';
import { AwsError } from '../service/service.ts';
import type { Activity, Group, Member } from './group-state.ts';

/** Activities kept for each group; AWS keeps six weeks. */
const ACTIVITIES_KEPT = 200;

export interface GroupRegistry {
  readonly groups: Map<string, Group>;
  /** @throws AwsError ValidationError */
  need(name: string): Group;
  find(instanceId: string): { readonly group: Group; readonly member: Member } | undefined;
  /** @throws AwsError ValidationError */
  needMember(instanceId: string): { readonly group: Group; readonly member: Member };
  begin(group: Group, activity: Pick<Activity, 'description' | 'cause' | 'status' | 'details'>): Activity;
  end(activity: Activity, status: 'Successful' | 'Failed' | 'Cancelled', message?: string): void;
  /** Newest first; activities of deleted groups included. */
  activities(): readonly Activity[];
}

export function createGroupRegistry(now: Now, newId: () => string): GroupRegistry {
  const groups = new Map<string, Group>();
  const byGroup = new Map<string, Activity[]>();

  const registry: GroupRegistry = {
    groups,
    need(name) {
      const group = groups.get(name);
      if (group === undefined) {
        throw new AwsError('ValidationError', `AutoScalingGroup name not found - AutoScalingGroup ${name} not found`);
      }
      return group;
    },
    find(instanceId) {
      for (const group of groups.values()) {
        const member = group.members.get(instanceId);
        if (member !== undefined) return { group, member };
      }
      return undefined;
    },
    needMember(instanceId) {
      const found = registry.find(instanceId);
      if (found === undefined) {
        throw new AwsError('ValidationError', `Instance Id not found - No managed instance found for instance ID: ${instanceId}`);
      }
      return found;
    },
    begin(group, activity) {
      const begun: Activity = { ...activity, id: newId(), groupName: group.name, groupArn: group.arn, startedAtMs: now() };
      const kept = [begun, ...(byGroup.get(group.name) ?? [])].slice(0, ACTIVITIES_KEPT);
      byGroup.set(group.name, kept);
      return begun;
    },
    end(activity, status, message) {
      activity.status = status;
      activity.endedAtMs = now();
      if (message !== undefined) activity.statusMessage = message;
    },
    activities: () => [...byGroup.values()].flat().sort((a, b) => b.startedAtMs - a.startedAtMs),
  };
  return registry;
}
