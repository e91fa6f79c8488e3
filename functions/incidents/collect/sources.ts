import { setTimeout as sleep } from 'node:timers/promises';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { SSMClient } from '@aws-sdk/client-ssm';
import { readCanary } from '../../canary/contract/canary-records.ts';
import { dynamoStoreRecords } from '../../collect/store-records.ts';
import { recordsFrom, recordsTableFrom } from '../../records/dynamo-records.ts';
import { dynamoDocuments } from '../../records/sdk-dynamo-calls.ts';
import { describeZones } from '../../shared/aws/auto-scaling.ts';
import { balancerDimension, createReadResponses } from '../../shared/aws/balancer-metrics.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { createFront } from '../../shared/aws/front.ts';
import { createReplicationGroup } from '../../shared/aws/replication-group.ts';
import { createRunCommand } from '../../shared/aws/run-command.ts';
import { createScalingHistory } from '../../shared/aws/scaling-history.ts';
import { createTargetGroup, describeTargetHealth } from '../../shared/aws/target-group.ts';
import { createTrail } from '../../shared/aws/trail.ts';
import { type Environment, optional, required } from '../../shared/environment.ts';
import { functionName } from '../../shared/naming.ts';
import { dynamoSweepRecords } from '../../sweep/sweep-records.ts';
import { COLLECT_SOURCES_ENV, type Collector } from '../contract/environment.ts';
import { NO_FLEET, SOURCES, type Source } from '../contract/evidence.ts';
import { READ_ACCESS_LOG, READ_LOGS, READ_LOGS_ENV } from '../contract/read-logs.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { createBalancer, createScaling, createTraffic } from './collect-balancer.ts';
import { createChanges, TRAIL_CLIENT_OPTIONS } from './collect-changes.ts';
import { createCanary, createCriticalActionsCollector, createDeploys, createReadings, createSweeps } from './collect-records.ts';
import { createServersCollector, MOST_SERVERS, withPlaces } from './collect-servers.ts';
import { askWitnessFrom, createStoreGroup, createWitnessCollector } from './collect-store.ts';
import { chooseFleets, type Fleets } from './fleets.ts';

/** The servers that are registered in a fleet's target group, by Systems Manager. @throws MissingEnvironment */
export function serversFrom(environment: Environment, fleets: Fleets, limitMs?: number): Collector<'servers'> {
  const loadBalancing = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  const autoScaling = new AutoScalingClient(CLIENT_OPTIONS);
  const records = recordsFrom(environment);
  return createServersCollector({
    runCommand: createRunCommand(new SSMClient(CLIENT_OPTIONS)),
    documentNames: {
      [READ_LOGS.document]: required(environment, READ_LOGS_ENV.document),
      [READ_ACCESS_LOG.document]: required(environment, READ_LOGS_ENV.accessDocument),
    },
    serversOf: async (name) => {
      const fleet = fleets[name];
      if (fleet === undefined) return [];
      const health = await describeTargetHealth(loadBalancing, fleet.targetGroupArn, fleet.members);
      const instanceIds = health.map(({ instanceId }) => instanceId);
      if (instanceIds.length <= MOST_SERVERS) return instanceIds.map((instanceId) => ({ instanceId }));
      const { autoScalingGroup } = fleet;
      return withPlaces(instanceIds, {
        zones: async () => (autoScalingGroup === undefined ? new Map() : describeZones(autoScaling, autoScalingGroup)),
        versions: async () => new Map((await records.getInstances(name)).map(({ instanceId, version }) => [instanceId, version])),
      });
    },
    contractOf: async (fleet, version) => (await records.getRelease(fleet, version))?.app,
    now: Date.now,
    pause: (ms) => sleep(ms),
    ...(limitMs !== undefined && { limitMs }),
  });
}

/** The load balancer's metrics. */
export function trafficFrom(fleets: Fleets): Collector<'traffic'> {
  const loadBalancing = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  const cloudWatch = new CloudWatchClient(CLIENT_OPTIONS);
  return createTraffic({
    fleets,
    front: ({ targetGroupArn }) => createFront(loadBalancing, targetGroupArn),
    responses: (loadBalancerArn, targetGroupArn) => createReadResponses(cloudWatch, loadBalancerArn, targetGroupArn),
    now: Date.now,
  });
}

