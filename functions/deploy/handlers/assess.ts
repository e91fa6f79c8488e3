import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createAlarms } from '../../shared/alarms.ts';
import { CLIENT_OPTIONS } from '../../shared/client-options.ts';
import { createLog } from '../../shared/logger.ts';
import { autoScalingGroupFrom, recordsFrom, targetGroupFrom } from '../../shared/ports-from-environment.ts';
import { createAgents, defaultVersionOf } from '../../shared/run-command.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { type AssessReply, createAssess } from '../assess.ts';
import { documentNamesFrom } from '../commands-from-environment.ts';
import type { AssessRequest } from '../contract.ts';

export const handler = stepHandler<AssessRequest, AssessReply>(createLog('deploy-assess'), (environment) => {
  const ssm = new SSMClient(CLIENT_OPTIONS);
  const documents = documentNamesFrom(environment);
  return createAssess({
    records: recordsFrom(environment),
    targetGroup: targetGroupFrom(environment),
    group: autoScalingGroupFrom(environment),
    agents: createAgents(ssm),
    alarms: createAlarms(new CloudWatchClient(CLIENT_OPTIONS)),
    documentVersions: async () => {
      const [waitIdle, install, observe] = await Promise.all([
        defaultVersionOf(ssm, documents.waitIdle),
        defaultVersionOf(ssm, documents.install),
        defaultVersionOf(ssm, documents.observe),
      ]);
      return { waitIdle, install, observe };
    },
    now: Date.now,
  });
});
