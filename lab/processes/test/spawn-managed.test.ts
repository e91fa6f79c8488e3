import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../test/until.ts';
import { startGroup } from '../process-group.ts';
import { openLedger, type ProcessLedger } from '../process-ledger.ts';
import { spawnManaged } from '../spawn-managed.ts';
import { ENV, isAlive, makeRuns } from './sleepers.ts';

describe('managed processes', () => {
  let runs: string;
  let logFile: string;
  let ledger: ProcessLedger;
  const shell = (script: string, name = 'sh') => spawnManaged(ledger, '/bin/sh', ['-c', script], { env: ENV, logFile, name });
  const logged = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  beforeEach(() => {
    runs = makeRuns();
    logFile = join(runs, 'logs', 'process.log');
    ledger = openLedger(runs, 'run-1');
  });
  afterEach(async () => {
    await ledger.stopAll(0);
    rmSync(runs, { recursive: true });
  });

  it('end at once when the run has closed', async () => {
    await ledger.close(0);
    const late = startGroup('/bin/sleep', ['60'], { ledger, name: 'late', stdio: 'ignore' });
    expect(await late.exited).toMatchObject({ signal: 'SIGKILL' });
  });

  it('get the listed environment and the mark of the run, nothing of ours', async () => {
    process.env['HOLDFAST_TEST_SECRET'] = 'leak';
    const managed = await spawnManaged(ledger, '/usr/bin/env', [], { env: { ...ENV, A: '1' }, logFile });
    delete process.env['HOLDFAST_TEST_SECRET'];
    expect(await managed.exited).toEqual({ code: 0, signal: null });
    expect(logged().trim().split('\n').sort()).toEqual(['A=1', 'HOLDFAST_RUN_ID=run-1', `PATH=${ENV.PATH}`]);
  });

  it('are in the ledger while they run', async () => {
    const managed = await shell('exec sleep 60', 'redis-server a');
    expect(ledger.list()).toMatchObject([{ pid: managed.pid, name: 'redis-server a' }]);
    expect(managed.signal('SIGKILL')).toBe(true);
    expect(await managed.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(managed.exit()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(ledger.list()).toEqual([]);
  });

  it('end with what they started', async () => {
    const managed = await shell('sleep 60 & echo $!; wait');
    await until(() => logged().includes('\n'));
    const child = Number(logged());
    await managed.stop(2_000);
    expect([isAlive(managed.pid), isAlive(child)]).toEqual([false, false]);
  });

  it('are killed when they do not end by themselves in time', async () => {
    const managed = await shell('trap "" TERM; echo ready; while :; do sleep 1; done');
    await until(() => logged().includes('ready'));
    await ledger.stopAll(50);
    expect((await managed.exited).signal).toBe('SIGKILL');
    expect(ledger.list()).toEqual([]);
  });

  it('stay in the ledger when they end before what they started', async () => {
    const managed = await shell('sleep 60 & echo $!; exec sleep 0.2');
    await managed.exited;
    const orphan = Number(logged());
    expect(isAlive(orphan)).toBe(true);
    expect(ledger.list()).toHaveLength(1);
    if (process.platform !== 'linux') return process.kill(orphan, 'SIGKILL');
    await ledger.stopAll(1_000);
    expect(isAlive(orphan)).toBe(false);
    expect(ledger.list()).toEqual([]);
  });

  it('are all gone at once by killNow, and the run’s folder by close', async () => {
    const all = await Promise.all([shell('exec sleep 60'), shell('exec sleep 60')]);
    ledger.killNow();
    await Promise.all(all.map((managed) => managed.exited));
    await ledger.close();
    expect(existsSync(ledger.folder)).toBe(false);
  });

  it('name the program that cannot be started', async () => {
    await expect(spawnManaged(ledger, '/nowhere/redis-server', [], { env: ENV, logFile })).rejects.toThrow(
      'redis-server cannot be started: spawn /nowhere/redis-server ENOENT',
    );
  });
});

it('refuses a run id that could leave the folder', () => {
  expect(() => openLedger('/nowhere', '../x')).toThrow("run id '../x' has characters other than letters, digits and dashes");
});
