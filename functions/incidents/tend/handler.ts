import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { STORE_DIMENSION } from '../../collect/contract.ts';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { createAlarms } from '../../shared/aws/alarms.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { createExecutions } from '../../shared/aws/executions.ts';
import { invokeFunction } from '../../shared/aws/invoke-function.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { createMetrics } from '../../shared/metrics.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { askWitnessFrom } from '../collect/collect-store.ts';
import {
  fleetNamesFrom,
  INCIDENT_METRICS,
  INCIDENTS_ENV,
  incidentSettingsFrom,
  incidentsFunctionName,
  witnessedFleetsFrom,
} from '../contract/environment.ts';
import type { MitigateReply, WatchInEffectReply } from '../contract/steps.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { refreshReport, report, reportEnd, reportPortsFrom } from '../run/report.ts';
import { MITIGATE_CLIENT_OPTIONS } from './end-temporary.ts';
import { createTend, type Tended, type TendRequest } from './tend.ts';
import { watchStore } from './tend-alarms.ts';

const log = createLog('incidents-tend');

export const wire = (environment: Environment) => {
  const ports = reportPortsFrom(environment, log);
  const { quietMinutes, coolDownMinutes } = incidentSettingsFrom(environment);
  const installation = required(environment, INCIDENTS_ENV.installation);
  const metrics = createMetrics(STORE_DIMENSION, installation);
  const lambda = new LambdaClient(MITIGATE_CLIENT_OPTIONS);
  const mitigateFunction = `${incidentsFunctionName(installation, 'mitigate')}:live`;
  const records = dynamoIncidentRecords(recordsTableFrom(environment));
  const watch = { records, askWitness: askWitnessFrom(environment), fleets: witnessedFleetsFrom(environment), pause: sleep, now: Date.now };
  const tend = createTend({
    records,
    executions: createExecutions(new SFNClient(CLIENT_OPTIONS)),
    mitigate: (step) => invokeFunction<MitigateReply>(lambda, mitigateFunction, step),
    refreshReport: (incidentId, closedAtMs) => refreshReport(ports, incidentId, closedAtMs),
    report: (incidentId) => report(ports, incidentId, false),
    reportEnd: (incidentId, closedAtMs) => reportEnd(ports, incidentId, closedAtMs),
    log,
    now: Date.now,
    readAlarms: createAlarms(new CloudWatchClient(CLIENT_OPTIONS)).read,
    installation,
    fleets: fleetNamesFrom(environment),
    publishInEffect: (count) => metrics.count(INCIDENT_METRICS.mitigationInEffect, count),
    quietMs: quietMinutes * 60_000,
    coolDownMs: coolDownMinutes * 60_000,
    stateMachineArn: required(environment, INCIDENTS_ENV.stateMachineArn),
  });
  return async (request: TendRequest) => {
    const beganMs = Date.now();
    const reply = await tend(request);
    if (request.step === 'tend' && request.watches) await watchStore(watch, beganMs);
    return reply;
  };
};

export const handler = stepHandler<TendRequest, Tended | WatchInEffectReply>(log, wire);
