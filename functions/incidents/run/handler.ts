import { recordsTableFrom } from '../../records/dynamo-records.ts';
import type { Environment } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { fleetNamesFrom, incidentSettingsFrom } from '../contract/environment.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { reportPortsFrom } from './report.ts';
import { createRun, type RunbookStepReply, type RunbookStepRequest } from './run-steps.ts';

const log = createLog('incidents-control');

export const wire = (environment: Environment) => {
  const settings = incidentSettingsFrom(environment);
  return createRun({
    ...reportPortsFrom(environment, log),
    records: dynamoIncidentRecords(recordsTableFrom(environment)),
    fleets: fleetNamesFrom(environment),
    coolDownMs: settings.coolDownMinutes * 60_000,
    modes: settings.mitigations,
  });
};

export const handler = stepHandler<RunbookStepRequest, RunbookStepReply>(log, wire);
