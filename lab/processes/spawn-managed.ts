/** Starts the processes of the local cloud: own group, own environment, output in a file, entered in the run's ledger. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { endRunProcesses, RUN_MARK } from './end-processes.ts';
import { type ProcessExit, startGroup } from './process-group.ts';
import { ProcessError, type ProcessLedger } from './process-ledger.ts';

const DEFAULT_GRACE_MS = 5_000;

export interface SpawnOptions {
  /** Name of the process in the ledger and in errors, for people. @default the command's file name */
  readonly name?: string;
  /** The whole environment, PATH included: nothing of this process's is passed on, except the mark of the run. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Standard output and error are appended here. */
  readonly logFile: string;
}

export interface ManagedProcess {
  readonly pid: number;
  readonly name: string;
  readonly logFile: string;
  /** Settles when the process has ended; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Undefined while it runs. */
  exit(): ProcessExit | undefined;
  /** Signals this process alone, not its group: as in a crash or a freeze. False when it has ended. */
  signal(name: NodeJS.Signals): boolean;
  /** Ends it with everything that it started: SIGTERM, and SIGKILL after `graceMs`. Idempotent. */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Starts a process that `ledger.stopAll()` ends with its group.
 *
 * @throws ProcessError when it cannot be started
 */
export async function spawnManaged(
  ledger: ProcessLedger,
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): Promise<ManagedProcess> {
  const name = options.name ?? basename(command);
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  const env = { ...options.env, [RUN_MARK]: ledger.runId };
  const { pid, child, record, ...group } = startGroup(command, args, { name, ledger, cwd: options.cwd, env, stdio: ['ignore', log, log] });
  closeSync(log);
  if (pid === 0) throw new ProcessError(`${name} cannot be started: ${(await group.exited).error}`);
  let exit: ProcessExit | undefined;
  const exited = group.exited.then((ended) => {
    exit = ended;
    return ended;
  });
  return {
    pid,
    name,
    logFile: options.logFile,
    exited,
    exit: () => exit,
    signal: (signal) => child.kill(signal),
    stop: async (graceMs = DEFAULT_GRACE_MS) => {
      if (exit !== undefined) return;
      const { remaining } = await endRunProcesses({ recorded: record ? [record] : [] }, graceMs);
      if (remaining.length > 0) throw new ProcessError(`could not end ${name} (process ${pid})`);
      await exited;
    },
  };
}
