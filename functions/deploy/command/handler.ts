import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { commandsFrom } from '../../instance/commands-from-environment.ts';
import { recordsFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV } from '../../records/keys.ts';
import { createReadResponses } from '../../shared/aws/balancer-metrics.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { DRAIN_ENV, TARGET_GROUP_ENV } from '../../shared/aws/drain-rule-contract.ts';
import { type Environment, optional, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { createMetrics } from '../../shared/metrics.ts';
import { POLLING } from '../../shared/poll.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { METRICS } from '../contract/common.ts';
import { ENV, GATE_ON } from '../contract/environment.ts';
import type { Checked, CheckRoutesRequest, CommandRequest, RollReply, StageAssetsRequest, Staging } from '../contract/roll.ts';
import { targetGroupFrom } from '../ports-from-environment.ts';
import { checkRoutes } from './check-routes.ts';
import { type CommandPorts, createCommand } from './command.ts';
import { stageAssets } from './stage-assets.ts';

const log = createLog('deploy-command');

type Request = CommandRequest | CheckRoutesRequest | StageAssetsRequest;
type Reply = RollReply | Checked | Staging;

/** One target, or, before the first, each of them. */
function answering(ports: CommandPorts & Parameters<typeof stageAssets>[0]): (request: Request) => Promise<Reply> {
  const command = createCommand(ports);
  return async (request) => {
    if (request.step === 'stageAssets') return stageAssets(ports, request);
    return request.step === 'checkRoutes' ? checkRoutes(ports, request) : command(request);
  };
}

/** The function's core with the adapters that its environment names. */
export const wire = (environment: Environment) => {
  const targetGroup = targetGroupFrom(environment);
  const cloudWatch = new CloudWatchClient(CLIENT_OPTIONS);
  return answering({
    records: recordsFrom(environment),
    commands: commandsFrom(environment, log),
    targetGroup,
    responses: async (fromMs, toMs) => {
      const loadBalancerArn = await targetGroup.describeLoadBalancer();
      const groupArn = required(environment, TARGET_GROUP_ENV.targetGroupArn);
      return loadBalancerArn === undefined ? [] : createReadResponses(cloudWatch, loadBalancerArn, groupArn)(fromMs, toMs);
    },
    metrics: createMetrics(METRICS.fleetDimension, required(environment, RECORDS_ENV.fleet)),
    now: Date.now,
    polling: POLLING,
    hasVariables: optional(environment, ENV.environmentParameter) !== undefined,
    hasSessionGate: optional(environment, ENV.sessionGate) === GATE_ON,
    drainsSessions: optional(environment, DRAIN_ENV.drainRuleArn) !== undefined,
  });
};

export const handler = stepHandler<Request, Reply>(log, wire);
