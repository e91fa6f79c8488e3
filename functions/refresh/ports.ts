import type { InstanceCommands } from '../instance/instance-commands.ts';
import { holdLease } from '../records/lease.ts';
import type { Records } from '../records/records.ts';
import type { RefreshRecords } from '../records/refresh-records.ts';
import type { Lease } from '../records/types.ts';
import type { GroupServers, ServerGroup } from '../shared/aws/group-servers.ts';
import { healthOf, type TargetGroup } from '../shared/aws/target-group.ts';
import type { Log } from '../shared/log-events.ts';
import type { Polling } from '../shared/poll.ts';
import type { Member } from './choose-next.ts';
import type { RefreshContext } from './contract.ts';
import { whyOutdated } from './why-outdated.ts';

export interface EndOfExecution {
  readonly status?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  /** Seconds since the epoch; absent while it runs. */
  readonly stopDate?: number | undefined;
}

export interface RefreshPorts {
  readonly records: RefreshRecords & Records;
  readonly group: ServerGroup;
  readonly targetGroup: TargetGroup;
  readonly commands: Pick<InstanceCommands, 'latestVersions' | 'sendWaitIdle' | 'readWaitIdle'>;
  /** Undefined for an execution that never existed, or that Step Functions no longer keeps. */
  readonly describeExecution: (executionArn: string) => Promise<EndOfExecution | undefined>;
  readonly log: Log;
  readonly now: () => number;
  readonly fleet: string;
  /** The fleet's settings as its environment holds them, unchecked. */
  readonly settings: unknown;
  readonly stateMachineArn: string;
  /** @default no pauses */
  readonly polling?: Polling;
}

export interface Reading extends Omit<GroupServers, 'members'> {
  readonly members: readonly Member[];
}

/** The members as the group, EC2 and the load balancer show them now. */
export async function readMembers({ group, targetGroup }: Pick<RefreshPorts, 'group' | 'targetGroup'>): Promise<Reading> {
  const [servers, targets] = await Promise.all([group.read(), targetGroup.describeHealth()]);
  const members = servers.members.map((member) => ({
    ...member,
    health: healthOf(member.instanceId, targets).state,
    why: whyOutdated(member, servers.current),
  }));
  return { ...servers, members };
}

/** @throws LeaseLost */
export const holdLock = ({ records, now }: RefreshPorts, { refreshId, fleet, settings }: RefreshContext, lease: Lease): Promise<Lease> =>
  holdLease(records, { deployId: refreshId, fleet, settings }, lease, now());
