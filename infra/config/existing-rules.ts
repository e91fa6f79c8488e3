/** Rules of what is listed under `existing`: contradictions that AWS would reject late, or never. */
import { placeOf, repeated } from './aws-names.ts';
import { type BrokenRule, collectBrokenRules, type Refuse, under } from './broken-rules.ts';
import { createsGroup, createsLoadBalancer, createsTargetGroup, type FleetConfig, isAdopted } from './fleet.ts';
import type { ExistingNetwork } from './installation.ts';
import type { ExistingStore } from './store.ts';

export interface Place {
  readonly region: string;
  readonly account?: string | undefined;
  readonly hasExistingNetwork: boolean;
}

const NEEDS_EXISTING_NETWORK = 'is in an existing VPC, but Holdfast would create the network: set network.existing';

export function existingNetworkRules({ webSubnetIds = [], storeSubnetIds }: ExistingNetwork): BrokenRule[] {
  return Object.entries({ webSubnetIds, storeSubnetIds }).flatMap(([key, ids]) =>
    repeated(ids).map((id) => ({ path: ['existing', key], message: `contains ${id} twice` })),
  );
}

/** Oldest versions with IAM authentication. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html */
const FIRST_WITH_IAM = { valkey: 7.2, redis: 7 } as const;

export function existingStoreRules(store: ExistingStore, place: Place): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('existing');
  const { auth, engine, engineVersion } = store;
  if (!place.hasExistingNetwork) refuse(NEEDS_EXISTING_NETWORK, 'host');
  if (auth !== 'none' && !store.tls) refuse(`must be true with auth "${auth}": a password must not cross a network unencrypted`, 'tls');
  if (auth === 'iam') {
    if (Number(engineVersion) < FIRST_WITH_IAM[engine])
      refuse(`of ${engine} has no IAM authentication: it needs Valkey 7.2 or later, or Redis OSS 7.0 or later`, 'engineVersion');
    if (!store.replicationGroupId) refuse('is required with auth "iam": the token is signed for it', 'replicationGroupId');
    if (!store.userName) refuse('is required with auth "iam": the functions sign in as this user', 'userName');
  }
  if (auth === 'password' && !store.secretArn)
    refuse('is required with auth "password": a secret with `password` and, if the store has users, `username`', 'secretArn');
  if (auth !== 'password' && store.secretArn) refuse(`cannot be combined with auth "${auth}": it applies to "password" only`, 'secretArn');
  if (auth === 'none' && store.userName) refuse('cannot be combined with auth "none": no user signs in', 'userName');
  if (store.secretArn) refuseElsewhere(store.secretArn, place, refuse, 'secretArn');
  if (store.application) refuseElsewhere(store.application.secretArn, place, refuse, 'application', 'secretArn');
  return broken;
}

export function existingFleetRules(fleet: FleetConfig, place: Place): BrokenRule[] {
  const { existing } = fleet;
  return [...missingMembers(fleet), ...(existing ? under(['existing'], existingPartsRules(fleet, existing, place)) : [])];
}

function missingMembers({ members, existing }: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  if (members === 'instances' && !existing?.instanceIds) refuse('needs existing.instanceIds, the list of members', 'members');
  if (members === 'ip' && !existing?.nodes) refuse('needs existing.nodes, the list of members', 'members');
  return broken;
}

type ExistingParts = NonNullable<FleetConfig['existing']>;

function existingPartsRules(fleet: FleetConfig, existing: ExistingParts, place: Place): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  refuseContradictions(fleet, existing, refuse);
  refuseAnotherPlace(existing, place, refuse);
  refuseMembers(existing, refuse);
  return broken;
}

