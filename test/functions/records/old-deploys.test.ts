/** Deploys that an earlier version of Holdfast began, with their targets in the record itself: as one item, on DynamoDB's expressions. */
import { beforeEach, expect, it } from 'vitest';
import { dynamoRecords } from '../../../functions/records/dynamo-records.ts';
import { recordKeys } from '../../../functions/records/keys.ts';
import type { Records } from '../../../functions/records/records.ts';
import { createRecordsTable, type RecordsTable } from '../../../functions/records/records-table.ts';
import { signedDynamoCalls } from '../../../functions/records/signed-dynamo-calls.ts';
import type { DeployRecord, TargetProgress } from '../../../functions/records/types.ts';
import { AwsError } from '../../../local/aws/service/service.ts';
import { createDynamoDb } from '../../simulation/dynamodb/dynamodb.ts';

const TABLE = 'holdfast-records';
const waiting = (order: number): TargetProgress => ({ phase: 'waiting', order, fromVersion: '1', phaseStartedAtMs: 1 });
const OLD: DeployRecord = {
  ...{ deployId: 'd1', executionArn: 'arn:d1', fleet: 'web', from: '1', to: '2', requestedBy: 'ann', startedAtMs: 1 },
  ...{ status: 'RUNNING', stage: 'rolling', sha256: 'a' },
  targets: { 'i-1': { ...waiting(0), executionName: 'i-1-5' }, 'i-2': waiting(1) },
};

let table: RecordsTable;
let records: Records;
beforeEach(async () => {
  const { service } = createDynamoDb(TABLE);
  const calls = signedDynamoCalls(async <Output>(operation: string, input: object) => {
    try {
      return JSON.parse(JSON.stringify(service[operation]?.(JSON.parse(JSON.stringify(input)) as never))) as Output;
    } catch (error) {
      throw error instanceof AwsError ? Object.assign(new Error(error.message), { name: error.code }) : error;
    }
  });
  [table, records] = [createRecordsTable(calls, TABLE), dynamoRecords(calls, TABLE)];
  await table.put(recordKeys.deployStart('web', 1, 'd1'), { deployId: 'd1' });
  await table.put(recordKeys.deploy('web', 'd1'), OLD);
});

const item = () => table.get<DeployRecord>(recordKeys.deploy('web', 'd1'));

it('are read with their targets, one by one, by what their ids begin with, and as the latest', async () => {
  expect(await records.getDeploy('web', 'd1')).toEqual(OLD);
  expect(await records.findDeploys('web', 'd')).toEqual([OLD]);
  expect(await records.latestDeploys('web', 5)).toEqual([OLD]);
});

it('have a target changed in place, with the phase that it enters, and no other', async () => {
  expect(await records.updateTarget('web', 'd1', 'i-1', { phase: 'draining', phaseStartedAtMs: 5 })).toBe(true);
  const changed = { ...OLD.targets['i-1'], phase: 'draining', phaseStartedAtMs: 5, phases: [{ phase: 'draining', startedAtMs: 5 }] };
  expect((await records.getDeploy('web', 'd1'))?.targets).toEqual({ 'i-1': changed, 'i-2': waiting(1) });
  expect((await item())?.targets['i-1'], 'in the record itself').toEqual(changed);
  expect(await table.query(recordKeys.deployTarget('web', 'd1', '').pk, recordKeys.deployTarget('web', 'd1', '').sk)).toEqual([]);
});

it('have a target changed only if it is as wanted', async () => {
  const failed = { phase: 'failed', finishedAtMs: 7 } as const;
  expect(await records.updateTarget('web', 'd1', 'i-1', failed, { executionName: 'i-1-6' })).toBe(false);
  expect(await records.updateTarget('web', 'd1', 'i-1', failed, { phases: ['draining'] })).toBe(false);
  expect(await records.updateTarget('web', 'd1', 'i-1', failed, { neverRolled: true })).toBe(false);
  expect(await records.updateTarget('web', 'd1', 'i-3', failed), 'it is not on record').toBe(false);
  expect(await item()).toEqual(OLD);
  expect(await records.updateTarget('web', 'd1', 'i-1', failed, { executionName: 'i-1-5', phases: ['waiting'] })).toBe(true);
  expect((await records.getDeploy('web', 'd1'))?.targets['i-1']).toMatchObject(failed);
});

it('have a newer item of a target, which a clean-up has begun, before the older one', async () => {
  const rolledBack = { ...waiting(0), executionName: 'back-i-1-9' };
  expect(await records.putTarget('web', 'd1', 'i-1', rolledBack)).toBe(true);
  expect(await records.updateTarget('web', 'd1', 'i-1', { phase: 'installing', phaseStartedAtMs: 9 })).toBe(true);
  expect((await records.getDeploy('web', 'd1'))?.targets).toMatchObject({
    'i-1': { phase: 'installing', executionName: 'back-i-1-9' },
    'i-2': waiting(1),
  });
  expect(await item(), 'as it was').toEqual(OLD);
});
