import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CLIENT_OPTIONS } from './client-options.ts';
import { dynamoDeployRecords } from './dynamo-deploy-records.ts';
import { dynamoLockRecords } from './dynamo-lock-records.ts';
import { recordKeys } from './naming.ts';
import type { FleetRecord, InstanceRecord, ReleaseRecord } from './record-types.ts';
import type { FleetRecords, Records } from './records.ts';
import { createRecordsTable, type RecordsTable } from './records-table.ts';

/** A document client that leaves absent optional fields out of the records. */
export function createDocumentClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(CLIENT_OPTIONS), { marshallOptions: { removeUndefinedValues: true } });
}

/** {@link Records} in one DynamoDB table with the keys `pk` and `sk`. @param client see {@link createDocumentClient} */
export function dynamoRecords(client: DynamoDBDocumentClient, tableName: string): Records {
  const table = createRecordsTable(client, tableName);
  return { ...dynamoFleetRecords(table), ...dynamoLockRecords(table), ...dynamoDeployRecords(table) };
}

function dynamoFleetRecords(table: RecordsTable): FleetRecords {
  const unlessExists = { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    getFleet: (fleet) => table.get<FleetRecord>(recordKeys.fleet(fleet)),
    async putRelease(release) {
      const { fleet, version, publishedAtMs } = release;
      const isNew = await table.put(recordKeys.release(fleet, version), release, unlessExists);
      // Also after a release that exists: the first publication may have ended between the two writes.
      const record: FleetRecord = { fleet, currentVersion: version, updatedAtMs: publishedAtMs };
      await table.put(recordKeys.fleet(fleet), record, unlessExists);
      return isNew;
    },
    getRelease: (fleet, version) => table.get<ReleaseRecord>(recordKeys.release(fleet, version)),
    async listReleases(fleet) {
      const { pk, sk } = recordKeys.release(fleet, '');
      const releases = await table.query<ReleaseRecord>(pk, sk);
      return releases.sort((a, b) => b.publishedAtMs - a.publishedAtMs);
    },
    async putInstance(fleet, instance) {
      await table.put(recordKeys.instance(fleet, instance.instanceId), instance);
    },
    getInstances(fleet) {
      const { pk, sk } = recordKeys.instance(fleet, '');
      return table.query<InstanceRecord>(pk, sk);
    },
    deleteInstance: (fleet, instanceId) => table.delete(recordKeys.instance(fleet, instanceId)),
    async promote(fleet, { version, deployId, fencingToken, atMs }) {
      const moved = await table.update(recordKeys.fleet(fleet), {
        UpdateExpression: 'SET fleet = :fleet, currentVersion = :version, deployId = :deployId, fencingToken = :token, updatedAtMs = :at',
        ConditionExpression: 'attribute_not_exists(fencingToken) OR fencingToken <= :token',
        ExpressionAttributeValues: { ':fleet': fleet, ':version': version, ':deployId': deployId, ':token': fencingToken, ':at': atMs },
      });
      return moved !== undefined;
    },
  };
}
