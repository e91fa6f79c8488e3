import { recordsFrom } from '../../records/dynamo-records.ts';
import { type Environment, optional } from '../../shared/environment.ts';
import { COLLECT_SOURCES_ENV, type IncidentFleet } from '../contract/collect.ts';
import { createDeploys } from './deploys.ts';
import type { Collectors } from './run-collector.ts';
import { serversFrom } from './servers-from.ts';

/** Collectors outside the VPC, by source. */
export function createSources(environment: Environment): Collectors {
  const records = recordsFrom(environment);
  const fleets = JSON.parse(optional(environment, COLLECT_SOURCES_ENV.fleets) ?? '{}') as Readonly<Record<string, IncidentFleet>>;
  return { deploys: createDeploys({ records, now: Date.now }), servers: serversFrom(environment, fleets) };
}
