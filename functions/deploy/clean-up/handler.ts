import { setTimeout as sleep } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { documentNamesFrom } from '../../instance/commands-from-environment.ts';
import { recordsFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV } from '../../records/keys.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { createExecutions } from '../../shared/aws/executions.ts';
import { createRunningCommands } from '../../shared/aws/run-command.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import type { CleanUpRequest } from '../contract/clean-up-steps.ts';
import { ENV } from '../contract/environment.ts';
import { gateToClose, targetGroupFrom } from '../ports-from-environment.ts';
import { readSettings } from '../settings/read-settings.ts';
import { type CleanUpReply, createCleanUp } from './clean-up.ts';

const log = createLog('deploy-clean-up');

/** The function's core with the adapters that its environment names. */
export const wire = (environment: Environment) => {
  const documents = Object.values(documentNamesFrom(environment)).filter((name) => name !== undefined);
  return createCleanUp({
    records: recordsFrom(environment),
    executions: createExecutions(new SFNClient(CLIENT_OPTIONS)),
    commands: createRunningCommands(new SSMClient(CLIENT_OPTIONS), documents),
    targetGroup: targetGroupFrom(environment),
    ...gateToClose(environment),
    log,
    now: Date.now,
    pause: (ms) => sleep(ms),
    askedAtMs: new Map(),
    fleet: required(environment, RECORDS_ENV.fleet),
    settings: readSettings(environment),
    deployStateMachineArn: required(environment, ENV.deployStateMachineArn),
    rollTargetStateMachineArn: required(environment, ENV.rollTargetStateMachineArn),
  });
};

export const handler = stepHandler<CleanUpRequest, CleanUpReply>(log, wire);
