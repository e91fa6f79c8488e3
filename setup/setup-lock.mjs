/** One set-up at a time per checkout: a second start waits for the first, and takes over the lock of a killed one. */
import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { printProgress, readIfPresent } from './checkout.mjs';
import { isRunning, processStart } from './process-start.mjs';
import { SetupError } from './setup-error.mjs';
import { signalGroup } from './signal-group.mjs';

/** The longest first start: store 5 min + npm 10 min + apt 2 × 5 min + pip 5 min, and one to spare. */
const WAIT_MS = 31 * 60_000;
const POLL_MS = 200;

/**
 * @template T
 * @param {string} lockFile
 * @param {(noteCommand: (pid: number) => void) => Promise<T>} work gets a function that records each command that it starts, so that
 *   the next owner of a dead set-up's lock can end those that still run
 * @param {{ waitMs?: number, pollMs?: number, print?: (line: string) => void }} [options]
 * @returns {Promise<T>}
 * @throws SetupError when the other set-up does not end in time
 */
export async function withSetupLock(lockFile, work, options = {}) {
  mkdirSync(dirname(lockFile), { recursive: true });
  const mine = { pid: process.pid, start: processStart(process.pid) };
  await acquire(lockFile, mine, { waitMs: WAIT_MS, pollMs: POLL_MS, print: printProgress, ...options });
  const commands = [];
  try {
    return await work((pid) => {
      commands.push({ pid, start: processStart(pid) });
      write(lockFile, { ...mine, commands });
    });
  } finally {
    rmSync(lockFile, { force: true });
  }
}

async function acquire(lockFile, mine, { waitMs, pollMs, print }) {
  const deadline = Date.now() + waitMs;
  let printed = false;
  for (;;) {
    if (create(lockFile, mine)) return;
    const text = readIfPresent(lockFile);
    if (text === undefined) continue;
    const owner = parse(text);
    if (owner === undefined || !isRunning(owner)) {
      takeOver(lockFile, text, owner);
      continue;
    }
    if (!printed) print(`waiting for another start in this checkout (process ${owner.pid}) to finish its set-up`);
    printed = true;
    if (Date.now() >= deadline) {
      throw new SetupError(
        `Another start in this checkout (process ${owner.pid}) has been setting up for over ${Math.round(waitMs / 1000)} s: end that process, then start again.`,
      );
    }
    await sleep(pollMs);
  }
}

/** A hard link either creates the whole file or fails: a lock is never read without its owner. */
function create(lockFile, content) {
  const draft = `${lockFile}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(content));
  try {
    linkSync(draft, lockFile);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function write(lockFile, content) {
  const draft = `${lockFile}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(content));
  renameSync(draft, lockFile);
}

function takeOver(lockFile, seen, owner) {
  const aside = `${lockFile}.stale.${process.pid}`;
  try {
    renameSync(lockFile, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  try {
    if (readIfPresent(aside) !== seen) {
      // Another start took it over between our read and our rename, and it is alive: restore its lock.
      linkSync(aside, lockFile);
    } else {
      for (const command of owner?.commands ?? []) if (isRunning(command)) signalGroup(command.pid, 'SIGKILL');
    }
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function parse(text) {
  try {
    const value = JSON.parse(text);
    return Number.isInteger(value.pid) && typeof value.start === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
