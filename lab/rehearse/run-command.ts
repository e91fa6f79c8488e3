/** Runs one command to its end, or to its time limit, with everything that it starts. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { signalGroup } from '../../setup/signal-group.mjs';
import type { CommandLine } from './command-line.ts';

/** CloudFormation waits an hour for a group's servers; no step takes longer. */
const LIMIT_MS = 90 * 60_000;
const GRACE_MS = 10_000;

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Both streams are appended here. */
  readonly logFile: string;
  /** Ends the command. */
  readonly signal: AbortSignal;
}

/** @returns how it ended: undefined for success, otherwise a few words */
export async function runCommand({ command, args }: CommandLine, { cwd, env, logFile, signal }: Surroundings): Promise<string | undefined> {
  signal.throwIfAborted();
  const log = openSync(logFile, 'a');
  // A group of its own: Ctrl-C in the terminal reaches the rehearsal alone, which ends the command.
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const end = (name: NodeJS.Signals) => child.pid !== undefined && signalGroup(child.pid, name);
  let limited = false;
  const abandon = () => {
    end('SIGTERM');
    setTimeout(() => end('SIGKILL'), GRACE_MS).unref();
  };
  const timer = setTimeout(() => {
    limited = true;
    abandon();
  }, LIMIT_MS);
  signal.addEventListener('abort', abandon, { once: true });
  try {
    return await new Promise<string | undefined>((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('close', (code, by) =>
        resolve(code === 0 ? undefined : limited ? `was ended after ${LIMIT_MS / 60_000} minutes` : `ended with ${code ?? by}`),
      );
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abandon);
  }
}
