/** What doctor checks: the resources of one fleet, by the configuration that its templates are made from. Pure. */
import type { Strategy } from '../../advisor/matrix.ts';
import type { DeploySettings } from '../../functions/deploy/settings/settings.ts';
import type { ReLoginPage } from '../../functions/incidents/contract/environment.ts';
import {
  autoScalingGroupName,
  fleetAlarmNames,
  functionName,
  incidentAlarmNames,
  recordsTableName,
  releasesBucketName,
  replicationGroupId,
  storeAlarmNames,
  targetGroupName,
  terminationProtectionStackName,
} from '../../functions/shared/naming.ts';
import { sessionManagerOf } from '../../infra/config/app-kind.ts';
import { clusterMembers } from '../../infra/config/cluster-rules.ts';
import { createsGroup, createsLoadBalancer, drainsSessions, hasAwsAccess, retainsServers } from '../../infra/config/fleet.ts';
import { reLoginPageOf } from '../../infra/config/re-login-page.ts';
import { sessionGroupOf } from '../../infra/config/session-groups.ts';
import { applicationUserName } from '../../infra/config/session-rules.ts';
import type { FleetConfig, HoldfastConfig } from '../../infra/config.ts';
import { channelPatterns } from '../../infra/constructs/store/access-strings.ts';
import type { Cloud } from '../cloud.ts';

/** A resource by its name, or by its ARN when the configuration names an existing one. */
export interface Named {
  readonly id: string;
  /** True when the configuration names it as existing; false when Holdfast makes it. */
  readonly named: boolean;
}

/** ARNs of the existing rule and target group by which deploys keep a server's sessions on it. */
export interface DrainArns {
  readonly ruleArn: string;
  readonly drainTargetGroupArn: string;
}

/** What doctor checks where no fleet is: the store, and what watches it. */
export interface StoreScope extends Pick<Cloud, 'installation' | 'account' | 'region' | 'local' | 'awsOptions'> {
  readonly store: StoreSubject;
  readonly storeAlarmNames: readonly string[];
  /** Alarms on what starts and tends incidents; none where alarms start no runbooks. */
  readonly incidentAlarmNames: readonly string[];
  readonly recordsTable: string;
  /** What the configuration says about dialects. */
  readonly sweepPolicies: Readonly<Record<string, string>>;
  /** With the retention `protected`: its last stack, and whether Holdfast makes the load balancer. */
  readonly protection?: { readonly stackName: string; readonly ownLoadBalancer: boolean };
  /** The replicas of the store are waited for before a deploy. */
  readonly hasDeploys: boolean;
}

export interface Subject extends StoreScope, Pick<Cloud, 'fleet'> {
  readonly releasesBucket: string;
  /** Letters of the zones of a created network. */
  readonly zones?: readonly string[];
  readonly members: 'autoScalingGroup' | 'instances' | 'ip';
  /** Where sessions are stored, by the configuration. */
  readonly strategy: Strategy;
  /** With strategy redis: users stay on their server as well. */
  readonly stickiness: boolean;
  /** A session manager of the configuration keeps the sessions of releases that are published now in the store. */
  readonly managerUsesStore: boolean;
  readonly sessions: SessionSubject;
  /** Ids of named instances and nodes; empty for a group. */
  readonly nodeIds: readonly string[];
  /** Name, or ARN of a named one. */
  readonly targetGroup: Named;
  /** Listener that a rule of Holdfast's is added to. */
  readonly listenerArn?: string;
  readonly loadBalancerArn?: string;
  readonly group?: Named;
  /** Role of named instances. */
  readonly instanceRoleName?: string;
  /** Holdfast makes the servers' role. */
  readonly ownRole: boolean;
  /** The application's process can use the role. */
  readonly awsAccess: boolean;
  /** Security groups that the configuration names. */
  readonly securityGroups: { readonly servers?: string; readonly loadBalancer?: string; readonly store?: string };
  /** Hosts that the listener's rule takes. */
  readonly hosts: readonly string[];
  /** What users see while no session can be read; undefined without such a page. */
  readonly reLoginPage?: ReLoginPage;
  /** Alarms start runbooks. */
  readonly hasRunbooks: boolean;
  readonly port: number;
  /** Undefined for a named target group: its owner chose it. */
  readonly healthPath?: string;
  readonly certificateArn?: string;
  readonly allowPlainHttp: boolean;
  readonly alarmNames: readonly string[];
  readonly storeCheckFunction: string;
  /** Deploys wait for sessions: the function that does, and the rule and group that the configuration names. */
  readonly sessionDrain?: { readonly function: string; readonly existing?: DrainArns };
  /** The nodes of a Tomcat cluster, each as `10.0.0.1:4000`, in their order. */
  readonly cluster?: { readonly members: readonly string[] };
  readonly settings: DeploySettings;
}

/** What the fleet's application needs of the store. */
export interface SessionSubject {
  /** Name of its user; undefined where it signs in without one. */
  readonly userName?: string;
  /** Patterns of the channels that the configuration lists, or that follow from the fleet's app. */
  readonly channels: readonly string[];
  /** The configuration lists the channels of Spring's indexed repository. */
  readonly usesSpringIndex: boolean;
  /** The fleet's user is Holdfast's: its channels are those of the configuration. */
  readonly ownUser: boolean;
}

export interface StoreSubject {
  /** Undefined for an existing store without a replication group in the configuration. */
  readonly replicationGroup?: Named;
  /** Host of a named store. */
  readonly host?: string;
  readonly port: number;
  readonly tls: boolean;
  readonly auth: 'none' | 'password' | 'iam';
  readonly replicas: number;
  /** Undefined for a named store: its owner chose it. */
  readonly evictionPolicy?: string;
}

