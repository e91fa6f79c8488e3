/** What a dry run waits for ends in time, so that its function reports rather than being cut off. */
import { performance } from 'node:perf_hooks';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import { invokeStoreCheck } from '../../../../functions/deploy/dry-run/read-aws.ts';
import { LONGEST_DRY_RUN_MS } from '../../../../functions/deploy/dry-run/read-facts.ts';
import { countSessions } from '../../../../functions/instance/ask-servers.ts';
import type { Commands } from '../../../../functions/shared/aws/commands.ts';
import { POLLING } from '../../../../functions/shared/poll.ts';
import { DEPLOY, START_MS } from '../../fakes/fixtures.ts';
import { aFleet, dryRun, MAIN } from './a-fleet.ts';

const counters = (sessions: number) =>
  JSON.stringify({
    upInARow: 0,
    attempts: 0,
    lastAnswer: 'not checked',
    version: '1.0.0',
    sessions,
    sessionCookie: 'SID',
    sessionRoute: 'r1',
    sessionTimeoutSeconds: 1_800,
  });
const SEEN = { count: 7, cookie: 'SID', route: 'r1', timeoutSeconds: 1_800 };
const never = () => new Promise<never>(() => {});

it('the store is checked and sessions are counted at the same time, both until one deadline from the start', async () => {
  const world = await aFleet();
  world.rules = [MAIN];
  const deadlines: number[] = [];
  const begun: string[] = [];
  let counted = () => {};
  const counting = new Promise<void>((resolve) => {
    counted = resolve;
  });
  await dryRun(world, {
    checkStore: async (_deploy, endMs) => {
      begun.push('store');
      deadlines.push(endMs);
      // Its answer comes after the counting: in series this would never end.
      await counting;
      return {};
    },
    countSessions: async (_ids, endMs) => {
      begun.push('sessions');
      deadlines.push(endMs);
      counted();
      return new Map();
    },
  });
  expect(begun).toEqual(['store', 'sessions']);
  expect(deadlines).toEqual([START_MS + LONGEST_DRY_RUN_MS, START_MS + LONGEST_DRY_RUN_MS]);
  // The function's own limit is 60 s.
  expect(LONGEST_DRY_RUN_MS).toBeLessThanOrEqual(50_000);
});

it.each<[string, Partial<Commands>]>([
  ['does not answer a call', { describe: never }],
  ['takes no command', { send: never }],
  ['does not end its command', { describe: async () => ({ state: 'running' }) }],
])('a server that %s is not counted, and the others are', async (_what, more) => {
  const answering: Commands = {
    send: async ({ instanceId }) => instanceId,
    describe: async () => ({ state: 'succeeded', statusDetails: 'Success', output: counters(7), errorOutput: '' }),
  };
  const slow: Commands = { ...answering, ...more };
  const commands: Commands = {
    send: (order) => (order.instanceId === 'i-2' ? slow : answering).send(order),
    describe: (id, instanceId, step) => (instanceId === 'i-2' ? slow : answering).describe(id, instanceId, step),
  };
  const polling = {
    pausesMs: Array.from({ length: 100 }, () => 20),
    pause: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
  const begunAt = performance.now();
  const found = await countSessions({ commands, observeDocument: 'observe', polling, now: Date.now })(
    ['i-1', 'i-2', 'i-3'],
    Date.now() + 150,
  );
  expect([...found].toSorted()).toEqual([
    ['i-1', SEEN],
    ['i-3', SEEN],
  ]);
  expect(performance.now() - begunAt).toBeLessThan(1_500);
});

it('a server whose answer takes longer than the pauses of one round is heard', async () => {
  const clock = { nowMs: 0 };
  const commands: Commands = {
    send: async ({ instanceId }) => instanceId,
    describe: async () =>
      clock.nowMs < 30_000 ? { state: 'running' } : { state: 'succeeded', statusDetails: 'Success', output: counters(7), errorOutput: '' },
  };
  const pause = async (ms: number) => {
    clock.nowMs += ms;
  };
  const ports = { commands, observeDocument: 'observe', polling: { ...POLLING, pause }, now: () => clock.nowMs };
  expect([...(await countSessions(ports)(['i-1'], 40_000))]).toEqual([['i-1', SEEN]]);
});

it('a check of the store that has not answered by then leaves it unknown', async () => {
  const send = ((_command: unknown, { abortSignal }: { abortSignal: AbortSignal }) =>
    new Promise((_resolve, reject) => {
      abortSignal.addEventListener('abort', () => reject(new Error('aborted')));
    })) as unknown as LambdaClient['send'];
  const found = await invokeStoreCheck({ send }, 'store-check:live', Date.now)(DEPLOY, Date.now() + 50);
  expect(found).toEqual({ unknown: expect.stringContaining('did not answer: ') });
});
