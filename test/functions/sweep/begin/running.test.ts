/** What starts by itself while a sweep runs for longer than the cool-down. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Begun } from '../../../../functions/sweep/contract/steps.ts';
import { createSweep, type SweepPorts } from '../../../../functions/sweep/sweep.ts';
import { COOKIE } from '../planted.ts';
import { type RealStore, startStore } from '../real-store.ts';
import { begin, portsOf, step } from '../steps-of-sweep.ts';

const MINUTE = 60_000;
let store: RealStore;
let nowMs: number;
let ports: SweepPorts;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store?.stop());
beforeEach(async () => {
  for (const database of [0, 1]) {
    const redis = await store.connect();
    await redis.select(database);
    const keys = Array.from({ length: 200 }, (_, at) => [`sess:${at}`, COOKIE]);
    await redis.mset(keys.flat());
    redis.disconnect();
  }
  nowMs = Date.now();
  const base = portsOf(() => store.connect(), [], { now: () => nowMs });
  ports = { ...base, settings: { ...base.settings, databases: [0, 1] } };
});

/** Database 0 is swept, database 1 is still being swept an hour later. */
async function longSweep(): Promise<Begun> {
  const long = await begin(ports, 'long', { requestedBy: 'schedule' });
  expect(await step(ports, long, '0001')).toMatchObject({ verdict: 'DONE' });
  nowMs += 61 * MINUTE;
  await ports.records.takeShard('0001/db1', 'long', nowMs, nowMs + 2 * MINUTE);
  // Keys that come meanwhile.
  const redis = await store.connect();
  await redis.mset(Array.from({ length: 200 }, (_, at) => [`sess:new-${at}`, COOKIE]).flat());
  redis.disconnect();
  return long;
}

it.each([
  ['a check', { requestedBy: 'check', check: true }, { verdict: 'SKIP', sweepId: 'long' }],
  ['the schedule', { requestedBy: 'schedule' }, { verdict: 'SKIP', sweepId: 'long' }],
])('%s starts no second sweep', async (_title, input, reply) => {
  await longSweep();
  expect(await begin(ports, 'second', input)).toEqual(reply);
  expect(await ports.records.getSweep('second')).toBeUndefined();
});

it.each([
  ['goes on where the last sweep had it', 'expire', {}, 'expire'],
  ['goes on in reports', 'report', {}, 'report'],
  ['is a report where no sweep has run', undefined, {}, 'report'],
  ['is not that of a sweep with its own', 'report', { policy: 'expire' }, 'report'],
] as const)('a policy that nobody has chosen %s', async (_, policy, input, expected) => {
  const withPolicy = (more: Partial<SweepPorts['settings']>) => ({ ...ports, settings: { ...ports.settings, ...more } });
  if (policy) {
    await begin(withPolicy({ policy }), 'earlier', { requestedBy: 'schedule' });
    await begin(withPolicy({ policy }), 'its-own', { requestedBy: 'ann', ...input });
  }
  nowMs += 300 * MINUTE;
  const { sweep } = await begin(withPolicy({ policy: 'report', keepsPolicy: true }), 'next', { requestedBy: 'schedule' });
  expect(sweep.settings.policy).toBe(expected);
  expect(await ports.records.getSweep('next')).toMatchObject({ policy: expected });
});

it("an alarm's sweep waits for its end", async () => {
  await longSweep();
  const input = { requestedBy: 'alarm keys', alarmAt: new Date(nowMs).toISOString() };
  expect(await begin(ports, 'second', input)).toEqual({ verdict: 'WAIT', waitSeconds: 60 });
});

it('that of a person is refused while another one holds a unit: it would take those that are finished', async () => {
  await longSweep();
  await expect(begin(ports, 'second', { requestedBy: 'ann' })).rejects.toMatchObject({
    name: 'SweepInProgress',
    message: expect.stringContaining('sweep long is working on'),
  });
  expect((await ports.records.takeShard('0001', 'third', nowMs, nowMs + 1)).taken).toBe(true);
  expect(await begin(ports, 'dry', { requestedBy: 'ann', dryRun: true })).toMatchObject({ verdict: 'DONE' });
});

it('one that was stopped from outside, without a record of its end, is waited for no longer than it can be silent', async () => {
  await longSweep();
  nowMs += 75 * MINUTE;
  expect(await begin(ports, 'second', { requestedBy: 'check', check: true })).toMatchObject({
    verdict: 'DONE',
    sweep: { unfinished: { sweepIds: ['second', 'long'] } },
  });
  expect(await ports.records.getSweep('long')).toMatchObject({ status: 'FAILED', finishedAtMs: nowMs, error: { Error: 'SweepStopped' } });
});

it('a sweep whose finished unit another one has taken does not report success', async () => {
  const long = await longSweep();
  nowMs += 3 * MINUTE;
  const second = await begin(ports, 'second', { requestedBy: 'ann' });
  await step(ports, second, '0001');
  await step(ports, long, '0001/db1');
  await expect(createSweep(ports)({ step: 'report', ...long })).rejects.toMatchObject({ name: 'SweepLeaseLost' });
});
