/** Keeps the command line of every process of a run, and the secrets in its environment: most live for a moment. Linux only. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RUN_MARK } from '../../../lab/processes/end-processes.ts';
import type { Secret } from '../../leaks/find-secrets.ts';
import { noteSecrets } from './noted-secrets.ts';

const EVERY_MS = 200;
/** A process is read again after it has replaced itself by another program (exec). */
const READS = 3;
const NAMES_A_SECRET = /SECRET|TOKEN|PASSWORD|MACHINE_CONTROL/;
const NO_SECRET = /_(ARN|FILE|URI|USER|NAME)$/;

/**
 * @param runs folder of the runs of one local cloud: what others have on this machine at the same time is none of its secrets
 * @param onLine gets each different command line of a run once
 */
export function watchProcesses(runs: string, onLine: (runId: string, line: string) => void): { stop(): void } {
  const reads = new Map<string, number>();
  const lines = new Set<string>();
  const look = () => {
    const running = new Set(processIds());
    // In an hour's run the numbers of processes come round again.
    for (const pid of reads.keys()) if (!running.has(pid)) reads.delete(pid);
    for (const pid of running) {
      const count = reads.get(pid) ?? 0;
      if (count >= READS) continue;
      reads.set(pid, count + 1);
      const environment = variablesOf(pid);
      const runId = environment.get(RUN_MARK);
      if (runId === undefined || !existsSync(path.join(runs, runId))) continue;
      noteSecrets(secretsIn(environment));
      const line = readWords(`/proc/${pid}/cmdline`).join(' ');
      if (lines.has(`${runId} ${line}`)) continue;
      lines.add(`${runId} ${line}`);
      onLine(runId, line);
    }
  };
  const timer = setInterval(look, EVERY_MS).unref();
  return { stop: () => clearInterval(timer) };
}

/** What the environment of a process has and this process's own has not. After a port the secret is the second word. */
function secretsIn(environment: ReadonlyMap<string, string>): readonly Secret[] {
  return [...environment]
    .filter(([name, value]) => NAMES_A_SECRET.test(name) && !NO_SECRET.test(name) && process.env[name] !== value)
    .map(([name, value]) => ({ kind: `environment variable ${name}`, value: value.split(' ').at(-1) as string }));
}

const variablesOf = (pid: string): ReadonlyMap<string, string> =>
  new Map(
    readWords(`/proc/${pid}/environ`).flatMap((word) => {
      const at = word.indexOf('=');
      // A name alone has no value that could be looked for.
      return at === -1 ? [] : [[word.slice(0, at), word.slice(at + 1)] as const];
    }),
  );

function readWords(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\0').slice(0, -1);
  } catch {
    // It ended, or belongs to another user.
    return [];
  }
}

function processIds(): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

/** Next to the run's folder. */
export const commandLinesFile = (stateFolder: string): string => path.join(stateFolder, 'command-lines.txt');
