/** Runs the pinned cdk CLI in an environment without this machine's AWS settings. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { signalGroup } from '../../setup/signal-group.mjs';

export const REPOSITORY = path.resolve(import.meta.dirname, '../..');
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
 * The command line of the pinned CLI.
 * @param home the CLI's home and temporary folder; it has to exist
 */
export const cdkCommand = (args: readonly string[], home: string, node: string = process.execPath) => ({
  command: node,
  args: [path.join(REPOSITORY, 'node_modules/aws-cdk/bin/cdk'), ...args, '--no-notices'],
  env: {
    PATH: path.dirname(node),
    HOME: home,
    CDK_HOME: path.join(home, '.cdk'),
    TMPDIR: home,
    CDK_DISABLE_CLI_TELEMETRY: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
    LANG: 'C.UTF-8',
  },
});

/** Runs the CLI to its end; an interruption of this process, or two minutes, end it earlier. */
export async function runCdk(cdkArgs: readonly string[], home: string): Promise<CdkRun> {
  const { command, args, env } = cdkCommand(cdkArgs, home);
  // A group of its own, so that the app that the CLI starts ends with it.
  const child = spawn(command, args, { cwd: REPOSITORY, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  let stoppedBy: string | undefined;
  const stop = (why: string) => {
    stoppedBy ??= why;
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
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
