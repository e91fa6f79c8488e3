import { setTimeout as sleep } from 'node:timers/promises';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { readCanary } from '../../canary/schedule/canary-records.ts';
import { dynamoStoreRecords, type StoreRecords } from '../../collect/store-records.ts';
import { recordsFrom, recordsTableFrom } from '../../records/dynamo-records.ts';
import { DYNAMODB_TARGET } from '../../records/signed-dynamo-calls.ts';
import { balancerDimension, createReadResponses, metricsFrom } from '../../shared/aws/balancer-metrics.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { roleCredentials } from '../../shared/aws/environment-credentials.ts';
import { createFront } from '../../shared/aws/front.ts';
import { createScalingHistory } from '../../shared/aws/scaling-history.ts';
import { jsonService } from '../../shared/aws/signed/json-service.ts';
import { createReplicationGroup } from '../../shared/aws/signed/replication-group.ts';
import { type SignedService, serviceUrl } from '../../shared/aws/signed/service-url.ts';
import { CALL_LIMITS, signedCalls } from '../../shared/aws/signed/signed-calls.ts';
import { CLOUDTRAIL_TARGET, createTrail } from '../../shared/aws/signed/trail.ts';
import { createTargetGroup } from '../../shared/aws/target-group.ts';
import { type Environment, optional, required } from '../../shared/environment.ts';
import { functionName } from '../../shared/naming.ts';
import { dynamoSweepRecords } from '../../sweep/sweep-records.ts';
import { COLLECT_SOURCES_ENV, type Collector, type IncidentFleet } from '../contract/environment.ts';
import { NO_FLEET, type Source } from '../contract/evidence.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { createBalancer, createScaling, createTraffic } from './collect-balancer.ts';
import { createChanges, TRAIL_LIMITS } from './collect-changes.ts';
import { createCanary, createCriticalActionsCollector, createDeploys, createSweeps } from './collect-records.ts';
import { askWitnessFrom, createStoreGroup, createWitnessCollector } from './collect-store.ts';
import { chooseFleets, type Fleets } from './fleets.ts';
import { serversFrom } from './servers-from.ts';

export const API_SOURCES = [
  'balancer',
  'traffic',
  'storeGroup',
  'readings',
  'scaling',
  'deploys',
  'sweeps',
  'changes',
  'servers',
  'canary',
  'criticalActions',
  'witness',
] as const satisfies readonly Source[];
export type ApiSource = (typeof API_SOURCES)[number];
type Sources = { readonly [S in ApiSource]: Collector<S> };
type StoreSource = 'storeGroup' | 'readings' | 'sweeps' | 'changes';

export function createSources(environment: Environment, fleets: Fleets): Sources {
  const ofStore = createStoreSources(environment, fleets);
  if (Object.keys(fleets).length > 0) return { ...ofStore, ...createFleetSources(environment, fleets) };
  return {
    ...(Object.fromEntries(API_SOURCES.map((source) => [source, async () => ({ gap: NO_FLEET })])) as unknown as Sources),
    ...ofStore,
  };
}

function createFleetSources(environment: Environment, fleets: Fleets): Omit<Sources, StoreSource> {
  const installation = required(environment, COLLECT_SOURCES_ENV.installation);
  const elb = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  const autoScaling = new AutoScalingClient(CLIENT_OPTIONS);
  const cloudWatch = metricsFrom(environment);
  const records = recordsFrom(environment);
  const table = recordsTableFrom(environment);
  const now = Date.now;
  const front = frontOf(elb);
  return {
    balancer: createBalancer({
      fleets,
      front,
      targetGroup: ({ targetGroupArn, members }) => createTargetGroup(elb, targetGroupArn, members),
      appContract: async (fleet) => {
        const current = await records.getFleet(fleet);
        return current && (await records.getRelease(fleet, current.currentVersion))?.app;
      },
      now,
    }),
    traffic: createTraffic({
      fleets,
      front,
      responses: (loadBalancerArn, targetGroupArn) => createReadResponses(cloudWatch, loadBalancerArn, targetGroupArn),
      now,
    }),
    scaling: createScaling({ fleets, history: (group) => createScalingHistory(autoScaling, group), now }),
    deploys: createDeploys({ records, now }),
    servers: serversFrom(environment, fleets),
    canary: createCanary({ fleets, read: (fleet) => readCanary(table, fleet), now }),
    witness: createWitnessCollector({ fleets, ask: askWitnessFrom(environment), now }),
    criticalActions: createCriticalActionsCollector({
      dynamo: jsonService(callsFrom(environment)('dynamodb'), DYNAMODB_TARGET, '1.0'),
      installation,
      fleets: Object.keys(fleets).filter((name) => fleets[name]?.criticalActions),
      now,
    }),
  };
}

