/** What scenarios of incidents do with the deployed runbook: other settings, a run, what became of it, and no trace of it for the next. */
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { FaultInput } from '#local-aws/faults/fault-rule.ts';
import { askFor } from '../../cli/incidents/do-mitigation.ts';
import type { OpenCloud } from '../../cli/open-stores.ts';
import { incidentsFunctionName, runbookStateMachineName } from '../../functions/incidents/contract/environment.ts';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import type { RunbookInput } from '../../functions/incidents/contract/steps.ts';
import { dynamoIncidentRecords } from '../../functions/incidents/records/dynamo-incident-records.ts';
import type { BudgetRecord, IncidentRecords } from '../../functions/incidents/records/incident-records.ts';
import { mitigationsOf } from '../../functions/incidents/report/describe-mitigations.ts';
import type { Tended } from '../../functions/incidents/tend/tend.ts';
import { recordKeys } from '../../functions/records/keys.ts';
import { createRecordsTable } from '../../functions/records/records-table.ts';
import { sdkDynamoCalls } from '../../functions/records/sdk-dynamo-calls.ts';
import { recordsTableName, targetGroupName } from '../../functions/shared/naming.ts';
import { faultControl } from '../../lab/demo/fault-control.ts';
import { until } from '../until.ts';
import { cloud, elb, kept } from './fleet.ts';

const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
/** Each source has up to 75 s, and four of twelve run side by side; a mitigation takes seconds. */
const RUN_LIMIT_MS = 300_000;

/** Incidents of one installation in the kept cloud. */
export function incidentsOf(installation: string) {
  const cloudWatch = new CloudWatchClient(client);
  const lambda = new LambdaClient(client);
  const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(client), { marshallOptions: { removeUndefinedValues: true } });
  const table = createRecordsTable(sdkDynamoCalls(dynamo), recordsTableName(installation));
  const records = dynamoIncidentRecords(table);
  const stateMachineArn = `arn:aws:states:${kept.region}:000000000000:stateMachine:${runbookStateMachineName(installation)}`;

  const openedSince = async (sinceMs: number): Promise<readonly IncidentRecord[]> =>
    // Both times are of the machine's clock; an incident can be opened for a sign of a moment ago.
    (await records.latestIncidents(5)).filter(({ openedAtMs }) => openedAtMs >= sinceMs - 1_000);

  /** One of its functions, as its state machine or schedule calls it. @throws Error with what the function failed with */
  async function ask<T>(role: string, request: object): Promise<T> {
    const FunctionName = `${incidentsFunctionName(installation, role)}:live`;
    const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(request) }));
    const text = Buffer.from(Payload ?? []).toString();
    if (FunctionError !== undefined) throw new Error(`${role}: ${text}`);
    return JSON.parse(text) as T;
  }

  return {
    records,
    table,
    setAlarm: (AlarmName: string, StateValue: 'ALARM' | 'OK') =>
      cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' })),

    /** The execution's ARN. */
    async start(input: RunbookInput): Promise<string> {
      const { stepFunctions } = await cloud();
      const { executionArn } = await stepFunctions.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
      return executionArn as string;
    },

    /** How the execution ended: `SUCCEEDED`, `FAILED`, … */
    async untilEnded(executionArn: string, limitMs = RUN_LIMIT_MS): Promise<string> {
      const { stepFunctions } = await cloud();
      return until(
        async () => {
          const { status } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
          return status !== 'RUNNING' && status;
        },
        'the end of the runbook',
        limitMs,
      );
    },

    /** The incident that was opened since then, once `is` holds: the latest, where there are several. */
    async untilIt(
      is: (incident: IncidentRecord) => boolean,
      sinceMs: number,
      what: string,
      limitMs = RUN_LIMIT_MS,
    ): Promise<IncidentRecord> {
      let latest: readonly IncidentRecord[] = [];
      try {
        return await until(
          async () => {
            latest = await openedSince(sinceMs);
            return latest.find(is) ?? false;
          },
          what,
          limitMs,
        );
      } catch (error) {
        throw new Error(`${(error as Error).message}; the incidents: ${JSON.stringify(latest)}`, { cause: error });
      }
    },

    ask,
    /** As its schedule calls it. */
    tend: () => ask<Tended>('tend', { step: 'tend' }),

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
      for (const one of [cloudWatch, lambda, dynamo]) one.destroy();
    },
  };
}

/** How soon a person asks. */
const ASKS_MS = 3_000;
/** Another one can have been opened since, such as that of users who are logged out. */
const LATEST = 3;

/** A person who has all carried out that open incidents name, until they leave. */
export function whoAsks(
  records: Pick<IncidentRecords, 'latestIncidents'>,
  cloudNow: () => OpenCloud<'incidents'> | undefined | Promise<OpenCloud<'incidents'>>,
) {
  const ask = async () => {
    const [latest, cloud] = await Promise.all([records.latestIncidents(LATEST), cloudNow()]);
    if (cloud === undefined) return;
    for (const incident of latest.filter(({ closedAtMs, running }) => closedAtMs === undefined && !running)) {
      for (const [mitigation, { state }] of mitigationsOf(incident))
        if (state === 'observed') await askFor(cloud, { id: incident.incidentId, mitigation, what: 'do' });
    }
  };
  const timer = setInterval(() => void ask().catch(() => {}), ASKS_MS);
  return { leaves: () => clearInterval(timer) };
}

/**
 * Drops the events of alarms until the end of the test: those that fire by themselves would start further runs.
 * @param resource pattern of the alarms' ARNs
 */
export const withoutAlarms = (resource = '*') =>
  faultControl(kept).set({ on: 'event', match: { source: 'aws.cloudwatch', resource }, effect: { kind: 'drop' } });

/** What a step of the runbook's functions meets. @param payload the step's name */
export const onStep = (
  payload: string,
  effect: Extract<FaultInput, { on: 'invocation' }>['effect'],
  when: Extract<FaultInput, { on: 'invocation' }>['when'] = {},
): FaultInput => ({ on: 'invocation', match: { function: 'holdfast-incidents-*', payload }, when, effect });

const STICKY = 'stickiness.enabled';

/** Stickiness of a fleet's target group, as anybody with the permission sees and sets it. */
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
    async set(isOn: boolean): Promise<void> {
      const Attributes = [{ Key: STICKY, Value: String(isOn) }];
      await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: await group(), Attributes }));
    },
  };
}
