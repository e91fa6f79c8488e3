import { SFNClient } from '@aws-sdk/client-sfn';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { createExecutions } from '../../shared/aws/executions.ts';
import { required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { fleetNamesFrom, INCIDENTS_ENV, incidentSettingsFrom } from '../contract/environment.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { type AlarmReply, createAlarm } from './alarm.ts';

const log = createLog('incidents-alarm');
let serve: ((event: unknown) => Promise<AlarmReply>) | undefined;

/** Events of alarms, by EventBridge: what it throws, Lambda repeats twice. */
export const handler = (event: unknown): Promise<AlarmReply> => {
  serve ??= createAlarm({
    records: dynamoIncidentRecords(recordsTableFrom(process.env)),
    executions: createExecutions(new SFNClient(CLIENT_OPTIONS)),
    log,
    now: Date.now,
    installation: required(process.env, INCIDENTS_ENV.installation),
    fleets: fleetNamesFrom(process.env),
    coolDownMs: incidentSettingsFrom(process.env).coolDownMinutes * 60_000,
    stateMachineArn: required(process.env, INCIDENTS_ENV.stateMachineArn),
  });
  return serve(event);
};
