/** The process that runs seeds; started by run-job.ts with its job as its argument. */
import path from 'node:path';
import { type Installations, readInstallations } from '../installation/installation-file.ts';
import { keepNoInstallations } from '../installation/kept-installations.ts';
import { plant } from '../plants/plant-hook.ts';
import type { RunPlan } from './draw-run.ts';
import type { Job, Told } from './job.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
/** Each of these runs twice, and both runs have to be the same. */
const TWICE_EVERY = 50;

const tell = (told: Told) => new Promise<void>((resolve) => process.send?.(told, () => resolve()));

/** What CDK makes of a planted definition. What it loads of the functions is to be what runs load. */
async function synthesizePlanted(): Promise<Installations> {
  await import('../seam/replace-modules.ts');
  // Loaded here alone: it loads functions, which runs are to find replaced.
  const { synthesizeWithoutBundles } = await import('../installation/synthesize-without-bundles.ts');
  keepNoInstallations();
  return synthesizeWithoutBundles();
}

const showsIn = (names: readonly string[], { kind, aim, addresses, people, bundle, badAt }: RunPlan): boolean =>
  names.includes(kind) ||
  (aim !== undefined && names.includes(aim)) ||
  (badAt !== undefined && names.includes(badAt)) ||
  (bundle !== undefined && (names.includes('bundles') || (bundle.adopts !== undefined && names.includes('adoption')))) ||
  (addresses !== undefined && names.includes('addresses')) ||
  (people !== undefined && names.includes(people));

async function work(job: Job): Promise<void> {
  let seed: number | undefined;
  try {
    // Before the engine is loaded.
    const isLoaded = job.plant ? plant(job.plant, REPOSITORY) : () => true;
    const installations = job.plant?.file.startsWith('infra/') ? await synthesizePlanted() : readInstallations(job.installationsFile);
    // First: what run-seed.ts imports is found before it runs.
    await import('../seam/replace-modules.ts');
    const { drawSeed, runSeed } = await import('../run-seed.ts');
    if (!isLoaded()) throw new Error(`"${job.plant?.name}" finds nothing: nothing loads ${job.plant?.file}`);
    let runs = 0;
    for (let index = 0; index < job.count && runs < (job.mostRuns ?? job.count); index += 1) {
      seed = job.first + index * job.step;
      if (job.plant?.in && !showsIn(job.plant.in, drawSeed(seed, installations).plan)) continue;
      runs += 1;
      const result = await runSeed(seed, installations, { keepTimeline: job.keepTimeline });
      if (seed % TWICE_EVERY === 0 && !job.plant) {
        const again = await runSeed(seed, installations, { keepTimeline: false });
        if (again.hash !== result.hash)
          throw new Error(`two runs differ (${result.hash} and ${again.hash}): something in them does not come from the seed`);
      }
      await tell({ kind: 'seed', result });
      if (job.until !== undefined && result.violations.some(({ predicate }) => predicate === job.until)) break;
    }
    await tell({ kind: 'done' });
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    await tell({ kind: 'failed', seed, name, message: name === 'PlantDoesNotApply' ? message : `${message}\n${stack ?? ''}` });
  }
  process.off('disconnect', end);
  process.disconnect?.();
}

const end = () => process.exit(1);
// Ctrl+C goes to all processes of a terminal; who started this one ends it, and it does not outlive that.
process.on('SIGINT', () => {});
process.on('disconnect', end);
await work(JSON.parse(process.argv[2] ?? '{}') as Job);
