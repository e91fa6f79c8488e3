import type { Expression } from './dynamo-calls.ts';
import { recordKeys } from './keys.ts';
import type { LockAnswer, LockHold, LockRecords, LockRequest } from './records.ts';
import { type RecordsTable, setFields } from './records-table.ts';
import { epochOf } from './suspension.ts';
import { isKeptByIncident, type LockRecord } from './types.ts';

const FREE = 'attribute_not_exists(deployId) OR (expiresAtMs <= :now AND deployId <> :deployId)';
const NO_OPEN_DEPLOY = 'attribute_not_exists(openDeploys)';
const HELD_BY_US = 'deployId = :deployId AND fencingToken = :token';
const NOT_LATER = '(attribute_not_exists(suspension.epoch) OR suspension.epoch <= :epoch)';
const NOT_HELD = 'attribute_not_exists(deployId) OR deployId <> :deployId';
const NOT_RESUMED = '(attribute_not_exists(resumedEpoch) OR resumedEpoch < :epoch)';

/** What an incident has begun to resume is its own to resume: a deploy that took it over now would be resumed in its middle. */
const NOT_RESUMING = '(attribute_not_exists(suspension) OR attribute_not_exists(resumedEpoch) OR resumedEpoch < suspension.epoch)';

const held = ({ deployId, fencingToken }: LockHold) => ({ ':deployId': deployId, ':token': fencingToken });

