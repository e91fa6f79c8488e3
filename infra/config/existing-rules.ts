/** Rules of what is named under `existing`: contradictions that AWS would refuse late, or never. */
import type { BrokenRule } from '../config-rules.ts';
import { placeOf, repeated } from './aws-names.ts';
import { type FleetConfig, isAdopted, makesGroup, makesLoadBalancer, makesTargetGroup } from './fleet.ts';
import type { NamedNetwork } from './network.ts';
import type { NamedStore } from './store.ts';

export interface Place {
  readonly region: string;
  readonly account?: string | undefined;
  /** The network is named as well, by the ids of a VPC that is there. */
  readonly networkIsNamed: boolean;
}

export function namedNetworkRules({ webSubnetIds, storeSubnetIds }: NamedNetwork): BrokenRule[] {
  return Object.entries({ webSubnetIds, storeSubnetIds }).flatMap(([key, ids]) =>
    repeated(ids).map((id) => ({ path: ['existing', key], message: `names ${id} twice` })),
  );
}

/** Oldest versions that take users who sign in by IAM. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html */
const FIRST_WITH_IAM = { valkey: 7.2, redis: 7 } as const;

export function namedStoreRules(store: NamedStore, place: Place): BrokenRule[] {
  const { broken, refuse } = collect('existing');
  const { auth, engine, engineVersion } = store;
  if (!place.networkIsNamed)
    refuse('lives in a VPC that is there, and the network would be created: name it under network.existing', 'host');
  if (auth !== 'none' && !store.tls)
    refuse(`does without TLS, and auth "${auth}" needs it: a password must not cross a network in the clear`, 'tls');
  if (auth === 'iam') {
    if (Number(engineVersion) < FIRST_WITH_IAM[engine])
      refuse(`of ${engine} has no IAM authentication: Valkey has it from 7.2 on, Redis OSS from 7.0 on`, 'engineVersion');
    if (!store.replicationGroupId) refuse('is needed with auth "iam": the token is signed for it', 'replicationGroupId');
    if (!store.userName) refuse('is needed with auth "iam": the user that the functions sign in as', 'userName');
  }
  if (auth === 'password' && !store.secretArn)
    refuse('is needed with auth "password": JSON with `password`, and `username` of a user', 'secretArn');
  if (auth !== 'password' && store.secretArn) refuse(`means nothing with auth "${auth}": only a password lies in a secret`, 'secretArn');
  if (auth === 'none' && store.userName) refuse('means nothing with auth "none": nobody signs in', 'userName');
  if (store.secretArn) refuseElsewhere(store.secretArn, place, refuse, 'secretArn');
  if (store.application) refuseElsewhere(store.application.secretArn, place, refuse, 'application', 'secretArn');
  return broken;
}

