/** From keys without a TTL to their sweep, unattended: the schedule reads the store, the alarm fires, the sweep starts. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { show } from '../../cli/sweep/sweeps.ts';
import { storeAlarmName } from '../../functions/shared/naming.ts';
import type { SweepReport } from '../../functions/sweep/report/make-report.ts';
import { recordingOutput } from '../../lab/demo/recording-output.ts';
import { until } from '../until.ts';
import { cloud } from './fleet.ts';
import { withStore } from './open-store.ts';
import { forgetSweeps } from './swept-before.ts';

const requestedBy = `alarm ${storeAlarmName('holdfast', 'keys-without-ttl')}`;
const KEYS = Array.from({ length: 150 }, (_, at) => `sess:web:forever-${at}`);
/** Without them it would not be a leak: a sweep asks before it repairs a store in which no session has a TTL. */
const ALIVE = Array.from({ length: 50 }, (_, at) => `sess:web:alive-${at}`);
/** Three readings that breach, a minute apart, and the time until a schedule's first one. */
const LIMIT_MS = 600_000;

beforeAll(async () => {
  await forgetSweeps();
  await withStore(async (store) => {
    for (const key of KEYS) await store.set(key, '{"cookie":{"originalMaxAge":null,"expires":null}}');
    for (const key of ALIVE) await store.set(key, '{"cookie":{"originalMaxAge":null,"expires":null}}', 'EX', 3_600);
  });
});
afterAll(async () => {
  await withStore((store) => store.del(...KEYS, ...ALIVE));
  await forgetSweeps();
});

it('keys that pile up are swept, and the report names the alarm that started it', { timeout: LIMIT_MS + 60_000 }, async () => {
  const plantedAtMs = Date.now();
  const { sweeps, store } = await cloud();
  const ended = await until(
    async () =>
      (await sweeps.latestSweeps(20)).find(
        (sweep) => sweep.requestedBy === requestedBy && sweep.startedAtMs > plantedAtMs && sweep.status !== 'RUNNING',
      ),
    'the sweep of the alarm',
    LIMIT_MS,
  );
  expect(ended).toMatchObject({ status: 'SUCCEEDED', dryRun: false });
  await withStore(async (redis) => {
    for (const key of KEYS) expect(await redis.ttl(key)).toBeGreaterThan(0);
  });
  const shown = recordingOutput();
  await show(ended.sweepId, {}, shown.output);
  expect((shown.result as { report: SweepReport }).report).toMatchObject({ requestedBy });
  // The next reading knows of it, and of no key that piles up.
  await until(
    async () => {
      const record = await store.getStore();
      return record?.sweep?.takenAtMs === ended.finishedAtMs && record?.pilingSinceMs === undefined;
    },
    'a reading after the sweep',
    150_000,
  );
});
