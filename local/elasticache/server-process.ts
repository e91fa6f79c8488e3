import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_FILE } from './server-config.ts';

/** How long a server may take to end after SIGTERM before it is killed. */
const TERMINATE_GRACE_MS = 2_000;
/** A server that complains about its configuration does so in one line; the rest is in its log file. */
const MAX_ERROR_OUTPUT = 2_000;

export interface ServerProcessOptions {
  readonly binary: string;
  /** Names the pid file. */
  readonly name: string;
  /** The process's own folder; its configuration is written there. */
  readonly folder: string;
  readonly pidFolder: string;
  readonly configuration: string;
  readonly extraArguments?: readonly string[];
  /** Called once when the process ends without having been asked to. */
  readonly onUnexpectedExit: (why: string) => void;
}

/** One redis-server or valkey-server process, as a server or as a Sentinel. */
export interface ServerProcess {
  readonly pid: number;
  running(): boolean;
  /** Why it ended, for an error message. */
  lastWords(): string;
  /** Ends at once, as a crash does; the service is told as of any other crash. */
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
  mkdirSync(options.pidFolder, { recursive: true });
  const configurationFile = join(options.folder, 'server.conf');
  // It holds the inner administrator's password.
  writeFileSync(configurationFile, options.configuration, { mode: 0o600 });
  // A server that sets its title writes over its own environment, and with it over the mark of the run that it belongs to.
  const child = spawn(options.binary, [configurationFile, '--set-proc-title', 'no', ...(options.extraArguments ?? [])], {
    cwd: options.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await started(child, options.binary);

  const pid = child.pid as number;
  const pidFile = join(options.pidFolder, `${options.name}.pid`);
  writeFileSync(pidFile, `${pid}\n`);
  let errorOutput = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errorOutput = (errorOutput + chunk.toString()).slice(-MAX_ERROR_OUTPUT);
  });

  let stopping = false;
  let ended = false;
  let why = '';
  const exit = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = true;
      const complaint = errorOutput.trim() || (code ? lastLogLines(options.folder) : '');
      why = `${options.name} ended with ${signal ?? `exit code ${code}`}${complaint ? `: ${withoutSecrets(complaint)}` : ''}`;
      rmSync(pidFile, { force: true });
      resolve();
      if (!stopping) options.onUnexpectedExit(why);
    });
  });

  return {
    pid,
    running: () => !ended,
    lastWords: () => why,
    crash: () => {
      child.kill('SIGKILL');
    },
    stop: async () => {
      stopping = true;
      if (ended) return;
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), TERMINATE_GRACE_MS);
      await exit;
      clearTimeout(kill);
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

function started(child: ChildProcess, binary: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`cannot start ${binary}: ${error.message}`, { cause: error })));
  });
}
