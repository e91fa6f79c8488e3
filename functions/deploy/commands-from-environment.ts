import { SSMClient } from '@aws-sdk/client-ssm';
import { CLIENT_OPTIONS } from '../shared/client-options.ts';
import { type Environment, optional, required } from '../shared/environment.ts';
import type { Log } from '../shared/log-events.ts';
import { PATIENCE } from '../shared/patient.ts';
import { createRunCommand } from '../shared/run-command.ts';
import { type DocumentNames, ENV } from './contract.ts';
import { createInstanceCommands, type InstanceCommands } from './instance-commands.ts';

/** The documents that the environment names, run by Systems Manager. @throws MissingEnvironment */
export function commandsFrom(environment: Environment, log: Log): InstanceCommands {
  return createInstanceCommands({
    runCommand: createRunCommand(new SSMClient(CLIENT_OPTIONS)),
    documents: documentNamesFrom(environment),
    region: required(environment, 'AWS_REGION'),
    log,
    now: Date.now,
    patience: PATIENCE,
  });
}

/** @throws MissingEnvironment */
export function documentNamesFrom(environment: Environment): DocumentNames {
  return {
    waitIdle: required(environment, ENV.waitIdleDocument),
    install: required(environment, ENV.installDocument),
    observe: required(environment, ENV.observeDocument),
    prepare: optional(environment, ENV.prepareDocument),
  };
}