function refuseContradictions(fleet: FleetConfig, existing: ExistingParts, refuse: Refuse): void {
  const { members } = fleet;
  const only = (key: 'instanceIds' | 'nodes' | 'autoScalingGroupName', kind: FleetConfig['members']) => {
    if (existing[key] !== undefined && members !== kind) refuse(`needs members "${kind}"; this fleet has members "${members}"`, key);
  };
  only('instanceIds', 'instances');
  only('nodes', 'ip');
  only('autoScalingGroupName', 'autoScalingGroup');

  const pair = (key: keyof ExistingParts, other: keyof ExistingParts, why: string) => {
    if (existing[key] !== undefined && existing[other] === undefined) refuse(`needs existing.${other}: ${why}`, key);
  };
  pair('listenerArn', 'listenerRule', 'Holdfast adds one rule to the listener, with these conditions');
  pair('listenerRule', 'listenerArn', 'Holdfast adds the rule to this listener');
  pair('drainTargetGroupArn', 'drainRuleArn', 'the rule that forwards to it');
  pair('drainRuleArn', 'drainTargetGroupArn', 'the target group that it forwards to');
  pair('targetGroupArn', 'loadBalancerArn', "CloudWatch's metrics of a target group have both as dimensions");
  pair('loadBalancerArn', 'targetGroupArn', 'a load balancer alone does not identify the servers');
  if (existing.targetGroupArn && existing.listenerArn)
    refuse('applies to a created target group; existing.targetGroupArn already has a listener', 'listenerArn');
  if (existing.autoScalingGroupName && createsTargetGroup(fleet))
    refuse('needs existing.targetGroupArn, the target group that the Auto Scaling group is attached to', 'autoScalingGroupName');
  if (createsGroup(fleet) && !createsLoadBalancer(fleet) && !existing.loadBalancerSecurityGroupId)
    refuse(
      'is required for created servers behind an existing load balancer: they accept requests from it alone',
      'loadBalancerSecurityGroupId',
    );
  if (members === 'instances' && createsLoadBalancer(fleet) && !existing.instanceSecurityGroupId)
    refuse('is required behind a created load balancer: the instances must accept its requests', 'instanceSecurityGroupId');
  if (existing.replacesService && !isAdopted(fleet))
    refuse('does not apply to servers that Holdfast launches: they have no earlier service', 'replacesService');
}

function refuseAnotherPlace(existing: ExistingParts, place: Place, refuse: Refuse): void {
  for (const key of IN_A_VPC) if (existing[key] !== undefined && !place.hasExistingNetwork) refuse(NEEDS_EXISTING_NETWORK, key);
  for (const key of ['listenerArn', 'targetGroupArn', 'loadBalancerArn', 'drainTargetGroupArn', 'drainRuleArn'] as const) {
    const arn = existing[key];
    if (arn !== undefined) refuseElsewhere(arn, place, refuse, key);
  }
}

function refuseMembers({ instanceIds = [], nodes = [] }: ExistingParts, refuse: Refuse): void {
  for (const id of repeated(instanceIds)) refuse(`contains ${id} twice`, 'instanceIds');
  for (const twice of [...repeated(nodes.map((node) => node.nodeId)), ...repeated(nodes.map(({ ip }) => ip))])
    refuse(`contains ${twice} twice`, 'nodes');
  nodes.forEach(({ ip }, index) => {
    if (!isPrivate(ip))
      refuse('is not an address that a target group accepts: 10/8, 172.16/12, 192.168/16 or 100.64/10', 'nodes', index, 'ip');
  });
}

/** What two fleets both list: their deploys would interfere with each other. */
export function sharedByFleets(fleets: Readonly<Record<string, FleetConfig>>): BrokenRule[] {
  const owners = new Map<string, string>();
  return Object.entries(fleets).flatMap(([name, { existing = {} }]) => {
    const claimed: [string, string | undefined][] = [
      ['targetGroupArn', existing.targetGroupArn],
      ['drainTargetGroupArn', existing.drainTargetGroupArn],
      ['drainRuleArn', existing.drainRuleArn],
      ['autoScalingGroupName', existing.autoScalingGroupName],
      ...(existing.instanceIds ?? []).map((id): [string, string] => ['instanceIds', id]),
      ...(existing.nodes ?? []).map(({ nodeId }): [string, string] => ['nodes', nodeId]),
    ];
    return claimed.flatMap(([key, id]): BrokenRule[] => {
      if (id === undefined) return [];
      const owner = owners.get(id);
      owners.set(id, name);
      if (owner === undefined || owner === name) return [];
      return [
        { path: ['fleets', name, 'existing', key], message: `contains ${id}, which belongs to fleet ${owner}: a fleet shares no servers` },
      ];
    });
  });
}

const IN_A_VPC = [
  'listenerArn',
  'targetGroupArn',
  'autoScalingGroupName',
  'instanceIds',
  'nodes',
  'instanceSecurityGroupId',
  'loadBalancerSecurityGroupId',
] as const;

export function refuseElsewhere(
  arn: string,
  { region, account }: Pick<Place, 'region' | 'account'>,
  refuse: Refuse,
  ...path: string[]
): void {
  const place = placeOf(arn);
  if (place.region !== region) refuse(`is not in ${region}, the installation's Region`, ...path);
  if (account !== undefined && place.account !== account) refuse(`is not in account ${account}, the installation's account`, ...path);
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-type */
function isPrivate(ip: string): boolean {
  const [a = 0, b = 0] = ip.split('.').map(Number);
  return a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 100 && b >= 64 && b < 128);
}
