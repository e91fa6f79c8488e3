import { setTimeout as sleep } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { createTaskAnswers } from '../../shared/aws/task-answers.ts';
import { identifyPortsFrom } from '../../shared/caller/verify-request.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { INCIDENTS_ENV } from '../contract/steps.ts';
import { dynamoApprovalTokens, dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { type ApprovePorts, answerApproval } from './answer.ts';
import type { ApproveReply } from './contract.ts';

let ports: ApprovePorts | undefined;

function wire(environment: Environment): ApprovePorts {
  const table = recordsTableFrom(environment);
  const tasks = createTaskAnswers(new SFNClient(CLIENT_OPTIONS));
  return {
    ...identifyPortsFrom(environment),
    incidents: dynamoIncidentRecords(table),
    tokens: dynamoApprovalTokens(table),
    answerRunbook: (taskToken, approved) => tasks.answer(taskToken, { approved }),
    wait: (ms) => sleep(ms),
    log: createLog('approve'),
    installation: required(environment, INCIDENTS_ENV.installation),
  };
}

export const handler = async (request: unknown, context: { readonly invokedFunctionArn: string }): Promise<ApproveReply> => {
  ports ??= wire(process.env);
  return answerApproval(ports, context.invokedFunctionArn.split(':')[4] ?? '', request);
};
