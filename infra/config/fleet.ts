import { z } from 'zod';
import { STRATEGIES } from '../../advisor/matrix.ts';
import { MAXIMUM_SERVERS } from '../../advisor/situation.ts';
import { deploySettings } from '../../functions/deploy/settings/settings.ts';
import { DEFAULT_ADDRESS_DELAY_SECONDS } from '../../functions/instance/drain-times.ts';
import { STATUS_CODES } from '../../functions/shared/app-contract.ts';
import { app, impliedBy } from './app-kind.ts';
import { arn, instanceId, nodeId, securityGroupId } from './aws-names.ts';
import { canary } from './canary.ts';
import { parsePart, writtenAs } from './created-or-existing.ts';
import { fleetIncidents } from './fleet-incidents.ts';
import { instanceType } from './machine-types.ts';
import { sessions } from './sessions.ts';

/** Keys of every fleet. */
const common = {
  /** Port that the server listens on; the same as in its holdfast.app.json. */
  port: z.int().min(1).max(65535).default(8080),
  /**
   * Where the application keeps its sessions: in the store, in each server's memory, or copied between the servers of a
   * Tomcat cluster. With any but `redis` a created target group is sticky. With `sticky` deploys wait for sessions in memory.
   */
  strategy: z.enum(STRATEGIES).default('redis'),
  /**
   * With strategy redis: the load balancer keeps each user on one server as well, for pages that keep much state in the session. The store
   * has the session after each request, so that any other server can go on with it.
   */
  stickiness: z.boolean().default(false),
  /**
   * The application's process can use the credentials of its server's role, for an application that calls AWS.
   * @default false on created servers, true on existing ones, which are left as they are, and with incidents.criticalActions
   */
  awsAccess: z.boolean().optional(),
  /** The server that its releases run in, from which `holdfast releases publish` makes them. @default a release is a folder with holdfast.app.json */
  app: app.optional(),
  deploy: z.prefault(deploySettings, {}),
  /** Its sessions in the store, and whom it shares them with. */
  sessions: sessions.prefault({}),
  /** What the runbooks of incidents can do for its users. */
  incidents: fleetIncidents.prefault({}),
  /** Examines its sessions from outside, on a schedule. @default none */
  canary: canary.optional(),
};

const packages = z.array(z.string().regex(/^[a-z0-9][a-z0-9.+-]*$/));

/** Keys of a created Auto Scaling group. */
const groupKeys = {
  instanceType: instanceType.default('t4g.small'),
  /** Packages of the application's runtime on Amazon Linux 2023. */
  runtimePackages: packages.default(['nodejs24']),
  /** Instances that the group starts with and never goes below. */
  minCapacity: z.int().min(1).max(MAXIMUM_SERVERS).default(3),
  /** @default minCapacity + 2 */
  maxCapacity: z.int().min(1).optional(),
};

/** Keys of a created target group. */
const targetGroupKeys = {
  /** Path of the load balancer's health check. Must not depend on the session store. */
  healthPath: z
    .string()
    .regex(/^\/[!-~]*$/, 'must be a path that begins with / and is printable ASCII without spaces')
    .default('/live'),
  /** Status codes that it takes for healthy: `200`, `200,302`, `200-399`. */
  healthStatus: z.string().regex(STATUS_CODES, 'must be status codes from 200 to 499, such as "200,302" or "200-399"').default('200'),
  healthCheckIntervalSeconds: z.int().min(5).max(300).default(10),
  healthCheckTimeoutSeconds: z.int().min(2).max(120).default(5),
  healthyThreshold: z.int().min(2).max(10).default(2),
  unhealthyThreshold: z.int().min(2).max(10).default(3),
};

/** Keys of a created load balancer. */
const loadBalancerKeys = {
  /** ACM certificate of the HTTPS listener. */
  certificateArn: arn('acm', 'certificate/').optional(),
  /** Serves plain HTTP without a certificate. Browsers then do not send Secure cookies. */
  allowPlainHttp: z.boolean().default(false),
};

/** The members of the fleet: those of an Auto Scaling group, existing instances, or existing addresses. */
const members = z.enum(['autoScalingGroup', 'instances', 'ip']).default('autoScalingGroup');

/**
 * The IAM policy that lists every member has no room for more. Functions' environments can have room for fewer: see environment-rules.ts.
 */
const MOST_MEMBERS = 100;

const node = z.strictObject({
  /** Systems Manager sends commands to this node. */
  nodeId,
  /** The load balancer sends requests to this address. */
  ip: z.ipv4(),
  port: z.int().min(1).max(65535),
  /** `all` for an address outside the load balancer's VPC, unless it is already registered that way. */
  availabilityZone: z.literal('all').optional(),
  /** With the strategy tomcat-cluster: this node's port of the copies. @default app.clusterPort */
  clusterPort: z.int().min(1_024).max(65_535).optional(),
});

