import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import { countSessions, readEnvironment } from '../../instance/ask-servers.ts';
import { INSTANCE_ENV } from '../../instance/environment.ts';
import { recordsFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV } from '../../records/keys.ts';
import { createAlarms } from '../../shared/aws/alarms.ts';
import { createAttributesReader } from '../../shared/aws/attributes-reader.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { DRAIN_ENV } from '../../shared/aws/drain-rule-contract.ts';
import { createAgents, createRunCommand } from '../../shared/aws/run-command.ts';
import { type Environment, optional, required } from '../../shared/environment.ts';
import { POLLING } from '../../shared/poll.ts';
import { ENV } from '../contract/environment.ts';
import { autoScalingGroupFrom, drainFrontFrom, drainGroupsFrom, readMembers, targetGroupFrom } from '../ports-from-environment.ts';
import { readSettings } from '../settings/read-settings.ts';
import type { DryRunReport } from './contract.ts';
import { createDryRun } from './dry-run.ts';
import { invokeStoreCheck, readConcurrency } from './read-aws.ts';
import { type DryRunPorts, LONGEST_DRY_RUN_MS } from './read-facts.ts';

/** The store check's own limit is that of the deploy's functions; the dry run's deadline ends the wait sooner. */
const INVOKE_OPTIONS = {
  ...CLIENT_OPTIONS,
  maxAttempts: 1,
  requestHandler: { ...CLIENT_OPTIONS.requestHandler, requestTimeout: LONGEST_DRY_RUN_MS },
} as const;

/** The ports that only a fleet has whose dry runs ask servers: its functions have a document in their environment. */
function sessionPorts(environment: Environment): Pick<DryRunPorts, 'front' | 'countSessions' | 'readEnvironment'> {
  const observeDocument = optional(environment, INSTANCE_ENV.observeDocument);
  if (observeDocument === undefined) return {};
  const asking = { commands: createRunCommand(new SSMClient(CLIENT_OPTIONS)), observeDocument, polling: POLLING, now: Date.now };
  const parameter = optional(environment, ENV.environmentParameter);
  const waitsForSessions = optional(environment, DRAIN_ENV.drainRuleArn) !== undefined;
  return {
    ...(waitsForSessions && {
      front: { ...drainFrontFrom(environment), groups: drainGroupsFrom(environment) },
      countSessions: countSessions(asking),
    }),
    ...(parameter !== undefined && { readEnvironment: readEnvironment(asking, parameter) }),
  };
}

/** The function's core with the adapters that its environment names. */
export const wire = (environment: Environment) =>
  createDryRun({
    fleet: required(environment, RECORDS_ENV.fleet),
    settings: readSettings(environment),
    records: recordsFrom(environment),
    targetGroup: targetGroupFrom(environment),
    targetGroupArn: required(environment, ENV.targetGroupArn),
    attributes: createAttributesReader(new ElasticLoadBalancingV2Client(CLIENT_OPTIONS), required(environment, ENV.targetGroupArn)),
    group: autoScalingGroupFrom(environment),
    named: readMembers(environment)?.map(({ instanceId }) => instanceId),
    prepares: optional(environment, INSTANCE_ENV.prepareDocument) !== undefined,
    agents: createAgents(new SSMClient(CLIENT_OPTIONS)),
    alarms: createAlarms(new CloudWatchClient(CLIENT_OPTIONS)),
    concurrency: readConcurrency(new LambdaClient(CLIENT_OPTIONS)),
    checkStore: invokeStoreCheck(new LambdaClient(INVOKE_OPTIONS), required(environment, ENV.storeCheckFunction), Date.now),
    ...sessionPorts(environment),
    sessionGate: optional(environment, ENV.sessionGate),
    now: Date.now,
  });

let dryRun: ReturnType<typeof wire> | undefined;

export const handler = async (request: unknown): Promise<DryRunReport> => {
  dryRun ??= wire(process.env);
  return dryRun(request);
};
