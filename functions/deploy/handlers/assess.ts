import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createAlarms } from '../../shared/alarms.ts';
import { CLIENT_OPTIONS } from '../../shared/client-options.ts';
import { required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { autoScalingGroupFrom, recordsFrom, targetGroupFrom } from '../../shared/ports-from-environment.ts';
import { createRequestRate } from '../../shared/request-rate.ts';
import { createAgents, defaultVersionOf } from '../../shared/run-command.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { type AssessReply, createAssess } from '../assess.ts';
import { documentNamesFrom } from '../commands-from-environment.ts';
import { type AssessRequest, ENV } from '../contract.ts';
import { readMembers } from '../read-members.ts';

export const handler = stepHandler<AssessRequest, AssessReply>(createLog('deploy-assess'), (environment) => {
  const cloudWatch = new CloudWatchClient(CLIENT_OPTIONS);
  const ssm = new SSMClient(CLIENT_OPTIONS);
  const documents = documentNamesFrom(environment);
  return createAssess({
    records: recordsFrom(environment),
    targetGroup: targetGroupFrom(environment),
    group: autoScalingGroupFrom(environment),
    named: readMembers(environment)?.map(({ instanceId }) => instanceId),
    agents: createAgents(ssm),
    alarms: createAlarms(cloudWatch),
    requestRate: createRequestRate(cloudWatch, required(environment, ENV.targetGroupArn)),
    documentVersions: async () => {
      const [waitIdle, install, observe, prepare] = await Promise.all([
        defaultVersionOf(ssm, documents.waitIdle),
        defaultVersionOf(ssm, documents.install),
        defaultVersionOf(ssm, documents.observe),
        documents.prepare === undefined ? undefined : defaultVersionOf(ssm, documents.prepare),
      ]);
      return { waitIdle, install, observe, ...(prepare !== undefined && { prepare }) };
    },
    now: Date.now,
  });
});
