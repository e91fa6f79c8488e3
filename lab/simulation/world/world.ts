/** The simulated cloud of one run, put together: every service, the fleet's servers, its users and the machines' executions. */

import type { StoreProbe } from '../../../functions/deploy/store-check/store-check.ts';
import { recordKeys } from '../../../functions/records/keys.ts';
import type { DeployRecord, TargetProgress } from '../../../functions/records/types.ts';
import { type AutoScaling, createAutoScaling } from '../cloud/auto-scaling/auto-scaling.ts';
import { createCloudWatch, type SimulatedCloudWatch } from '../cloud/cloudwatch.ts';
import type { Watcher } from '../cloud/contracts.ts';
import { createEventBridge, type EventBridge } from '../cloud/event-bridge.ts';
import { statusEvent } from '../cloud/execution-events.ts';
import { createLambda, type Lambda } from '../cloud/lambda.ts';
import type { NewHandler } from '../cloud/lambda-functions.ts';
import { createLoadBalancer, type SimulatedLoadBalancer } from '../cloud/load-balancer.ts';
import { type Release, Releases, releaseRecord } from '../cloud/releases.ts';
import { startSchedule } from '../cloud/scheduler.ts';
import { type BundleBegin, SimulatedServers } from '../cloud/servers/servers.ts';
import { createTopics, type Topics } from '../cloud/sns.ts';
import { SimulatedSsm } from '../cloud/ssm/service.ts';
import type { SimulatedDocuments } from '../cloud/ssm/simulated-documents.ts';
import { StepFunctions } from '../cloud/step-functions.ts';
import { statesService } from '../cloud/step-functions-service.ts';
import { SimulatedStore } from '../cloud/store.ts';
import { storeConnector } from '../cloud/store-probe.ts';
import type { Item } from '../dynamodb/attribute.ts';
import { fromAttributes, toAttributes } from '../dynamodb/attribute-values.ts';
import { createDynamoDb, type SimulatedDynamoDb } from '../dynamodb/dynamodb.ts';
import type { FaultPlan } from '../faults/fault-plan.ts';
import type { Faults } from '../faults/faults.ts';
import type { CheckedMachines } from '../installation/definitions.ts';
import { functionsByArn } from '../installation/definitions.ts';
import { FUNCTIONS, type Installation } from '../installation/installation.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Service, Services } from '../seam/call.ts';

/** Room for what a run's operator adds. */
const SPARE_SERVERS = 3;
/** A slow load balancer sends requests to a deregistered target for this long; the deploy's settings are made for 25 s. */
const LONG_LAG_MS = 40_000;

export interface WorldOptions {
  readonly kernel: Kernel;
  readonly installation: Installation;
  readonly machines: CheckedMachines;
  readonly documents: SimulatedDocuments;
  readonly functions: (connect: () => Promise<StoreProbe>) => ReadonlyMap<string, NewHandler>;
  readonly faults: Faults;
  readonly watcher: Watcher;
  readonly servers: number;
  /** What is wrong from the beginning. */
  readonly wrong: Pick<FaultPlan, 'clockSkewMs' | 'failingUserData' | 'slowLoadBalancer' | 'suspendedBefore'>;
  /** Of bundles: what the image of a launched server brings, and the share of scripts that fail all the same. */
  readonly image?: () => ReadonlyMap<string, string>;
  readonly failingScripts?: number | undefined;
}

export interface World {
  readonly installation: Installation;
  readonly services: Services;
  readonly dynamoDb: SimulatedDynamoDb;
  readonly servers: SimulatedServers;
  readonly loadBalancer: SimulatedLoadBalancer;
  readonly autoScaling: AutoScaling;
  readonly cloudWatch: SimulatedCloudWatch;
  readonly store: SimulatedStore;
  readonly ssm: SimulatedSsm;
  readonly stepFunctions: StepFunctions;
  readonly lambda: Lambda;
  readonly events: EventBridge;
  readonly topics: Topics;
  readonly releases: Releases;
  /** Publishes a release, with its record. */
  publish(release: Release): void;
  /**
   * Puts the fleet into the state that an earlier deploy has left: every server runs `version`, which is the fleet's current one.
   * @param ofBundles by server: how it runs a bundle
   */
  begin(version: string, ofBundles?: (instanceId: string) => Omit<BundleBegin, 'hasPlaceholder'>): void;
}

