/** One reading of an account is every tab's, also one that failed, and its age is known; a change is none. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SHARED_MS } from '../../console/serve.ts';
import { type Console, startConsole } from '../../console/server.ts';
import { createFakeBackend, type FakeBackend, furnish } from './fake-backend.ts';

const TOKEN = 'a-token';
let fake: FakeBackend;
let served: Console;
let nowMs: number;
let reads: Record<string, number>;
beforeEach(async () => {
  nowMs = Date.now();
  reads = {};
  fake = createFakeBackend();
  await furnish(fake);
  const counted = <Name extends 'listAlarms' | 'getMetricData' | 'getDashboard' | 'invoke'>(name: Name) => {
    const own = fake[name] as (...given: unknown[]) => Promise<unknown>;
    Object.assign(fake, {
      [name]: (...given: unknown[]) => {
        reads[name] = (reads[name] ?? 0) + 1;
        return own(...given);
      },
    });
  };
  for (const name of ['listAlarms', 'getMetricData', 'getDashboard', 'invoke'] as const) counted(name);
  served = await startConsole({ port: 0, token: TOKEN, backend: async () => fake, shareMs: SHARED_MS, now: () => nowMs });
});
afterEach(() => served.close());

const send = (path: string, body?: object) =>
  fetch(new URL(`/api/${path}`, served.url), {
    method: body ? 'POST' : 'GET',
    headers: { 'x-holdfast-token': TOKEN, 'content-type': 'application/json', origin: new URL(served.url).origin },
    ...(body && { body: JSON.stringify(body) }),
  });
const ages = async (...all: Promise<Response>[]) => (await Promise.all(all)).map((reply) => reply.headers.get('age') ?? 'new');

describe('on an account', () => {
  it('tabs that read at the same time read once', async () => {
    await Promise.all([send('alarms'), send('alarms'), send('alarms')]);
    expect(reads).toEqual({ listAlarms: 1 });
  });

  it('no view is read again within 5 s, and the answer has its age', async () => {
    expect(await ages(send('alarms'))).toEqual(['new']);
    nowMs += 4_000;
    expect(await ages(send('alarms'))).toEqual(['4']);
    nowMs += 999;
    await send('alarms');
    expect(reads).toEqual({ listAlarms: 1 });
    nowMs += 1;
    expect(await ages(send('alarms'))).toEqual(['new']);
    expect(reads).toEqual({ listAlarms: 2 });
  });

  it('one that failed is not tried again sooner either', async () => {
    fake.listAlarms = () => {
      reads['failed'] = (reads['failed'] ?? 0) + 1;
      return Promise.reject(new Error('throttled'));
    };
    expect((await send('alarms')).status).toBe(500);
    nowMs += 4_000;
    expect((await send('alarms')).status).toBe(500);
    expect(reads).toEqual({ failed: 1 });
  });

  it('metrics, which cost most, are read once a minute; another range is another reading', async () => {
    await send('curves');
    const once = reads['getMetricData'];
    nowMs += 59_000;
    expect(await ages(send('curves'))).toEqual(['59']);
    expect(reads['getMetricData']).toBe(once);
    await send('dashboards/holdfast-store?minutes=15');
    const two = reads['getMetricData'] ?? 0;
    expect(await ages(send('dashboards/holdfast-store?minutes=15'), send('dashboards/holdfast-store?minutes=60'))).toEqual(['0', 'new']);
    expect(reads['getMetricData']).toBeGreaterThan(two);
  });

  it('what a button starts is never shared', async () => {
    const deploy = { version: '1.1.0' };
    expect([(await send('deploys', deploy)).status, (await send('deploys', deploy)).status]).toEqual([200, 200]);
    expect(fake.started).toHaveLength(2);
  });
});
