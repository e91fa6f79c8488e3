/**
 * Runs a situation: simulates it, has the runbook's own collectors read what servers and services show of it, and has the run come to its
 * finding and its page. Nothing here knows how it judges.
 */
import { createBalancer } from '../../functions/incidents/collect/collect-balancer.ts';
import { createCanary } from '../../functions/incidents/collect/collect-canary.ts';
import { createChanges } from '../../functions/incidents/collect/collect-changes.ts';
import { createDeploys } from '../../functions/incidents/collect/collect-deploys.ts';
import { createScaling } from '../../functions/incidents/collect/collect-scaling.ts';
import { createServersCollector } from '../../functions/incidents/collect/collect-servers.ts';
import { createStoreGroup } from '../../functions/incidents/collect/collect-store-group.ts';
import { createSweeps } from '../../functions/incidents/collect/collect-sweeps.ts';
import { createTraffic } from '../../functions/incidents/collect/collect-traffic.ts';
import { type Collectors, createCollect } from '../../functions/incidents/collect/run-collector.ts';
import { createReadings } from '../../functions/incidents/collect/sources.ts';
import { createStoreCollector } from '../../functions/incidents/collect/store/store.ts';
import type { IncidentFleet } from '../../functions/incidents/contract/collect.ts';
import { CHANGES_COME_LATER, type Evidence, factsOf, SOURCES, type Source } from '../../functions/incidents/contract/evidence.ts';
import { incidentKey, partKey } from '../../functions/incidents/contract/names.ts';
import type { IncidentPage } from '../../functions/incidents/report/incident-page.ts';
import { pageOf } from '../../functions/incidents/report/page.ts';
import { createRun } from '../../functions/incidents/run/create-run.ts';
import { renderReport } from '../../functions/incidents/run/render.ts';
import { createReadResponses } from '../../functions/shared/aws/balancer-metrics.ts';
import { createFront } from '../../functions/shared/aws/front.ts';
import { createScalingHistory } from '../../functions/shared/aws/scaling-history.ts';
import { createReplicationGroup } from '../../functions/shared/aws/signed/replication-group.ts';
import { createTrail } from '../../functions/shared/aws/signed/trail.ts';
import { createTargetGroup, describeTargetHealth } from '../../functions/shared/aws/target-group.ts';
import { DEFAULT_SWEEP_SETTINGS } from '../../functions/sweep/contract/settings.ts';
import { createClassify } from '../../functions/sweep/keys/classify-key.ts';
import { plannedCalls } from '../../test/functions/incidents/planned-calls.ts';
import { simulatedIncidentRecords } from '../../test/functions/incidents/simulated-incident-records.ts';
import * as aws from './answers/aws.ts';
import { canaryRecord, collectorRecord, FLEET, fleetRecords, sweepRecords } from './answers/records.ts';
import { documentNames, type SimulatedServers, startServers } from './answers/servers.ts';
import { connectionTo, endpointOf, nodesOf } from './answers/store-nodes.ts';
import type { Runbook, Situation } from './situation.ts';
import { simulate, type World } from './world/simulate.ts';
import { happeningsOf, NOW_MS, timeOf } from './world/timeline.ts';

/** What a run came to. */
export interface Outcome {
  readonly page: IncidentPage;
  /** What people get by e-mail or on a telephone. */
  readonly message: { readonly subject: string; readonly text: string };
  readonly evidence: Evidence;
  /** The page before the re-check has read changes: that of the first finding of an alarm. */
  readonly firstPage: IncidentPage;
}

const INSTALLATION = 'holdfast';
const PLACE = { installation: INSTALLATION, region: 'eu-west-1', local: false, fleets: [FLEET] };
/** Such as opens an incident of the runbook. */
const ALARMS: Readonly<Record<Runbook, string>> = {
  'logged-out': 'holdfast-web-redirects',
  'store-failure': 'holdfast-store-store-unreachable',
  'session-explosion': 'holdfast-store-memory-percent',
};
const now = () => NOW_MS;

export async function runSituation(situation: Situation, seed = ''): Promise<Outcome> {
  const world = simulate(situation, seed);
  const servers = await startServers(world);
  try {
    return await runOn(world, await collectorsOf(world, servers));
  } finally {
    servers.close();
  }
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
      responses: (balancer, group) => createReadResponses(aws.metricsService(world), balancer, group),
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
    storeGroup: createStoreGroup({ group: createReplicationGroup(aws.cacheCalls(world), aws.REPLICATION_GROUP), now }),
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
      trail: createTrail(aws.trailService(world)),
      records: simulatedIncidentRecords(),
      concerned: async () => [INSTALLATION, aws.REPLICATION_GROUP, aws.TARGET_GROUP],
      now,
      pause: async () => {},
    }),
    canary: createCanary({ fleets, read: async () => canary, now }),
  };
}

