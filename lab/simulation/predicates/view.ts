/** What predicates see of a run, at any moment: the truth of the world, and the records. */
import type { PeopleKind } from '../../../functions/people/contract.ts';
import type { DeployRecord, FleetRecord, InstanceRecord, LockRecord } from '../../../functions/records/types.ts';
import type { BundleDisk, DrawnBundle } from '../cloud/bundles.ts';

export interface View {
  /** Milliseconds since the epoch. */
  now(): number;
  lock(): LockRecord | undefined;
  fleetRecord(): FleetRecord | undefined;
  /** In the order in which they began. */
  deploys(): readonly DeployRecord[];
  instanceRecords(): readonly InstanceRecord[];
  /** The Auto Scaling group's members; in a fleet without a group its named servers, as `InService`. */
  members(): readonly { readonly instanceId: string; readonly lifecycleState: string; readonly zone?: string }[];
  suspended(): readonly string[];
  /** Load balancer's state; `unused` when it is not registered. */
  healthOf(instanceId: string): string;
  registered(): readonly string[];
  /** Pattern of the sessions that the drain rule takes, and the servers in its group. */
  pinned(): { readonly pattern: string | undefined; readonly instanceIds: readonly string[] };
  isDrainGroup(targetGroupArn: string | undefined): boolean;
  /** Whether sessions are in the memory of servers, and deploys wait for them. */
  waitsForSessions(): boolean;
  /** Whether a session can be lost because a deployment of the templates has reset the drain rule, which the deploy set again in time. */
  followsReset(): boolean;
  /** Whether the session is in the memory of the process that runs on the server now. */
  remembers(instanceId: string, sessionId: string): boolean;
  /** The release that is on the server, by the server itself; `none`: the placeholder. Undefined while an install is under way. */
  installed(instanceId: string): string | undefined;
  /** Of a server of bundles: what is on its disk, and the version of the application that runs. Undefined in other fleets. */
  bundle(
    instanceId: string,
  ): (Pick<BundleDisk, 'files' | 'listed' | 'installed' | 'complete'> & { readonly running: string | undefined }) | undefined;
  bundleOf(version: string): DrawnBundle | undefined;
  /** Whether the fleet's own document runs the scripts of bundles. */
  permitsBundles(): boolean;
  /** Versions whose assets are staged on the server. */
  staged(instanceId: string): readonly string[];
  /** Whether the server answers its health check with 200 now. */
  isUp(instanceId: string): boolean;
  /** The target group's deregistration delay. */
  deregistrationDelayMs(): number;
  /** Where a release is bad: `start`, `ready`, …; undefined for a good one. */
  badAt(version: string): string | undefined;
  /** What the release does to users, while all else is fine. */
  hurts(version: string): PeopleKind | undefined;
  /** How many people a server has done that to between two moments, by its access log. */
  countHurt(instanceId: string, version: string, fromMs: number, untilMs: number): number;
  /** Whether people come, or will, who are asked to log in wherever they are. */
  hasCampaign(): boolean;
  /** Whether nothing has gone wrong in the run but by its release and its operator. */
  isUndisturbed(): boolean;
  /** Whether servers of this release count their requests and errors, and their contract says where. */
  offersCounts(version: string): boolean;
  runningExecutions(): readonly { readonly machine: string; readonly executionArn: string }[];
  /** Commands on living servers that have not ended. `listed`: Systems Manager shows it among those of its server. */
  pendingCommands(): readonly { readonly commandId: string; readonly documentName: string; readonly listed: boolean }[];
  /** Processes that were suspended before the run, or by its operator. */
  suspendedByOthers(): readonly string[];
  /** Whether the operator resumed everything in mid-deploy, with what the deploy had suspended. */
  wasResumedByOperator(): boolean;
  /** Whether an injected fault lets the wait for terminating servers to be idle fail until it is given up. */
  terminatesUndrained(): boolean;
  /**
   * Whether an injected fault took this server (or without an id: any) away within the last `ms`. One of its agent, disk or downloads
   * explains neither a failed request nor a record that is not true.
   */
  faultOnServer(ms: number, instanceId?: string): boolean;
  /** Whether the load balancer sends to deregistered targets for longer than the fleet's settings allow for, all the time. */
  isLoadBalancerSlow(): boolean;
  /** Whether an injected fault let the store answer nothing within the last `ms`. */
  faultOnStore(ms: number): boolean;
}
