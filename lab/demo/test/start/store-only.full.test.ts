/**
 * An installation without a fleet in a local cloud of its own: `npm start -- --store-only`, its rights, a fleet that is added under traffic and
 * taken away again, and its end.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeCacheParameterGroupsCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeReplicationGroupsCommand,
  DescribeUserGroupsCommand,
  DescribeUsersCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCalls } from '#local-aws/iam/calls.ts';
import { comparePermissions } from '#local-aws/iam/compare-permissions.ts';
import { readRoles } from '#local-aws/iam/read-roles.ts';
import { USED_BY_SERVICES } from '#local-aws/iam/used-by-services.ts';
import { type HoldfastConfig, parseConfig } from '../../../../infra/config.ts';
import { deployStacks, destroyStacks, synthesize } from '../../deploy-stacks.ts';
import { localSettings } from '../../local-settings.ts';
import { parseStartOptions, type StartOptions } from '../../start-options.ts';
import { followLeak } from '../../store-only/follow-leak.ts';
import { KEY_PREFIX } from '../../store-only/owner-store.ts';
import { isWatched } from '../../store-only/store-summary.ts';
import { cdkOf, initConfig, type Owner, startOwner, type WatchedStore, watchStore } from '../../store-only/watch-store.ts';

const LIMIT_MS = 600_000;
const signal = new AbortController().signal;
const watch = { signal, log: () => {} };

let folder: string;
let owner: Owner;
let config: HoldfastConfig;
let watched: WatchedStore;
let storeBefore: object;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-store-only-'));
  process.env['HOLDFAST_STATE_FOLDER'] = folder;
  owner = await startOwner(parseStartOptions(['--store-only'], folder) as StartOptions, watch);
  storeBefore = await describeStore();
  const initialized = await initConfig(owner.daemon.state);
  config = { ...initialized, retention: 'ephemeral' };
  watched = await watchStore(owner, config, watch);
}, LIMIT_MS);
afterAll(async () => {
  await owner?.daemon.stop();
  rmSync(folder, { recursive: true, force: true });
}, LIMIT_MS);

const client = () => {
  const { gatewayUrl: endpoint, region, credentials } = owner.daemon.state;
  return { endpoint, region, credentials };
};

/** All that ElastiCache says of the owner's store, its users and its parameters. */
async function describeStore(): Promise<object> {
  const elastiCache = new ElastiCacheClient(client());
  const commands = [
    new DescribeReplicationGroupsCommand({}),
    new DescribeUsersCommand({}),
    new DescribeUserGroupsCommand({}),
    new DescribeCacheParameterGroupsCommand({}),
    new DescribeCacheSubnetGroupsCommand({}),
  ];
  const answers: object[] = [];
  for (const command of commands) {
    const { $metadata: _, ...answer } = await elastiCache.send(command as DescribeUsersCommand);
    answers.push(answer);
  }
  elastiCache.destroy();
  return answers;
}

async function stackNames(): Promise<readonly string[]> {
  const cloudFormation = new CloudFormationClient(client());
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({}));
  cloudFormation.destroy();
  return Stacks.flatMap(({ StackName }) => StackName ?? []).toSorted();
}

async function deleteStack(StackName: string): Promise<void> {
  const cloudFormation = new CloudFormationClient(client());
  await cloudFormation.send(new DeleteStackCommand({ StackName }));
  await waitUntilStackDeleteComplete({ client: cloudFormation, maxWaitTime: 300, minDelay: 1, maxDelay: 1 }, { StackName });
  cloudFormation.destroy();
}

/** Names of alarms of the store and of incidents, and when they were configured. */
async function alarms(): Promise<readonly string[]> {
  const cloudWatch = new CloudWatchClient(client());
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: 'holdfast-', MaxRecords: 100 }));
  cloudWatch.destroy();
  return MetricAlarms.map(
    ({ AlarmName, AlarmConfigurationUpdatedTimestamp }) => `${AlarmName} ${AlarmConfigurationUpdatedTimestamp?.toISOString()}`,
  ).toSorted();
}

