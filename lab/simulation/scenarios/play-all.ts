/** Plays every scenario in the simulation; started as a process of its own, whose clock and timers are replaced while it plays. */
import { loadFunctions } from '../cloud/lambda-functions.ts';
import { simulatedDocuments } from '../cloud/ssm/simulated-documents.ts';
import { checkedMachines } from '../installation/definitions.ts';
import { readInstallations } from '../installation/installation-file.ts';
import { Kernel } from '../kernel/kernel.ts';
import { replaceGlobals } from '../kernel/virtual-globals.ts';
import { playScenario } from './play-scenario.ts';
import type { Ending } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { createSimulatedWorld } from './simulated-world.ts';

/** How a scenario ended by a seed; or the error that it broke off with. */
export interface Played {
  readonly name: string;
  readonly seed: number;
  readonly ending?: Ending;
  readonly error?: string;
}

/** @param job JSON: file of the installations, and the seeds that each scenario is played with */
async function playAll(job: { readonly installationsFile: string; readonly seeds: readonly number[] }): Promise<void> {
  const functions = await loadFunctions();
  const { created: installation } = readInstallations(job.installationsFile);
  const machines = checkedMachines(installation);
  const documents = simulatedDocuments(
    installation.documents,
    installation.functions.command.environment['HOLDFAST_RELEASES_BUCKET'] ?? '',
  );
  for (const scenario of SCENARIOS) {
    for (const seed of job.seeds) {
      const kernel = new Kernel(seed);
      const restore = replaceGlobals(kernel);
      let played: Played;
      try {
        const { world, during } = createSimulatedWorld(
          { kernel, installation, machines, documents, functions },
          scenario.release === 'bake',
        );
        played = { name: scenario.name, seed, ending: await during(() => playScenario(world, scenario)) };
      } catch (error) {
        played = { name: scenario.name, seed, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
      } finally {
        restore();
      }
      process.send?.(played);
    }
  }
  process.disconnect?.();
}

await playAll(JSON.parse(process.argv[2] ?? '{}') as Parameters<typeof playAll>[0]);
