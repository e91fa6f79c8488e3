import { SSMClient } from '@aws-sdk/client-ssm';
import { CLIENT_OPTIONS } from '../shared/aws/client-options.ts';
import { createRunCommand } from '../shared/aws/run-command.ts';
import { type Environment, optional, required } from '../shared/environment.ts';
import type { Log } from '../shared/log-events.ts';
import { POLLING } from '../shared/poll.ts';
import type { DocumentNames } from './document-contract.ts';
import { INSTANCE_ENV } from './environment.ts';
import { createInstanceCommands, type InstanceCommands } from './instance-commands.ts';

/** The documents that the environment names, run by Systems Manager. @throws MissingEnvironment */
export function commandsFrom(environment: Environment, log: Log): InstanceCommands {
  return createInstanceCommands({
    runCommand: createRunCommand(new SSMClient(CLIENT_OPTIONS)),
    documents: documentNamesFrom(environment),
    region: required(environment, 'AWS_REGION'),
    releasesBucket: required(environment, INSTANCE_ENV.releasesBucket),
    log,
    now: Date.now,
    polling: POLLING,
  });
}

/** @throws MissingEnvironment */
export function documentNamesFrom(environment: Environment): DocumentNames {
  return {
    waitIdle: required(environment, INSTANCE_ENV.waitIdleDocument),
    install: required(environment, INSTANCE_ENV.installDocument),
    observe: required(environment, INSTANCE_ENV.observeDocument),
    accessLog: optional(environment, INSTANCE_ENV.accessLogDocument),
    stageAssets: optional(environment, INSTANCE_ENV.stageAssetsDocument),
    prepare: optional(environment, INSTANCE_ENV.prepareDocument),
  };
}
