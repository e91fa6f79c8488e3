/** The session store is swept through the deployed machine: dry by the command, and for real by a schedule. */
import { readFile } from 'node:fs/promises';
import { DescribeReplicationGroupsCommand } from '@aws-sdk/client-elasticache';
import { GetRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweep } from '../../cli/sweep/sweep.ts';
import { show } from '../../cli/sweep/sweeps.ts';
import type { SweepRecord, SweepSummary } from '../../functions/sweep/contract/record.ts';
import type { SweepReport } from '../../functions/sweep/report/make-report.ts';
import { recordingOutput } from '../../lab/demo/recording-output.ts';
import { until } from '../until.ts';
import { drawWidgets } from './draw-widgets.ts';
import { applicationSecret, cloud, elastiCache, kept } from './fleet.ts';
import { callScheduler } from './scheduler.ts';

const UUID = '0b9d9f5e-7c1a-4a53-9d2e-1f0a6c1f2b3c';
const ago = (seconds: number) => String(Date.now() - seconds * 1000);
const cookie = JSON.stringify({ cookie: { originalMaxAge: 1_800_000, expires: new Date(Date.now() + 1_800_000).toISOString() } });
/** What the application's user may write, in the layouts of three frameworks; with the least and the most TTL afterwards. */
const PLANTED: readonly [key: string, plant: readonly [string, ...string[]], least: number, most: number][] = [
  ['sess:web:planted-js', ['SET', cookie], 1_700, 2_400],
  [
    'sess:web:redisson:tomcat_session:planted',
    ['HSET', 'session:lastAccessedTime', ago(60), 'session:maxInactiveInterval', '1800'],
    1_700,
    2_500,
  ],
  [`sess:web:spring:session:sessions:${UUID}`, ['HSET', 'lastAccessedTime', ago(60), 'maxInactiveInterval', '1800'], 1_900, 2_700],
  ['sess:web:spring:session:sessions:index:PRINCIPAL_NAME_INDEX_NAME:ann', ['SADD', UUID], -1, -1],
  ['sess:web:planted-list', ['RPUSH', 'of no framework'], -1, -1],
  ['sess:web:planted-alive', ['SETEX', '777', cookie], 600, 777],
];

let store: Redis;
beforeAll(async () => {
  const { ReplicationGroups } = await elastiCache.send(new DescribeReplicationGroupsCommand({}));
  const endpoint = ReplicationGroups?.find(({ ReplicationGroupId }) => ReplicationGroupId === 'holdfast-sessions')?.NodeGroups?.[0]
    ?.PrimaryEndpoint;
  const { username, password } = await applicationSecret();
  store = new Redis({
    host: endpoint?.Address ?? '',
    port: endpoint?.Port ?? 0,
    username,
    password,
    tls: { ca: await readFile(kept.caFile, 'utf8') },
    disableClientInfo: true,
  });
  for (const [key, [command, ...values]] of PLANTED) await store.call(command, key, ...values);
});
afterAll(async () => {
  await store?.del(...PLANTED.map(([key]) => key));
  store?.disconnect();
});

const readKeys = () =>
  Promise.all(PLANTED.map(async ([key]) => ({ key, dump: (await store.dumpBuffer(key))?.toString('hex'), ttl: await store.ttl(key) })));

/** Starts a sweep as the installation's schedule does, with its own role. */
async function startBySchedule(): Promise<void> {
  const iam = new IAMClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
  const { Roles = [] } = await iam.send(new ListRolesCommand({ MaxItems: 1_000 }));
  const RoleName = Roles.find((role) => role.RoleName?.includes('SweepScheduleRole'))?.RoleName;
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  iam.destroy();
  const { sweepStateMachineArn } = await cloud();
  await callScheduler('POST', '/schedules/sweep-in-a-moment', {
    ScheduleExpression: `at(${new Date().toISOString().slice(0, 19)})`,
    FlexibleTimeWindow: { Mode: 'OFF' },
    ActionAfterCompletion: 'DELETE',
    Target: { Arn: sweepStateMachineArn, RoleArn: Role?.Arn, Input: '{"requestedBy":"schedule","pace":"fast"}' },
  });
}

it('a dry run reports what a sweep then does; the sweep repairs persistent keys and changes nothing else', async () => {
  const before = await readKeys();
  const dry = recordingOutput();
  await sweep({ dryRun: true, pace: 'fast' }, dry.output);
  expect(dry.result).toMatchObject({ dryRun: true, repaired: 3, deleted: 0, structural: 1, unknown: 1, withoutTtl: 3 });
  const afterDry = await readKeys();
  expect(afterDry.map(({ key, dump }) => ({ key, dump }))).toEqual(before.map(({ key, dump }) => ({ key, dump })));
  expect(afterDry.filter(({ ttl }) => ttl === -1)).toHaveLength(5);

  await startBySchedule();
  const { sweeps } = await cloud();
  const ended = await until(
    async () => (await sweeps.latestSweeps(20)).find(({ requestedBy, status }) => requestedBy === 'schedule' && status !== 'RUNNING'),
    'the sweep of the schedule',
  );
  expect(ended).toMatchObject({ status: 'SUCCEEDED', summary: { repaired: 3, structural: 1, unknown: 1, withoutTtl: 3 } });
  for (const [index, { key, dump, ttl }] of (await readKeys()).entries()) {
    expect([key, dump]).toEqual([key, before[index]?.dump]);
    const [, , least, most] = PLANTED[index] ?? [];
    expect([key, ttl >= (least ?? 0) && ttl <= (most ?? 0)]).toEqual([key, true]);
  }

  const shown = recordingOutput();
  await show(ended.sweepId, {}, shown.output);
  const { report } = shown.result as { sweep: SweepRecord; report: SweepReport };
  expect(report.byDialect['connect-redis']).toMatchObject({ withoutTtl: 1, repaired: 1 });
  expect(report.persistentKeys.map(({ done }) => done).toSorted()).toEqual(['expire', 'expire', 'expire', 'unknown']);
  expect(JSON.stringify(report)).not.toMatch(/planted|0b9d9f5e/);
  expect((ended.summary as SweepSummary).storeP99Ms).toBeGreaterThan(0);

  const { 'Latest sweeps': drawn = '' } = await drawWidgets('holdfast-sessions');
  expect(drawn).toContain('Started (UTC+05:30)');
  expect(drawn).toMatch(
    new RegExp(`<td>expire</td><td>[0-9]+</td><td>3</td><td>3</td><td>0</td><td>1</td>.+SUCCEEDED.+schedule.+${ended.sweepId}`),
  );
});

it('an invalid sweep is refused, and the command reports why', async () => {
  await expect(sweep({ sampleEvery: 0 }, recordingOutput().output)).rejects.toMatchObject({ code: 'InvalidSweep', exitCode: 2 });
});
