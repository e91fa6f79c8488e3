/** What the functions that neither collect nor mitigate may do. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { INCIDENTS_PREFIX, runbookStateMachineName } from '../../../functions/incidents/contract/environment.ts';
import { SHOW_LINES } from '../../../functions/incidents/lines/contract.ts';
import { alarmsTopicName, releasesBucketName } from '../../../functions/shared/naming.ts';
import { accountOf, acknowledge, EXECUTION_NAMES, wildcard } from '../acknowledge.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { incidentRecords } from '../records-table.ts';
import { allowFleets, allowWitnesses, type IncidentParts } from './incident-fleets.ts';
import { allowReadingLogs } from './read-logs-document.ts';

export const runbookArn = (stack: Stack, installation: string): string =>
  stack.formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: runbookStateMachineName(installation),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
/** The topic's ARN, made of its name: the topic is in another stack. */
export const topicArn = (stack: Stack, installation: string): string =>
  stack.formatArn({ service: 'sns', resource: alarmsTopicName(installation) });

/** Parts, bundles and reports under the prefix of incidents, and no release. */
export function allowObjects(fn: HoldfastFunction, installation: string, ...actions: ('s3:PutObject' | 's3:GetObject')[]): void {
  const stack = Stack.of(fn);
  const name = (account: string) => `${releasesBucketName(installation, account, stack.region)}/${INCIDENTS_PREFIX}*`;
  fn.allow(actions, [`arn:${stack.partition}:s3:::${name(stack.account)}`]);
  acknowledge(fn, { [wildcard(stack, 's3', name(accountOf(stack)))]: 'Each run of a runbook has objects of its own names.' });
}

export function allowAlarm(fn: HoldfastFunction, { config, releases }: IncidentParts): void {
  fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [releases.records.tableArn], incidentRecords());
  fn.allow(['states:StartExecution'], [runbookArn(Stack.of(fn), config.installation)]);
}

export function allowControl(fn: HoldfastFunction, { config, releases }: IncidentParts): void {
  fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [releases.records.tableArn], incidentRecords());
  fn.allow(['sns:Publish'], [topicArn(Stack.of(fn), config.installation)]);
  allowObjects(fn, config.installation, 's3:PutObject', 's3:GetObject');
}

export function allowDo(fn: HoldfastFunction, mitigate: HoldfastFunction, { config, releases }: IncidentParts): void {
  fn.allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [releases.records.tableArn], incidentRecords());
  fn.allow(['states:StartExecution'], [runbookArn(Stack.of(fn), config.installation)]);
  fn.allow(['lambda:InvokeFunction'], [mitigate.alias.functionArn]);
}

/** As {@link allowDo}; and one document on the servers of one fleet. */
export function allowLines(fn: HoldfastFunction, { config, releases, webTiers }: IncidentParts, fleet: string): void {
  fn.allow(['dynamodb:PutItem'], [releases.records.tableArn], incidentRecords());
  const own = <Of>(all: Readonly<Record<string, Of>>) => Object.fromEntries(Object.entries(all).filter(([name]) => name === fleet));
  allowFleets(fn, { installation: config.installation, fleets: own(config.fleets) });
  allowReadingLogs(fn, { config, webTiers: own(webTiers) }, [SHOW_LINES.document]);
}

export function allowTend(fn: HoldfastFunction, mitigate: HoldfastFunction, parts: IncidentParts): void {
  const { config, releases } = parts;
  const stack = Stack.of(fn);
  const { installation } = config;
  fn.allow(
    ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:Query', 'dynamodb:DeleteItem'],
    [releases.records.tableArn],
    incidentRecords(),
  );
  // Alarms whose events were lost. A Describe call of many alarms knows no narrower resource.
  fn.allow(['cloudwatch:DescribeAlarms'], ['*']);
  const machine = runbookArn(stack, installation);
  fn.allow(['states:StartExecution'], [machine]);
  fn.allow(['states:DescribeExecution'], [`${machine.replace(':stateMachine:', ':execution:')}:*`]);
  acknowledge(fn, { [wildcard(stack, 'states', `execution:${runbookStateMachineName(installation)}:*`)]: EXECUTION_NAMES });
  fn.allow(['sns:Publish'], [topicArn(stack, installation)]);
  fn.allow(['lambda:InvokeFunction'], [mitigate.alias.functionArn]);
  // Every minute while an alarm is on.
  allowWitnesses(fn, parts);
  allowObjects(fn, installation, 's3:PutObject', 's3:GetObject');
}
