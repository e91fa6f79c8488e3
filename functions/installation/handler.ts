import { toAttributes } from '../records/attribute-values.ts';
import { DYNAMODB_TARGET } from '../records/signed-dynamo-calls.ts';
import { answerCloudFormation } from '../shared/aws/answer-cloud-formation.ts';
import { roleCredentials } from '../shared/aws/environment-credentials.ts';
import { jsonService } from '../shared/aws/signed/json-service.ts';
import { serviceUrl } from '../shared/aws/signed/service-url.ts';
import { CALL_LIMITS, signedCalls } from '../shared/aws/signed/signed-calls.ts';
import { required } from '../shared/environment.ts';
import { createLog } from '../shared/logger.ts';
import { POLLING } from '../shared/poll.ts';
import { type RecordRequest, recordConfiguration } from './record-configuration.ts';

const log = createLog('installation');
const service = 'dynamodb';
const region = required(process.env, 'AWS_REGION');
const signing = { service, region, url: serviceUrl(service, region, process.env), credentials: roleCredentials(process.env) } as const;
const dynamo = jsonService(signedCalls(signing, CALL_LIMITS), DYNAMODB_TARGET, '1.0');

export const handler = (request: RecordRequest): Promise<void> =>
  recordConfiguration(
    {
      put: async (TableName, key, record) => {
        await dynamo('PutItem', { TableName, Item: toAttributes({ ...record, ...key }) });
      },
      answer: answerCloudFormation,
      log,
      pause: POLLING.pause,
    },
    request,
  );
