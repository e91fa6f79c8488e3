/** Runs the command as a user does: in its own process, with an environment that is named in full. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { CloudState } from '../../cli/cloud-state.ts';
import { compileCache } from '../compile-cache.ts';

const CLI = path.resolve(import.meta.dirname, '../../bin');

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

export function startCli(stateFolder: string, args: readonly string[], env: Record<string, string> = {}, script = 'main.ts'): Started {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path.join(CLI, script), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 25_000,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: stateFolder,
      USER: 'ann',
      HOLDFAST_STATE_FOLDER: stateFolder,
      AWS_EC2_METADATA_DISABLED: 'true',
      ...compileCache(),
      ...env,
    },
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]).then(([stdout, stderr, [code]]) => ({
    code: code as number | null,
    stdout,
    stderr,
  }));
  return { child, ended };
}

export const runCli = (stateFolder: string, args: readonly string[], env?: Record<string, string>): Promise<Ran> =>
  startCli(stateFolder, args, env).ended;

/** The one line of JSON that --json promises. */
export function onlyLine(stdout: string): unknown {
  const lines = stdout.split('\n');
  if (lines.length !== 2 || lines[1] !== '') throw new Error(`not exactly one line: ${stdout}`);
  return JSON.parse(lines[0] as string);
}

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
