/** Runs the command: in this process, or as a user does in its own. Its environment is named in full. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runCommandLine } from '../../bin/run-command-line.ts';
import type { CloudState } from '../../cli/cloud-state.ts';
import { compileCache } from '../compile-cache.ts';

const CLI = path.resolve(import.meta.dirname, '../../bin');
const LIMIT_MS = 120_000;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Ran>;
}

/** A place of its own for the state of a local cloud. */
export function makeStateFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-cli-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

type Env = Readonly<Record<string, string>>;

const environment = (stateFolder: string, env: Env): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: stateFolder,
  USER: 'ann',
  HOLDFAST_STATE_FOLDER: stateFolder,
  AWS_EC2_METADATA_DISABLED: 'true',
  ...compileCache(),
  ...env,
});

/** The command line with the commands that it has. */
type CommandLine = (args: readonly string[]) => Promise<number>;

let previous: Promise<unknown> = Promise.resolve();

/**
 * Runs the command in this process, which loads it once for all tests: a process of its own costs a second. One run at a time, because
 * a process has one environment and one standard output. Not for `up` and `down`, which work with processes.
 */
export function runCli(
  stateFolder: string,
  args: readonly string[],
  env: Env = {},
  commandLine: CommandLine = runCommandLine,
): Promise<Ran> {
  const ran = previous.then(() => asUser(stateFolder, () => runHere(args, commandLine), env));
  previous = ran.catch(() => {});
  return ran;
}

/** Runs something in this process with the environment of a user of that local cloud. */
async function asUser<T>(stateFolder: string, work: () => Promise<T>, env: Env = {}): Promise<T> {
  const own = process.env;
  process.env = environment(stateFolder, env);
  try {
    return await work();
  } finally {
    process.env = own;
  }
}

async function runHere(args: readonly string[], commandLine: CommandLine): Promise<Ran> {
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`"${args.join(' ')}" did not end within ${LIMIT_MS / 1_000} s`)), LIMIT_MS);
  });
  try {
    const code = await Promise.race([commandLine(args), limit]);
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    clearTimeout(timer);
    stdout.end();
    stderr.end();
  }
}

/** Keeps what is written to a stream of this process, in the place of writing it. */
function capture(stream: NodeJS.WriteStream): { text(): string; end(): void } {
  const { write } = stream;
  const written: string[] = [];
  stream.write = (chunk: string | Uint8Array) => {
    written.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    return true;
  };
  return {
    text: () => written.join(''),
    end: () => {
      stream.write = write;
    },
  };
}

/** Starts the command as a user does. */
export function startCli(stateFolder: string, args: readonly string[], env: Env = {}, script = 'main.ts', limitMs = LIMIT_MS): Started {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path.join(CLI, script), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    env: environment(stateFolder, env),
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]).then(([stdout, stderr, [code]]) => ({
    code: code as number | null,
    stdout,
    stderr,
  }));
  return { child, ended };
}

/** Runs the command as a user does: for what only a process shows, and where the environment of this one is in use. */
export const spawnCli = (stateFolder: string, args: readonly string[], env?: Env): Promise<Ran> => startCli(stateFolder, args, env).ended;

/** The one line of JSON that --json promises. */
export function onlyLine(stdout: string): unknown {
  const lines = stdout.split('\n');
  if (lines.length !== 2 || lines[1] !== '') throw new Error(`not exactly one line: ${stdout}`);
  return JSON.parse(lines[0] as string);
}

/** What every result of a command on that cloud is about. */
export const PLACE = { account: '000000000000', region: 'us-east-1', installation: 'holdfast', fleet: 'web' };

/** The state of a local cloud that this process owns. */
export const stateOf = (gatewayUrl: string, more: Partial<CloudState> = {}): CloudState => ({
  pid: process.pid,
  runFolder: '/nowhere',
  gatewayUrl,
  pageUrl: 'http://127.0.0.1:1/',
  token: 't',
  account: '000000000000',
  credentials: { accessKeyId: '000000000000', secretAccessKey: 'local' },
  credentialsFile: '/tmp/run/aws-credentials',
  region: 'us-east-1',
  installation: 'holdfast',
  fleet: 'web',
  caFile: '/nowhere/ca.pem',
  startedAtMs: 1,
  ...more,
});
