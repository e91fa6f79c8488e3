/**
 * Runs a situation: simulates it, and has the runbook's own collectors read what servers and services show of it. What a run comes to by that
 * is in judge-evidence.ts. Nothing here knows how it judges.
 */

import { createBalancer, createScaling, createTraffic } from '../../functions/incidents/collect/collect-balancer.ts';
import { createChanges } from '../../functions/incidents/collect/collect-changes.ts';
import { createCanary, createDeploys, createReadings, createSweeps } from '../../functions/incidents/collect/collect-records.ts';
import { createServersCollector } from '../../functions/incidents/collect/collect-servers.ts';
import { createStoreGroup } from '../../functions/incidents/collect/collect-store.ts';
import { type Collectors, createCollect } from '../../functions/incidents/collect/run-collector.ts';
import { createStoreCollector } from '../../functions/incidents/collect/store/store.ts';
import { type IncidentFleet, partKey } from '../../functions/incidents/contract/environment.ts';
import { type Evidence, SOURCES } from '../../functions/incidents/contract/evidence.ts';
import { createReadResponses } from '../../functions/shared/aws/balancer-metrics.ts';
import { createFront } from '../../functions/shared/aws/front.ts';
import { createReplicationGroup } from '../../functions/shared/aws/replication-group.ts';
import { createScalingHistory } from '../../functions/shared/aws/scaling-history.ts';
import { createTargetGroup, describeTargetHealth } from '../../functions/shared/aws/target-group.ts';
import { createTrail } from '../../functions/shared/aws/trail.ts';
import { DEFAULT_SWEEP_SETTINGS } from '../../functions/sweep/contract/settings.ts';
import { createClassify } from '../../functions/sweep/keys/classify-key.ts';
import { simulatedIncidentRecords } from '../../test/functions/incidents/simulated-incident-records.ts';
import * as aws from './answers/aws.ts';
import { canaryRecord, collectorRecord, FLEET, fleetRecords, sweepRecords } from './answers/records.ts';
import { documentNames, type SimulatedServers, startServers } from './answers/servers.ts';
import { connectionTo, endpointOf, nodesOf } from './answers/store-nodes.ts';
import { INSTALLATION, judgeEvidence, type Outcome, openRun } from './judge-evidence.ts';
import type { Situation } from './situation.ts';
import { simulate, type World } from './world/simulate.ts';
import { happeningsOf, NOW_MS } from './world/timeline.ts';

const now = () => NOW_MS;

export const runSituation = async (situation: Situation, seed = ''): Promise<Outcome> =>
  judgeEvidence(situation, await collectEvidence(situation, seed));

/** What the runbook's own collectors read of it, as the bundle of a run has it. @throws where a reader fails in the simulation */
export async function collectEvidence(situation: Situation, seed = ''): Promise<Evidence> {
  const world = simulate(situation, seed);
  const servers = await startServers(world);
  try {
    const evidence = await collectAll(situation, await collectorsOf(world, servers));
    // A reader that changed, and is given here what it no longer takes, would be a gap like another. Lines of logs can say the same.
    const fault =
      /\b(?:Type|Reference)Error: [^"]{1,200}|the Python that runs scripts[^"]{1,200}|its answer is none that the document gives/.exec(
        JSON.stringify(evidence, (name, value: unknown) => (name === 'forms' ? undefined : value)),
      )?.[0];
    if (fault !== undefined) throw new Error(`${situation.name}: a reader fails in the simulation: ${fault}`);
    return evidence;
  } finally {
    servers.close();
  }
}

async function collectAll(situation: Situation, collectors: Collectors): Promise<Evidence> {
  const { run } = await openRun(situation);
  const missing: readonly string[] = happeningsOf(situation, 'missing').map(({ source }) => source);
  const parts = new Map<string, unknown>();
  const collect = createCollect({
    collectors: Object.fromEntries(Object.entries(collectors).filter(([source]) => !missing.includes(source))),
    putJson: async (key, value) => void parts.set(key, value),
    secret: async () => 'ab'.repeat(32),
  });
  await Promise.all(SOURCES.map((source) => collect({ step: 'collect', run, source })));
  const { incidentId, fromMs, toMs, firstSignMs } = run;
  const sources = Object.fromEntries(SOURCES.map((source) => [source, parts.get(partKey(run, source))]));
  return { incidentId, fromMs, toMs, firstSignMs, sources } as Evidence;
}

async function collectorsOf(world: World, servers: SimulatedServers): Promise<Collectors> {
  const { situation, store } = world;
  const inMemory = situation.installation?.sessions === 'memory';
  const stickiness = inMemory ? ({ enabled: true, type: 'lb_cookie', durationSeconds: 86_400 } as const) : { enabled: false };
  const fleet: IncidentFleet = {
    ...{ targetGroupArn: aws.TARGET_GROUP, strategy: inMemory ? 'sticky' : 'redis', expectedStickiness: stickiness },
    autoScalingGroup: aws.SCALING_GROUP,
    ...(situation.installation?.canary !== false && { canary: true as const }),
  };
  const fleets = { [FLEET]: fleet };
  const elb = aws.balancerClient(world);
  const records = await fleetRecords(world);
  const front = () => createFront(elb, aws.TARGET_GROUP);
  const { record, known } = await collectorRecord(world);
  const canary = canaryRecord(world);
  return {
    balancer: createBalancer({
      ...{ fleets, front, now },
      targetGroup: () => createTargetGroup(elb, aws.TARGET_GROUP),
      appContract: async (name) => {
        const current = await records.getFleet(name);
        return current && (await records.getRelease(name, current.currentVersion))?.app;
      },
    }),
    traffic: createTraffic({
      ...{ fleets, front, now },
      responses: (balancer, group) => createReadResponses(aws.metricsClient(world), balancer, group),
    }),
    store: createStoreCollector({
      endpoint: async () => endpointOf(store, now),
      nodes: async () => nodesOf(store, now),
      record: async () => known,
      connect: async () => connectionTo(world),
      databases: [0],
      classify: createClassify(DEFAULT_SWEEP_SETTINGS),
      now,
    }),
    storeGroup: createStoreGroup({ group: createReplicationGroup(aws.cacheClient(world), aws.REPLICATION_GROUP), now }),
    readings: createReadings({ records: { getStore: async () => record }, now }),
    servers: createServersCollector({
      runCommand: servers.commands,
      documentNames,
      serversOf: async () => (await describeTargetHealth(elb, aws.TARGET_GROUP)).map(({ instanceId }) => ({ instanceId })),
      contractOf: async (name, version) => (await records.getRelease(name, version))?.app,
      now,
      pause: async () => {},
    }),
    scaling: createScaling({ fleets, history: (group) => createScalingHistory(aws.scalingClient(world), group), now }),
    deploys: createDeploys({ records, now }),
    sweeps: createSweeps({ records: { latestSweeps: async () => [...sweepRecords(world)] }, now }),
    changes: createChanges({
      trail: createTrail(aws.trailClient(world)),
      records: simulatedIncidentRecords(),
      concerned: async () => [INSTALLATION, aws.REPLICATION_GROUP, aws.TARGET_GROUP],
      now,
      pause: async () => {},
    }),
    canary: createCanary({ fleets, read: async () => canary, now }),
  };
}
