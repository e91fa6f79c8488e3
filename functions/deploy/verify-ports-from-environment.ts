import { recordsFrom } from '../records/dynamo-records.ts';
import { RECORDS_ENV } from '../records/environment.ts';
import type { Records } from '../records/records.ts';
import { stsUrl } from '../shared/caller/caller-proof.ts';
import { callerResolver } from '../shared/caller/resolve-caller.ts';
import { type Environment, optional, required } from '../shared/environment.ts';
import { createLog } from '../shared/logger.ts';
import { ENV } from './contract/environment.ts';
import type { VerifyPorts } from './verify-request.ts';

/** Ports of the functions that operators call. @param log the name of its log lines @throws MissingEnvironment */
export function verifyPortsFrom(environment: Environment, log: string): VerifyPorts & { readonly records: Records } {
  const region = required(environment, 'AWS_REGION');
  const endpoint = optional(environment, 'AWS_ENDPOINT_URL_STS') ?? optional(environment, 'AWS_ENDPOINT_URL');
  return {
    resolveCaller: callerResolver(stsUrl(region, endpoint)),
    region,
    now: Date.now,
    records: recordsFrom(environment),
    log: createLog(log),
    installation: required(environment, ENV.installation),
    fleet: required(environment, RECORDS_ENV.fleet),
  };
}