/** A group that fails over by itself, or has no replica: so its plan judges it too. */
const canPromote = (evidence: Evidence): boolean => {
  const group = factsOf(evidence, 'storeGroup');
  return group !== undefined && !group.automaticFailover && group.members.some(({ role }) => role === 'replica');
};

async function runOn({ situation }: World, collectors: Collectors): Promise<Outcome> {
  const { runbook, signMinutes = 8, byPerson = false } = situation;
  const objects = new Map<string, string>();
  const messages: Outcome['message'][] = [];
  const missing: readonly string[] = happeningsOf(situation, 'missing').map(({ source }) => source);
  const collect = createCollect({
    collectors: Object.fromEntries(Object.entries(collectors).filter(([source]) => !missing.includes(source))),
    putJson: async (key, value) => void objects.set(key, JSON.stringify(value)),
    secret: async () => 'ab'.repeat(32),
    timeOut: () => new Promise<never>(() => {}),
  });
  const records = simulatedIncidentRecords();
  const steps = createRun({
    records,
    tokens: { putToken: async () => {}, getToken: async () => undefined, deleteToken: async () => {} },
    objects: { put: async (key, body) => void objects.set(key, body), get: async (key) => objects.get(key) },
    publish: async (message) => void messages.push(message),
    render: renderReport(PLACE, now),
    ...{ place: PLACE, fleets: [FLEET], coolDownMs: 1_800_000, modes: {}, approvalMinutes: 30, now },
    log: { info: () => {}, warn: () => {} },
  });
  const executionArn = `${aws.RUNBOOK_ARN.replace(':stateMachine:', ':execution:')}:${situation.name}`;
  const atMs = timeOf(-signMinutes);
  const sign = { from: byPerson ? 'person' : ALARMS[runbook], state: 'ALARM', atMs } as const;
  const input = { runbook, fleet: FLEET, sign };
  const opened = await steps({ step: 'open', input, executionArn, startTime: new Date(NOW_MS).toISOString() });
  if (!('run' in opened) || opened.verdict !== 'DONE') throw new Error(`${situation.name}: the run was not opened`);
  const { run } = opened;
  const collected = await Promise.all(SOURCES.map((source: Source) => collect({ step: 'collect', run, source })));
  const read = (file: string) => JSON.parse(objects.get(incidentKey(run.incidentId, run.run, file)) ?? '{}') as object;
  const changes = objects.get(partKey(run, 'changes')) ?? '';
  objects.set(partKey(run, 'changes'), JSON.stringify({ gap: `${CHANGES_COME_LATER}10:59 UTC` }));
  await steps({ step: 'classify', run, collected });
  const firstIncident = await records.getIncident(run.incidentId);
  if (firstIncident === undefined) throw new Error(`${situation.name}: the incident is not on record`);
  const firstPage = pageOf({ incident: firstIncident, evidence: read('evidence.json') as Evidence, place: PLACE, nowMs: NOW_MS });
  objects.set(partKey(run, 'changes'), changes);
  await steps({ step: 'classify', run, collected });
  const decided = await steps({ step: 'decide', run });
  // As plans leave them on record in the mode `observe`: one that its own plan refuses has no calls.
  const planned = ('decisions' in decided ? decided.decisions : []).filter(
    ({ name }) => name !== 'promote-replica' || canPromote(read('evidence.json') as Evidence),
  );
  for (const { key, name, target } of planned)
    await records.putMitigation(run.incidentId, key, {
      name,
      target,
      run: run.run,
      mode: 'observe',
      state: 'observed',
      ...plannedCalls(name),
    });
  await steps({ step: 'report', run });
  const evidence = read('evidence.json') as Evidence;
  // A reader that changed, and is given here what it no longer takes, would be a gap like another.
  const fault =
    /\b(?:Type|Reference)Error: [^"]{1,200}|the Python that runs scripts[^"]{1,200}|its answer is none that the document gives/.exec(
      JSON.stringify(evidence),
    )?.[0];
  if (fault !== undefined) throw new Error(`${situation.name}: a reader fails in the simulation: ${fault}`);
  const [message] = messages;
  if (message === undefined) throw new Error(`${situation.name}: the run sent no message`);
  return { page: (read('report.json') as { page: IncidentPage }).page, message, evidence, firstPage };
}