const existing = z.strictObject({
  /** With a created target group: Holdfast adds one rule that forwards to it. */
  listenerArn: arn('elasticloadbalancing', 'listener/app/').optional(),
  listenerRule: z
    .strictObject({
      priority: z.int().min(1).max(50_000),
      /** @default any host */
      hosts: z.array(z.string().min(1).max(128)).max(5).default([]),
      /** @default any path */
      paths: z.array(z.string().min(1).max(128)).max(5).default([]),
      /**
       * Priority of the rule that keeps sessions on a server while it is drained (strategy sticky). To move `priority` by one, first deploy
       * a new value of this one: CloudFormation updates the two rules in any order, and AWS refuses a priority that is still taken.
       * @default priority − 1
       */
      drainPriority: z.int().min(1).max(50_000).optional(),
    })
    .refine(({ hosts, paths }) => hosts.length + paths.length > 0 && hosts.length + paths.length <= 5, {
      message: 'needs one to five hosts and paths together, the maximum of a listener rule',
    })
    .optional(),
  targetGroupArn: arn('elasticloadbalancing', 'targetgroup/').optional(),
  /** An empty target group like the fleet's own, without stickiness: it gets a server while the server's sessions end. */
  drainTargetGroupArn: arn('elasticloadbalancing', 'targetgroup/').optional(),
  /** The rule directly above the fleet's own that forwards to it, and matches nobody. Deploys change its header condition. */
  drainRuleArn: arn('elasticloadbalancing', 'listener-rule/app/').optional(),
  /** The target group's load balancer: a dimension of its metrics. */
  loadBalancerArn: arn('elasticloadbalancing', 'loadbalancer/app/').optional(),
  autoScalingGroupName: z
    .string()
    .regex(/^[A-Za-z0-9_.:/=+@-]{1,255}$/)
    .optional(),
  instanceIds: z.array(instanceId).min(1).max(MOST_MEMBERS).optional(),
  nodes: z.array(node).min(1).max(MOST_MEMBERS).optional(),
  /** Gets one inline policy that allows reading the fleet's releases and the secret of the store's user. */
  instanceRoleName: z
    .string()
    .regex(/^[A-Za-z0-9_+=,.@-]{1,64}$/)
    .optional(),
  /** Gets rules that let in a created load balancer; existing load balancers already have theirs. */
  instanceSecurityGroupId: securityGroupId.optional(),
  /** Must already let its load balancer reach the servers: Holdfast adds no rule to it. */
  loadBalancerSecurityGroupId: securityGroupId.optional(),
  /** The servers' own service on this port: stopped when the first release is installed, after the drain. */
  replacesService: z
    .string()
    .regex(/^[A-Za-z0-9@_.:-]{1,200}\.service$/)
    .optional(),
});

const adoptedKeys = {
  /** Packages that the first deploy installs with dnf. Existing servers already have their runtime. */
  runtimePackages: packages.default([]),
};

const whole = z.strictObject({ ...common, ...groupKeys, ...targetGroupKeys, ...loadBalancerKeys, members, existing: existing.optional() });
type FleetInput = z.input<typeof whole>;

type Keys<T extends z.core.$ZodLooseShape> = z.output<z.ZodObject<T, z.core.$strict>>;
/** Read leniently, only to find out which parts exist. */
const parts = z.looseObject({ members: members.catch('autoScalingGroup'), existing: z.looseObject({}).optional().catch(undefined) }).catch({
  members: 'autoScalingGroup',
});

export type FleetConfig = Keys<typeof common> & {
  readonly members: z.output<typeof members>;
  readonly existing?: z.output<typeof existing> | undefined;
  readonly runtimePackages: string[];
} & Partial<Keys<typeof groupKeys> & Keys<typeof targetGroupKeys> & Keys<typeof loadBalancerKeys>>;

export type FleetWithGroup = FleetConfig & Keys<typeof groupKeys>;
export type FleetWithTargetGroup = FleetConfig & Keys<typeof targetGroupKeys>;
export type FleetWithLoadBalancer = FleetWithTargetGroup & Keys<typeof loadBalancerKeys>;

type Parts = Pick<FleetConfig, 'members'> & { readonly existing?: object | undefined };
const hasExisting = ({ existing: part }: Parts, key: keyof z.output<typeof existing>): boolean =>
  (part as Record<string, unknown> | undefined)?.[key] !== undefined;

/** Holdfast creates the fleet's Auto Scaling group. */
export const createsGroup = (fleet: Parts): fleet is FleetWithGroup =>
  fleet.members === 'autoScalingGroup' && !hasExisting(fleet, 'autoScalingGroupName');
