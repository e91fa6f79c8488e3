import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signalGroup } from '../../../../setup/signal-group.mjs';
import { type GroupOptions, startGroup, stopGroup } from '../../../processes/process-group.ts';
import { LOG_FILE } from './server-config.ts';

/** Time that a server has to end after SIGTERM before it is killed. */
const TERMINATE_GRACE_MS = 2_000;
/** A server that complains about its configuration does so in one line; the rest is in its log file. */
const MAX_ERROR_OUTPUT = 2_000;

export interface ServerProcessOptions {
  readonly binary: string;
  /** Name of the process's entry in the ledger. */
  readonly name: string;
  /** The process's own folder; its configuration is written there. */
  readonly folder: string;
  readonly ledger: GroupOptions['ledger'];
  readonly configuration: string;
  readonly extraArguments?: readonly string[];
  /** Called once when the process ends without a call to stop. */
  readonly onUnexpectedExit: (why: string) => void;
}

/** One redis-server or valkey-server process, as a server or as a Sentinel. */
export interface ServerProcess {
  readonly pid: number;
  running(): boolean;
  /** Why it ended, for an error message. */
  lastWords(): string;
  /** Ends it at once, as a crash does, and reports it like any other crash. */
  crash(): void;
  /** SIGTERM, and SIGKILL when that takes too long. Resolves when the process is gone. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts the server binary with a configuration of its own. It does not wait until the server answers.
 *
 * @throws Error when the binary cannot be started
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  mkdirSync(options.folder, { recursive: true });
  const configurationFile = join(options.folder, 'server.conf');
  // It holds the inner administrator's password.
  writeFileSync(configurationFile, options.configuration, { mode: 0o600 });
  // A server that sets its title writes over its own environment, and with it over the mark of the run that it belongs to.
  const group = startGroup(options.binary, [configurationFile, '--set-proc-title', 'no', ...(options.extraArguments ?? [])], {
    name: options.name,
    ledger: options.ledger,
    cwd: options.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const { pid } = group;
  if (pid === 0) throw new Error(`cannot start ${options.binary}: ${(await group.exited).error}`);
  let errorOutput = '';
  group.child.stderr?.on('data', (chunk: Buffer) => {
    errorOutput = (errorOutput + chunk.toString()).slice(-MAX_ERROR_OUTPUT);
  });

  let stopping = false;
  let ended = false;
  let why = '';
  const exit = group.exited.then(({ code, signal }) => {
    ended = true;
    const complaint = errorOutput.trim() || (code ? lastLogLines(options.folder) : '');
    why = `${options.name} ended with ${signal ?? `exit code ${code}`}${complaint ? `: ${withoutSecrets(complaint)}` : ''}`;
    if (!stopping) options.onUnexpectedExit(why);
  });

  return {
    pid,
    running: () => !ended,
    lastWords: () => why,
    crash: () => {
      signalGroup(pid, 'SIGKILL');
    },
    stop: async () => {
      stopping = true;
      if (ended) return;
      await stopGroup(group, 'SIGTERM', TERMINATE_GRACE_MS);
      await exit;
    },
  };
}

/** Why a server would not start is in the last two lines of its log. */
function lastLogLines(folder: string): string {
  try {
    return readFileSync(join(folder, LOG_FILE), 'utf8').trimEnd().split('\n').slice(-2).join(' ');
  } catch {
    return '';
  }
}

/** The server quotes the line that it does not understand, and a line may hold a password or its hash. */
function withoutSecrets(output: string): string {
  return output.replaceAll(/(?<=[\s"'])[>#][^\s"']+/g, '…').replaceAll(/(masterauth|auth-pass \S+|requirepass) \S+/g, '$1 …');
}
