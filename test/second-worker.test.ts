import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitForCore } from './second-worker.ts';

let folder: string;
let running: string;
const options = { limitMs: 60_000, everyMs: 2 };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'holdfast-worker-'));
  running = path.join(folder, 'scenarios-run');
  writeFileSync(running, '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('lets the first worker, and every worker of a run without scenarios, start at once', async () => {
  await waitForCore(running, '1', options);
  await waitForCore(undefined, '2', options);
});

it('starts the second worker after its limit, although an interrupted run left its file', async () => {
  await waitForCore(running, '2', { limitMs: 5, everyMs: 2 });
});

it('holds the second worker until the scenarios have ended', async () => {
  let started = false;
  const waiting = waitForCore(running, '2', options).then(() => {
    started = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(started).toBe(false);
  rmSync(running);
  await waiting;
  expect(started).toBe(true);
});
