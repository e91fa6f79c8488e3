import { z } from 'zod';
import { MAXIMUM_SERVERS, STRATEGIES } from '../../advisor/situation.ts';
import { deploySettings } from '../../functions/deploy/settings/settings.ts';
import { DEFAULT_ADDRESS_DELAY_SECONDS } from '../../functions/instance/drain-times.ts';
import { STATUS_CODES } from '../../functions/shared/app-contract.ts';
import { app, impliedBy, isBundleFleet } from './app-kind.ts';
import { arn, instanceId, instanceType, nodeId, securityGroupId } from './aws-names.ts';
import { canary } from './canary.ts';
import { parsePart, writtenAs } from './created-or-existing.ts';
import { environment } from './environment.ts';
import { fleetIncidents } from './fleet-incidents.ts';
import { sessions } from './sessions.ts';
import { matching, port, text, whole } from './values.ts';

const common = {
  port: port.default(8080).describe("port that the application listens on, the same as in the server's `holdfast.app.json`"),
  strategy: z
    .enum(STRATEGIES)
    .default('redis')
    .describe(
      "where the application keeps its sessions: `redis` in the store, `sticky` in each server's memory, `tomcat-cluster` copied between the servers. Deploys wait for sessions with the last two ([strategy](strategy.md))",
    ),
  stickiness: z
    .boolean()
    .default(false)
    .describe(
      'with strategy `redis`: the load balancer keeps each user on one server as well, for [pages that keep state](strategy.md#do-pages-keep-state-on-the-server)',
    ),
  awsAccess: z.boolean().optional().meta({
    description: "the application's process can use the credentials of its server's role",
    unset: '`false`; `true` on existing servers, with an `app` of kind `bundle` and with `incidents.criticalActions`',
  }),
  app: app.optional().meta({
    description: 'what releases are made of: a WAR for the server that it names ([Tomcat](tomcat.md)), or a bundle of CodeDeploy',
    unset: 'none: a release is a folder with `holdfast.app.json`',
  }),
  environment: environment.optional().meta({
    description:
      'variables of the application, with secrets and parameters that its servers read ([environment](app-environment.md#the-fleets-variables))',
    unset: 'none',
  }),
  deploy: z.prefault(deploySettings, {}),
  sessions: sessions.prefault({}).describe('its sessions in the store, and which fleets it shares them with'),
  incidents: fleetIncidents.prefault({}).describe('what the runbooks of incidents can do for its users'),
  canary: canary.optional().describe('examines its sessions from outside on a schedule ([canary](canary-schedule.md))'),
};

const packages = z.array(matching(/^[a-z0-9][a-z0-9.+-]*$/));

const groupKeys = {
  instanceType: instanceType.default('t4g.small').describe('instance type of EC2'),
  runtimePackages: packages.default(['nodejs24']).meta({
    description: "packages of the application's runtime on Amazon Linux 2023",
    unset: '`["nodejs24"]`; `[]` with an `app` of kind `bundle`, and on existing servers, where the first deploy installs them with dnf',
  }),
  minCapacity: whole(1, MAXIMUM_SERVERS).default(3).describe('instances that the group starts with and never goes below'),
  maxCapacity: z.int().min(1).optional().meta({ description: 'maximum size of the group', unset: '`minCapacity` + 2' }),
};

const targetGroupKeys = {
  healthPath: matching(/^\/[!-~]*$/, 'must be a path that begins with / and is printable ASCII without spaces')
    .default('/live')
    .describe("path of the load balancer's health check; it must not depend on the session store"),
  healthStatus: matching(STATUS_CODES, 'must be status codes from 200 to 499, such as "200,302" or "200-399"')
    .default('200')
    .describe('status codes that count as healthy, from 200 to 499: `200,302`, `200-399`; with created servers 200 among them'),
  healthCheckIntervalSeconds: whole(5, 300).default(10).describe('seconds between two health checks'),
  healthCheckTimeoutSeconds: whole(2, 120).default(5).describe('seconds after which a health check without an answer has failed'),
  healthyThreshold: whole(2, 10).default(2).describe('checks in a row that make a target healthy'),
  unhealthyThreshold: whole(2, 10).default(3).describe('failed checks in a row that make a target unhealthy'),
};

const loadBalancerKeys = {
  certificateArn: arn('acm', 'certificate/')
    .optional()
    .meta({ description: 'ACM certificate of the HTTPS listener', unset: 'required, or `allowPlainHttp`' }),
  allowPlainHttp: z.boolean().default(false).describe('serves plain HTTP without a certificate; browsers then do not send Secure cookies'),
};

const members = z
  .enum(['autoScalingGroup', 'instances', 'ip'])
  .default('autoScalingGroup')
  .describe('the servers: those of an Auto Scaling group, existing `instances`, or existing addresses (`ip`)');

/**
 * The IAM policy that lists every member has no room for more. Functions' environments can have room for fewer: synthesis measures them.
 */
const MOST_MEMBERS = 100;

