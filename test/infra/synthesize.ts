/** The cdk CLI as a user runs it, with nothing of the environment: no home, no AWS settings, no network needed. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CdkRun, runCdk } from '../../lab/processes/run-cdk.ts';

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
    return await runCdk(['synth', '--quiet', '--no-color', '--output', output, '--context', `config=${file}`, ...args], home);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
