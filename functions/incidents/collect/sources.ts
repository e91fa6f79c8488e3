import { recordsFrom } from '../../records/dynamo-records.ts';
import type { Environment } from '../../shared/environment.ts';
import { createDeploys } from './deploys.ts';
import type { Collectors } from './run-collector.ts';

/** Collectors outside the VPC, by source. */
export function createSources(environment: Environment): Collectors {
  const records = recordsFrom(environment);
  return { deploys: createDeploys({ records, now: Date.now }) };
}
