import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { fakeInvocation } from '../fakes/invocation.ts';
import { currentInvocation } from '../seam/current-invocation.ts';
import { EPOCH_MS, Kernel } from './kernel.ts';
import { replaceGlobals } from './virtual-globals.ts';

let restore = () => {};
afterEach(() => restore());

/** Runs `work` as a function's invocation. @throws what ended the run */
async function during<T>(work: () => Promise<T>, change: Parameters<typeof fakeInvocation>[0] = {}, seed = 1): Promise<T | undefined> {
  const kernel = new Kernel(seed);
  let result: T | undefined;
  restore = replaceGlobals(kernel);
  kernel.after(0, () => {
    const done = currentInvocation.run(fakeInvocation(change), work);
    done.then(
      (value) => {
        result = value;
      },
      () => {},
    );
  });
  try {
    await kernel.run(EPOCH_MS + 3_600_000);
  } finally {
    restore();
  }
  return result;
}

it('tells virtual time, with the skew of the environment’s clock', async () => {
  const read = async () => [
    Date.now(),
    new Date().toISOString(),
    new Date(5).getTime(),
    new Date() instanceof Date,
    Date.parse('1970-01-01'),
  ];
  expect(await during(read, { clockSkewMs: 250 })).toEqual([EPOCH_MS + 250, '2030-01-01T00:00:00.250Z', 5, true, 0]);
});

it('pauses in virtual time where a module imported the pause before', async () => {
  const pause = async () => {
    await sleep(600_000);
    return Date.now();
  };
  const began = performance.now();
  expect(await during(pause)).toBe(EPOCH_MS + 600_000);
  expect(performance.now() - began).toBeLessThan(5_000);
});

it('draws the same numbers for the same seed', async () => {
  const draw = async () => [Math.random(), Math.random()];
  expect(await during(draw)).toEqual(await during(draw));
  expect(await during(draw)).not.toEqual(await during(draw, {}, 2));
});

it('never wakes an invocation that has ended', async () => {
  const invocation = fakeInvocation();
  const pause = async () => {
    invocation.ended = true;
    await sleep(10);
    return 'awake';
  };
  const kernel = new Kernel(1);
  restore = replaceGlobals(kernel);
  let woke = false;
  kernel.after(0, () => {
    currentInvocation.run(invocation, pause).then(() => {
      woke = true;
    });
  });
  await kernel.run(EPOCH_MS + 1_000);
  expect(woke).toBe(false);
});

it.each([
  ['setTimeout', async (): Promise<unknown> => setTimeout(() => {}, 1), 'the global setTimeout'],
  ['setInterval', async () => setInterval(() => {}, 1), 'the global setInterval'],
  ['a socket', async () => http.request('http://127.0.0.1:1'), 'node:http’s request'],
  ['fetch', async () => fetch('http://127.0.0.1:1'), 'the global fetch'],
  ['randomUUID', async () => randomUUID(), 'node:crypto’s randomUUID'],
  ['a signal’s time-out', async () => AbortSignal.timeout(1), 'AbortSignal’s timeout'],
])('ends the run of a function that uses %s, even where the function hides the error', async (_, use, named) => {
  await expect(during(() => use().catch(() => {}))).rejects.toThrow(`the function control (step "startDeploy") used ${named}`);
});

it('refuses Math.random outside of functions', () => {
  restore = replaceGlobals(new Kernel(1));
  expect(() => Math.random()).toThrow('the simulation itself used Math.random');
});

it('restores everything', async () => {
  const before = [Date, Math.random, globalThis.setTimeout, http.request];
  await during(async () => {});
  expect([Date, Math.random, globalThis.setTimeout, http.request]).toEqual(before);
  await sleep(1);
});
