import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { answerCloudFormation } from '../shared/aws/answer-cloud-formation.ts';
import { CLIENT_OPTIONS } from '../shared/aws/client-options.ts';
import { createLog } from '../shared/logger.ts';
import { type ProtectionRequest, protect } from './protect.ts';
import { protectableLoadBalancers, protectableTables } from './protectable.ts';

const log = createLog('protection');
const loadBalancers = protectableLoadBalancers(new ElasticLoadBalancingV2Client(CLIENT_OPTIONS));
const tables = protectableTables(new DynamoDBClient(CLIENT_OPTIONS));

export const handler = (request: ProtectionRequest): Promise<void> =>
  protect({ loadBalancers, tables, answer: answerCloudFormation, log }, request);
