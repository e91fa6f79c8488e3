/** MiniStack with its seams open, behind the gateway. One of them for all: it takes seconds to start. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { describeClosed } from '#local-aws/test/emulator/closed-suite.ts';
import { describeCloudFormation, ownedTypes } from '#local-aws/test/emulator/cloudformation-suite.ts';
import { describeCreation } from '#local-aws/test/emulator/creation-suite.ts';
import { describePorts } from '#local-aws/test/emulator/emulator-services-suite.ts';
import { describeEvents } from '#local-aws/test/emulator/events-suite.ts';
import { describeFaults } from '#local-aws/test/emulator/faults-suite.ts';
import { describeIdentity, guarded } from '#local-aws/test/emulator/identity-suite.ts';
import { describeIdleLimit, describeStarts } from '#local-aws/test/emulator/idle-suite.ts';
import { describeInstanceRoles } from '#local-aws/test/emulator/instance-roles-suite.ts';
import { describeLambda } from '#local-aws/test/emulator/lambda-suite.ts';
import { describeRoles } from '#local-aws/test/emulator/roles-suite.ts';
import { describeRolledBackUpdates } from '#local-aws/test/emulator/rolled-back-suite.ts';
import { describeStepFunctions } from '#local-aws/test/emulator/step-functions-suite.ts';
import { startWorld, type World } from '#local-aws/test/emulator/world.ts';
import { dynamoStoreRecords } from '../../../../../functions/collect/store-records.ts';
import { dynamoIncidentRecords } from '../../../../../functions/incidents/records/dynamo-incident-records.ts';
import type { DynamoCalls } from '../../../../../functions/records/dynamo-calls.ts';
import { dynamoRecords } from '../../../../../functions/records/dynamo-records.ts';
import { createRecordsTable } from '../../../../../functions/records/records-table.ts';
import { sdkDynamoCalls } from '../../../../../functions/records/sdk-dynamo-calls.ts';
import { dynamoSweepRecords } from '../../../../../functions/sweep/sweep-records.ts';
import { FULL } from '../../../../../test/e2e/full-run.ts';
import { describeStoreRecords } from '../../../../../test/functions/collect/store-records-conformance.ts';
import { describeIncidentRecords } from '../../../../../test/functions/incidents/records/incident-records-conformance.ts';
import { describePauses } from '../../../../../test/functions/records/pause-conformance.ts';
import { describeRecords } from '../../../../../test/functions/records/records-conformance.ts';
import { describeSweepRecords } from '../../../../../test/functions/sweep/sweep-records-conformance.ts';
import { describeCriticalActions } from './critical-actions-suite.ts';
import { describeInstances } from './instances-suite.ts';
import { describePublishing } from './publish-suite.ts';
import { describeZones } from './zones-suite.ts';

let world: World;
let dynamoDb: DynamoDBClient;

beforeAll(async () => {
  // Must not be seen in any function.
  process.env['HOLDFAST_TEST_CANARY'] = 'of the host';
  process.env['AWS_PROFILE'] = 'of-the-host';
  world = await startWorld([ownedTypes, guarded]);
  dynamoDb = new DynamoDBClient(world.config);
});
afterAll(async () => {
  delete process.env['HOLDFAST_TEST_CANARY'];
  delete process.env['AWS_PROFILE'];
  dynamoDb?.destroy();
  await world?.stop();
});

describeZones(() => world);
describeLambda(() => world);
if (FULL) describeIdleLimit(() => world, 4);
if (FULL) describeStarts(() => world, 4);
describeStepFunctions(() => world);
describeCloudFormation(() => world);
describeCreation(() => world);
if (FULL) describeRolledBackUpdates(() => world);
describeEvents(() => world);
describePorts(() => world);
describeIdentity(() => world);
describeFaults(() => world);
describePublishing(() => world);
describeRoles(() => world);
describeInstanceRoles(() => world);
describeInstances(() => world);
describeClosed(() => world);
describeCriticalActions(() => world, FULL);

let tables = 0;
async function newTable(): Promise<string> {
  tables += 1;
  const TableName = `records-${tables}`;
  await dynamoDb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  return TableName;
}

const NAME = 'DynamoDB of the emulator';
const documents = async (): Promise<[DynamoCalls, string]> => [
  sdkDynamoCalls(DynamoDBDocumentClient.from(dynamoDb, { marshallOptions: { removeUndefinedValues: true } })),
  await newTable(),
];
describeRecords(NAME, async () => dynamoRecords(...(await documents())));
describePauses(NAME, async () => dynamoRecords(...(await documents())));
describeIncidentRecords(NAME, async () => dynamoIncidentRecords(createRecordsTable(...(await documents()))));
describeSweepRecords(NAME, async () => dynamoSweepRecords(createRecordsTable(...(await documents()))));
describeStoreRecords(NAME, async () => dynamoStoreRecords(createRecordsTable(...(await documents()))));