export const createsTargetGroup = (fleet: Parts): fleet is FleetWithTargetGroup => !hasExisting(fleet, 'targetGroupArn');
export const createsLoadBalancer = (fleet: Parts): fleet is FleetWithLoadBalancer =>
  createsTargetGroup(fleet) && !hasExisting(fleet, 'listenerArn');
/** The fleet's servers existed before Holdfast: a deploy prepares each before it installs a release. */
export const isAdopted = (fleet: Parts): boolean => !createsGroup(fleet);

/** A server that ends takes sessions with it, whatever a deploy does for them. */
export const keepsSessionsInMemory = ({ strategy }: Pick<FleetConfig, 'strategy'>): boolean => strategy !== 'redis';

/** Holdfast creates the group, which keeps a server whose termination nobody completed: existing groups have a policy of their own. */
export const retainsServers = (fleet: FleetConfig): fleet is FleetConfig & FleetWithGroup =>
  createsGroup(fleet) && keepsSessionsInMemory(fleet);

/** The load balancer keeps each user on one server. */
export const isStickyFleet = ({ strategy, stickiness }: Pick<FleetConfig, 'strategy' | 'stickiness'>): boolean =>
  strategy !== 'redis' || stickiness;

/** Deploys wait for the sessions in a server's memory. */
export const drainsSessions = ({ strategy, deploy }: Pick<FleetConfig, 'strategy' | 'deploy'>): boolean =>
  strategy === 'sticky' && deploy.sessionDrainSeconds > 0;

/** Whether the application's process can use its server's role. */
export const hasAwsAccess = (fleet: FleetConfig): boolean => fleet.awsAccess ?? (isAdopted(fleet) || fleet.incidents.criticalActions);

/** The maximum size of a created Auto Scaling group. */
export const mostCapacity = ({ minCapacity, maxCapacity }: Keys<typeof groupKeys>): number => maxCapacity ?? minCapacity + 2;

/** The fleet's maximum number of servers; undefined for an existing group, whose size Holdfast does not know. */
export function mostServers(fleet: FleetConfig): number | undefined {
  return createsGroup(fleet) ? mostCapacity(fleet) : (fleet.existing?.instanceIds ?? fleet.existing?.nodes)?.length;
}

/** A fleet as it was written, with what follows from its application. Existing servers have their runtime. */
function withImplied(value: { app?: unknown; runtimePackages?: unknown }, adopted: boolean, shape: object): object {
  const named = z.array(z.string()).safeParse(value.runtimePackages ?? []);
  // A list that is not valid is refused as it is.
  const { runtimePackages, ...rest } = impliedBy(value.app, named.data);
  const known = Object.fromEntries(Object.entries(rest).filter(([key]) => key in shape));
  const packages = adopted || !named.success || runtimePackages === undefined ? {} : { runtimePackages };
  return { ...known, ...value, ...packages };
}

/** The default delay of a created target group of addresses; one that exists has its own, which blind drains wait for. */
function withShortDelay(value: object, found: Parts): object {
  const deploy = z.looseObject({}).safeParse((value as { deploy?: unknown }).deploy ?? {});
  // What is no object is refused as it is.
  if (found.members !== 'ip' || !createsTargetGroup(found) || !deploy.success) return value;
  return { ...value, deploy: { deregistrationDelaySeconds: DEFAULT_ADDRESS_DELAY_SECONDS, ...deploy.data } };
}

/** A fleet's keys depend on which of its parts exist. */
const readFleet = z.unknown().transform((value, context): unknown => {
  const found = parts.parse(value);
  const kinds: [boolean, object, string][] = [
    [createsGroup(found), groupKeys, 'applies to a created Auto Scaling group only; this fleet has existing members'],
    [createsTargetGroup(found), targetGroupKeys, 'applies to a created target group only; this fleet has existing.targetGroupArn'],
    [
      createsLoadBalancer(found),
      loadBalancerKeys,
      'applies to a created load balancer only; this fleet has an existing target group or listener',
    ],
  ];
  const created = kinds.filter(([isCreated]) => isCreated).map(([, keys]) => keys);
  const schema = z.strictObject(
    Object.assign({}, common, { members, existing: existing.optional() }, isAdopted(found) ? adoptedKeys : {}, ...created),
  );
  const completed =
    typeof value === 'object' && value !== null ? withImplied(withShortDelay(value, found), isAdopted(found), schema.shape) : value;
  return parsePart(schema, completed, context, (key) => {
    if (key in schema.shape) return undefined;
    return kinds.find(([, keys]) => key in keys)?.[2];
  });
});
export const fleet = writtenAs(readFleet, whole) as unknown as z.ZodType<FleetConfig, FleetInput>;
