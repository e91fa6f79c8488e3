import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { CommandFailure } from '../failure.ts';
import { runCdk } from '../run-cdk.ts';

/** Lines of the CLI's output that a failure shows. */
const TAIL_LINES = 15;

/**
 * Synthesizes an assembly from `configFile` and calls `use` with its folder, which is deleted afterwards.
 * @param parent where the folder is created
 * @throws CommandFailure SynthesisFailed
 */
export async function withSynthesized<T>(configFile: string, parent: string, use: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(parent, 'cost-'));
  try {
    const output = path.join(folder, 'cdk.out');
    const run = await runCdk(
      [
        'synth',
        '--quiet',
        '--no-color',
        '--no-validation',
        '--output',
        output,
        '--context',
        `config=${configFile}`,
        '--context',
        'checks=off',
      ],
      folder,
    );
    if (run.code !== 0) {
      const why = run.stoppedBy ?? run.output.trim().split('\n').slice(-TAIL_LINES).join('\n');
      throw new CommandFailure('SynthesisFailed', `The templates could not be synthesized: ${why}`);
    }
    return await use(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
