import {
  Duration,
  type aws_ec2 as ec2,
  aws_iam as iam,
  aws_lambda as lambda,
  aws_logs as logs,
  RemovalPolicy,
  Stack,
  Stage,
  aws_scheduler as scheduler,
} from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import { acknowledge, NO_NARROWER_RESOURCE } from './acknowledge.ts';
import { bundleInto } from './bundle-function.ts';

export interface InvokeEveryProps {
  readonly name: string;
  readonly description: string;
  readonly minutes: number;
  readonly fn: HoldfastFunction;
  /** The `step` of each request that the schedule sends to the function. */
  readonly step: string;
}

/** Invokes a function on a schedule. One that is missed is not repeated: the next one comes in minutes, and does the same. */
export function invokeEvery(
  scope: Construct,
  id: string,
  { name, description, minutes, fn, step }: InvokeEveryProps,
): scheduler.CfnSchedule {
  const role = new iam.Role(scope, 'ScheduleRole', { assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com'), description });
  role.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [fn.alias.functionArn] }));
  const schedule = new scheduler.CfnSchedule(scope, id, {
    name,
    description,
    scheduleExpression: `rate(${minutes} minute${minutes === 1 ? '' : 's'})`,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: fn.alias.functionArn,
      roleArn: role.roleArn,
      input: JSON.stringify({ step }),
      retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
    },
  });
  // The role comes first: without its permission the schedule's first invocations would be lost.
  schedule.node.addDependency(role);
  return schedule;
}

/**
 * The policy of published versions. An update keeps the earlier ones for the executions that run. One that is rolled back deletes its own: Lambda
 * publishes no second version of unchanged code and configuration, so that a version which stayed would fail the same update for ever. No
 * execution needs it, because state machines change last (machines-last.ts).
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
export const PUBLISHED = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** Context of a stack: `logRetentionDays` of its configuration. */
export const LOG_RETENTION_CONTEXT = 'holdfast:logRetentionDays';

/** It is deleted with its stack. @returns one with the retention of the configuration; of a month in a stack of the user's own */
export const createLogGroup = (scope: Construct, id: string, logGroupName: string): logs.LogGroup =>
  new logs.LogGroup(scope, id, {
    logGroupName,
    retention: (scope.node.tryGetContext(LOG_RETENTION_CONTEXT) as logs.RetentionDays | undefined) ?? logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });

export interface HoldfastFunctionProps {
  readonly functionName: string;
  readonly description: string;
  /** Handler file, relative to the repository: `functions/deploy/control/handler.ts`. */
  readonly entry: string;
  readonly environment: Readonly<Record<string, string>>;
  /** @default 30 seconds */
  readonly timeout?: Duration;
  /** Its share of a CPU core is memory / 1,769. @default 256 */
  readonly memoryMegabytes?: number;
  /** @default true */
  readonly traced?: boolean;
  /** Puts the function into the VPC. Only functions that connect to the store belong there. */
  readonly vpc?: {
    readonly vpc: ec2.IVpc;
    readonly subnets: ec2.SubnetSelection;
    readonly securityGroup: ec2.ISecurityGroup;
    /** @default false */
    readonly allowPublicSubnet?: boolean;
  };
}

/**
 * A Lambda function of Holdfast: Node 24 on arm64, one module with everything inside, a log group with a retention, and
 * tracing. State machines call the version that was published with them, so that a `cdk deploy` does not change a running
 * execution; the alias moves to the newest version, for other callers.
 */
export class HoldfastFunction extends Construct {
  readonly function: lambda.Function;
  /** Published whenever code or configuration changes. Earlier versions stay until the function itself is deleted ({@link PUBLISHED}). */
  readonly version: lambda.Version;
  readonly alias: lambda.Alias;
  readonly timeout: Duration;

  constructor(scope: Construct, id: string, props: HoldfastFunctionProps) {
    super(scope, id);
    this.timeout = props.timeout ?? Duration.seconds(30);
    const logGroup = createLogGroup(this, 'Logs', `/aws/lambda/${props.functionName}`);
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: props.description,
    });
    logGroup.grantWrite(role);
    if (props.vpc) {
      // What AWSLambdaVPCAccessExecutionRole has in addition to logs. These actions support no narrower resource.
      role.addToPolicy(
        new iam.PolicyStatement({
          actions: [
            'ec2:CreateNetworkInterface',
            'ec2:DescribeNetworkInterfaces',
            'ec2:DescribeSubnets',
            'ec2:DeleteNetworkInterface',
            'ec2:AssignPrivateIpAddresses',
            'ec2:UnassignPrivateIpAddresses',
          ],
          resources: ['*'],
        }),
      );
    }
    this.function = new lambda.Function(this, 'Function', {
      functionName: props.functionName,
      description: props.description,
      runtime: new lambda.Runtime('nodejs24.x', lambda.RuntimeFamily.NODEJS),
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(bundleInto((Stage.of(this) as Stage).assetOutdir, props.entry)),
      memorySize: props.memoryMegabytes ?? 256,
      timeout: this.timeout,
      environment: { ...props.environment },
      tracing: props.traced === false ? lambda.Tracing.DISABLED : lambda.Tracing.ACTIVE,
      logGroup,
      role,
      currentVersionOptions: { removalPolicy: PUBLISHED },
      ...(props.vpc && {
        vpc: props.vpc.vpc,
        vpcSubnets: props.vpc.subnets,
        securityGroups: [props.vpc.securityGroup],
        ...(props.vpc.allowPublicSubnet && { allowPublicSubnet: true }),
      }),
    });
    acknowledge(this, { 'AwsSolutions-IAM5[Resource::*]': NO_NARROWER_RESOURCE });
    this.version = this.function.currentVersion;
    this.alias = new lambda.Alias(this, 'Live', { aliasName: 'live', version: this.version });
  }

  /** Lets `caller` call every version: a running execution continues with the version that it began with. */
  grantInvokeVersions(caller: iam.IGrantable & IConstruct): void {
    const { functionArn, node } = this.function;
    iam.Grant.addToPrincipal({ grantee: caller, actions: ['lambda:InvokeFunction'], resourceArns: [`${functionArn}:*`] });
    const logicalId = Stack.of(this).getLogicalId(node.defaultChild as lambda.CfnFunction);
    acknowledge(caller, {
      [`AwsSolutions-IAM5[Resource::<${logicalId}.Arn>:*]`]:
        'An execution calls the version that was current when it began: the wildcard replaces the version number.',
    });
  }

  private partsAllowed = 0;

  /** Adds one statement to the function's role, or more where it names more resources than one managed policy holds. */
  allow(actions: string[], resources: string[], conditions?: Record<string, unknown>): void {
    const parts = Math.max(1, Math.ceil(resources.length / RESOURCES_OF_A_STATEMENT));
    for (let part = 0; part < parts; part++)
      this.function.addToRolePolicy(
        new iam.PolicyStatement({
          // Statements with an id are not merged.
          ...(parts > 1 && { sid: `Part${this.partsAllowed++}` }),
          actions,
          resources: resources.slice(part * RESOURCES_OF_A_STATEMENT, (part + 1) * RESOURCES_OF_A_STATEMENT),
          ...(conditions && { conditions: conditions as Record<string, Record<string, unknown>> }),
        }),
      );
  }
}

/** ARNs of instances of 50 characters and more; a managed policy has 6,144. */
const RESOURCES_OF_A_STATEMENT = 50;
