import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { processStart } from '../../../setup/process-start.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-claim-'));
// Where the claim is, is known once the module is loaded; where the cloud's state is, when it is read.
vi.stubEnv('HOLDFAST_STATE_FOLDER', folder);
const { claimCheckout } = await import('../claim-checkout.ts');

const CLAIM = path.join(folder, 'cloud.lock');
const claimedBy = (claim: unknown) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(CLAIM, typeof claim === 'string' ? claim : JSON.stringify(claim));
};
const owner = () => JSON.parse(readFileSync(CLAIM, 'utf8')) as unknown;
const SELF = { pid: process.pid, start: processStart(process.pid) };

afterEach(() => rmSync(CLAIM, { force: true }));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it('a checkout is claimed by its process, and is free again after the release', async () => {
  const release = await claimCheckout(0);
  expect(owner()).toEqual(SELF);
  release();
  expect(readdirSync(folder)).toEqual([]);
});

it.each([
  ['that was killed', { pid: 2 ** 30, start: 'x' }],
  ['whose id another process has now', { pid: process.pid, start: 'another' }],
  ['that wrote half of its claim', '{"pid":'],
])('the claim of a process %s is taken over', async (_what, claim) => {
  claimedBy(claim);
  const release = await claimCheckout(0);
  expect([owner(), readdirSync(folder)]).toEqual([SELF, ['cloud.lock']]);
  release();
});

it('the claim of a process that runs is respected, and named', async () => {
  claimedBy(SELF);
  await expect(claimCheckout(0)).rejects.toMatchObject({
    name: 'AlreadyUp',
    message: expect.stringContaining(`is starting or stopping (process ${process.pid}); nothing was started`),
  });
  expect(owner()).toEqual(SELF);
});