const node = z.strictObject({
  nodeId: nodeId.describe('Systems Manager sends commands to this node: `i-…` or `mi-…`'),
  ip: z.ipv4().describe('the load balancer sends requests to this address'),
  port: port.describe('port of the application on this node'),
  availabilityZone: z
    .literal('all')
    .optional()
    .describe("`all` for an address outside the load balancer's VPC, unless it is already registered that way"),
});

const existing = z.strictObject({
  listenerArn: arn('elasticloadbalancing', 'listener/app/')
    .optional()
    .describe('your listener, for a created target group: Holdfast adds one rule that forwards to it'),
  listenerRule: z
    .strictObject({
      priority: whole(1, 50_000).describe('priority of the rule'),
      hosts: z
        .array(text(128))
        .max(5)
        .default([])
        .meta({ description: 'hosts that it forwards; with `paths` one to five values', unset: 'any host' }),
      paths: z.array(text(128)).max(5).default([]).meta({ description: 'paths that it forwards', unset: 'any path' }),
      // CloudFormation updates the two rules in any order, and AWS refuses a priority that is still taken.
      drainPriority: whole(1, 50_000).optional().meta({
        description:
          'priority of the rule that keeps sessions on a server while it is drained (strategies `sticky` and `tomcat-cluster`). To move `priority` by one, deploy a new value of this one first',
        unset: '`priority` − 1',
      }),
      gatePriority: whole(1, 50_000).optional().meta({
        description: 'priority of the rule of [session gates](gate.md#in-holdfasts-own-deploys), above `priority`',
        unset: 'no session gate',
      }),
    })
    .refine(({ hosts, paths }) => hosts.length + paths.length > 0 && hosts.length + paths.length <= 5, {
      message: 'needs one to five hosts and paths together, the maximum of a listener rule',
    })
    .optional(),
  targetGroupArn: arn('elasticloadbalancing', 'targetgroup/').optional().describe('your target group'),
  drainTargetGroupArn: arn('elasticloadbalancing', 'targetgroup/')
    .optional()
    .describe(
      "strategies `sticky` and `tomcat-cluster`: an empty target group like the fleet's own, without stickiness. A server is in it while its sessions end",
    ),
  drainRuleArn: arn('elasticloadbalancing', 'listener-rule/app/')
    .optional()
    .describe(
      "strategies `sticky` and `tomcat-cluster`: the rule directly above the fleet's own that forwards to that group and matches no request. Deploys change its header condition",
    ),
  loadBalancerArn: arn('elasticloadbalancing', 'loadbalancer/app/')
    .optional()
    .describe("the target group's load balancer: a dimension of its metrics"),
  autoScalingGroupName: matching(/^[A-Za-z0-9_.:/=+@-]{1,255}$/)
    .optional()
    .describe('your Auto Scaling group, with members `autoScalingGroup`'),
  instanceIds: z.array(instanceId).min(1).max(MOST_MEMBERS).optional().describe('with members `instances`: 1 to 100 instances'),
  nodes: z.array(node).min(1).max(MOST_MEMBERS).optional().describe('with members `ip`: 1 to 100 addresses, each with its node'),
  instanceRoleName: matching(/^[A-Za-z0-9_+=,.@-]{1,64}$/)
    .optional()
    .describe("the servers' role: it gets one inline policy that allows reading the fleet's releases and the secret of its store user"),
  instanceSecurityGroupId: securityGroupId
    .optional()
    .describe("the servers' security group: it gets rules that let in a created load balancer"),
  loadBalancerSecurityGroupId: securityGroupId
    .optional()
    .describe('security group of your load balancer, which must already let it reach the servers: Holdfast adds no rule to it'),
  replacesService: matching(/^[A-Za-z0-9@_.:-]{1,200}\.service$/)
    .optional()
    .describe("the servers' own systemd service on this port: stopped when the first release is installed, after the drain"),
});

/** Existing servers already have their runtime. */
const adoptedKeys = { runtimePackages: packages.default([]) };

const everyKey = z.strictObject({
  ...common,
  ...groupKeys,
  ...targetGroupKeys,
  ...loadBalancerKeys,
  members,
  existing: existing.optional().describe('the parts of the fleet that are yours'),
});
type FleetInput = z.input<typeof everyKey>;

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

export const isStickyFleet = ({ strategy, stickiness }: Pick<FleetConfig, 'strategy' | 'stickiness'>): boolean =>
  strategy !== 'redis' || stickiness;

export const drainsSessions = ({ strategy, deploy }: Pick<FleetConfig, 'strategy' | 'deploy'>): boolean =>
  strategy !== 'redis' && deploy.sessionDrainSeconds > 0;

export const hasAwsAccess = (fleet: FleetConfig): boolean =>
  fleet.awsAccess ?? (isAdopted(fleet) || isBundleFleet(fleet) || fleet.incidents.criticalActions);

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
export const fleet = writtenAs(readFleet, everyKey) as unknown as z.ZodType<FleetConfig, FleetInput>;
