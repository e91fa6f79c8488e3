import { dynamoDocuments, sdkDynamoCalls } from '../records/sdk-dynamo-calls.ts';
import { answerCloudFormation } from '../shared/aws/answer-cloud-formation.ts';
import { createLog } from '../shared/logger.ts';
import { POLLING } from '../shared/poll.ts';
import { type RecordRequest, recordConfiguration } from './record-configuration.ts';

const log = createLog('installation');
const dynamo = sdkDynamoCalls(dynamoDocuments());

export const handler = (request: RecordRequest): Promise<void> =>
  recordConfiguration(
    {
      put: async (TableName, key, record) => {
        await dynamo.put({ TableName, Item: { ...record, ...key } });
      },
      answer: answerCloudFormation,
      log,
      pause: POLLING.pause,
    },
    request,
  );
