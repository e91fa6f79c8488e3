/** The cdk CLI as a user runs it, with nothing of the environment: no home, no AWS settings, no network needed. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { REPOSITORY } from './synthesized.ts';

export interface CdkRun {
  readonly code: number | null;
  /** Both streams, in the order of arrival. */
  readonly output: string;
}

/**
 * Synthesizes with `config` as the configuration file.
 * @param args further arguments
 */
export async function synthesize(config: unknown, args: readonly string[] = []): Promise<CdkRun> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-cdk-'));
  const file = path.join(folder, 'config.json');
  const home = path.join(folder, 'home');
  try {
    await mkdir(home);
    await writeFile(file, JSON.stringify(config));
    const output = path.join(folder, 'cdk.out');
    return await runCdk(
      ['synth', '--quiet', '--no-notices', '--no-color', '--output', output, '--context', `config=${file}`, ...args],
      home,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param home where the CLI finds its home and leaves what it keeps */
export function runCdk(args: readonly string[], home: string): Promise<CdkRun> {
  const env = {
    PATH: path.dirname(process.execPath),
    HOME: home,
    TMPDIR: home,
    CDK_DISABLE_CLI_TELEMETRY: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(REPOSITORY, 'node_modules/aws-cdk/bin/cdk'), ...args], { cwd: REPOSITORY, env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
