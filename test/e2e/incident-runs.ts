/** What became of an incident in the kept cloud, and no trace of it for the next scenario. */
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeTargetGroupAttributesCommand, DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import { dynamoIncidentRecords } from '../../functions/incidents/records/dynamo-incident-records.ts';
import type { BudgetRecord } from '../../functions/incidents/records/mitigation-budget.ts';
import { recordKeys } from '../../functions/records/keys.ts';
import { createRecordsTable } from '../../functions/records/records-table.ts';
import { sdkDocuments } from '../../functions/records/sdk-documents.ts';
import { recordsTableName, targetGroupName } from '../../functions/shared/naming.ts';
import { until } from '../until.ts';
import { elb, kept } from './fleet.ts';

const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
/** Each source has up to 75 s, and they run side by side; a mitigation takes seconds. */
const RUN_LIMIT_MS = 150_000;

/** Incidents of one installation in the kept cloud. */
export function incidentsOf(installation: string) {
  const cloudWatch = new CloudWatchClient(client);
  const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(client), { marshallOptions: { removeUndefinedValues: true } });
  const table = createRecordsTable(sdkDocuments(dynamo), recordsTableName(installation));
  const records = dynamoIncidentRecords(table);

  const openedSince = async (sinceMs: number): Promise<IncidentRecord | undefined> =>
    // Of the machine's clock alone: one that was opened for a sign of a moment ago.
    (await records.latestIncidents(5)).find(({ openedAtMs }) => openedAtMs >= sinceMs - 1_000);

  return {
    setAlarm: (AlarmName: string, StateValue: 'ALARM' | 'OK') =>
      cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' })),

    /** The incident that was opened since then, once `is` holds. */
    async untilIt(
      is: (incident: IncidentRecord) => boolean,
      sinceMs: number,
      what: string,
      limitMs = RUN_LIMIT_MS,
    ): Promise<IncidentRecord> {
      let latest: IncidentRecord | undefined;
      try {
        return await until(
          async () => {
            latest = await openedSince(sinceMs);
            return latest !== undefined && is(latest) && latest;
          },
          what,
          limitMs,
        );
      } catch (error) {
        throw new Error(`${(error as Error).message}; the incident: ${JSON.stringify(latest)}`, { cause: error });
      }
    },

    /** Claims that the last hour's budget of mitigations has. */
    async budget(): Promise<readonly string[]> {
      return ((await table.get<BudgetRecord>(recordKeys.mitigationBudget()))?.taken ?? []).map(({ claim }) => claim);
    },

    /** The next scenario's incident is a new one, and its budget whole. */
    async forget(): Promise<void> {
      for (const { fingerprint } of await records.pointers()) await records.deletePointer(fingerprint);
      await table.delete(recordKeys.mitigationBudget());
    },

    destroy(): void {
      for (const one of [cloudWatch, dynamo]) one.destroy();
    },
  };
}

const STICKY = 'stickiness.enabled';

/** Stickiness of a fleet's target group, as anybody with the permission sees it. */
export function stickinessOf(fleet: string) {
  const group = async () => {
    const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName('holdfast', fleet)] }));
    return TargetGroups?.[0]?.TargetGroupArn as string;
  };
  return {
    async isOn(): Promise<boolean> {
      const { Attributes = [] } = await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: await group() }));
      return Attributes.find(({ Key }) => Key === STICKY)?.Value === 'true';
    },
  };
}
