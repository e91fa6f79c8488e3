/** What is on record of the installation: releases, deploys, sweeps, the canary's turns, and the collector's readings of each minute. */
import type { CanaryRecord } from '../../../functions/canary/contract/canary-records.ts';
import { createCollect, type StoreNode } from '../../../functions/collect/collect.ts';
import type { StoreRecord, StoreUnreachable } from '../../../functions/collect/contract.ts';
import type { DialectShares } from '../../../functions/records/dialect-shares.ts';
import type { Records } from '../../../functions/records/records.ts';
import type { StoreNodes } from '../../../functions/records/store-nodes.ts';
import type { DeployRecord } from '../../../functions/records/types.ts';
import type { SweepRecord } from '../../../functions/sweep/contract/record.ts';
import { memoryRecords } from '../../../test/functions/fakes/memory-records.ts';
import { instanceIdOf } from '../world/application.ts';
import type { World } from '../world/simulate.ts';
import { REFUSALS } from '../world/store.ts';
import { FIRST_VERSION, happeningsOf, MINUTE_MS, NOW_MS, rolledAtMs, timeOf } from '../world/timeline.ts';
import { contractOf } from './servers.ts';

export const FLEET = 'web';
const SHA256 = 'ab'.repeat(32);

export async function fleetRecords(world: World): Promise<Records> {
  const { situation, servers } = world;
  const records = memoryRecords();
  const releases = happeningsOf(situation, 'release');
  for (const version of new Set([FIRST_VERSION, ...releases.map((one) => one.version)]))
    await records.putRelease({
      ...{ fleet: FLEET, version, sha256: SHA256, sizeBytes: 1_000_000, publishedAtMs: timeOf(-2_000) },
      publishedBy: 'arn:aws:iam::111122223333:role/pipeline',
      app: contractOf(world, version, servers[0]),
    });
  let from = FIRST_VERSION;
  let promoted = { version: FIRST_VERSION, deployId: 'd-first', atMs: timeOf(-20_000) };
  for (const [index, one] of releases.entries()) {
    const status = one.status ?? (one.until !== undefined && one.until < 0 ? 'SUCCEEDED' : 'RUNNING');
    const finishedAtMs = timeOf(one.until ?? 0);
    const count = situation.installation?.servers ?? 3;
    const targets = Object.fromEntries(
      Array.from({ length: count }, (_, at) => {
        const rolled = rolledAtMs(one, at + 1, count);
        return [
          instanceIdOf(at + 1),
          { phase: rolled <= NOW_MS ? 'done' : 'waiting', order: at, fromVersion: from, phaseStartedAtMs: Math.min(rolled, NOW_MS) },
        ];
      }),
    ) as DeployRecord['targets'];
    await records.createDeploy({
      ...{
        deployId: `d-${one.version.replaceAll('.', '-')}`,
        executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:holdfast-web-deploy:x',
        fleet: FLEET,
      },
      ...{
        from,
        to: one.version,
        requestedBy: 'arn:aws:iam::111122223333:role/pipeline',
        startedAtMs: timeOf(one.at),
        status,
        stage: 'rolling',
        targets,
      },
      ...(status !== 'RUNNING' && { finishedAtMs }),
      ...(one.warnings && { warnings: one.warnings }),
      fencingToken: index + 1,
    });
    if (status === 'SUCCEEDED') promoted = { version: one.version, deployId: `d-${one.version.replaceAll('.', '-')}`, atMs: finishedAtMs };
    from = one.version;
  }
  await records.promote(FLEET, { ...promoted, sha256: SHA256, fencingToken: releases.length + 1 });
  return records;
}

export function sweepRecords({ situation }: World): readonly SweepRecord[] {
  return happeningsOf(situation, 'sweep').map(({ at, repaired, shortened }) => ({
    ...{ sweepId: 'sweep-1', executionArn: 'arn', startedAtMs: timeOf(at), finishedAtMs: timeOf(at) + MINUTE_MS, requestedBy: 'schedule' },
    ...{ dryRun: false, shards: ['0'], status: 'SUCCEEDED' },
    summary: {
      keys: repaired * 3,
      repaired,
      deleted: 0,
      shortened,
      withoutTtl: repaired,
      structural: 0,
      unknown: 0,
      leftOnPurpose: 0,
      seconds: 4,
      keysPerSecond: 9_000,
      storeP99Ms: 1,
    },
  })) as readonly Partial<SweepRecord>[] as readonly SweepRecord[];
}

