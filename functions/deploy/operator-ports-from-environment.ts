import { recordsFrom } from '../records/dynamo-records.ts';
import { RECORDS_ENV } from '../records/keys.ts';
import type { Records } from '../records/records.ts';
import { type Environment, required } from '../shared/environment.ts';
import type { Log } from '../shared/log-events.ts';
import { createLog } from '../shared/logger.ts';

/** Ports of the functions that operators call. */
export interface OperatorPorts {
  readonly records: Records;
  readonly log: Log;
  readonly now: () => number;
  readonly fleet: string;
}

/** @param log the name of its log lines @throws MissingEnvironment */
export const operatorPortsFrom = (environment: Environment, log: string): OperatorPorts => ({
  records: recordsFrom(environment),
  log: createLog(log),
  now: Date.now,
  fleet: required(environment, RECORDS_ENV.fleet),
});