export function namedFleetRules(fleet: FleetConfig, place: Place): BrokenRule[] {
  const { existing, members } = fleet;
  const { broken, refuse } = collect('existing');
  const { refuse: refuseFleet } = collect(broken);
  if (members === 'instances' && !existing?.instanceIds) refuseFleet('needs existing.instanceIds: who the members are', 'members');
  if (members === 'ip' && !existing?.nodes) refuseFleet('needs existing.nodes: who the members are', 'members');
  if (!existing) return broken;

  const only = (key: 'instanceIds' | 'nodes' | 'autoScalingGroupName', kind: FleetConfig['members']) => {
    if (existing[key] !== undefined && members !== kind) refuse(`means nothing with members "${members}": it goes with "${kind}"`, key);
  };
  only('instanceIds', 'instances');
  only('nodes', 'ip');
  only('autoScalingGroupName', 'autoScalingGroup');

  const pair = (key: keyof typeof existing, other: keyof typeof existing, why: string) => {
    if (existing[key] !== undefined && existing[other] === undefined) refuse(`needs existing.${other}: ${why}`, key);
  };
  pair('listenerArn', 'listenerRule', 'the listener gets one rule more, and that is what it says');
  pair('listenerRule', 'listenerArn', 'there is no listener to give it to');
  pair('targetGroupArn', 'loadBalancerArn', 'metrics of a target group are found under both');
  pair('loadBalancerArn', 'targetGroupArn', 'a load balancer alone says nothing of the servers');
  if (existing.targetGroupArn && existing.listenerArn)
    refuse('goes with a created target group, and existing.targetGroupArn names one that has its listener', 'listenerArn');
  if (existing.autoScalingGroupName && makesTargetGroup(fleet))
    refuse('is attached to its target group by whoever made it: name that one under existing.targetGroupArn', 'autoScalingGroupName');
  if (makesGroup(fleet) && !makesLoadBalancer(fleet) && !existing.loadBalancerSecurityGroupId)
    refuse('is needed for created servers behind a load balancer that is there: they let in nobody else', 'loadBalancerSecurityGroupId');
  if (members === 'instances' && makesLoadBalancer(fleet) && !existing.instanceSecurityGroupId)
    refuse('is needed behind a created load balancer: the instances have to let it in', 'instanceSecurityGroupId');
  if (existing.replacesService && !isAdopted(fleet))
    refuse('means nothing on servers that Holdfast launches: nothing runs there before', 'replacesService');

  for (const key of IN_A_VPC) {
    if (existing[key] !== undefined && !place.networkIsNamed)
      refuse('lives in a VPC that is there, and the network would be created: name it under network.existing', key);
  }
  for (const key of ['listenerArn', 'targetGroupArn', 'loadBalancerArn'] as const) {
    const named = existing[key];
    if (named !== undefined) refuseElsewhere(named, place, refuse, key);
  }
  for (const id of repeated(existing.instanceIds ?? [])) refuse(`names ${id} twice`, 'instanceIds');
  const nodes = existing.nodes ?? [];
  for (const twice of [...repeated(nodes.map((node) => node.nodeId)), ...repeated(nodes.map(({ ip }) => ip))])
    refuse(`names ${twice} twice`, 'nodes');
  nodes.forEach(({ ip }, index) => {
    if (!isPrivate(ip)) refuse(`is none that a target group takes: 10/8, 172.16/12, 192.168/16 or 100.64/10`, 'nodes', index, 'ip');
  });
  return broken;
}

/** What two fleets name, which would fight over it. */
export function sharedByFleets(fleets: Readonly<Record<string, FleetConfig>>): BrokenRule[] {
  const owners = new Map<string, string>();
  return Object.entries(fleets).flatMap(([name, { existing = {} }]) => {
    const claimed: [string, string | undefined][] = [
      ['targetGroupArn', existing.targetGroupArn],
      ['autoScalingGroupName', existing.autoScalingGroupName],
      ...(existing.instanceIds ?? []).map((id): [string, string] => ['instanceIds', id]),
      ...(existing.nodes ?? []).map(({ nodeId }): [string, string] => ['nodes', nodeId]),
    ];
    return claimed.flatMap(([key, id]): BrokenRule[] => {
      if (id === undefined) return [];
      const owner = owners.get(id);
      owners.set(id, name);
      if (owner === undefined || owner === name) return [];
      return [{ path: ['fleets', name, 'existing', key], message: `names ${id}, which is fleet ${owner}'s: each rolls its own` }];
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

type Refuse = (message: string, ...path: (string | number)[]) => void;

function collect(under: string | BrokenRule[]): { broken: BrokenRule[]; refuse: Refuse } {
  const broken = typeof under === 'string' ? [] : under;
  const prefix = typeof under === 'string' ? [under] : [];
  return { broken, refuse: (message, ...path) => broken.push({ path: [...prefix, ...path], message }) };
}

function refuseElsewhere(arn: string, { region, account }: Place, refuse: Refuse, ...path: string[]): void {
  const place = placeOf(arn);
  if (place.region !== region) refuse(`is not in ${region}, where the installation is`, ...path);
  if (account !== undefined && place.account !== account) refuse(`is not in account ${account}, where the installation is`, ...path);
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-type */
function isPrivate(ip: string): boolean {
  const [a = 0, b = 0] = ip.split('.').map(Number);
  return a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 100 && b >= 64 && b < 128);
}