export function createWorld(options: WorldOptions): World {
  const { kernel, installation, faults, watcher, machines, wrong } = options;
  const releases = new Releases();
  const store = new SimulatedStore({ kernel, replicas: Number(installation.functions.storeCheck.environment['HOLDFAST_STORE_REPLICAS']) });
  const scripts = kernel.random('scripts');
  const servers = new SimulatedServers({
    kernel,
    releases,
    store,
    sessionsInMemory: installation.drain !== undefined,
    failingUserData: wrong.failingUserData,
    healed: () => faults.healed,
    userDataFailed: () => faults.took('launch.userDataFailed'),
    isExisting: installation.bundles && installation.prepares,
    ...(options.image && { image: options.image }),
    acted: (instanceId, act) => watcher.bundleActed?.(instanceId, act),
    failsScript() {
      const fails = !faults.healed && scripts.chance(options.failingScripts ?? 0);
      if (fails) faults.took('script.failed');
      return fails;
    },
  });
  const cloudWatch = createCloudWatch({ kernel, alarms: installation.alarms });
  const loadBalancer = createLoadBalancer({
    kernel,
    servers,
    front: installation,
    metrics: cloudWatch.metrics,
    ...(wrong.slowLoadBalancer && { longestLagMs: LONG_LAG_MS, lagsLong: () => faults.took('loadBalancer.lag') }),
  });
  const dynamoDb = createDynamoDb(installation.recordsTable);
  const ssm = new SimulatedSsm({ kernel, servers, releases, documents: options.documents });
  const topics = createTopics();
  const skews = kernel.random('clocks');
  const lambda = createLambda({
    kernel,
    faults,
    settings: new Map(
      FUNCTIONS.flatMap((name) => {
        const found = installation.functions[name];
        return found ? [[name, found] as const] : [];
      }),
    ),
    handlers: options.functions(storeConnector(kernel, store)),
    clockSkewMs() {
      const skewMs = skews.whole(-wrong.clockSkewMs, wrong.clockSkewMs);
      if (skewMs !== 0) faults.took('clock.skewed');
      return skewMs;
    },
  });
  const stepFunctions = new StepFunctions({
    kernel,
    machines,
    functions: functionsByArn(installation),
    invoke: (functionName, payload, caller) => lambda.invoke(functionName, payload, caller),
    faults,
    watcher,
    statusChanged: (change) => events.put(statusEvent(change)),
  });
  const events = createEventBridge({ kernel, faults, rules: installation.rules, executions: stepFunctions });
  const autoScaling = createAutoScaling({
    kernel,
    servers,
    loadBalancer,
    putEvent: events.put,
    watcher,
    installation,
    sizes: { least: 1, most: options.servers + SPARE_SERVERS },
  });
  startSchedule({
    kernel,
    faults,
    expression: `rate(${installation.reconcile.everyMinutes} minutes)`,
    invoke: () => lambda.invokeLater('reconcile', installation.reconcile.input),
  });
  const services: Services = {
    autoscaling: autoScaling.service,
    cloudwatch: cloudWatch.service,
    dynamodb: dynamoDb.service,
    elasticloadbalancing: loadBalancer.service,
    events: events.service as Service,
    sns: topics.service as Service,
    ssm: ssm.operations,
    states: statesService(kernel, stepFunctions),
  };
  const { fleet, recordsTable: TableName } = installation;
  const put = (key: object, record: object) => {
    dynamoDb.service['PutItem']?.({ TableName, Item: toAttributes({ ...key, ...record }) } as never);
  };
  return {
    installation,
    services,
    dynamoDb,
    servers,
    loadBalancer,
    autoScaling,
    cloudWatch,
    store,
    ssm,
    stepFunctions,
    lambda,
    events,
    topics,
    releases,
    publish(release) {
      releases.publish(release);
      put(recordKeys.release(fleet, release.version), releaseRecord(fleet, release, installation.drain !== undefined));
    },
    begin(version, ofBundles) {
      const ids = serverIds(options.servers);
      const begun = ids.map((instanceId) => {
        const how = version === 'none' ? undefined : ofBundles?.(instanceId);
        if (how === undefined) servers.addPrepared(instanceId, version);
        else servers.addBundle(instanceId, version, { ...how, hasPlaceholder: !installation.prepares });
        return how?.isKnown ?? true;
      });
      autoScaling.begin(ids);
      if (wrong.suspendedBefore.length > 0) {
        autoScaling.operator.suspend(wrong.suspendedBefore);
        faults.took('operator.suspendedBefore');
      }
      if (version === 'none' || begun.includes(false)) return;
      const { sha256 } = releases.get(version);
      const nowMs = kernel.now();
      put(recordKeys.fleet(fleet), { fleet, currentVersion: version, sha256, updatedAtMs: nowMs, deployId: 'before', fencingToken: 0 });
      for (const instanceId of ids) put(recordKeys.instance(fleet, instanceId), { instanceId, version, installedAtMs: nowMs });
    },
  };
}

