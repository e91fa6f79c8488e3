import { type Environment, required } from '../shared/environment.ts';
import type { DynamoCalls } from './dynamo-calls.ts';
import { dynamoDeployRecords } from './dynamo-deploy-records.ts';
import { dynamoLockRecords } from './dynamo-lock-records.ts';
import { RECORDS_ENV, recordKeys } from './keys.ts';
import type { FleetRecords, Records } from './records.ts';
import { createRecordsTable, type RecordsTable, setFields } from './records-table.ts';
import { dynamoDocuments, sdkDynamoCalls } from './sdk-dynamo-calls.ts';
import type { FleetRecord, InstanceRecord, RecordedRegistrations, ReleaseRecord } from './types.ts';

/** The records table that the environment names. @throws MissingEnvironment */
export function recordsTableFrom(environment: Environment): RecordsTable {
  return createRecordsTable(sdkDynamoCalls(dynamoDocuments()), required(environment, RECORDS_ENV.recordsTable));
}

/** The records in the table that the environment names. @throws MissingEnvironment */
export function recordsFrom(environment: Environment): Records {
  return dynamoRecords(sdkDynamoCalls(dynamoDocuments()), required(environment, RECORDS_ENV.recordsTable));
}

/** {@link Records} in one DynamoDB table with the keys `pk` and `sk`. */
export function dynamoRecords(dynamo: DynamoCalls, tableName: string): Records {
  const table = createRecordsTable(dynamo, tableName);
  return { ...dynamoFleetRecords(table), ...dynamoLockRecords(table), ...dynamoDeployRecords(table) };
}

function dynamoFleetRecords(table: RecordsTable): FleetRecords {
  const unlessExists = { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    getFleet: (fleet) => table.get<FleetRecord>(recordKeys.fleet(fleet)),
    putRelease(release) {
      return table.put(recordKeys.release(release.fleet, release.version), release, unlessExists);
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
    getRegistrations: (fleet, instanceId) => table.get<RecordedRegistrations>(recordKeys.registrations(fleet, instanceId)),
    async putRegistrations(fleet, instanceId, registrations) {
      await table.update(recordKeys.registrations(fleet, instanceId), setFields(registrations));
    },
    async deleteInstance(fleet, instanceId) {
      await table.delete(recordKeys.instance(fleet, instanceId));
      await table.delete(recordKeys.registrations(fleet, instanceId));
    },
    async promote(fleet, { version, sha256, deployId, fencingToken, atMs }) {
      const moved = await table.update(recordKeys.fleet(fleet), {
        UpdateExpression:
          'SET fleet = :fleet, currentVersion = :version, sha256 = :sha256, deployId = :deployId, fencingToken = :token, updatedAtMs = :at',
        ConditionExpression: 'attribute_not_exists(fencingToken) OR fencingToken <= :token',
        ExpressionAttributeValues: {
          ':fleet': fleet,
          ':version': version,
          ':sha256': sha256,
          ':deployId': deployId,
          ':token': fencingToken,
          ':at': atMs,
        },
      });
      return moved !== undefined;
    },
  };
}
