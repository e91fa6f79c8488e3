/** What doctor checks: the resources of one fleet, by the configuration that its templates are made from. Pure. */
import type { DrainArns, Named, SessionSubject, StoreScope, StoreSubject, Subject } from '../../functions/checks/subject.ts';
import { regionalArn } from '../../functions/shared/aws/partition.ts';
import {
  autoScalingGroupName,
  environmentParameterName,
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
import { environmentArns } from '../../infra/config/environment.ts';
import { createsGroup, drainsSessions, hasAwsAccess, retainsServers } from '../../infra/config/fleet.ts';
import { reLoginPageOf } from '../../infra/config/re-login-page.ts';
import { sessionGroupOf } from '../../infra/config/session-groups.ts';
import { applicationUserName } from '../../infra/config/session-rules.ts';
import type { FleetConfig, HoldfastConfig } from '../../infra/config.ts';
import { channelPatterns } from '../../infra/constructs/store/access-strings.ts';

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
    ...(config.retention === 'protected' && { lastStackName: terminationProtectionStackName(installation) }),
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
    managerUsesStore: sessionManagerOf(fleet) === 'redisson',
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
    variables: environmentArns(fleet.environment, environmentParameterName(installation, fleetName), (service) =>
      regionalArn(service, place, '').slice(0, -1),
    ),
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
    hasDeploys: true,
    releasesBucket: releasesBucketName(installation, place.account, place.region),
    storeCheckFunction: functionName(installation, fleetName, 'deploy-store-check'),
    ...(drainsSessions(fleet) && {
      sessionDrain: { function: functionName(installation, fleetName, 'deploy-sessions'), ...existingDrain(existing) },
    }),
    settings: fleet.deploy,
  };
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
