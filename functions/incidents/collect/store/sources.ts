import type { Environment } from '../../../shared/environment.ts';
import type { Collectors } from '../run-collector.ts';

/** Collectors inside the VPC, by source. */
export function createStoreSources(_environment: Environment): Collectors {
  return {};
}
