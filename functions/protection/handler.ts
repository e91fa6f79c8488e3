import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { DYNAMODB_TARGET } from '../records/signed-dynamo-calls.ts';
import { answerCloudFormation } from '../shared/aws/answer-cloud-formation.ts';
import { CLIENT_OPTIONS } from '../shared/aws/client-options.ts';
import { roleCredentials } from '../shared/aws/environment-credentials.ts';
import { jsonService } from '../shared/aws/signed/json-service.ts';
import { serviceUrl } from '../shared/aws/signed/service-url.ts';
import { CALL_LIMITS, signedCalls } from '../shared/aws/signed/signed-calls.ts';
import { required } from '../shared/environment.ts';
import { createLog } from '../shared/logger.ts';
import { POLLING } from '../shared/poll.ts';
import { type ProtectionRequest, protect, protectableLoadBalancers, protectableTables } from './protect.ts';

const log = createLog('protection');
const loadBalancers = protectableLoadBalancers(new ElasticLoadBalancingV2Client(CLIENT_OPTIONS));
const tables = protectableTables(jsonService(signedCalls(signing(), CALL_LIMITS), DYNAMODB_TARGET, '1.0'));

function signing() {
  const region = required(process.env, 'AWS_REGION');
  const service = 'dynamodb';
  return { service, region, url: serviceUrl(service, region, process.env), credentials: roleCredentials(process.env) } as const;
}

export const handler = (request: ProtectionRequest): Promise<void> =>
  protect({ loadBalancers, tables, answer: answerCloudFormation, log, pause: POLLING.pause }, request);
