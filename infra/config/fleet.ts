import { z } from 'zod';
import { STRATEGIES } from '../../advisor/matrix.ts';
import { MOST_SERVERS } from '../../advisor/situation.ts';
import { deploySettings } from '../../functions/deploy/contract.ts';
import { arn, instanceId, nodeId, securityGroupId } from './aws-names.ts';
import { parsePart } from './created-or-named.ts';

/** Of any fleet. */
const common = {
  /** Port that the server listens on; the same as in its holdfast.app.json. */
  port: z.int().min(1).max(65535).default(8080),
  /**
   * Where the application keeps its sessions: in the store, in each server's memory, or copied between the servers of a
   * Tomcat cluster. All but `redis` make a created target group sticky. Deploys do not wait for sessions in memory.
   */
  strategy: z.enum(STRATEGIES).default('redis'),
  deploy: deploySettings.prefault({}),
};

const packages = z.array(z.string().regex(/^[a-z0-9][a-z0-9.+-]*$/));

/** Of servers that Holdfast launches: their Auto Scaling group. */
const groupKeys = {
  instanceType: z.string().default('t4g.small'),
  /** Packages of the server's runtime on Amazon Linux 2023. */
  runtimePackages: packages.default(['nodejs24']),
  /** Instances that the group starts with and never goes below. */
  minCapacity: z.int().min(1).max(MOST_SERVERS).default(3),
  /** @default minCapacity + 2 */
  maxCapacity: z.int().min(1).optional(),
};