/** What is on record: sweeps, incidents, and since when the collector has readings. */
async function history() {
  const { sweeps, incidents, store } = watched.cloud;
  return {
    sweeps: (await sweeps.latestSweeps(50)).map(({ sweepId, summary }) => [sweepId, summary]),
    incidents: (await incidents.latestIncidents(50)).map(({ incidentId, finding }) => [incidentId, finding]),
    readsSinceMs: (await store.getStore())?.window[0]?.atMs,
  };
}

it('a leak of keys is found, named and repaired, and its alarm ends', { timeout: LIMIT_MS }, async () => {
  const summary = await followLeak(watched, watch);
  expect(summary.incident).toMatchObject({ cause: 'missing-expiry' });
  expect(summary.store).toMatchObject({ withoutTtl: 0 });
  expect(summary.store.repaired).toBeGreaterThan(100);
  expect(isWatched(summary)).toBe(true);
  expect(summary.stacks).toBe(4);
});

it('its roles were refused nothing', { timeout: LIMIT_MS }, async () => {
  const { runFolder } = owner.daemon.state;
  const roles = await readRoles({ ...owner.daemon.state, installation: config.installation });
  const found = comparePermissions(roles, readCalls(runFolder), USED_BY_SERVICES, []);
  expect(found.calls).toBeGreaterThan(0);
  expect(found.denials).toEqual([]);
  // What a widget, a request, a mitigation, the schedules' later turns, whichever collector makes the first secret, and the end of an
  // installation use: test/e2e/permissions-used.test.ts shows the same roles with a fleet.
  const shown = /LatestIncidentsDraw|LatestSweepsDraw|EmptyBucket|Do|Tend|ScheduleRole|FunctionsAlarm|Control|Mitigate|CollectStore/;
  expect(found.unused.filter(({ role }) => !shown.test(role))).toEqual([]);
});

it('a fleet comes and goes under traffic: no user, record, alarm or reading is lost', { timeout: LIMIT_MS * 2 }, async () => {
  const before = { history: await history(), alarms: await alarms(), stacks: await stackNames() };
  const { fleets } = localSettings({ fleet: 'web', realTime: false, server: { minCapacity: 1, maxCapacity: 2 } }).config;
  const { storeSubnetIds } = (config.network as { existing: { storeSubnetIds: string[] } }).existing;
  const network = { existing: { ...(config.network as { existing: object }).existing, webSubnetIds: storeSubnetIds } };
  const written = JSON.parse(readFileSync(path.join(owner.daemon.state.runFolder, 'watch/holdfast.config.json'), 'utf8')) as object;
  const grown = parseConfig(
    JSON.stringify({
      ...written,
      credentials: 'cli',
      sweep: { policy: 'expire' },
      retention: 'ephemeral',
      network,
      fleets: { web: { ...fleets['web'], sessions: { keyPrefix: KEY_PREFIX } } },
    }),
    'with a fleet',
  );
  const ended = new AbortController();
  const visits = watched.shop.visits(ended.signal).catch((error: Error) => error);
  const withFleet = cdkOf(owner, grown, signal);
  await synthesize(withFleet);
  await deployStacks(withFleet);
  const stacks = await stackNames();
  expect(stacks).toEqual(expect.arrayContaining([...before.stacks]));
  const added = stacks.filter((name) => !before.stacks.includes(name));
  expect(added.toSorted()).toEqual(['holdfast-web-deploy', 'holdfast-web-web-tier']);
  expect(await alarms()).toEqual(expect.arrayContaining([...before.alarms]));
  expect(await history()).toEqual(before.history);

  // As docs/uninstall.md removes one fleet.
  const back = cdkOf(owner, config, signal);
  await synthesize(back);
  await deployStacks(back, ['holdfast-incidents', '--exclusively']);
  for (const part of ['deploy', 'web-tier']) await deleteStack(`holdfast-web-${part}`);
  await deployStacks(back);
  expect(await stackNames()).toEqual(before.stacks);
  expect(await alarms()).toEqual(before.alarms);
  expect(await history()).toEqual(before.history);
  ended.abort();
  expect(await visits).toEqual({ refused: 0, visits: expect.any(Number) });
});

it('its end leaves the store, its users and its parameters as they were', { timeout: LIMIT_MS }, async () => {
  await destroyStacks(cdkOf(owner, config, signal));
  expect((await stackNames()).filter((name) => name.startsWith('holdfast'))).toEqual([]);
  expect(await describeStore()).toEqual(storeBefore);
});
