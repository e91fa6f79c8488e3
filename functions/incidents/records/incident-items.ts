import type { Expression } from '../../records/dynamo-calls.ts';
import { recordKeys } from '../../records/keys.ts';
import { type RecordsTable, setFields } from '../../records/records-table.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { IncidentChange, IncidentPointer, RemovableField } from './incident-records.ts';

/** A sign takes some 400 bytes: these take 20 KB of the 400 KB that a DynamoDB item can have. */
export const MOST_SIGNS = 50;
/** Records that one BatchGetItem returns at most. */
const MOST_OF_A_PAGE = 100;

export const latestOpened = (a: IncidentRecord, b: IncidentRecord): number => b.openedAtMs - a.openedAtMs;

export const newIncident = ({ incidentId, fingerprint, runbook, fleet, openedAtMs, dryRun }: IncidentPointer): IncidentRecord => ({
  incidentId,
  fingerprint,
  runbook,
  ...(fleet !== undefined && { fleet }),
  ...(dryRun && { dryRun }),
  stage: 'collecting',
  openedAtMs,
  alarms: {},
  signs: [],
  signCount: 0,
  runs: 0,
  mitigations: {},
});

export async function readLatestIncidents(
  table: Pick<RecordsTable, 'queryBackwards' | 'getEach'>,
  count: number,
): Promise<readonly IncidentRecord[]> {
  const { pk, sk } = recordKeys.incidentStarts();
  const found: IncidentRecord[] = [];
  for await (const page of table.queryBackwards<{ incidentId: string }>(pk, sk, Math.min(count, MOST_OF_A_PAGE))) {
    found.push(...(await table.getEach<IncidentRecord>(page.map(({ incidentId }) => recordKeys.incident(incidentId)))));
    if (found.length >= count) break;
  }
  return found.sort(latestOpened).slice(0, count);
}

/** Refuses the write when the pointer is not as it was read. */
export const ifStillPointer = (seen: IncidentPointer | undefined): Expression =>
  seen === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: `incidentId = :seen AND ${seen.closedAtMs === undefined ? 'attribute_not_exists(closedAtMs)' : 'closedAtMs = :closed'}`,
        ExpressionAttributeValues: {
          ':seen': seen.incidentId,
          ...(seen.closedAtMs !== undefined && { ':closed': seen.closedAtMs }),
        },
      };

/** One update that sets and removes fields, of an incident that exists. */
export function changeWith(
  change: IncidentChange,
  { remove = [], ifExecution }: { readonly remove?: readonly RemovableField[]; readonly ifExecution?: string } = {},
): Expression & { readonly UpdateExpression: string } {
  const isEmpty = Object.values(change).every((value) => value === undefined);
  const set = isEmpty ? { UpdateExpression: '' } : setFields(change);
  const removal = remove.length > 0 ? ` REMOVE ${remove.join(', ')}` : '';
  return {
    UpdateExpression: `${set.UpdateExpression}${removal}`.trim(),
    ConditionExpression: `attribute_exists(pk)${ifExecution === undefined ? '' : ' AND executionArn = :execution'}`,
    ...(set.ExpressionAttributeNames && { ExpressionAttributeNames: set.ExpressionAttributeNames }),
    ...((set.ExpressionAttributeValues || ifExecution !== undefined) && {
      ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ...(ifExecution !== undefined && { ':execution': ifExecution }) },
    }),
  };
}
