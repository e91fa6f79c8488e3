import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { SSMClient } from '@aws-sdk/client-ssm';
import { commandsFrom } from '../../deploy/commands-from-environment.ts';
import { ENV } from '../../deploy/contract.ts';
import { readSettings } from '../../deploy/read-settings.ts';
import { resolveSettings } from '../../deploy/validate-input.ts';
import { createLifecycleActions } from '../../shared/auto-scaling.ts';
import { CLIENT_OPTIONS } from '../../shared/client-options.ts';
import { required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { PATIENCE } from '../../shared/patient.ts';
import { recordsFrom } from '../../shared/ports-from-environment.ts';
import { createAgents } from '../../shared/run-command.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import type { FleetReply, FleetRequest } from '../contract.ts';
import { createLaunch } from '../launch.ts';
import { createTerminate } from '../terminate.ts';

const log = createLog('fleet-lifecycle');

export const handler = stepHandler<FleetRequest, FleetReply>(log, (environment) => {
  const fleet = required(environment, ENV.fleet);
  const ports = {
    records: recordsFrom(environment),
    commands: commandsFrom(environment, log),
    agents: createAgents(new SSMClient(CLIENT_OPTIONS)),
    actions: createLifecycleActions(new AutoScalingClient(CLIENT_OPTIONS)),
    log,
    now: Date.now,
    fleet,
    settings: resolveSettings(readSettings(environment), fleet),
    patience: PATIENCE,
  };
  const launch = createLaunch(ports);
  const terminate = createTerminate(ports);
  return async (request) => ('launch' in request ? launch(request) : terminate(request));
});
