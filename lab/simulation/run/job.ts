/** What a worker process is to do, and what it tells. */
import type { Plant } from '../plants/plant.ts';
import type { PredicateId } from '../predicates/predicate.ts';
import type { SeedResult } from './seed-result.ts';

export interface Job {
  /** JSON of the synthesized installations. */
  readonly installationsFile: string;
  readonly first: number;
  readonly count: number;
  /** At most this many runs: with a plant, seeds in which it cannot show are passed over. @default count */
  readonly mostRuns?: number;
  /** Every nth seed from the first one. */
  readonly step: number;
  readonly keepTimeline: boolean;
  readonly plant?: Plant;
  /** Ends with the first run that breaks this one. */
  readonly until?: PredicateId;
}

export type Told =
  | { readonly kind: 'seed'; readonly result: SeedResult }
  | { readonly kind: 'done' }
  /** The run could not go on: an unknown operation, a plant that does not apply. */
  | { readonly kind: 'failed'; readonly seed: number | undefined; readonly name: string; readonly message: string };
