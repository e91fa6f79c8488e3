/** One local cloud per checkout: its process holds a file from before it starts anything until everything has ended. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudState, ownStateFolder, readCloudState } from '../../cli/cloud-state.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { isRunning, processStart } from '../../setup/process-start.mjs';
import type { ProcessIdentity } from '../processes/process-table.ts';

const POLL_MS = 100;
/** A cloud that is stopping takes 12 s at most. */
const WAIT_MS = 15_000;

class AlreadyUp extends Error {
  override readonly name = 'AlreadyUp';

  constructor(problem: string) {
    super(`${problem}; nothing was started. Use it, or stop it with "${holdfast('down')}" and start again`);
  }
}

/** @throws AlreadyUp when a local cloud of this checkout is up */
export async function refuseSecondCloud(): Promise<void> {
  const state = await readCloudState();
  if (state) throw alreadyUp(state);
}

/**
 * Claims the checkout for this process. Waits for a cloud that is stopping, and takes over from one that was killed.
 *
 * @returns releases the claim
 * @throws AlreadyUp when another cloud is up, or still starting or stopping after `waitMs`
 */
export async function claimCheckout(waitMs: number = WAIT_MS): Promise<() => void> {
  const file = path.join(ownStateFolder(), 'cloud.lock');
  mkdirSync(path.dirname(file), { recursive: true });
  const deadline = performance.now() + waitMs;
  for (;;) {
    if (take(file)) return () => rmSync(file, { force: true });
    await refuseSecondCloud();
    const text = read(file);
    const owner = text === undefined ? undefined : parse(text);
    if (text !== undefined && (owner === undefined || !isRunning(owner))) removeStale(file, text);
    else if (performance.now() > deadline)
      throw new AlreadyUp(`another local cloud of this checkout is starting or stopping (process ${owner?.pid ?? 'unknown'})`);
    else if (owner) await sleep(POLL_MS);
  }
}

const alreadyUp = ({ pid, pageUrl }: CloudState): AlreadyUp =>
  new AlreadyUp(`a local cloud of this checkout is already up (process ${pid}, ${pageUrl})`);

/** A hard link either creates the whole file or fails: a claim is never read without its owner. */
function take(file: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, start: processStart(process.pid) }));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function removeStale(file: string, seen: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    // Another process may have taken it over since we read it, and it is alive: restore its claim.
    if (read(aside) !== seen) linkSync(aside, file);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string): ProcessIdentity | undefined {
  try {
    const value = JSON.parse(text) as ProcessIdentity;
    return Number.isInteger(value.pid) && typeof value.start === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
