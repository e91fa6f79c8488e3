import { recordsFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV } from '../../records/environment.ts';
import { stsUrl } from '../../shared/caller/caller-proof.ts';
import { callerResolver } from '../../shared/caller/resolve-caller.ts';
import { type Environment, optional, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { ENV } from '../contract/environment.ts';
import { answerEndDrain, type EndDrainPorts } from './answer.ts';
import type { EndDrainReply } from './contract.ts';

let ports: EndDrainPorts | undefined;

function wire(environment: Environment): EndDrainPorts {
  const region = required(environment, 'AWS_REGION');
  const endpoint = optional(environment, 'AWS_ENDPOINT_URL_STS') ?? optional(environment, 'AWS_ENDPOINT_URL');
  return {
    resolveCaller: callerResolver(stsUrl(region, endpoint)),
    region,
    now: Date.now,
    records: recordsFrom(environment),
    log: createLog('end-drain'),
    installation: required(environment, ENV.installation),
    fleet: required(environment, RECORDS_ENV.fleet),
  };
}

export const handler = async (request: unknown, context: { readonly invokedFunctionArn: string }): Promise<EndDrainReply> => {
  ports ??= wire(process.env);
  return answerEndDrain(ports, context.invokedFunctionArn.split(':')[4] ?? '', request);
};
