import { type Environment, required } from '../../environment.ts';
import { roleCredentials } from '../environment-credentials.ts';
import { type JsonService, jsonService } from './json-service.ts';
import { serviceUrl } from './service-url.ts';
import { CALL_LIMITS, signedCalls } from './signed-calls.ts';
import { SSM_TARGET } from './signed-commands.ts';

/** Systems Manager, which has the fleets' parameters and runs commands on servers. @throws MissingEnvironment */
export function ssmFrom(environment: Environment): JsonService {
  const region = required(environment, 'AWS_REGION');
  const credentials = roleCredentials(environment);
  const signing = { service: 'ssm', region, url: serviceUrl('ssm', region, environment), credentials } as const;
  return jsonService(signedCalls(signing, CALL_LIMITS), SSM_TARGET, '1.1');
}
