import type { TrailEvent } from '../../shared/aws/signed/trail.ts';
import { isRecord, parseJson } from '../../shared/json.ts';
import * as z from '../../shared/schema.ts';
import type { ChangeFacts, ChangeKind } from '../contract/evidence.ts';
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

/** Request parameters that name what was changed, the narrowest first. */
const NAMING = [
  'ruleArn',
  'listenerArn',
  'targetGroupArn',
  'loadBalancerArn',
  'cacheParameterGroupName',
  'replicationGroupId',
  'groupId',
  'userGroupId',
  'autoScalingGroupName',
  'cacheClusterId',
  'userId',
  'networkAclId',
  'routeTableId',
  'secretId',
  'resourceArn',
  'resourceIdentifier',
  'instanceId',
  'name',
] as const;

/** By the first word of the event's source. Other services have operations of the same names. */
const SERVICES: readonly (string | undefined)[] = [
  'elasticloadbalancing',
  'elasticache',
  'ec2',
  'secretsmanager',
  'wafv2',
  'autoscaling',
  'arc-zonal-shift',
];
const serviceOf = ({ eventSource }: TrailRecord): string | undefined =>
  typeof eventSource === 'string' ? eventSource.split('.', 1)[0] : undefined;
/** EC2's snapshots are of volumes. */
const isOfVolume = (name: string, service: string | undefined): boolean => name === 'CreateSnapshot' && service === 'ec2';

/** By the operation's name, the first that matches. */
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

/** Undefined for a refused call, for one of another service, and for a rule of deploys. @param deploying functions, whose sessions have their names */
export function readChange({ eventId, name, atMs, record }: TrailEvent, deploying: readonly string[] = []): Change | undefined {
  const value = parseJson(record);
  const read: TrailRecord = isRecord(value) ? value : {};
  const service = serviceOf(read);
  if (read.errorCode !== undefined || !SERVICES.includes(service) || isOfVolume(name, service)) return undefined;
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

/** Identity Center gives each person a role of this name, and a service has one of its own path. */
function kindOfIdentity({
  type = 'unknown',
  arn = '',
  sessionContext,
}: NonNullable<TrailRecord['userIdentity']> = {}): NonNullable<Change['who']> {
  if (type === 'AWSService' || type === 'AWSAccount') return 'service';
  if (type !== 'AssumedRole') return 'person';
  const role = sessionContext?.sessionIssuer?.arn ?? arn;
  if (/[:/]aws-service-role\/|assumed-role\/AWSServiceRoleFor/.test(role)) return 'service';
  return /\/AWSReservedSSO_/.test(role) ? 'person' : 'role';
}

/** A role's ARN without the session's name, which is often an e-mail address. Of a user, not even the name. */
function whoOf({ type = 'unknown', arn = '', invokedBy, sessionContext }: NonNullable<TrailRecord['userIdentity']> = {}): string {
  const role = sessionContext?.sessionIssuer?.arn ?? /^arn:[^:]*:sts::\d*:assumed-role\/[^/]+/.exec(arn)?.[0];
  if (type === 'AssumedRole' && role !== undefined) return role;
  if (type === 'Root') return /^arn:[^:]*:iam::\d*:root$/.exec(arn)?.[0] ?? 'the root user';
  if (type === 'AWSService' || type === 'AWSAccount') return invokedBy ?? 'a service of AWS';
  return type === 'IAMUser' ? 'an IAM user' : 'an identity that is no role';
}

const attribute = z.object({ key: z.string(), value: z.optional(z.string()) });
const withAttributes = z.object({ attributes: z.array(attribute) });

/** What a change does to stickiness. Attributes that cannot be read count as a change of it. */
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

/** EC2's own way to name some, of which the first are shown. */
function instancesOf(parameters: Readonly<Record<string, unknown>>): string | undefined {
  const read = withInstances.safeParse(parameters);
  return read.success
    ? read.data.instancesSet.items
        .slice(0, 5)
        .map(({ instanceId }) => instanceId)
        .join(', ')
    : undefined;
}
