import { recordsFrom } from '../records/dynamo-records.ts';
import { RECORDS_ENV } from '../records/keys.ts';
import type { Records } from '../records/records.ts';
import { identifyPortsFrom, type VerifyPorts } from '../shared/caller/verify-request.ts';
import { type Environment, required } from '../shared/environment.ts';
import { createLog } from '../shared/logger.ts';
import { ENV } from './contract/environment.ts';

/** Ports of the functions that operators call. @param log the name of its log lines @throws MissingEnvironment */
export const verifyPortsFrom = (environment: Environment, log: string): VerifyPorts & { readonly records: Records } => ({
  ...identifyPortsFrom(environment),
  records: recordsFrom(environment),
  log: createLog(log),
  installation: required(environment, ENV.installation),
  fleet: required(environment, RECORDS_ENV.fleet),
});
