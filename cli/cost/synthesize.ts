/** Synthesizes the app in a child that knows nothing of this machine's AWS settings: no account is asked. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { STATE_FOLDER } from '../../local/cloud-state.ts';
import { CommandFailure } from '../failure.ts';

export const REPOSITORY = path.resolve(import.meta.dirname, '../..');
/** A cold synthesis takes some 10 s on two busy cores. */
const LIMIT_MS = 120_000;
/** Lines of the CLI's output that a failure shows. */
const TAIL_LINES = 15;

/**
 * Makes an assembly of `configFile` and hands its folder to `use`; the folder goes afterwards.
 * @throws CommandFailure SynthesisFailed
 */
export async function withSynthesized<T>(configFile: string, use: (folder: string) => Promise<T>): Promise<T> {
  const parent = path.join(STATE_FOLDER, 'tmp');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(parent, 'cost-'));
  try {
    const output = path.join(folder, 'cdk.out');
    await runCdk(
      [
        'synth',
        '--quiet',
        '--no-notices',
        '--no-color',
        '--output',
        output,
        '--context',
        `config=${configFile}`,
        '--context',
        'checks=off',
      ],
      folder,
    );
    return await use(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runCdk(args: readonly string[], home: string): Promise<void> {
  const env = {
    PATH: path.dirname(process.execPath),
    HOME: home,
    TMPDIR: home,
    CDK_DISABLE_CLI_TELEMETRY: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const script = path.join(REPOSITORY, 'node_modules/aws-cdk/bin/cdk');
  // A group of its own, so that the app that the CLI starts ends with it.
  const child = spawn(process.execPath, [script, ...args], { cwd: REPOSITORY, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  let stoppedBy: string | undefined;
  const stop = (why: string) => {
    stoppedBy ??= why;
    if (child.pid !== undefined) killGroup(child.pid);
  };
  const interrupted = () => stop('it was interrupted');
  const timer = setTimeout(() => stop(`it did not end within ${LIMIT_MS / 1000} s`), LIMIT_MS);
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code === 0) return;
    const why = stoppedBy ?? output.trim().split('\n').slice(-TAIL_LINES).join('\n');
    throw new CommandFailure('SynthesisFailed', `the templates could not be made: ${why}`);
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}
