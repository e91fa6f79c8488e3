import { recordKeys } from './keys.ts';
import type { LockHold, LockRecords, LockRequest } from './records.ts';
import { onlyIf, type RecordsTable, setFields } from './records-table.ts';
import { epochOf } from './suspension.ts';
import type { LockRecord } from './types.ts';

const FREE = 'attribute_not_exists(deployId) OR (expiresAtMs <= :now AND deployId <> :deployId)';
const NO_OPEN_DEPLOY = 'attribute_not_exists(openDeploys)';
const HELD_BY_US = 'deployId = :deployId AND fencingToken = :token';
const NOT_LATER = '(attribute_not_exists(suspension.epoch) OR suspension.epoch <= :epoch)';
const NOT_HELD = 'attribute_not_exists(deployId) OR deployId <> :deployId';
const NOT_RESUMED = '(attribute_not_exists(resumedEpoch) OR resumedEpoch < :epoch)';

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

  const close = (fleet: string, deployId: string, condition: string, values?: object) =>
    update(fleet, 'DELETE openDeploys :closed', condition, { ':closed': new Set([deployId]), ...values });

  const update = (fleet: string, UpdateExpression: string, condition: string, values: object) =>
    table.update<LockRecord>(recordKeys.lock(fleet), onlyIf({ UpdateExpression }, condition, values));

  return {
    getLock,
    async acquireLock(request) {
      const { fleet, deployId, expiresAtMs } = request;
      const taken = await take(request, request.heldBy === 'reconcile' ? `${NO_OPEN_DEPLOY} AND (${FREE})` : FREE);
      if (taken) return { acquired: true, fencingToken: taken.fencingToken, expiresAtMs };
      const again = { ':deployId': deployId, ':expires': expiresAtMs };
      const ours = await update(fleet, 'SET expiresAtMs = :expires', 'deployId = :deployId', again);
      if (ours) return { acquired: true, fencingToken: ours.fencingToken, expiresAtMs };
      return { acquired: false, holder: (await getLock(fleet)) ?? { fencingToken: 0 } };
    },
    async takeOverLock(request) {
      const taken = await take(request, 'attribute_not_exists(deployId) OR expiresAtMs <= :now OR deployId = :deployId');
      if (taken) return { acquired: true, fencingToken: taken.fencingToken, expiresAtMs: request.expiresAtMs };
      return { acquired: false, holder: (await getLock(request.fleet)) ?? { fencingToken: 0 } };
    },
    async closeDeploy(fleet, deployId) {
      await close(fleet, deployId, 'attribute_exists(pk)');
    },
    async forgetDeploy(fleet, deployId) {
      const closed = await close(fleet, deployId, NOT_HELD, { ':deployId': deployId });
      // Without a lock item the removal changes nothing and returns nothing: then the deploy does not hold the lock either.
      return closed !== undefined || (await getLock(fleet))?.deployId !== deployId;
    },
    async renewLease(hold, expiresAtMs) {
      const values = { ...held(hold), ':expires': expiresAtMs };
      return (await update(hold.fleet, 'SET expiresAtMs = :expires', HELD_BY_US, values)) !== undefined;
    },
    async releaseLock(hold) {
      const released = 'REMOVE deployId, heldBy, executionArn, requestedBy, version, acquiredAtMs, expiresAtMs';
      return (await update(hold.fleet, released, HELD_BY_US, held(hold))) !== undefined;
    },
    async putSuspension(hold, suspension) {
      const { deployId, fencingToken } = hold;
      const epoch = epochOf(fencingToken, suspension.round);
      const set = setFields({ suspension: { deployId, epoch, ...suspension } });
      const change = onlyIf(set, `${HELD_BY_US} AND ${NOT_RESUMED}`, { ...held(hold), ':epoch': epoch });
      return (await table.update<LockRecord>(recordKeys.lock(hold.fleet), change)) !== undefined;
    },
    async beginResume({ fleet, fencingToken }, round) {
      const values = { ':epoch': epochOf(fencingToken, round) };
      await update(fleet, 'SET resumedEpoch = :epoch', `attribute_exists(pk) AND ${NOT_RESUMED}`, values);
    },
    async deleteSuspension({ fleet, deployId, fencingToken }, round) {
      const values = { ':deployId': deployId, ':epoch': epochOf(fencingToken, round) };
      await update(fleet, 'REMOVE suspension, kept', `suspension.deployId = :deployId AND ${NOT_LATER}`, values);
    },
  };
}
