import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as store from '../../cli/cloud-state.ts';
import { stateOf } from './run-cli.ts';

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-state-'));
  file = path.join(folder, 'cloud.json');
  process.env['HOLDFAST_STATE_FOLDER'] = folder;
});
afterAll(() => {
  delete process.env['HOLDFAST_STATE_FOLDER'];
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => rmSync(file, { force: true }));

const STATE = stateOf('http://127.0.0.1:1');

describe('the state of a local cloud', () => {
  it('is read as it was written, by this user only', async () => {
    await store.writeCloudState(STATE);
    expect(await store.readCloudState()).toEqual({ ...STATE, pidStart: expect.any(String) });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is none before the first one', async () => {
    expect(await store.readCloudState()).toBeUndefined();
  });

  it.each([
    ['its process has gone', { ...STATE, pid: 2 ** 22 + 1 }],
    ['another process has its id now', { ...STATE, pidStart: 'another boot:1' }],
  ])('is none when %s', async (_, state) => {
    writeFileSync(file, JSON.stringify(state));
    expect(await store.readCloudState()).toBeUndefined();
  });

  it('is removed by its own process only', async () => {
    await store.writeCloudState(STATE);
    await store.removeCloudState(process.pid + 1);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
    await store.removeCloudState(process.pid);
    expect(await store.readCloudState()).toBeUndefined();
  });
});