/** Port of a replication group that Holdfast makes. */
const STORE_PORT = 6379;

type ReadPlace = Pick<Subject, 'account' | 'region' | 'local' | 'awsOptions'>;

export function readStoreScope(config: HoldfastConfig, { account, region, local, awsOptions }: ReadPlace): StoreScope {
  const { installation } = config;
  return {
    ...{ account, region, local, awsOptions },
    installation,
    sweepPolicies: config.sweep.policies,
    store: readStore(config),
    storeAlarmNames: storeAlarmNames(installation),
    incidentAlarmNames: config.incidents.enabled ? incidentAlarmNames(installation) : [],
    recordsTable: recordsTableName(installation),
    ...(config.retention === 'protected' && {
      protection: { stackName: terminationProtectionStackName(installation), ownLoadBalancer: false },
    }),
    hasDeploys: false,
  };
}

export function readSubject(config: HoldfastConfig, fleetName: string, place: ReadPlace): Subject {
  const { installation } = config;
  const scope = readStoreScope(config, place);
  const fleet = config.fleets[fleetName] as FleetConfig;
  const { existing = {} } = fleet;
  return {
    ...scope,
    ...(!config.network.existing && { zones: config.zones }),
    fleet: fleetName,
    members: fleet.members,
    strategy: fleet.strategy,
    stickiness: fleet.stickiness,
    managerUsesStore: fleet.app !== undefined && sessionManagerOf(fleet.app, fleet.strategy) === 'redisson',
    sessions: readSessions(config, fleetName),
    nodeIds: existing.instanceIds ?? existing.nodes?.map(({ nodeId }) => nodeId) ?? [],
    targetGroup: named(existing.targetGroupArn, targetGroupName(installation, fleetName)),
    listenerArn: existing.listenerArn,
    loadBalancerArn: existing.loadBalancerArn ?? loadBalancerOf(existing.listenerArn),
    group:
      fleet.members === 'autoScalingGroup'
        ? named(existing.autoScalingGroupName, autoScalingGroupName(installation, fleetName))
        : undefined,
    instanceRoleName: existing.instanceRoleName,
    ownRole: createsGroup(fleet) && existing.instanceRoleName === undefined,
    awsAccess: hasAwsAccess(fleet),
    securityGroups: {
      servers: existing.instanceSecurityGroupId,
      loadBalancer: existing.loadBalancerSecurityGroupId,
      store: config.store.existing?.securityGroupId,
    },
    hosts: existing.listenerRule?.hosts ?? [],
    reLoginPage: reLoginPageOf(fleet),
    hasRunbooks: config.incidents.enabled,
    port: fleet.port,
    healthPath: fleet.healthPath,
    certificateArn: fleet.certificateArn,
    allowPlainHttp: fleet.allowPlainHttp ?? false,
    alarmNames: [
      ...fleetAlarmNames(installation, fleetName, {
        group: fleet.members === 'autoScalingGroup',
        retention: retainsServers(fleet),
        canary: fleet.canary !== undefined,
      }),
      ...fleet.deploy.alarmNames,
    ],
    ...(scope.protection && { protection: { ...scope.protection, ownLoadBalancer: createsLoadBalancer(fleet) } }),
    hasDeploys: true,
    releasesBucket: releasesBucketName(installation, place.account, place.region),
    storeCheckFunction: functionName(installation, fleetName, 'deploy-store-check'),
    ...(drainsSessions(fleet) && {
      sessionDrain: { function: functionName(installation, fleetName, 'deploy-sessions'), ...existingDrain(existing) },
    }),
    ...clusterOf(fleet),
    settings: fleet.deploy,
  };
}

function clusterOf(fleet: FleetConfig): Pick<Subject, 'cluster'> {
  const members = clusterMembers(fleet);
  return members.length > 0 ? { cluster: { members } } : {};
}

function existingDrain({ drainRuleArn: ruleArn, drainTargetGroupArn }: NonNullable<FleetConfig['existing']>): {
  readonly existing?: DrainArns;
} {
  return ruleArn !== undefined && drainTargetGroupArn !== undefined ? { existing: { ruleArn, drainTargetGroupArn } } : {};
}

function readSessions(config: HoldfastConfig, fleetName: string): SessionSubject {
  const { store } = config;
  const group = sessionGroupOf(config, fleetName);
  return {
    userName: store.existing ? group.application?.userName : applicationUserName(group),
    channels: channelPatterns(group, store.databases),
    usesSpringIndex: group.channels.includes('spring-session-indexed'),
    ownUser: store.existing === undefined,
  };
}

function readStore({ installation, store }: HoldfastConfig): StoreSubject {
  if (!store.existing) {
    const replicationGroup = { id: replicationGroupId(installation), named: false };
    return { replicationGroup, port: STORE_PORT, tls: true, auth: 'iam', replicas: store.replicas, evictionPolicy: store.evictionPolicy };
  }
  const { replicationGroupId: id, host, port, tls, auth, replicas } = store.existing;
  return { replicationGroup: id === undefined ? undefined : { id, named: true }, host, port, tls, auth, replicas };
}

const named = (existing: string | undefined, made: string): Named => ({ id: existing ?? made, named: existing !== undefined });

/** `…:listener/app/NAME/ID/LISTENER` belongs to `…:loadbalancer/app/NAME/ID`. */
const loadBalancerOf = (listenerArn: string | undefined): string | undefined =>
  listenerArn?.replace(/:listener\/(app\/[^/]+\/[^/]+)\/[^/]+$/, ':loadbalancer/$1');
