import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { readEnvironment } from '../../instance/ask-servers.ts';
import { documentNamesFrom } from '../../instance/commands-from-environment.ts';
import { latestVersions } from '../../instance/instance-commands.ts';
import { recordsFrom } from '../../records/dynamo-records.ts';
import { createAlarms } from '../../shared/aws/alarms.ts';
import { createAttributesReader } from '../../shared/aws/attributes-reader.ts';
import { createRequestRate } from '../../shared/aws/balancer-metrics.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { createExecutionReader } from '../../shared/aws/executions.ts';
import { createAgents, createRunCommand, latestVersionOf } from '../../shared/aws/run-command.ts';
import { type Environment, optional, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { POLLING } from '../../shared/poll.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import type { AssessRequest } from '../contract/assess-steps.ts';
import { ENV } from '../contract/environment.ts';
import { autoScalingGroupFrom, readMembers, targetGroupFrom } from '../ports-from-environment.ts';
import { type AssessReply, createAssess } from './assess.ts';

/** The function's core with the adapters that its environment names. */
export const wire = (environment: Environment) => {
  const cloudWatch = new CloudWatchClient(CLIENT_OPTIONS);
  const ssm = new SSMClient(CLIENT_OPTIONS);
  const documents = documentNamesFrom(environment);
  const parameter = optional(environment, ENV.environmentParameter);
  return createAssess({
    records: recordsFrom(environment),
    targetGroup: targetGroupFrom(environment),
    targetGroupArn: required(environment, ENV.targetGroupArn),
    attributes: createAttributesReader(new ElasticLoadBalancingV2Client(CLIENT_OPTIONS), required(environment, ENV.targetGroupArn)),
    group: autoScalingGroupFrom(environment),
    named: readMembers(environment)?.map(({ instanceId }) => instanceId),
    prepares: documents.prepare !== undefined,
    agents: createAgents(ssm),
    alarms: createAlarms(cloudWatch),
    requestRate: createRequestRate(cloudWatch, required(environment, ENV.targetGroupArn)),
    documentVersions: () => latestVersions({ latestVersion: (name) => latestVersionOf(ssm, name) }, documents),
    executions: createExecutionReader(new SFNClient(CLIENT_OPTIONS)),
    rollTargetStateMachineArn: required(environment, ENV.rollTargetStateMachineArn),
    ...(parameter !== undefined && {
      readEnvironment: readEnvironment(
        { commands: createRunCommand(ssm), observeDocument: documents.observe, polling: POLLING, now: Date.now },
        parameter,
      ),
    }),
    sessionGate: optional(environment, ENV.sessionGate),
    now: Date.now,
    pause: (ms) => sleep(ms),
    askedAtMs: new Map(),
  });
};

export const handler = stepHandler<AssessRequest, AssessReply>(createLog('deploy-assess'), wire);
