import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import type { World } from './world.ts';

/** Time after which environments end in a world of this suite, where nothing else counts on a warm one. */
export const IDLE_MS = 6_000;
/** Longer than an environment may be idle. */
const LONG_MS = 1.5 * IDLE_MS;
/** Shorter, and longer than the emulator takes to notice an idle environment. */
const PAUSE_MS = 0.35 * IDLE_MS;

/** Counts its invocations, and leaves a file when its process gets SIGTERM, which no function without an extension gets on AWS. */
const COUNTS = `
  import { writeFileSync } from 'node:fs';
  let count = 0;
  process.on('SIGTERM', () => { writeFileSync(process.env.NOTE, 'SIGTERM'); process.exit(); });
  export const handler = async ({ takeMs = 0 }) => {
    count += 1;
    await new Promise((done) => setTimeout(done, takeMs));
    return { count, pid: process.pid };
  };`;

interface Counted {
  readonly count: number;
  readonly pid: number;
}

interface Started {
  readonly began: number;
  readonly ended: number;
  readonly pid: number;
}

/** Execution environments end when no invocation has used them for {@link IDLE_MS}. */
export function describeIdleEnvironments(world: () => World): void {
  describe.concurrent('an execution environment', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-idle-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const noteOf = (name: string) => path.join(folder, name);
    const make = (name: string) => world().makeFunction(name, COUNTS, { environment: { NOTE: noteOf(name) } });
    const invoke = async (name: string, takeMs = 0) => (await world().invoke(name, { takeMs })).value as Counted;

    it('that is idle ends without notice, and the next invocation has a cold start', async () => {
      await make('idle');
      const first = await invoke('idle');
      expect([first.count, runs(first.pid)]).toEqual([1, true]);
      await until(() => !runs(first.pid));
      expect(existsSync(noteOf('idle'))).toBe(false);
      const next = await invoke('idle');
      expect([next.count, next.pid === first.pid]).toEqual([1, false]);
    });

    it('ends with every other one that a burst of invocations left', async () => {
      await make('burst');
      const burst = await Promise.all([1, 2, 3].map(() => invoke('burst', 500)));
      expect(new Set(burst.map(({ pid }) => pid)).size).toBe(3);
      await until(() => burst.every(({ pid }) => !runs(pid)));
    });

    it('that is in a long invocation goes on, and its idle time begins afterwards', async () => {
      await make('busy');
      const { pid } = await invoke('busy');
      expect(await invoke('busy', LONG_MS)).toEqual({ count: 2, pid });
      await sleep(PAUSE_MS);
      expect(await invoke('busy')).toEqual({ count: 3, pid });
    });
  });
}

/** @param most idle environments of all functions together; the world's idle time must be longer than this test */
export function describeIdleLimit(world: () => World, most: number): void {
  it(`of the execution environments that are idle, the ${most} that were used last go on`, async () => {
    const pids: number[] = [];
    for (let index = 0; index <= most; index += 1) {
      await world().makeFunction(`turn-${index}`, 'export const handler = async () => process.pid;');
      pids.push((await world().invoke(`turn-${index}`)).value as number);
    }
    await until(() => !runs(pids[0] as number));
    expect(pids.map(runs)).toEqual([false, ...Array<boolean>(most).fill(true)]);
  });
}

/** @param most environments that start at the same time; each invocation of a burst has its own nevertheless, as on AWS */
export function describeStarts(world: () => World, most: number): void {
  it(`of the environments for a burst of invocations, at most ${most} start at a time`, async () => {
    const code = `
      const began = Date.now();
      await new Promise((done) => setTimeout(done, 300));
      const ended = Date.now();
      export const handler = async () => {
        await new Promise((done) => setTimeout(done, 500));
        return { began, ended, pid: process.pid };
      };`;
    await world().makeFunction('starts', code);
    const burst = await Promise.all(Array.from({ length: 2 * most }, async () => (await world().invoke('starts')).value as Started));
    expect(new Set(burst.map(({ pid }) => pid)).size).toBe(2 * most);
    const atOnce = burst.map(({ began }) => burst.filter((other) => other.began <= began && began < other.ended).length);
    expect(Math.max(...atOnce)).toBeLessThanOrEqual(most);
  });
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
