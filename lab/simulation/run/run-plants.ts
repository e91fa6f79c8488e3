import type { Plant } from '../plants/plant.ts';
import { PLANTS } from '../plants/plants.ts';
import type { PredicateId } from '../predicates/predicate.ts';
import { runJob, together } from './run-job.ts';

/** Within so many runs in which it can show a plant has to be found. */
const RUNS_FOR_A_PLANT = 300;
/** An aim comes once in some 300 seeds, and one of its runs in twenty shows the rarest plant. */
const SEEDS_FOR_A_PLANT = 30_000;

export interface PlantResult {
  readonly plant: Plant;
  /** The seed by which the plant's own predicate found it. */
  readonly seed: number | undefined;
  /** What else it broke, until then. */
  readonly others: readonly PredicateId[];
}

/**
 * Makes each plant in a process of its own and runs seeds until its predicate finds it.
 * @param signal ends it, with the results until then
 * @throws RunFailed for a plant that does not apply
 */
export async function runPlants(
  installationsFile: string,
  workers: number,
  onResult: (result: PlantResult) => void,
  signal: AbortSignal,
): Promise<readonly PlantResult[]> {
  const left = [...PLANTS];
  const results: PlantResult[] = [];
  const work = async (untilOver: AbortSignal) => {
    for (let plant = left.shift(); plant; plant = left.shift()) {
      const result = await runPlant(plant, installationsFile, untilOver);
      if (untilOver.aborted) return;
      results.push(result);
      onResult(result);
    }
  };
  await together(
    Array.from({ length: workers }, () => work),
    signal,
  );
  return results;
}

async function runPlant(plant: Plant, installationsFile: string, signal: AbortSignal): Promise<PlantResult> {
  const others = new Set<PredicateId>();
  let seed: number | undefined;
  const limits = { first: 1, step: 1, count: SEEDS_FOR_A_PLANT, mostRuns: RUNS_FOR_A_PLANT };
  const job = { installationsFile, ...limits, keepTimeline: false, plant, until: plant.caughtBy };
  await runJob(
    job,
    (result) => {
      for (const { predicate } of result.violations) {
        if (predicate === plant.caughtBy) seed ??= result.seed;
        else others.add(predicate);
      }
    },
    signal,
  );
  return { plant, seed, others: [...others].sort() };
}
