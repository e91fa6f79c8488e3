import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { createExecutions } from '../../shared/aws/executions.ts';
import { invokeFunction } from '../../shared/aws/invoke-function.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { startMitigation } from '../alarm/alarm.ts';
import { INCIDENTS_ENV, incidentsFunctionName } from '../contract/environment.ts';
import type { MitigateReply } from '../contract/steps.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { MITIGATE_CLIENT_OPTIONS } from '../tend/end-temporary.ts';
import { answerRequest, type DoPorts } from './answer.ts';
import type { DoReply } from './contract.ts';

let ports: DoPorts | undefined;

function wire(environment: Environment): DoPorts {
  const executions = createExecutions(new SFNClient(CLIENT_OPTIONS));
  const stateMachineArn = required(environment, INCIDENTS_ENV.stateMachineArn);
  const installation = required(environment, INCIDENTS_ENV.installation);
  const lambda = new LambdaClient(MITIGATE_CLIENT_OPTIONS);
  return {
    incidents: dynamoIncidentRecords(recordsTableFrom(environment)),
    start: (incidentId, key, atMs) => startMitigation({ executions, stateMachineArn }, incidentId, key, atMs),
    mitigate: (step) => invokeFunction<MitigateReply>(lambda, `${incidentsFunctionName(installation, 'mitigate')}:live`, step),
    log: createLog('incidents-do'),
    now: Date.now,
  };
}

export const handler = async (request: unknown): Promise<DoReply> => {
  ports ??= wire(process.env);
  return answerRequest(ports, request);
};
