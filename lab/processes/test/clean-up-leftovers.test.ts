import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processStart } from '../../../setup/process-start.mjs';
import { cleanUpLeftovers } from '../clean-up-leftovers.ts';
import { openLedger, type ProcessLedger } from '../process-ledger.ts';
import { isAlive, makeRuns, startSleeper } from './sleepers.ts';

/** A process that no longer exists: its start matches nothing. */
const DEAD = { pid: process.pid, start: 'another boot:1' };
const LATER_MS = 3_600_000;

describe('cleaning up after a killed run', () => {
  let runs: string;
  const sleepers: number[] = [];
  const sleeper = (env?: Record<string, string>) => {
    const pid = startSleeper(env);
    sleepers.push(pid);
    return pid;
  };
  const ownedBy = (ledger: ProcessLedger, owner: object) => writeFileSync(join(ledger.folder, 'owner.json'), JSON.stringify(owner));
  beforeEach(() => {
    runs = makeRuns();
  });
  afterEach(() => {
    for (const pid of sleepers.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    rmSync(runs, { recursive: true });
  });

  it('ends its processes and removes its folder', async () => {
    const ledger = openLedger(runs, 'run-killed');
    const pid = sleeper();
    ledger.record(pid, 'redis-server');
    ownedBy(ledger, DEAD);
    const report = await cleanUpLeftovers(runs);
    expect(report.ended.map((entry) => entry.pid)).toEqual([pid]);
    expect(report.removed).toEqual(['run-killed']);
    expect(isAlive(pid)).toBe(false);
    expect(readdirSync(runs)).toEqual([]);
  });

  it('never ends a process whose id was recycled', async () => {
    const ledger = openLedger(runs, 'run-killed');
    const stranger = sleeper();
    mkdirSync(join(ledger.folder, 'pids'), { recursive: true });
    writeFileSync(
      join(ledger.folder, 'pids', `${stranger}.json`),
      JSON.stringify({ pid: stranger, start: 'another boot:1', name: 'redis-server' }),
    );
    ownedBy(ledger, DEAD);
    const report = await cleanUpLeftovers(runs);
    expect(report.ended).toEqual([]);
    expect(report.removed).toEqual(['run-killed']);
    expect(isAlive(stranger)).toBe(true);
  });

  it('leaves a run alone while its owner lives, and reports it', async () => {
    const owner = sleeper();
    const ledger = openLedger(runs, 'run-alive');
    const pid = sleeper();
    ledger.record(pid, 'redis-server');
    ownedBy(ledger, { pid: owner, start: processStart(owner) });
    expect(await cleanUpLeftovers(runs)).toEqual({
      ended: [],
      removed: [],
      remaining: [],
      alive: [{ runId: 'run-alive', ownerPid: owner }],
    });
    expect(isAlive(pid)).toBe(true);
    expect(existsSync(ledger.folder)).toBe(true);
  });

  it('does not report the caller’s own run', async () => {
    const ledger = openLedger(runs, 'run-own');
    expect(await cleanUpLeftovers(runs)).toEqual({ ended: [], removed: [], remaining: [], alive: [] });
    expect(existsSync(ledger.folder)).toBe(true);
  });

  it.runIf(process.platform === 'linux')('finds by its mark what the run started and had no time to enter', async () => {
    const ledger = openLedger(runs, 'run-marked');
    ownedBy(ledger, DEAD);
    const pid = sleeper({ HOLDFAST_RUN_ID: 'run-marked' });
    const other = sleeper({ HOLDFAST_RUN_ID: 'run-other' });
    await cleanUpLeftovers(runs);
    expect(isAlive(pid)).toBe(false);
    expect(isAlive(other)).toBe(true);
  });

  it('removes a folder without an owner unless it is new', async () => {
    mkdirSync(join(runs, '.run-newborn'));
    expect((await cleanUpLeftovers(runs)).removed).toEqual([]);
    expect((await cleanUpLeftovers(runs, Date.now() + LATER_MS)).removed).toEqual(['run-newborn']);
  });

  it('skips an incomplete record', async () => {
    const ledger = openLedger(runs, 'run-torn');
    writeFileSync(join(ledger.folder, 'pids', '12.json'), '{"pid": 1');
    ownedBy(ledger, DEAD);
    expect((await cleanUpLeftovers(runs)).removed).toEqual(['run-torn']);
  });

  it('does nothing where nothing ever ran', async () => {
    renameSync(runs, `${runs}-moved`);
    expect(await cleanUpLeftovers(runs)).toEqual({ ended: [], removed: [], remaining: [], alive: [] });
    renameSync(`${runs}-moved`, runs);
  });
});
