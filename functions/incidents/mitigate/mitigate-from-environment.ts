import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { type Environment, required } from '../../shared/environment.ts';
import type { Log } from '../../shared/log-events.ts';
import type { Mitigation, MitigationName } from '../contract/mitigations.ts';
import { INCIDENTS_ENV } from '../contract/steps.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { incidentSettingsFrom } from '../settings.ts';
import { createMitigate } from './run-step.ts';

/** What both mitigating functions share. */
export const mitigateWith = (mitigations: Partial<Record<MitigationName, Mitigation>>, environment: Environment, log: Log) =>
  createMitigate({
    mitigations,
    records: dynamoIncidentRecords(recordsTableFrom(environment)),
    log,
    now: Date.now,
    stateMachineArn: required(environment, INCIDENTS_ENV.stateMachineArn),
    mitigationsPerHour: incidentSettingsFrom(environment).mitigationsPerHour,
  });