/** The lock in the records table: one item per fleet, changed by conditional writes only. */
export function dynamoLockRecords(table: RecordsTable): LockRecords {
  const getLock = (fleet: string) => table.get<LockRecord>(recordKeys.lock(fleet));

  const take = (
    { fleet, deployId, executionArn, requestedBy, version, nowMs, expiresAtMs, heldBy }: LockRequest,
    condition: string,
    seen: Readonly<Record<string, unknown>> = {},
  ) =>
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
        ...seen,
      },
    });

  /** The present holder of the lock, or the answer of a request that has taken it from an incident that keeps servers. */
  async function takeFromIncident(request: LockRequest): Promise<LockAnswer> {
    const holder = (await getLock(request.fleet)) ?? { fencingToken: 0 };
    if (!request.takesOver || !isKeptByIncident(holder)) return { acquired: false, holder };
    const seen = { ':holder': holder.deployId, ':seen': holder.fencingToken };
    const taken = await take(request, `deployId = :holder AND fencingToken = :seen AND ${NOT_RESUMING}`, seen);
    if (taken) return { acquired: true, fencingToken: taken.fencingToken, expiresAtMs: request.expiresAtMs };
    return { acquired: false, holder: (await getLock(request.fleet)) ?? { fencingToken: 0 } };
  }

  const close = (fleet: string, deployId: string, onlyIf: Expression) =>
    table.update<LockRecord>(recordKeys.lock(fleet), {
      UpdateExpression: 'DELETE openDeploys :closed',
      ...onlyIf,
      ExpressionAttributeValues: { ...onlyIf.ExpressionAttributeValues, ':closed': new Set([deployId]) },
    });

  return {
    getLock,
    async acquireLock(request) {
      const { fleet, deployId, expiresAtMs } = request;
      const leavesDeploys = request.heldBy === 'incident' || request.heldBy === 'reconcile';
      const taken = await take(request, leavesDeploys ? `${NO_OPEN_DEPLOY} AND (${FREE})` : FREE);
      if (taken) return { acquired: true, fencingToken: taken.fencingToken, expiresAtMs };
      const ours = await table.update<LockRecord>(recordKeys.lock(fleet), {
        UpdateExpression: 'SET expiresAtMs = :expires',
        ConditionExpression: 'deployId = :deployId',
        ExpressionAttributeValues: { ':deployId': deployId, ':expires': expiresAtMs },
      });
      if (ours) return { acquired: true, fencingToken: ours.fencingToken, expiresAtMs };
      return takeFromIncident(request);
    },
    async takeOverLock(request) {
      const taken = await take(request, 'attribute_not_exists(deployId) OR expiresAtMs <= :now OR deployId = :deployId');
      if (taken) return { acquired: true, fencingToken: taken.fencingToken, expiresAtMs: request.expiresAtMs };
      return takeFromIncident(request);
    },
    async closeDeploy(fleet, deployId) {
      await close(fleet, deployId, { ConditionExpression: 'attribute_exists(pk)' });
    },
    async forgetDeploy(fleet, deployId) {
      const closed = await close(fleet, deployId, { ConditionExpression: NOT_HELD, ExpressionAttributeValues: { ':deployId': deployId } });
      // Without a lock item the removal changes nothing and returns nothing: then the deploy does not hold the lock either.
      return closed !== undefined || (await getLock(fleet))?.deployId !== deployId;
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
    async putSuspension(hold, suspension, keptUntilMs) {
      const { deployId, fencingToken } = hold;
      const epoch = epochOf(fencingToken, suspension.round);
      const kept = keptUntilMs && { incidentId: deployId, suspended: suspension.suspendedByDeploy, untilMs: keptUntilMs };
      const set = setFields({ suspension: { deployId, epoch, ...suspension }, kept });
      const put = await table.update<LockRecord>(recordKeys.lock(hold.fleet), {
        ...set,
        ConditionExpression: `${HELD_BY_US} AND ${NOT_RESUMED}`,
        ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ...held(hold), ':epoch': epoch },
      });
      return put !== undefined;
    },
    async renewKept(fleet, kept) {
      const renewed = await table.update<LockRecord>(recordKeys.lock(fleet), {
        UpdateExpression: 'SET kept = :kept',
        ConditionExpression: 'suspension.deployId = :incident OR kept.incidentId = :incident',
        ExpressionAttributeValues: { ':kept': kept, ':incident': kept.incidentId },
      });
      return renewed !== undefined;
    },
    async dropKept(fleet, incidentId, expiredAtMs) {
      const expired = expiredAtMs === undefined ? '' : ' AND kept.untilMs <= :now';
      const dropped = await table.update<LockRecord>(recordKeys.lock(fleet), {
        UpdateExpression: 'REMOVE kept',
        ConditionExpression: `kept.incidentId = :incident AND (attribute_not_exists(suspension) OR suspension.deployId <> :incident)${expired}`,
        ExpressionAttributeValues: { ':incident': incidentId, ...(expiredAtMs !== undefined && { ':now': expiredAtMs }) },
      });
      return dropped !== undefined;
    },
    async handBack({ fleet, deployId, fencingToken }, { takenFrom: _, ...suspension }, { incidentId, suspended }) {
      const round = suspension.round + 1;
      const its = { deployId: incidentId, epoch: epochOf(fencingToken, round), suspendedByDeploy: suspended, round };
      const set = setFields({ suspension: { ...suspension, ...its } });
      const handed = await table.update<LockRecord>(recordKeys.lock(fleet), {
        ...set,
        ConditionExpression: `suspension.deployId = :deployId AND ${NOT_LATER} AND kept.incidentId = :incident`,
        ExpressionAttributeValues: {
          ...set.ExpressionAttributeValues,
          ...{ ':deployId': deployId, ':epoch': epochOf(fencingToken, suspension.round), ':incident': incidentId },
        },
      });
      return handed !== undefined;
    },
    async beginResume({ fleet, fencingToken }, round) {
      await table.update<LockRecord>(recordKeys.lock(fleet), {
        UpdateExpression: 'SET resumedEpoch = :epoch',
        ConditionExpression: `attribute_exists(pk) AND ${NOT_RESUMED}`,
        ExpressionAttributeValues: { ':epoch': epochOf(fencingToken, round) },
      });
    },
    async deleteSuspension({ fleet, deployId, fencingToken }, round) {
      await table.update<LockRecord>(recordKeys.lock(fleet), {
        UpdateExpression: 'REMOVE suspension, kept',
        ConditionExpression: `suspension.deployId = :deployId AND ${NOT_LATER}`,
        ExpressionAttributeValues: { ':deployId': deployId, ':epoch': epochOf(fencingToken, round) },
      });
    },
  };
}
