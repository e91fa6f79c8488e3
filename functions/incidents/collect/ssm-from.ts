import { roleCredentials } from '../../shared/aws/environment-credentials.ts';
import { type JsonService, jsonService } from '../../shared/aws/signed/json-service.ts';
import { serviceUrl } from '../../shared/aws/signed/service-url.ts';
import { CALL_LIMITS, signedCalls } from '../../shared/aws/signed/signed-calls.ts';
import { SSM_TARGET } from '../../shared/aws/signed/signed-commands.ts';
import { type Environment, required } from '../../shared/environment.ts';

/** Systems Manager, which has the fleets' parameters and runs commands on servers. @throws MissingEnvironment */
export function ssmFrom(environment: Environment): JsonService {
  const region = required(environment, 'AWS_REGION');
  const credentials = roleCredentials(environment);
  const signing = { service: 'ssm', region, url: serviceUrl('ssm', region, environment), credentials } as const;
  return jsonService(signedCalls(signing, CALL_LIMITS), SSM_TARGET, '1.1');
}