export function canaryRecord({ situation, canary }: World): CanaryRecord | undefined {
  if (situation.installation?.canary === false) return undefined;
  const { vanishedAtMs, failedSinceMs } = canary;
  return {
    ...{ url: 'https://shop.example', turnedAtMs: NOW_MS - 50_000, ranAtMs: NOW_MS - 30 * MINUTE_MS, lines: [], timeOuts: [] },
    ...{ sessions: 20, vanishedAtMs: vanishedAtMs.slice(-20) },
    ...(failedSinceMs !== undefined && {
      failed: { sinceMs: failedSinceMs, atMs: NOW_MS - 50_000, what: 'the page after the login asks for a login' },
    }),
  };
}

/** What the collector has put on record at the end. */
export interface Collected {
  readonly record: StoreRecord | undefined;
  readonly known: StoreNodes | undefined;
}

/** The collector's own function, run each minute on what the nodes answered then. */
export async function collectorRecord({ situation, store, minutes }: World): Promise<Collected> {
  let nowMs = minutes[0]?.atMs ?? NOW_MS;
  let record: StoreRecord | undefined;
  let known: StoreNodes | undefined;
  let unreachable: StoreUnreachable | undefined;
  let nodes: readonly StoreNode[] = [];
  const shares = sharesBefore(minutes[0]?.nodes[0]?.text ?? '', nowMs);
  const collect = createCollect({
    nodes: async () => nodes,
    records: {
      // Its week: at each hour about as many sessions as in the two hours before.
      getStore: async () => record && { ...record, days: [...weekBefore(nowMs), ...record.days.filter(({ day }) => day >= dayOf(nowMs))] },
      async putStore(next) {
        record = next;
        return true;
      },
      getUnreachable: async () => unreachable,
      putUnreachable: async (next) => {
        unreachable = next;
      },
    },
    known: {
      get: async () => known,
      put: async (next) => {
        known = next;
      },
    },
    shares: async () => shares,
    baseline: { get: async () => undefined, lower: async () => {} },
    swept: [0],
    publish: () => {},
    now: () => nowMs,
    collectMinutes: 1,
    sampleSeconds: 300,
    sweepOverdueAfter: { ageSeconds: 100_000, answerSeconds: 100_000 },
  });
  for (const minute of minutes) {
    nowMs = minute.atMs;
    nodes = minute.nodes.map(({ node, text }) => ({
      ...{ name: `sessions-00${node}`, host: `sessions-00${node}`, port: 6379 },
      info: async () => {
        const trouble = store.troubleForCollector(node === store.primaryNode(minute.atMs) ? 'primary' : 'replica', minute.atMs);
        const refusal = trouble && REFUSALS[trouble.is];
        if (refusal !== undefined) throw new Error(refusal);
        return text;
      },
    }));
    await collect({ step: 'collect' }).catch((error: unknown) => {
      if ((error as Error).name !== 'NoPrimaryAnswered') throw new Error(`${situation.name}: the collector failed`, { cause: error });
    });
  }
  return { record, known };
}

const dayOf = (atMs: number): number => Math.floor(atMs / 86_400_000);
const weekBefore = (atMs: number) =>
  [7, 6, 5, 4, 3, 2, 1].map((back) => ({ day: dayOf(atMs) - back, lowest: Array.from({ length: 24 }, () => 0.93) }));

/** What a sweep some hours before had counted. */
function sharesBefore(info: string, atMs: number): DialectShares {
  const [, keys = '0', expires = '0'] = /db0:keys=(\d+),expires=(\d+)/.exec(info) ?? [];
  const sessions = Number(expires);
  return {
    takenAtMs: atMs - 3 * 3_600_000,
    counts: { keys: Number(keys), expires: sessions },
    othersWithTtl: 0,
    byDialect: { 'connect-redis': { sessions, structural: 0, withoutTtl: 0, bytesSampled: sessions * 1_800 } },
    ...{ largest: [], largestSampledOneIn: 1 },
  };
}
