/** The cdk CLI in a child that knows nothing of this machine's AWS settings: no account is asked. */
import { spawn } from 'node:child_process';
import path from 'node:path';

export const REPOSITORY = path.resolve(import.meta.dirname, '..');
/** A cold synthesis takes some 10 s on two busy cores. */
const LIMIT_MS = 120_000;

export interface CdkRun {
  readonly code: number | null;
  /** Both streams, in the order of arrival. */
  readonly output: string;
  /** Why it was ended before it ended by itself. */
  readonly stoppedBy?: string;
}

/**
 * Runs the CLI to its end, which an interruption of this process or two minutes bring about at the latest.
 * @param home where the CLI finds its home and leaves what it keeps
 */
export async function runCdk(args: readonly string[], home: string): Promise<CdkRun> {
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
    return { code, output, ...(stoppedBy !== undefined && { stoppedBy }) };
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
