import { randomUUID } from 'node:crypto';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import type { Trail, TrailEvent } from '../../shared/aws/trail.ts';
import { describeError } from '../../shared/errors.ts';
import { isRecord, parseJson } from '../../shared/json.ts';
import { type Pause, pollUntil } from '../../shared/poll.ts';
import * as z from '../../shared/schema.ts';
import type { Collector, CollectRequest } from '../contract/environment.ts';
import type { ChangeFacts, ChangeKind, Collected } from '../contract/evidence.ts';
import type { ChangesLookUp, IncidentRecords } from '../records/incident-records.ts';
import { plain } from '../report/plain.ts';

/** CloudTrail's record, as far as it is read. Nothing else of it is kept: parameters, addresses and names can be personal. */
interface TrailRecord {
  readonly eventSource?: unknown;
  readonly errorCode?: unknown;
  readonly userIdentity?: {
    readonly type?: string;
    readonly arn?: string;
    readonly invokedBy?: string;
    readonly sessionContext?: { readonly sessionIssuer?: { readonly arn?: string } };
  };
  readonly requestParameters?: Readonly<Record<string, unknown>> | null;
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Request parameters that name what was changed, the narrowest first. */
const NAMING = words(`
  ruleArn listenerArn targetGroupArn loadBalancerArn cacheParameterGroupName replicationGroupId groupId userGroupId autoScalingGroupName
  cacheClusterId userId networkAclId routeTableId secretId resourceArn resourceIdentifier instanceId name
`);

/** By the first word of the event's source. Other services have operations of the same names. */
const SERVICES = words('elasticloadbalancing elasticache ec2 secretsmanager wafv2 autoscaling arc-zonal-shift');
const serviceOf = ({ eventSource }: TrailRecord): string | undefined =>
  typeof eventSource === 'string' ? eventSource.split('.', 1)[0] : undefined;
const isOfVolume = (name: string, service: string | undefined): boolean => name === 'CreateSnapshot' && service === 'ec2';

const KINDS: readonly (readonly [RegExp, ChangeKind])[] = [
  [/NetworkAcl/, 'network-acl'],
  [/SecurityGroup/, 'security-group'],
  [/Route/, 'route'],
  [/^ModifyUser/, 'store-user'],
  [/^(?:RebootCacheCluster|TestFailover)$/, 'store-reboot'],
  [/^CreateSnapshot$/, 'store-snapshot'],
  [/^StartZonalShift$/, 'zone'],
  [/Secret/, 'secret'],
  [/WebACL$|RuleGroup$/, 'waf'],
  [/Rule$/, 'balancer-rule'],
  [/^ModifyListener$/, 'listener'],
  [/Instance/, 'instance'],
];

export type Change = ChangeFacts['changes'][number];

/** Undefined for a refused call, for one of another service, and for a rule of deploys. */
export function readChange({ eventId, name, atMs, record }: TrailEvent, deploying: readonly string[] = []): Change | undefined {
  const value = parseJson(record);
  const read: TrailRecord = isRecord(value) ? value : {};
  const service = serviceOf(read);
  if (read.errorCode !== undefined || !SERVICES.includes(service ?? '') || isOfVolume(name, service)) return undefined;
  const { type, arn = '' } = read.userIdentity ?? {};
  if (name === 'ModifyRule' && type === 'AssumedRole' && deploying.includes(arn.slice(arn.lastIndexOf('/') + 1))) return undefined;
  const parameters = read.requestParameters ?? {};
  const stickiness = name === 'ModifyTargetGroupAttributes' ? stickinessOf(parameters) : undefined;
  return {
    ...{ atMs, event: name, roleArn: whoOf(read.userIdentity), eventId, resource: resourceOf(parameters) },
    ...(stickiness !== undefined && { stickiness }),
    kind: stickiness !== undefined && stickiness !== 'none' ? 'stickiness' : kindOf(name, parameters),
    who: kindOfIdentity(read.userIdentity),
  };
}

/** A password is in no record, and that one was set is. */
function kindOf(name: string, parameters: Readonly<Record<string, unknown>>): ChangeKind {
  const has = (...keys: readonly string[]) => keys.some((key) => parameters[key] !== undefined && parameters[key] !== null);
  if (has('passwords', 'authToken', 'authTokenUpdateStrategy', 'authenticationMode')) return 'store-password';
  if (name === 'ModifyReplicationGroup' && has('securityGroupIds')) return 'security-group';
  if (name === 'ModifyReplicationGroup' && has('userGroupIdsToAdd', 'userGroupIdsToRemove', 'removeUserGroups')) return 'store-user';
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}

type Identity = NonNullable<TrailRecord['userIdentity']>;

/** Identity Center gives each person a role of this name, and a service has one of its own path. */
function kindOfIdentity({ type = 'unknown', arn = '', sessionContext }: Identity = {}): NonNullable<Change['who']> {
  if (type === 'AWSService' || type === 'AWSAccount') return 'service';
  if (type !== 'AssumedRole') return 'person';
  const role = sessionContext?.sessionIssuer?.arn ?? arn;
  if (/[:/]aws-service-role\/|assumed-role\/AWSServiceRoleFor/.test(role)) return 'service';
  return /\/AWSReservedSSO_/.test(role) ? 'person' : 'role';
}

/** A role's ARN without the session's name, which is often an e-mail address. Of a user, not even the name. */
function whoOf({ type = 'unknown', arn = '', invokedBy, sessionContext }: Identity = {}): string {
  const role = sessionContext?.sessionIssuer?.arn ?? /^arn:[^:]*:sts::\d*:assumed-role\/[^/]+/.exec(arn)?.[0];
  if (type === 'AssumedRole' && role !== undefined) return role;
  if (type === 'Root') return /^arn:[^:]*:iam::\d*:root$/.exec(arn)?.[0] ?? 'the root user';
  if (type === 'AWSService' || type === 'AWSAccount') return invokedBy ?? 'a service of AWS';
  return type === 'IAMUser' ? 'an IAM user' : 'an identity that is no role';
}

const attribute = z.object({ key: z.string(), value: z.optional(z.string()) });
const withAttributes = z.object({ attributes: z.array(attribute) });

function stickinessOf(parameters: Readonly<Record<string, unknown>>): NonNullable<Change['stickiness']> {
  const read = withAttributes.safeParse(parameters);
  if (!read.success) return 'changes';
  const concerned = read.data.attributes.filter(({ key }) => key.startsWith('stickiness.'));
  if (concerned.some(({ key, value }) => key === 'stickiness.enabled' && value === 'true')) return 'enables';
  return concerned.length > 0 ? 'changes' : 'none';
}

function resourceOf(parameters: Readonly<Record<string, unknown>>): string {
  const name = NAMING.map((key) => parameters[key]).find((value) => typeof value === 'string') ?? instancesOf(parameters);
  return name === undefined ? 'unknown' : plain(String(name));
}

const withInstances = z.object({ instancesSet: z.object({ items: z.array(z.object({ instanceId: z.string() })) }) });

function instancesOf(parameters: Readonly<Record<string, unknown>>): string | undefined {
  const read = withInstances.safeParse(parameters);
  return read.success
    ? read.data.instancesSet.items
        .slice(0, 5)
        .map(({ instanceId }) => instanceId)
        .join(', ')
    : undefined;
}

export interface ChangesPorts {
  readonly trail: Trail;
  readonly records: Pick<IncidentRecords, 'putLookUp' | 'getLookUp'>;
  /** What a resource's name or ARN contains when it concerns the fleets of the incident or the store. */
  readonly concerned: (fleets: readonly string[]) => Promise<readonly string[]>;
  /** Functions of deploys that change their drain and gate rules. @default none */
  readonly deploying?: readonly string[];
  readonly now: () => number;
  readonly pause: Pause;
}

const OF_BALANCERS = words('ModifyTargetGroupAttributes ModifyTargetGroup ModifyListener CreateRule ModifyRule DeleteRule');

const OF_STORE = words(`
  ModifyCacheParameterGroup ResetCacheParameterGroup ModifyReplicationGroup ModifyUser ModifyUserGroup AuthorizeSecurityGroupIngress
  RevokeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupEgress ModifySecurityGroupRules RebootCacheCluster
  TestFailover CreateSnapshot PutSecretValue RotateSecret UpdateSecret CreateNetworkAclEntry ReplaceNetworkAclEntry DeleteNetworkAclEntry
  ReplaceNetworkAclAssociation CreateRoute ReplaceRoute DeleteRoute ReplaceRouteTableAssociation DisassociateRouteTable
`);

const IN_FRONT_AND_SERVERS = words(`
  UpdateWebACL AssociateWebACL UpdateRuleGroup TerminateInstances StopInstances RebootInstances TerminateInstanceInAutoScalingGroup
  StartZonalShift
`);

/** Each is looked up on its own: CloudTrail filters by one attribute only, and all changes of a busy account would be hundreds of pages. */
export const CHANGING = [...OF_BALANCERS, ...OF_STORE, ...IN_FRONT_AND_SERVERS];

/** CloudTrail allows two calls a second in an account and Region. The last of 39 begins after 23 s; a throttled one takes 18 s more. */
const PAUSE_MS = 600;
export const TRAIL_CLIENT_OPTIONS = {
  maxAttempts: 2,
  requestHandler: { ...CLIENT_OPTIONS.requestHandler, requestTimeout: 8_000 },
} as const;
/** All incidents of the installation share one look-up a minute, so that it leaves most of CloudTrail's calls to others. */
export const APART_MS = 60_000;
/** An incident that did not begin the look-up waits for it: 45 s of a collector's 50. */
const WAITS_MS: readonly number[] = Array.from({ length: 15 }, () => 3_000);
/** Its history has most events after 5 minutes, and promises them within 15. @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html */
const LATE_MS = 15 * 60_000;
/** The last hours: a change shows when the sessions from before it end. */
const LOOK_BACK_MS = 5 * 3_600_000;
/** A shared look-up covers every incident that alarms opened: re-checks and runs come for six hours, and evidence begins an hour before. */
const SHARED_BACK_MS = LOOK_BACK_MS + 7 * 3_600_000;
/** An item of DynamoDB has at most 400 KB, and as JSON the changes are not smaller. */
const MOST_BYTES = 350_000;
const MOST_CHANGES = 50;

const operationsOf = ({ fleets }: Pick<CollectRequest, 'fleets'>): readonly string[] => (fleets.length > 0 ? CHANGING : OF_STORE);

export function createChanges(ports: ChangesPorts): Collector<'changes'> {
  const { records, concerned, now, pause } = ports;
  return async (request) => {
    const parts = await concerned(request.fleets);
    const [owner, nowMs] = [randomUUID(), now()];
    const put = (found?: ChangesLookUp) => records.putLookUp(owner, nowMs, nowMs + APART_MS, found);
    if (!(await put())) {
      const isShared = (found: ChangesLookUp | undefined) => found !== undefined;
      return changesOf(await pollUntil(records.getLookUp, isShared, { pausesMs: WAITS_MS, pause }), request, parts);
    }
    const found = await lookUp(ports, request, nowMs);
    await put(found);
    return changesOf(found, request, parts);
  };
}

async function lookUp({ trail, deploying, pause }: ChangesPorts, request: CollectRequest, atMs: number): Promise<ChangesLookUp> {
  const fromMs = Math.min(request.fromMs - LOOK_BACK_MS, atMs - SHARED_BACK_MS);
  const failed: string[] = [];
  const cut: Record<string, number> = {};
  let failure = '';
  const found = await Promise.all(
    operationsOf(request).map(async (name, at) => {
      await pause(at * PAUSE_MS);
      try {
        const { events, more } = await trail.lookUp(name, fromMs, atMs);
        if (more) cut[name] = events.at(-1)?.atMs ?? atMs;
        return events.flatMap((event) => readChange(event, deploying) ?? []);
      } catch (error) {
        failed.push(name);
        failure = plain(describeError(error));
        return [];
      }
    }),
  );
  const all = found.flat().sort((a, b) => b.atMs - a.atMs);
  let changes = all;
  while (Buffer.byteLength(JSON.stringify(changes)) > MOST_BYTES) changes = changes.slice(0, Math.floor(changes.length * 0.9));
  const sinceMs = changes.length < all.length ? (changes.at(-1)?.atMs ?? atMs) : fromMs;
  return { atMs, fromMs: sinceMs, changes, failed, failure, cut };
}

export function changesOf(found: ChangesLookUp | undefined, request: CollectRequest, parts: readonly string[]): Collected<ChangeFacts> {
  if (found === undefined) return { gap: 'nothing was looked up: the look-up that all incidents of this minute share has not ended' };
  const { atMs, failed, failure, cut } = found;
  if (failed.length === operationsOf(request).length) return { gap: failure };
  const [neededFromMs, completeUntilMs] = [request.fromMs - LOOK_BACK_MS, Math.min(request.toMs, atMs - LATE_MS)];
  const all = found.changes
    .filter((change) => change.atMs >= neededFromMs && change.atMs <= request.toMs)
    .flatMap((change) => concerning(change, parts) ?? []);
  const left = new Set([...all.filter(({ isOwn }) => isOwn), ...all.filter(({ isOwn }) => !isOwn)].slice(0, MOST_CHANGES));
  const cutShort = Object.keys(cut).filter((name) => (cut[name] ?? 0) > neededFromMs);
  const gaps = [
    `CloudTrail is up to 15 minutes late: changes after ${new Date(completeUntilMs).toISOString()} can be missing`,
    ...(failed.length > 0 ? [`not looked up: ${failed.join(', ')} (${failure})`] : []),
    ...(found.fromMs > neededFromMs ? [`not looked up: what was before ${new Date(found.fromMs).toISOString()}`] : []),
    ...(cutShort.length > 0 ? [`only the latest 50 calls were looked up of ${cutShort.join(', ')}`] : []),
    ...(all.length > MOST_CHANGES
      ? [`${all.length - MOST_CHANGES} changes are left out: the oldest, and those of other applications first`]
      : []),
  ];
  const changes = all.filter((change) => left.has(change));
  return { takenAtMs: atMs, facts: { changes, completeUntilMs, fromMs: Math.max(neededFromMs, found.fromMs) }, gaps };
}

/** These carry no name of the installation's, so that every one of the Region is listed. */
const NAMELESS = words('network-acl security-group route store-user store-password secret waf instance zone');

/** Undefined for what another application's is. Auto Scaling ends instances of all groups of the Region, each day. */
function concerning(change: Change, parts: readonly string[]): Change | undefined {
  const { resource, kind, who } = change;
  if (parts.some((part) => part !== '' && resource.includes(part))) return { ...change, isOwn: true };
  return resource === 'unknown' || (NAMELESS.includes(kind ?? '') && !(kind === 'instance' && who === 'service')) ? change : undefined;
}
