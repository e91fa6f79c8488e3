/** What commands about the store and its incidents need, for the policies that people and pipelines attach to their roles. */
import { ArnFormat, aws_iam as iam, type Stack } from 'aws-cdk-lib';
import { INCIDENTS_PREFIX, incidentsFunctionName, runbookStateMachineName } from '../../functions/incidents/contract/environment.ts';
import { DO_ROLE } from '../../functions/incidents/do/contract.ts';
import { LINES_ROLE } from '../../functions/incidents/lines/contract.ts';
import {
  contractParameterName,
  functionName,
  INCIDENTS_PART,
  installationParameterName,
  recordsTableName,
  releasesBucketName,
  STORE_PART,
  SWEEP_REPORTS_PREFIX,
  storeFunctionName,
  sweepStateMachineName,
} from '../../functions/shared/naming.ts';
import { WIDGET_ROLES } from '../../functions/widgets/contract.ts';
import { accountOf, wildcard } from './acknowledge.ts';
import { installationRecord } from './records-table.ts';

export const AWS_NAMES_EXECUTIONS = "AWS makes up an execution's id: the wildcard stands for it.";

export function commandRights(stack: Stack, installation: string) {
  const colon = (service: string, resource: string, resourceName: string) =>
    stack.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  const states = (resource: string, resourceName: string) => colon('states', resource, resourceName);
  const live = (name: string) => colon('lambda', 'function', `${name}:live`);
  const table = stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: recordsTableName(installation) });
  const bucket = `arn:${stack.partition}:s3:::${releasesBucketName(installation, stack.account, stack.region)}`;
  const sweep = sweepStateMachineName(installation);
  const runbook = runbookStateMachineName(installation);
  const allow = (actions: string[], resource: string, conditions?: Record<string, unknown>) =>
    new iam.PolicyStatement({
      actions,
      resources: [resource],
      ...(conditions && { conditions: conditions as Record<string, Record<string, unknown>> }),
    });
  const parameters = (...names: string[]) =>
    new iam.PolicyStatement({
      actions: ['ssm:GetParameter'],
      resources: names.map((name) => stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) })),
    });
  const objects = (prefix: string) =>
    wildcard(stack, 's3', `${releasesBucketName(installation, accountOf(stack), stack.region)}/${prefix}*`);
  return {
    ...{ allow, states, live, table, bucket },
    /** @param fleets whose contract the commands read as well */
    finding: (...fleets: string[]) => [
      parameters(
        installationParameterName(installation),
        ...[...fleets, STORE_PART, INCIDENTS_PART].map((part) => contractParameterName(installation, part)),
      ),
      allow(['dynamodb:GetItem'], table, installationRecord()),
    ],
    following: () => [
      allow(['states:DescribeExecution'], states('execution', `${sweep}:*`)),
      allow(['states:DescribeExecution'], states('execution', `${runbook}:*`)),
      allow(['s3:GetObject'], `${bucket}/${SWEEP_REPORTS_PREFIX}*`),
      allow(['s3:GetObject'], `${bucket}/${INCIDENTS_PREFIX}*`),
    ],
    /** Dashboards invoke the functions of their custom widgets with the viewer's credentials. */
    widgets: () => [
      allow(['lambda:InvokeFunction'], live(storeFunctionName(installation, WIDGET_ROLES.sweeps))),
      allow(['lambda:InvokeFunction'], live(storeFunctionName(installation, WIDGET_ROLES.incidents))),
    ],
    starting: () => [
      allow(['states:StartExecution'], states('stateMachine', sweep)),
      allow(['states:StartExecution'], states('stateMachine', runbook)),
    ],
    /** The function verifies who asks, and records it; so does that of {@link looking}. */
    mitigating: () => [allow(['lambda:InvokeFunction'], live(incidentsFunctionName(installation, DO_ROLE)))],
    looking: (fleet: string) => [allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, LINES_ROLE)))],
    /** Findings of cdk-nag about these, each with its reason. */
    reasons: {
      [wildcard(stack, 'states', `execution:${sweep}:*`)]: AWS_NAMES_EXECUTIONS,
      [wildcard(stack, 'states', `execution:${runbook}:*`)]: AWS_NAMES_EXECUTIONS,
      [objects(INCIDENTS_PREFIX)]: 'Each run of a runbook leaves a report of its own name.',
      [objects(SWEEP_REPORTS_PREFIX)]: 'Each sweep leaves a report of its own name.',
    },
  };
}
