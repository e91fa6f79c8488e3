/**
 * The ledger of the processes that one run of the local cloud started, kept on disk so that the next start can end the
 * leftovers of a killed run.
 *
 * `<runs>/<runId>/owner.json` names the process that runs the local cloud; `pids/<pid>.json` one process that it started.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { processStart } from '../../setup/process-start.mjs';
import { endRunProcesses, findRunProcesses, signal } from './end-processes.ts';
import type { ProcessIdentity } from './process-table.ts';

/** Redis writes nothing at its end here and Node servers close within their own 2 s: 5 s is for a loaded machine. */
const DEFAULT_GRACE_MS = 5_000;

/** One entry of the ledger. */
export interface ProcessRecord extends ProcessIdentity {
  /** What it is, for people: `redis-server shard-1 a`. */
  readonly name: string;
}

/** Thrown when a process cannot be started or ended. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';
}

/** The processes of this run. Make one with `openLedger`. */
export class ProcessLedger {
  readonly runId: string;
  /** The run's own folder, removed with everything in it by `close` or at a later start. */
  readonly folder: string;
  #isClosing = false;

  /** Use `openLedger`: it makes the folder that this expects. */
  constructor(runId: string, folder: string) {
    this.runId = runId;
    this.folder = folder;
  }

  /**
   * Enters a process that just started; undefined when it has ended already. Once the run is closing it is ended at once: what the
   * closing ends looks like a crash to who restarts it.
   */
  record(pid: number, name: string): ProcessRecord | undefined {
    const start = processStart(pid);
    if (start === undefined) return undefined;
    const record = { pid, start, name };
    if (this.#isClosing) {
      signal(record, 'SIGKILL');
      return undefined;
    }
    writeJson(this.#fileOf(pid), record);
    return record;
  }

  /** Removes a process that ended. Does nothing when it is not in the ledger. */
  forget(pid: number): void {
    rmSync(this.#fileOf(pid), { force: true });
  }

  /** All entries, ended or not. */
  list(): ProcessRecord[] {
    return readRecords(this.folder);
  }

  /**
   * Ends all processes of the run with everything that they started: SIGTERM, and SIGKILL after `graceMs`.
   *
   * @throws ProcessError when one cannot be ended, naming it
   */
  async stopAll(graceMs: number = DEFAULT_GRACE_MS): Promise<void> {
    const { remaining } = await endRunProcesses({ runId: this.runId, recorded: this.list() }, graceMs);
    if (remaining.length > 0)
      throw new ProcessError(`could not end ${remaining.map(({ pid, command }) => `${command} (process ${pid})`).join(', ')}`);
    for (const { pid } of this.list()) this.forget(pid);
  }

  /** For `process.on('exit')`, where nothing can be awaited: SIGKILL to all that is alive of the run. */
  killNow(): void {
    for (const entry of findRunProcesses({ runId: this.runId, recorded: this.list() })) signal(entry, 'SIGKILL');
  }

  /** Ends all processes and removes the run's folder. */
  async close(graceMs: number = DEFAULT_GRACE_MS): Promise<void> {
    this.#isClosing = true;
    await this.stopAll(graceMs);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #fileOf(pid: number): string {
    return join(this.folder, 'pids', `${pid}.json`);
  }
}

/**
 * Opens the ledger of a run that belongs to the calling process.
 *
 * @param runsFolder holds one folder a run; `.holdfast/run`
 * @param runId letters, digits and dashes; unique among the runs that ever were
 */
export function openLedger(runsFolder: string, runId: string): ProcessLedger {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(runId))
    throw new ProcessError(`run id '${runId}' has characters other than letters, digits and dashes`);
  const folder = join(runsFolder, runId);
  const draft = join(runsFolder, `.${runId}`);
  // Another start would take a folder without an owner for a leftover, so the folder appears with its owner in it.
  // What a run writes is nobody else's: credentials, logs, and the machines' own files.
  mkdirSync(join(draft, 'pids'), { recursive: true, mode: 0o700 });
  writeJson(join(draft, 'owner.json'), { pid: process.pid, start: processStart(process.pid) });
  renameSync(draft, folder);
  return new ProcessLedger(runId, folder);
}

/**
 * The ledger of a run that another process started: processes entered here end with that run.
 *
 * @param folder the run's folder
 */
export function joinLedger(folder: string): ProcessLedger {
  return new ProcessLedger(basename(folder), folder);
}

/** The process that a run belongs to; undefined when the folder names none. */
export function readOwner(folder: string): ProcessIdentity | undefined {
  return readJson(join(folder, 'owner.json'));
}

/** The processes that a run entered. A half-written record, of a run that was killed while writing it, is skipped. */
export function readRecords(folder: string): ProcessRecord[] {
  let names: string[];
  try {
    names = readdirSync(join(folder, 'pids'));
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => readJson<ProcessRecord>(join(folder, 'pids', name)))
    .filter((record) => record !== undefined);
}

function writeJson(file: string, value: object): void {
  writeFileSync(`${file}.partial`, JSON.stringify(value));
  renameSync(`${file}.partial`, file);
}

function readJson<T extends ProcessIdentity>(file: string): T | undefined {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as T;
    return Number.isInteger(value.pid) && value.pid > 1 && typeof value.start === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