type ApiSource = Exclude<Source, 'store'>;
export const API_SOURCES = SOURCES.filter((source) => source !== 'store');
type Sources = { readonly [S in ApiSource]: Collector<S> };
type StoreSource = 'storeGroup' | 'readings' | 'sweeps' | 'changes';

export function createSources(environment: Environment, fleets: Fleets): Sources {
  const ofStore = createStoreSources(environment, fleets);
  if (Object.keys(fleets).length > 0) return { ...ofStore, ...createFleetSources(environment, fleets) };
  const none = Object.fromEntries(API_SOURCES.map((source) => [source, async () => ({ gap: NO_FLEET })])) as unknown as Sources;
  return { ...none, ...ofStore };
}

const now = Date.now;

function createFleetSources(environment: Environment, fleets: Fleets): Omit<Sources, StoreSource> {
  const elb = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  const autoScaling = new AutoScalingClient(CLIENT_OPTIONS);
  const records = recordsFrom(environment);
  const table = recordsTableFrom(environment);
  return {
    balancer: createBalancer({
      fleets,
      front: ({ targetGroupArn }) => createFront(elb, targetGroupArn),
      targetGroup: ({ targetGroupArn, members }) => createTargetGroup(elb, targetGroupArn, members),
      appContract: async (fleet) => {
        const current = await records.getFleet(fleet);
        return current && (await records.getRelease(fleet, current.currentVersion))?.app;
      },
      now,
    }),
    traffic: trafficFrom(fleets),
    scaling: createScaling({ fleets, history: (group) => createScalingHistory(autoScaling, group), now }),
    deploys: createDeploys({ records, now }),
    servers: serversFrom(environment, fleets),
    canary: createCanary({ fleets, read: (fleet) => readCanary(table, fleet), now }),
    witness: createWitnessCollector({ fleets, ask: askWitnessFrom(environment), now }),
    criticalActions: createCriticalActionsCollector({
      dynamo: dynamoDocuments(),
      installation: required(environment, COLLECT_SOURCES_ENV.installation),
      fleets: Object.keys(fleets).filter((name) => fleets[name]?.criticalActions),
      now,
    }),
  };
}

function createStoreSources(environment: Environment, fleets: Fleets): Pick<Sources, StoreSource> {
  const installation = required(environment, COLLECT_SOURCES_ENV.installation);
  const groupId = optional(environment, COLLECT_SOURCES_ENV.replicationGroupId);
  const elb = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  const table = recordsTableFrom(environment);
  return {
    storeGroup: createStoreGroup({
      group: groupId === undefined ? undefined : createReplicationGroup(new ElastiCacheClient(CLIENT_OPTIONS), groupId),
      now,
    }),
    readings: createReadings({ records: dynamoStoreRecords(table), now }),
    sweeps: createSweeps({ records: dynamoSweepRecords(table), now }),
    changes: createChanges({
      trail: createTrail(new CloudTrailClient(TRAIL_CLIENT_OPTIONS)),
      records: dynamoIncidentRecords(table),
      concerned: async (names) => {
        const chosen = chooseFleets(fleets, { fleets: names });
        const described = await Promise.all(chosen.map(({ targetGroupArn }) => createFront(elb, targetGroupArn).describe()));
        const balancers = described.flatMap(({ loadBalancerArn: arn }) => (arn === undefined ? [] : [balancerDimension(arn)]));
        return [installation, groupId ?? '', ...chosen.map(({ targetGroupArn }) => targetGroupArn), ...balancers];
      },
      deploying: Object.keys(fleets).flatMap((name) =>
        ['sessions', 'session-gate', 'clean-up', 'reconcile'].map((role) => functionName(installation, name, `deploy-${role}`)),
      ),
      now,
      pause: (ms) => sleep(ms),
    }),
  };
}
