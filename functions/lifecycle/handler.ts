import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { fillSettings, readSettings } from '../deploy/settings/read-settings.ts';
import { commandsFrom } from '../instance/commands-from-environment.ts';
import { recordsFrom } from '../records/dynamo-records.ts';
import { RECORDS_ENV } from '../records/keys.ts';
import { createLifecycleActions } from '../shared/aws/auto-scaling.ts';
import { CLIENT_OPTIONS } from '../shared/aws/client-options.ts';
import { DRAIN_ENV, TARGET_GROUP_ENV } from '../shared/aws/drain-rule-contract.ts';
import { createAgents } from '../shared/aws/run-command.ts';
import { createTargetGroup } from '../shared/aws/target-group.ts';
import { type Environment, optional, required } from '../shared/environment.ts';
import { createLog } from '../shared/logger.ts';
import { POLLING } from '../shared/poll.ts';
import { stepHandler } from '../shared/step-handler.ts';
import type { FleetReply, FleetRequest } from './contract.ts';
import { createLaunch } from './launch.ts';
import { createTerminate } from './terminate.ts';

const log = createLog('fleet-lifecycle');

/** The function's core with the adapters that its environment names. */
export function wire(environment: Environment): (request: FleetRequest) => Promise<FleetReply> {
  const fleet = required(environment, RECORDS_ENV.fleet);
  const elb = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  const drainGroupArn = optional(environment, DRAIN_ENV.drainTargetGroupArn);
  const ports = {
    records: recordsFrom(environment),
    commands: commandsFrom(environment, log),
    targetGroup: createTargetGroup(elb, required(environment, TARGET_GROUP_ENV.targetGroupArn)),
    drainGroup: drainGroupArn === undefined ? undefined : createTargetGroup(elb, drainGroupArn),
    agents: createAgents(new SSMClient(CLIENT_OPTIONS)),
    actions: createLifecycleActions(new AutoScalingClient(CLIENT_OPTIONS)),
    log,
    now: Date.now,
    fleet,
    settings: fillSettings(readSettings(environment), fleet),
    polling: POLLING,
  };
  const launch = createLaunch(ports);
  const terminate = createTerminate(ports);
  return async (request) => ('launch' in request ? launch(request) : terminate(request));
}

export const handler = stepHandler<FleetRequest, FleetReply>(log, wire);