/** Of a target group that Holdfast makes. */
const targetGroupKeys = {
  /** Path that the load balancer asks. Must not depend on the session store. */
  healthPath: z.string().regex(/^\//).default('/live'),
  healthCheckIntervalSeconds: z.int().min(5).max(300).default(10),
  healthCheckTimeoutSeconds: z.int().min(2).max(120).default(5),
  healthyThreshold: z.int().min(2).max(10).default(2),
  unhealthyThreshold: z.int().min(2).max(10).default(3),
};

/** Of a load balancer that Holdfast makes. */
const loadBalancerKeys = {
  /** ACM certificate of the HTTPS listener. */
  certificateArn: z
    .string()
    .regex(/^arn:aws:acm:/)
    .optional(),
  /** Serves plain HTTP where there is no certificate. Secure cookies then never reach the server. */
  allowPlainHttp: z.boolean().default(false),
};

/** Who the members of the fleet are: of an Auto Scaling group, named instances, or addresses. */
const members = z.enum(['autoScalingGroup', 'instances', 'ip']).default('autoScalingGroup');

/** More would not fit into the policy that names each. */
const MOST_MEMBERS = 100;

const node = z.strictObject({
  /** What commands are sent to. */
  nodeId,
  /** What the load balancer sends requests to. */
  ip: z.ipv4(),
  port: z.int().min(1).max(65535),
  /** `all` for an address outside the load balancer's VPC, unless it is registered so already. */
  availabilityZone: z.literal('all').optional(),
});

const existing = z.strictObject({
  /** With a created target group: gets one rule that leads there. */
  listenerArn: arn('elasticloadbalancing', 'listener/app/').optional(),
  listenerRule: z
    .strictObject({
      priority: z.int().min(1).max(50_000),
      /** @default any host */
      hosts: z.array(z.string().min(1).max(128)).max(5).default([]),
      /** @default any path */
      paths: z.array(z.string().min(1).max(128)).max(5).default([]),
    })
    .refine(({ hosts, paths }) => hosts.length + paths.length > 0 && hosts.length + paths.length <= 5, {
      message: 'needs one to five hosts and paths together: a rule of a load balancer takes no more values',
    })
    .optional(),
  targetGroupArn: arn('elasticloadbalancing', 'targetgroup/').optional(),
  /** The target group's, for its alarms. */
  loadBalancerArn: arn('elasticloadbalancing', 'loadbalancer/app/').optional(),
  autoScalingGroupName: z
    .string()
    .regex(/^[A-Za-z0-9_.:/=+@-]{1,255}$/)
    .optional(),
  instanceIds: z.array(instanceId).min(1).max(MOST_MEMBERS).optional(),
  nodes: z.array(node).min(1).max(MOST_MEMBERS).optional(),
  /** Gets one inline policy: the fleet's releases and the secret of the store's user. */
  instanceRoleName: z
    .string()
    .regex(/^[A-Za-z0-9_+=,.@-]{1,64}$/)
    .optional(),
  /** Gets rules that let in a created load balancer; those of what is named are there already. */
  instanceSecurityGroupId: securityGroupId.optional(),
  /** Has to let its load balancer reach the servers; gets no rule. */
  loadBalancerSecurityGroupId: securityGroupId.optional(),
  /** The machines' own service on the server's port: stopped when the first release is installed, after the drain. */
  replacesService: z
    .string()
    .regex(/^[A-Za-z0-9@_.:-]{1,200}\.service$/)
    .optional(),
});

const adoptedKeys = {
  /** Packages that the first deploy installs, with dnf. Machines that run already have their runtime. */
  runtimePackages: packages.default([]),
};

const whole = z.strictObject({ ...common, ...groupKeys, ...targetGroupKeys, ...loadBalancerKeys, members, existing: existing.optional() });
type FleetInput = z.input<typeof whole>;

type Keys<T extends z.core.$ZodLooseShape> = z.output<z.ZodObject<T, z.core.$strict>>;
/** Read leniently, only to find out what is named. */
const naming = z
  .looseObject({ members: members.catch('autoScalingGroup'), existing: z.looseObject({}).optional().catch(undefined) })
  .catch({
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

type Named = Pick<FleetConfig, 'members'> & { readonly existing?: object | undefined };
const names = ({ existing: part }: Named, key: keyof z.output<typeof existing>): boolean =>
  (part as Record<string, unknown> | undefined)?.[key] !== undefined;

/** Holdfast makes the fleet's Auto Scaling group. */
export const makesGroup = (fleet: Named): fleet is FleetWithGroup =>
  fleet.members === 'autoScalingGroup' && !names(fleet, 'autoScalingGroupName');
export const makesTargetGroup = (fleet: Named): fleet is FleetWithTargetGroup => !names(fleet, 'targetGroupArn');
export const makesLoadBalancer = (fleet: Named): fleet is FleetWithLoadBalancer => makesTargetGroup(fleet) && !names(fleet, 'listenerArn');
/** Servers that ran before Holdfast came: a deploy prepares them before it installs. */
export const isAdopted = (fleet: Named): boolean => !makesGroup(fleet);

/** Servers that an Auto Scaling group of Holdfast's may grow to. */
export const mostCapacity = ({ minCapacity, maxCapacity }: Keys<typeof groupKeys>): number => maxCapacity ?? minCapacity + 2;

/** Servers that the fleet may have; undefined for a named group, whose size is its owner's. */
export function mostServers(fleet: FleetConfig): number | undefined {
  return makesGroup(fleet) ? mostCapacity(fleet) : (fleet.existing?.instanceIds ?? fleet.existing?.nodes)?.length;
}

/** A fleet's keys depend on what of it is named. */
export const fleet = z.unknown().transform((value, context): unknown => {
  const found = naming.parse(value);
  const kinds: [boolean, object, string][] = [
    [makesGroup(found), groupKeys, 'belongs to an Auto Scaling group that Holdfast makes, and this fleet names its members under existing'],
    [makesTargetGroup(found), targetGroupKeys, 'belongs to a created target group, and existing.targetGroupArn names one that is there'],
    [
      makesLoadBalancer(found),
      loadBalancerKeys,
      'belongs to a created load balancer, and existing names a target group or a listener that is there',
    ],
  ];
  const made = kinds.filter(([isMade]) => isMade).map(([, keys]) => keys);
  const schema = z.strictObject(
    Object.assign({}, common, { members, existing: existing.optional() }, isAdopted(found) ? adoptedKeys : {}, ...made),
  );
  return parsePart(schema, value, context, (key) => {
    if (key in schema.shape) return undefined;
    return kinds.find(([, keys]) => key in keys)?.[2];
  });
}) as unknown as z.ZodType<FleetConfig, FleetInput>;
