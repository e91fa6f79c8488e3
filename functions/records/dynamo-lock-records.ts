import { recordKeys } from './keys.ts';
import type { LockHold, LockRecords, LockRequest } from './records.ts';
import { type RecordsTable, setFields } from './records-table.ts';
import type { LockRecord } from './types.ts';

const FREE = 'attribute_not_exists(deployId) OR (expiresAtMs <= :now AND deployId <> :deployId)';
const NO_OPEN_DEPLOY = 'attribute_not_exists(openDeploys)';
const HELD_BY_US = 'deployId = :deployId AND fencingToken = :token';

const held = ({ deployId, fencingToken }: LockHold) => ({ ':deployId': deployId, ':token': fencingToken });

/** The lock in the records table: one item per fleet, changed by conditional writes only. */
export function dynamoLockRecords(table: RecordsTable): LockRecords {
  const getLock = (fleet: string) => table.get<LockRecord>(recordKeys.lock(fleet));

  const take = ({ fleet, deployId, executionArn, requestedBy, version, nowMs, expiresAtMs, heldBy }: LockRequest, condition: string) =>
    table.update<LockRecord>(recordKeys.lock(fleet), {
      UpdateExpression: `SET deployId = :deployId, executionArn = :arn, requestedBy = :by, version = :version, acquiredAtMs = :now, expiresAtMs = :expires${
        heldBy ? ', heldBy = :heldBy ADD fencingToken :one' : ' REMOVE heldBy ADD fencingToken :one, openDeploys :open'
      }`,
      ConditionExpression: condition,
      ExpressionAttributeValues: {
        ':deployId': deployId,
        ':arn': executionArn,
        ':by': requestedBy,
        ':version': version,
        ':now': nowMs,
        ':expires': expiresAtMs,
        ':one': 1,
        ...(heldBy ? { ':heldBy': heldBy } : { ':open': new Set([deployId]) }),
      },
    });

  return {
    getLock,
    async acquireLock(request) {
      const { fleet, deployId, expiresAtMs } = request;
      const taken = await take(request, request.heldBy === 'incident' ? `${NO_OPEN_DEPLOY} AND (${FREE})` : FREE);
      if (taken) return { acquired: true, fencingToken: taken.fencingToken, expiresAtMs };
      const ours = await table.update<LockRecord>(recordKeys.lock(fleet), {
        UpdateExpression: 'SET expiresAtMs = :expires',
        ConditionExpression: 'deployId = :deployId',
        ExpressionAttributeValues: { ':deployId': deployId, ':expires': expiresAtMs },
      });
      if (ours) return { acquired: true, fencingToken: ours.fencingToken, expiresAtMs };
      return { acquired: false, holder: (await getLock(fleet)) ?? { fencingToken: 0 } };
    },
    async takeOverLock(request) {
      const taken = await take(request, 'attribute_not_exists(deployId) OR expiresAtMs <= :now OR deployId = :deployId');
      if (taken) return { acquired: true, fencingToken: taken.fencingToken, expiresAtMs: request.expiresAtMs };
      return { acquired: false, holder: (await getLock(request.fleet)) ?? { fencingToken: 0 } };
    },
    async closeDeploy(fleet, deployId) {
      await table.update<LockRecord>(recordKeys.lock(fleet), {
        UpdateExpression: 'DELETE openDeploys :closed',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':closed': new Set([deployId]) },
      });
    },
    async renewLease(hold, expiresAtMs) {
      const renewed = await table.update<LockRecord>(recordKeys.lock(hold.fleet), {
        UpdateExpression: 'SET expiresAtMs = :expires',
        ConditionExpression: HELD_BY_US,
        ExpressionAttributeValues: { ...held(hold), ':expires': expiresAtMs },
      });
      return renewed !== undefined;
    },
    async releaseLock(hold) {
      const released = await table.update<LockRecord>(recordKeys.lock(hold.fleet), {
        UpdateExpression: 'REMOVE deployId, heldBy, executionArn, requestedBy, version, acquiredAtMs, expiresAtMs',
        ConditionExpression: HELD_BY_US,
        ExpressionAttributeValues: held(hold),
      });
      return released !== undefined;
    },
    async putSuspension(hold, suspension) {
      const set = setFields({ suspension: { deployId: hold.deployId, ...suspension } });
      const put = await table.update<LockRecord>(recordKeys.lock(hold.fleet), {
        ...set,
        ConditionExpression: HELD_BY_US,
        ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ...held(hold) },
      });
      return put !== undefined;
    },
    async deleteSuspension(fleet, deployId) {
      await table.update<LockRecord>(recordKeys.lock(fleet), {
        UpdateExpression: 'REMOVE suspension',
        ConditionExpression: 'suspension.deployId = :deployId',
        ExpressionAttributeValues: { ':deployId': deployId },
      });
    },
  };
}
