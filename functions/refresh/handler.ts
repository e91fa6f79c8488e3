import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { SSMClient } from '@aws-sdk/client-ssm';
import { ENV } from '../deploy/contract/environment.ts';
import { targetGroupFrom } from '../deploy/ports-from-environment.ts';
import { readSettings } from '../deploy/settings/read-settings.ts';
import { commandsFrom } from '../instance/commands-from-environment.ts';
import { recordsFrom, recordsTableFrom } from '../records/dynamo-records.ts';
import { RECORDS_ENV } from '../records/keys.ts';
import { dynamoRefreshRecords } from '../records/refresh-records.ts';
import { CLIENT_OPTIONS } from '../shared/aws/client-options.ts';
import { roleCredentials } from '../shared/aws/environment-credentials.ts';
import { createServerGroup } from '../shared/aws/group-servers.ts';
import { ec2Launches } from '../shared/aws/signed/ec2-launches.ts';
import { jsonService } from '../shared/aws/signed/json-service.ts';
import { type SignedService, serviceUrl } from '../shared/aws/signed/service-url.ts';
import { CALL_LIMITS, signedCalls } from '../shared/aws/signed/signed-calls.ts';
import { required } from '../shared/environment.ts';
import { createLog } from '../shared/logger.ts';
import { POLLING } from '../shared/poll.ts';
import { stepHandler } from '../shared/step-handler.ts';
import { REFRESH_ENV, type RefreshReply, type RefreshRequest } from './contract.ts';
import { describeExecution } from './describe-execution.ts';
import { createRefresh } from './refresh.ts';

const log = createLog('refresh');

export const handler = stepHandler<RefreshRequest, RefreshReply>(log, (environment) => {
  const region = required(environment, 'AWS_REGION');
  const credentials = roleCredentials(environment);
  const callsOf = (service: SignedService) =>
    signedCalls({ service, region, url: serviceUrl(service, region, environment), credentials }, CALL_LIMITS);
  const clients = {
    autoScaling: new AutoScalingClient(CLIENT_OPTIONS),
    ec2: ec2Launches(callsOf('ec2')),
    ssm: new SSMClient(CLIENT_OPTIONS),
  };
  const stepFunctions = jsonService(callsOf('states'), 'AWSStepFunctions', '1.0');
  return createRefresh({
    records: { ...recordsFrom(environment), ...dynamoRefreshRecords(recordsTableFrom(environment)) },
    group: createServerGroup(clients, required(environment, ENV.autoScalingGroupName)),
    targetGroup: targetGroupFrom(environment),
    commands: commandsFrom(environment, log),
    describeExecution: (executionArn) => describeExecution(stepFunctions, executionArn),
    log,
    now: Date.now,
    fleet: required(environment, RECORDS_ENV.fleet),
    settings: readSettings(environment),
    stateMachineArn: required(environment, REFRESH_ENV.stateMachineArn),
    polling: POLLING,
  });
});
