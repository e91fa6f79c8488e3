/** The deployed sweep loses its store in mid-sweep, and its function. */
import { GetExecutionHistoryCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { followSweep, show } from '../../cli/sweep/sweeps.ts';
import { parseInfo } from '../../functions/shared/store/parse-info.ts';
import type { SweepSummary } from '../../functions/sweep/contract/record.ts';
import type { SweepReport } from '../../functions/sweep/report/make-report.ts';
import { recordingOutput } from '../../lab/demo/recording-output.ts';
import { until } from '../until.ts';
import { withFault } from './faults.ts';
import { cloud } from './fleet.ts';
import { withStore } from './open-store.ts';
import { killPrimary, untilFailedOver } from './store-failover.ts';

/** At a gentle pace they take some tens of seconds. */
const KEYS = 80_000;
const BATCH = 5_000;
const ALIVE = Array.from({ length: 200 }, (_, at) => [`sess:web:alive-${at}`, 3_000 + 20 * at] as const);
const LIMIT_MS = 600_000;

const FILL = `for at = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1 do redis.call('SET', 'sess:web:swept-' .. at, '{"cookie":{"expires":null}}') end`;
const EMPTY = `for at = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1 do redis.call('UNLINK', 'sess:web:swept-' .. at) end`;
const inBatches = (script: string) =>
  withStore(async (store) => {
    for (let at = 0; at < KEYS; at += BATCH) await store.eval(script, 0, at, at + BATCH);
  });

let plantedAtMs: number;
beforeEach(async () => {
  await inBatches(EMPTY);
  await inBatches(FILL);
  await withStore(async (store) => {
    for (const [key, ttl] of ALIVE) await store.setex(key, ttl, '{"cookie":{"expires":null}}');
    await store.wait(2, 10_000);
  });
  plantedAtMs = Date.now();
});
afterAll(async () => {
  await inBatches(EMPTY);
  await withStore((store) => store.del(...ALIVE.map(([key]) => key)));
});

async function start(): Promise<{ executionArn: string; sweepId: string }> {
  const { stepFunctions, sweepStateMachineArn: stateMachineArn } = await cloud();
  // Nearly all sessions of the store have no TTL: a sweep would ask first.
  const input = JSON.stringify({ pace: 'gentle', requestedBy: 'a test', policy: { 'connect-redis': 'expire' } });
  const { executionArn = '' } = await stepFunctions.send(new StartExecutionCommand({ stateMachineArn, input }));
  return { executionArn, sweepId: executionArn.split(':').at(-1) as string };
}
/** Keys that have a TTL by now. */
const expiring = () =>
  withStore(async (store) => Number(/expires=(\d+)/.exec(parseInfo(await store.info('keyspace')).get('db0') ?? '')?.[1] ?? 0));
const ended = async (executionArn: string) => followSweep(await cloud(), executionArn, () => {}, AbortSignal.timeout(LIMIT_MS));
async function reportOf(sweepId: string): Promise<SweepReport> {
  const shown = recordingOutput();
  await show(sweepId, {}, shown.output);
  return (shown.result as { report: SweepReport }).report;
}

/** Every key was repaired to its whole life, and no live one lost any of its own. */
async function expectMended(): Promise<void> {
  await withStore(async (store) => {
    for (let at = 0; at < KEYS; at += BATCH) {
      const pipeline = store.pipeline();
      for (let key = at; key < at + BATCH; key += 1) pipeline.ttl(`sess:web:swept-${key}`);
      const ttls = ((await pipeline.exec()) ?? []).map(([, ttl]) => Number(ttl));
      // A day, less what has passed, and more by the jitter.
      expect(Math.min(...ttls)).toBeGreaterThan(86_400 - (Date.now() - plantedAtMs) / 1_000 - 60);
    }
    for (const [key, ttl] of ALIVE) expect(await store.ttl(key)).toBeGreaterThan(ttl - (Date.now() - plantedAtMs) / 1_000 - 30);
  });
}

it('the primary dies: the sweep goes on with the new one, or starts again, and repairs each key', {
  timeout: LIMIT_MS,
}, async () => {
  const { executionArn, sweepId } = await start();
  const before = await expiring();
  await until(async () => (await expiring()) > before + 1_000, 'the sweep repairs', 120_000);
  const old = await killPrimary();
  const ending = await ended(executionArn);
  expect(ending).toMatchObject({ status: 'SUCCEEDED' });
  await untilFailedOver(old);
  await expectMended();
  const report = await reportOf(sweepId);
  // None where the replica that was read is the new primary.
  expect(report.shards.map(({ restarts }) => restarts <= 1)).toEqual([true]);
  // Each once; what the old primary had not sent on when it died is repaired anew.
  const { repaired } = report.summary;
  expect(repaired).toBeGreaterThanOrEqual(KEYS);
  expect(repaired).toBeLessThan(KEYS + 1_000);
});

it('its function dies: the next invocation continues from the checkpoint', { timeout: LIMIT_MS }, async () => {
  const { sweeps, stepFunctions } = await cloud();
  const before = await expiring();
  const { sweepId, saved, left, summary } = await withFault(
    {
      on: 'invocation',
      match: { function: 'holdfast-store-sweep', payload: 'sweepShard' },
      when: { first: 1 },
      effect: { kind: 'die', afterMs: 18_000 },
    },
    async () => {
      const { executionArn, sweepId } = await start();
      const saved = await until(async () => (await sweeps.getCheckpoint('0001', sweepId))?.tally, 'the first checkpoint', 60_000);
      await until(
        async () => {
          const { events = [] } = await stepFunctions.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }));
          return events.some(({ type }) => type === 'TaskFailed' || type === 'LambdaFunctionFailed');
        },
        'the function dies',
        60_000,
      );
      const left = KEYS - ((await expiring()) - before);
      expect(left).toBeGreaterThan(0);
      const ending = await ended(executionArn);
      expect(ending).toMatchObject({ status: 'SUCCEEDED' });
      return { sweepId, saved, left, summary: ending?.record?.summary as SweepSummary };
    },
  );
  await expectMended();
  expect(await reportOf(sweepId)).toMatchObject({ shards: [{ restarts: 0 }] });
  // It counts what was repaired up to the checkpoint; what came between that and its end is repaired, and counted by nobody.
  const counted = Object.values(saved.byDialect).reduce((sum, { repaired }) => sum + repaired, 0);
  expect(counted).toBeGreaterThan(0);
  expect(summary.repaired).toBeGreaterThan(left);
  expect(summary.repaired).toBeLessThan(KEYS);
});
