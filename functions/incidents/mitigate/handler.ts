import { SSMClient } from '@aws-sdk/client-ssm';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { fleetsFrom } from '../collect/fleets.ts';
import { INCIDENTS_ENV, incidentSettingsFrom } from '../contract/environment.ts';
import type { MitigateReply, MitigateStep } from '../contract/steps.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { createMitigate } from './mitigation-steps.ts';
import { createMitigations } from './registry.ts';

const log = createLog('incidents-mitigate');

export const handler = stepHandler<MitigateStep, MitigateReply>(log, async (environment) =>
  createMitigate({
    mitigations: createMitigations(environment, await fleetsFrom(new SSMClient(CLIENT_OPTIONS), environment)),
    records: dynamoIncidentRecords(recordsTableFrom(environment)),
    log,
    now: Date.now,
    stateMachineArn: required(environment, INCIDENTS_ENV.stateMachineArn),
    mitigationsPerHour: incidentSettingsFrom(environment).mitigationsPerHour,
  }),
);
