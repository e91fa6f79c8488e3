/** The construct that tries a new release's sessions before a deployment moves users: a hook of Amazon ECS, or what a pipeline invokes. */
import { Duration, aws_dynamodb as dynamodb, type aws_lambda as lambda, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { readRecipe } from '../functions/canary/contract/read-recipe.ts';
import { GATE_ENV, GATE_HOOK_SECONDS, type GateAddresses } from '../functions/gate/contract.ts';
import { RECORDS_ENV } from '../functions/records/keys.ts';
import { INSTALLATION_PATTERN, INSTALLATION_RULE, recordsTableName } from '../functions/shared/naming.ts';
import { canaryRules } from './config/canary.ts';
import { InvalidConfiguration } from './config.ts';
import { secretsOf } from './constructs/canary/scheduled-canary.ts';
import { HoldfastFunction } from './constructs/holdfast-function.ts';
import { gateRecords } from './constructs/records-table.ts';

export interface SessionGateProps extends GateAddresses {
  /** As docs/gate.md has it, with passwords in Secrets Manager. */
  readonly recipe: Readonly<Record<string, unknown>>;
  /** What becomes of a deployment that could not be checked. @default continue */
  readonly notChecked?: 'continue' | 'stop';
  /** Name of an installation of Holdfast in this account and Region: its `status` and console show the verdicts. @default none */
  readonly installation?: string;
  /** Of the function and its log group. @default holdfast-session-gate */
  readonly functionName?: string;
}

/** It needs no installation of Holdfast. Its table has the lease, since deployments share two users, and a verdict for each deployment. */
export class SessionGate extends Construct {
  readonly function: lambda.IFunction;

  /** @throws InvalidConfiguration for a recipe or an address that the function could not use */
  constructor(scope: Construct, id: string, props: SessionGateProps) {
    super(scope, id);
    const { old, new: next, oldHeaders, newHeaders, notChecked = 'continue', functionName = 'holdfast-session-gate', installation } = props;
    const records = installation === undefined ? undefined : recordsTableName(installation);
    const recipe = readRecipe(JSON.stringify(props.recipe), 'the recipe');
    const broken = [old, next].flatMap((url) => canaryRules({ canary: { url, recipe, everyMinutes: 5 } }));
    const missing = recipe.release === undefined ? ['recipe: has no "release", which a session gate needs'] : [];
    const isNamed = installation === undefined || new RegExp(INSTALLATION_PATTERN).test(installation);
    const misnamed = isNamed ? [] : [`installation: ${JSON.stringify(installation)} ${INSTALLATION_RULE}`];
    const problems = [...broken.map(({ path, message }) => `${path.join('.')}: ${message}`), ...missing, ...misnamed];
    if (problems.length > 0) throw new InvalidConfiguration(`The session gate cannot be made: ${[...new Set(problems)].join('; ')}.`);
    const table = new dynamodb.Table(this, 'Verdicts', {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const fn = new HoldfastFunction(this, 'Function', {
      functionName,
      description: 'Tries whether two releases keep each other’s sessions',
      entry: 'functions/gate/hook/handler.ts',
      environment: {
        [RECORDS_ENV.recordsTable]: table.tableName,
        [GATE_ENV.addresses]: JSON.stringify({ old, new: next, ...(oldHeaders && { oldHeaders }), ...(newHeaders && { newHeaders }) }),
        [GATE_ENV.recipe]: JSON.stringify(recipe),
        [GATE_ENV.notChecked]: notChecked,
        ...(records && { [GATE_ENV.installation]: records }),
      },
      timeout: Duration.seconds(GATE_HOOK_SECONDS),
      traced: false,
    });
    fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [table.tableArn]);
    if (records)
      fn.allow(
        ['dynamodb:PutItem'],
        [Stack.of(this).formatArn({ service: 'dynamodb', resource: 'table', resourceName: records })],
        gateRecords(),
      );
    fn.allow(['secretsmanager:GetSecretValue'], secretsOf(Stack.of(this), { recipe }));
    this.function = fn.alias;
  }
}