/** Ids of the servers that a run begins with. */
export const serverIds = (servers: number): readonly string[] =>
  Array.from({ length: servers }, (_, index) => `i-${String(index + 1).padStart(17, '0')}`);

/** A record as functions read it, without its keys; undefined when there is none. Nobody changes it. */
export function readRecord<T>(dynamoDb: SimulatedDynamoDb, { pk, sk }: { readonly pk: string; readonly sk: string }): T | undefined {
  const item = dynamoDb.item(pk, sk);
  return item && (recordOf(item) as T);
}

export function readRecords<T>(dynamoDb: SimulatedDynamoDb, { pk, sk }: { readonly pk: string; readonly sk: string }): T[] {
  return dynamoDb
    .items(pk)
    .filter((item) => (item['sk'] as { readonly S: string }).S.startsWith(sk))
    .map((item) => recordOf(item) as T);
}

/** Predicates read them at each call, and few calls change a record: a partition's list is another one after each change. */
const deploysOf = new WeakMap<readonly Item[], readonly DeployRecord[]>();

/** Deploys with their targets, in the order in which they began. */
export function readDeploys(dynamoDb: SimulatedDynamoDb, fleet: string): readonly DeployRecord[] {
  const key = recordKeys.deploy(fleet, '');
  const items = dynamoDb.items(key.pk);
  const known = deploysOf.get(items);
  if (known !== undefined) return known;
  const deploys = readRecords<DeployRecord>(dynamoDb, key).map((deploy) => withTargets(dynamoDb, deploy));
  const ordered = deploys.sort((a, b) => a.startedAtMs - b.startedAtMs);
  deploysOf.set(items, ordered);
  return ordered;
}

export function readDeploy(dynamoDb: SimulatedDynamoDb, fleet: string, deployId: string): DeployRecord | undefined {
  const deploy = readRecord<DeployRecord>(dynamoDb, recordKeys.deploy(fleet, deployId));
  return deploy && withTargets(dynamoDb, deploy);
}

function withTargets(dynamoDb: SimulatedDynamoDb, deploy: DeployRecord): DeployRecord {
  const targets = readRecords<TargetProgress & { readonly instanceId: string }>(
    dynamoDb,
    recordKeys.deployTarget(deploy.fleet, deploy.deployId, ''),
  );
  return { ...deploy, targets: Object.fromEntries(targets.map((target) => [target.instanceId, target])) };
}

/** An item never changes, and predicates look at each many times. */
const records = new WeakMap<Item, object>();

function recordOf(item: Item): object {
  const known = records.get(item) ?? fromAttributes(item as never);
  records.set(item, known);
  return known;
}
