import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRunning, processStart } from '../../setup/process-start.mjs';
import { withSetupLock } from '../../setup/setup-lock.mjs';
import { makeFolder } from './fake-programs.ts';

describe('the set-up lock', () => {
  let folder: string;
  let lockFile: string;
  beforeEach(() => {
    folder = makeFolder();
    lockFile = join(folder, 'setup.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('admits one set-up at a time and leaves nothing behind', async () => {
    const events: string[] = [];
    const printed: string[] = [];
    const work = (name: string) =>
      withSetupLock(
        lockFile,
        async () => {
          events.push(`${name} in`);
          await Promise.resolve();
          events.push(`${name} out`);
        },
        { pollMs: 1, print: (line) => printed.push(line) },
      );
    await Promise.all([work('a'), work('b'), work('c')]);
    expect(events).toHaveLength(6);
    for (let index = 0; index < 6; index += 2) expect(events[index]?.[0]).toBe(events[index + 1]?.[0]);
    expect(printed[0]).toBe(`waiting for another start in this checkout (process ${process.pid}) to finish its set-up`);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is released when the work fails', async () => {
    await expect(withSetupLock(lockFile, () => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
    expect(existsSync(lockFile)).toBe(false);
  });

  it('names its owner when that set-up does not end in time', async () => {
    writeFileSync(lockFile, JSON.stringify({ pid: process.pid, start: processStart(process.pid) }));
    await expect(withSetupLock(lockFile, async () => 0, { waitMs: 20, pollMs: 5, print: () => undefined })).rejects.toThrow(
      `Another start in this checkout (process ${process.pid}) has been setting up for over`,
    );
  });

  it.each([
    ['its process id now belongs to another process', JSON.stringify({ pid: process.pid, start: 'another boot:1' })],
    ['it is truncated', '{"pid": 12'],
  ])('is taken over when %s', async (_title, text) => {
    writeFileSync(lockFile, text);
    expect(await withSetupLock(lockFile, async () => 'done', { waitMs: 1_000 })).toBe('done');
  });

  it('ends the command that a killed set-up left running', async () => {
    const command = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const identity = { pid: command.pid ?? 0, start: processStart(command.pid ?? 0) ?? '' };
    writeFileSync(lockFile, JSON.stringify({ pid: process.pid, start: 'another boot:1', commands: [identity] }));
    const ended = once(command, 'exit');
    await withSetupLock(lockFile, async () => undefined, { waitMs: 1_000 });
    await ended;
    expect(isRunning(identity)).toBe(false);
  });

  it('records the running command', async () => {
    await withSetupLock(lockFile, async (noteCommand) => {
      noteCommand(process.pid);
      expect(JSON.parse(readFileSync(lockFile, 'utf8'))).toMatchObject({ commands: [{ pid: process.pid }] });
    });
  });
});