function createStoreSources(environment: Environment, fleets: Fleets): Pick<Sources, StoreSource> {
  const installation = required(environment, COLLECT_SOURCES_ENV.installation);
  const replicationGroupId = optional(environment, COLLECT_SOURCES_ENV.replicationGroupId);
  const front = frontOf(new ElasticLoadBalancingV2Client(CLIENT_OPTIONS));
  const callsOf = callsFrom(environment);
  const table = recordsTableFrom(environment);
  const now = Date.now;
  return {
    storeGroup: createStoreGroup({
      group: replicationGroupId === undefined ? undefined : createReplicationGroup(callsOf('elasticache'), replicationGroupId),
      now,
    }),
    readings: createReadings({ records: dynamoStoreRecords(table), now }),
    sweeps: createSweeps({ records: dynamoSweepRecords(table), now }),
    changes: createChanges({
      trail: createTrail(jsonService(callsOf('cloudtrail', TRAIL_LIMITS), CLOUDTRAIL_TARGET, '1.1')),
      records: dynamoIncidentRecords(table),
      concerned: async (names) => {
        const chosen = chooseFleets(fleets, { fleets: names });
        const described = await Promise.all(chosen.map((fleet) => front(fleet).describe()));
        // Listeners and rules have the load balancer's name and id in their ARNs: `app/NAME/ID`.
        const balancers = described.flatMap(({ loadBalancerArn }) =>
          loadBalancerArn === undefined ? [] : [balancerDimension(loadBalancerArn)],
        );
        return [installation, replicationGroupId ?? '', ...chosen.map(({ targetGroupArn }) => targetGroupArn), ...balancers];
      },
      deploying: Object.keys(fleets).flatMap((name) =>
        ['sessions', 'session-gate', 'clean-up', 'reconcile'].map((role) => functionName(installation, name, `deploy-${role}`)),
      ),
      now,
      pause: (ms) => sleep(ms),
    }),
  };
}

const frontOf =
  (elb: ElasticLoadBalancingV2Client) =>
  ({ targetGroupArn }: IncidentFleet) =>
    createFront(elb, targetGroupArn);

function callsFrom(environment: Environment) {
  const region = required(environment, 'AWS_REGION');
  return (service: SignedService, limits = CALL_LIMITS) =>
    signedCalls({ service, region, url: serviceUrl(service, region, environment), credentials: roleCredentials(environment) }, limits);
}

export interface ReadingPorts {
  readonly records: Pick<StoreRecords, 'getStore'>;
  readonly now: () => number;
}

/** The names of the largest sessions are hashed already. */
export function createReadings({ records, now }: ReadingPorts): Collector<'readings'> {
  return async () => {
    const record = await records.getStore();
    const takenAtMs = now();
    if (!record) return { gap: 'the session store has never been read: no reading is on record' };
    const { reading, window, minutes, lastFailover } = record;
    const ageSeconds = Math.max(0, Math.round((takenAtMs - reading.takenAtMs) / 1_000));
    return { takenAtMs, facts: { reading, window, ...(minutes && { minutes }), ageSeconds, ...(lastFailover && { lastFailover }) } };
  };
}
