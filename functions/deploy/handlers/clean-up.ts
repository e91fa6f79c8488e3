import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { CLIENT_OPTIONS } from '../../shared/client-options.ts';
import { optional, required } from '../../shared/environment.ts';
import { createExecutions } from '../../shared/executions.ts';
import { createLog } from '../../shared/logger.ts';
import { recordsFrom, targetGroupFrom } from '../../shared/ports-from-environment.ts';
import { createRunningCommands } from '../../shared/run-command.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { type CleanUpReply, createCleanUp } from '../clean-up.ts';
import { type CleanUpRequest, ENV } from '../contract.ts';
import { readSettings } from '../read-settings.ts';

const log = createLog('deploy-clean-up');

export const handler = stepHandler<CleanUpRequest, CleanUpReply>(log, (environment) => {
  const prepareDocument = optional(environment, ENV.prepareDocument);
  return createCleanUp({
    records: recordsFrom(environment),
    executions: createExecutions(new SFNClient(CLIENT_OPTIONS)),
    commands: createRunningCommands(new SSMClient(CLIENT_OPTIONS), [
      required(environment, ENV.waitIdleDocument),
      required(environment, ENV.installDocument),
      required(environment, ENV.observeDocument),
      ...(prepareDocument ? [prepareDocument] : []),
    ]),
    targetGroup: targetGroupFrom(environment),
    log,
    now: Date.now,
    fleet: required(environment, ENV.fleet),
    settings: readSettings(environment),
    deployStateMachineArn: required(environment, ENV.deployStateMachineArn),
    rollTargetStateMachineArn: required(environment, ENV.rollTargetStateMachineArn),
  });
});
