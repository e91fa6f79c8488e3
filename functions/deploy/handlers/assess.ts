import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createAlarms } from '../../shared/alarms.ts';
import { CLIENT_OPTIONS } from '../../shared/client-options.ts';
import { createLog } from '../../shared/logger.ts';
import { autoScalingGroupFrom, recordsFrom, targetGroupFrom } from '../../shared/ports-from-environment.ts';
import { createAgents } from '../../shared/run-command.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { type AssessReply, createAssess } from '../assess.ts';
import type { AssessRequest } from '../contract.ts';
import { readMembers } from '../read-members.ts';

export const handler = stepHandler<AssessRequest, AssessReply>(createLog('deploy-assess'), (environment) =>
  createAssess({
    records: recordsFrom(environment),
    targetGroup: targetGroupFrom(environment),
    group: autoScalingGroupFrom(environment),
    named: readMembers(environment)?.map(({ instanceId }) => instanceId),
    agents: createAgents(new SSMClient(CLIENT_OPTIONS)),
    alarms: createAlarms(new CloudWatchClient(CLIENT_OPTIONS)),
    now: Date.now,
  }),
);
