import type { Trail, TrailEvent } from '../../shared/aws/signed/trail.ts';
import { describeError } from '../../shared/errors.ts';
import type { Collector } from '../contract/collect.ts';
import { type Change, readChange } from './read-change.ts';

export interface ChangesPorts {
  readonly trail: Trail;
  /** What a resource's name or ARN contains when it concerns the fleets of the incident or the store. */
  readonly concerned: (fleets: readonly string[]) => Promise<readonly string[]>;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
}

const OF_BALANCERS = [
  'ModifyTargetGroupAttributes',
  'ModifyTargetGroup',
  'ModifyListener',
  'CreateRule',
  'ModifyRule',
  'DeleteRule',
] as const;

/** Also all that a store without a fleet is asked about. */
const OF_STORE = [
  'ModifyCacheParameterGroup',
  'ResetCacheParameterGroup',
  'ModifyReplicationGroup',
  'ModifyUser',
  'ModifyUserGroup',
  'AuthorizeSecurityGroupIngress',
  'RevokeSecurityGroupIngress',
  'AuthorizeSecurityGroupEgress',
  'RevokeSecurityGroupEgress',
  'ModifySecurityGroupRules',
  'RebootCacheCluster',
  'TestFailover',
  'CreateSnapshot',
  'PutSecretValue',
  'RotateSecret',
  'UpdateSecret',
  'CreateNetworkAclEntry',
  'ReplaceNetworkAclEntry',
  'DeleteNetworkAclEntry',
  'ReplaceNetworkAclAssociation',
  'CreateRoute',
  'ReplaceRoute',
  'DeleteRoute',
  'ReplaceRouteTableAssociation',
  'DisassociateRouteTable',
] as const;

const IN_FRONT_AND_SERVERS = [
  'UpdateWebACL',
  'AssociateWebACL',
  'UpdateRuleGroup',
  'TerminateInstances',
  'StopInstances',
  'RebootInstances',
  'TerminateInstanceInAutoScalingGroup',
  'StartZonalShift',
] as const;

/**
 * Operations that can log users out or cut servers off from the store, those of a fleet's and the store's own resources first. Each is looked
 * up on its own: CloudTrail filters by one attribute only, and all changes of a busy account would be hundreds of pages.
 */
export const CHANGING = [...OF_BALANCERS, ...OF_STORE, ...IN_FRONT_AND_SERVERS] as const;

/** CloudTrail allows two calls a second in an account and Region, to everybody together. 39 × 0.6 s take 23 s. */
export const PAUSE_MS = 600;
/** No call begins later than this after the first one: a throttled one can take 16 s more ({@link TRAIL_LIMITS}), of a collector's 50. */
const READ_FOR_MS = 30_000;
/** One that fails is named, and the others go on. */
export const TRAIL_LIMITS = { maxAttempts: 2, attemptMs: 8_000 };
/** Its history has most events after 5 minutes, and promises them within 15. @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html */
const LATE_MS = 15 * 60_000;
/** The last hours: a change shows when the sessions from before it end. */
const LOOK_BACK_MS = 5 * 3_600_000;
const MOST_CHANGES = 50;

/** Changes of configuration around the incident's fleets and the store, latest first. @throws when no call of CloudTrail succeeded */
export function createChanges({ trail, concerned, now, pause }: ChangesPorts): Collector<'changes'> {
  return async ({ fleets, fromMs, toMs }) => {
    const takenAtMs = now();
    const completeUntilMs = Math.min(toMs, takenAtMs - LATE_MS);
    const parts = await concerned(fleets);
    const events: TrailEvent[] = [];
    const cut: string[] = [];
    const failed: string[] = [];
    let failure: unknown;
    const names = fleets.length > 0 ? CHANGING : OF_STORE;
    for (const [at, name] of names.entries()) {
      if (at > 0) await pause(PAUSE_MS);
      if (now() - takenAtMs > READ_FOR_MS) {
        failed.push(...names.slice(at));
        failure ??= `there was no time for them within ${READ_FOR_MS / 1_000} s`;
        break;
      }
      try {
        const found = await trail.lookUp(name, fromMs - LOOK_BACK_MS, toMs);
        events.push(...found.events);
        if (found.more) cut.push(name);
      } catch (error) {
        failed.push(name);
        failure = error;
      }
    }
    if (failed.length === names.length) throw failure;
    const all = events
      .flatMap((event) => readChange(event) ?? [])
      .flatMap((change) => concerning(change, parts) ?? [])
      .sort((a, b) => b.atMs - a.atMs);
    // What is another application's goes first.
    const left = new Set([...all.filter(({ isOwn }) => isOwn), ...all.filter(({ isOwn }) => !isOwn)].slice(0, MOST_CHANGES));
    const changes = all.filter((change) => left.has(change));
    const gaps = [
      `CloudTrail is up to 15 minutes late: changes after ${new Date(completeUntilMs).toISOString()} can be missing`,
      ...(failed.length > 0 ? [`not looked up: ${failed.join(', ')} (${describeError(failure)})`] : []),
      ...(cut.length > 0 ? [`only the latest 50 calls were looked up of ${cut.join(', ')}`] : []),
      ...(all.length > MOST_CHANGES
        ? [`${all.length - MOST_CHANGES} changes are left out: the oldest, and those of other applications first`]
        : []),
    ];
    return { takenAtMs, facts: { changes, completeUntilMs, fromMs: fromMs - LOOK_BACK_MS }, gaps };
  };
}

/** These carry no name of the installation's, so that every one of the Region is listed. */
const NAMELESS: readonly Change['kind'][] = [
  'network-acl',
  'security-group',
  'route',
  'store-user',
  'store-password',
  'secret',
  'waf',
  'instance',
  // A zone that somebody leaves is a sign for every load balancer.
  'zone',
];

/** Undefined for what another application's is. Auto Scaling ends instances of all groups of the Region, each day. */
function concerning(change: Change, parts: readonly string[]): Change | undefined {
  const { resource, kind, who } = change;
  if (parts.some((part) => part !== '' && resource.includes(part))) return { ...change, isOwn: true };
  return resource === 'unknown' || (NAMELESS.includes(kind) && !(kind === 'instance' && who === 'service')) ? change : undefined;
}
