import { type aws_cloudwatch as cloudwatch, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CANARY_ENV, CANARY_ROLE, CANARY_SECONDS } from '../../../functions/canary/contract/environment.ts';
import { passwordSources } from '../../../functions/canary/contract/recipe.ts';
import { RECORDS_ENV } from '../../../functions/records/keys.ts';
import { canaryKeptName, functionName } from '../../../functions/shared/naming.ts';
import { WIDGET_ROLES } from '../../../functions/widgets/contract.ts';
import type { CanaryConfig } from '../../config/canary.ts';
import type { NamedFleet } from '../../config.ts';
import type { ReleasesStack } from '../../stacks/releases-stack.ts';
import { HoldfastFunction, invokeEvery } from '../holdfast-function.ts';
import { canaryRecords, ownRecords } from '../records-table.ts';
import { RecordsWidget } from '../records-widget.ts';

export interface ScheduledCanaryProps extends NamedFleet {
  readonly canary: CanaryConfig;
  readonly releases: ReleasesStack;
}

/**
 * Examines a fleet's sessions from outside, as its users reach it: a schedule, and one function outside the VPC. It can read two
 * passwords and the fleet's deploys, and write what it found and the sessions that it keeps; nothing else.
 */
export class ScheduledCanary extends Construct {
  readonly widget: cloudwatch.IWidget;

  constructor(scope: Construct, id: string, props: ScheduledCanaryProps) {
    super(scope, id);
    const { config, fleetName, canary, releases } = props;
    const { installation } = config;
    const keptName = canaryKeptName(installation, fleetName);
    const fn = new HoldfastFunction(this, 'Function', {
      functionName: functionName(installation, fleetName, CANARY_ROLE),
      description: `Examines the sessions of ${fleetName} from outside`,
      entry: 'functions/canary/schedule/handler.ts',
      environment: {
        [RECORDS_ENV.fleet]: fleetName,
        [RECORDS_ENV.recordsTable]: releases.records.tableName,
        [CANARY_ENV.url]: canary.url,
        [CANARY_ENV.recipe]: JSON.stringify(canary.recipe),
        [CANARY_ENV.kept]: keptName,
        [CANARY_ENV.everyMinutes]: String(canary.everyMinutes),
      },
      timeout: Duration.seconds(CANARY_SECONDS),
      // The function is not traced: a trace every few minutes would show only what the function's log line has.
      traced: false,
    });
    const { tableArn } = releases.records;
    fn.allow(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'], [tableArn], ownRecords(fleetName));
    fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [tableArn], canaryRecords(fleetName));
    const stack = Stack.of(this);
    fn.allow(
      ['ssm:GetParameter', 'ssm:PutParameter'],
      [stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: keptName.slice(1) })],
    );
    fn.allow(['secretsmanager:GetSecretValue'], secretsOf(stack, canary));
    // The next turn comes in minutes, and does the same.
    fn.alias.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    invokeEvery(this, 'Schedule', {
      name: functionName(config.installation, fleetName, CANARY_ROLE),
      description: `Starts each turn of the canary of ${fleetName}`,
      minutes: canary.everyMinutes,
      fn,
      step: 'turn',
    });
    this.widget = new RecordsWidget(this, 'LatestResults', {
      functionName: functionName(installation, fleetName, WIDGET_ROLES.canary),
      title: `Canary of ${fleetName}`,
      entry: 'functions/widgets/canary/handler.ts',
      environment: { [RECORDS_ENV.fleet]: fleetName },
      records: releases.records,
      which: canaryRecords(fleetName),
    }).widget;
  }
}

/**
 * ARNs of the secrets with the passwords. For a secret that is given by name, the six characters that AWS appends to an ARN are wildcards.
 */
export function secretsOf(stack: Stack, { recipe }: Pick<CanaryConfig, 'recipe'>): string[] {
  const names = passwordSources(recipe).flatMap(([, { secret }]) => secret ?? []);
  return [...new Set(names)].map((name) =>
    name.startsWith('arn:') ? name : `arn:${stack.partition}:secretsmanager:${stack.region}:${stack.account}:secret:${name}-??????`,
  );
}
