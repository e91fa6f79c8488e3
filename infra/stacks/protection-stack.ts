import { createHash } from 'node:crypto';
import { CfnOutput, type CfnResource, CfnWaitConditionHandle, CustomResource, Duration, Fn, Lazy, type Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ProtectionProperties } from '../../functions/protection/protect.ts';
import { functionName, targetGroupName } from '../../functions/shared/naming.ts';
import { createsLoadBalancer } from '../config/fleet.ts';
import type { HoldfastConfig } from '../config.ts';
import { acknowledge, wildcard } from '../constructs/acknowledge.ts';
import { HoldfastFunction } from '../constructs/holdfast-function.ts';
import { HoldfastStack, type HoldfastStackProps } from './holdfast-stack.ts';
import type { ReleasesStack } from './releases-stack.ts';

export interface TerminationProtectionStackProps extends Omit<HoldfastStackProps, 'terminationProtection'> {
  readonly protection: Stack;
}

/**
 * The last stack of a protected installation, and so the first that `cdk destroy` deletes: its termination protection refuses
 * that before anything else is deleted. No other stack has termination protection, because the CLI turns it on before a stack
 * is created, and could then not delete one whose creation failed. This stack contains nothing whose creation can fail: the
 * handle is free, and only there because a stack needs a resource.
 */
export class TerminationProtectionStack extends HoldfastStack {
  constructor(scope: Construct, id: string, { protection, ...props }: TerminationProtectionStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    new CfnWaitConditionHandle(this, 'Nothing');
    // An output that imports another is what cfn-lint warns of; here the import is the purpose.
    this.addMetadata('cfn-lint', { config: { ignore_checks: ['W6001'] } });
    new CfnOutput(this, 'Protects', { value: Fn.join(' ', [importOf(this, protection), 'and every stack that it imports']) });
  }
}

/** Six calls of 12 s at most, twice over, and 31 s until IAM allows them: the adapters' time limits and retries are below it. */
const LIMIT = Duration.minutes(3);

export interface ProtectionStackProps extends HoldfastStackProps {
  readonly releases: ReleasesStack;
  /** Every other stack of the installation. */
  readonly stacks: readonly Stack[];
}

/**
 * Protects what the other stacks have created, once all of them exist: a rollback can delete a resource only while nothing
 * protects it. It imports an export of each stack, so CloudFormation deletes none of them while this one exists; its function
 * turns on deletion protection of the table and of the load balancers, which their templates do not mention: CloudFormation
 * leaves such settings as they are. It runs again whenever the definition of one of them changes.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/554
 */
export class ProtectionStack extends HoldfastStack {
  constructor(scope: Construct, id: string, props: ProtectionStackProps) {
    super(scope, id, props);
    const { config, releases, stacks } = props;
    const names = Object.entries(config.fleets).flatMap(([name, fleet]) =>
      createsLoadBalancer(fleet) ? [targetGroupName(config.installation, name)] : [],
    );
    const fn = this.protector(config, releases, names);
    const properties: ProtectionProperties = { TableName: releases.records.tableName, LoadBalancerNames: names };
    new CustomResource(this, 'Protected', {
      resourceType: 'Custom::Protection',
      serviceToken: fn.function.functionArn,
      serviceTimeout: LIMIT.plus(Duration.minutes(1)),
      properties: { ...properties, Stacks: stacks.map((stack) => importOf(this, stack)), Definitions: definitionsOf(stacks) },
    });
  }

  private protector(config: HoldfastConfig, releases: ReleasesStack, loadBalancerNames: readonly string[]): HoldfastFunction {
    const fn = new HoldfastFunction(this, 'Protector', {
      functionName: functionName(config.installation, 'protection', 'turn-on'),
      description: `Turns on deletion protection of the table and the load balancers of ${config.installation}`,
      entry: 'functions/protection/handler.ts',
      environment: {},
      timeout: LIMIT,
    });
    fn.allow(['dynamodb:DescribeTable', 'dynamodb:UpdateTable'], [releases.records.tableArn]);
    if (loadBalancerNames.length === 0) return fn;
    fn.allow(['elasticloadbalancing:DescribeLoadBalancers'], ['*']);
    const resources = loadBalancerNames.map((name) => `loadbalancer/app/${name}/*`);
    fn.allow(
      ['elasticloadbalancing:ModifyLoadBalancerAttributes'],
      resources.map((resource) => `arn:${this.partition}:elasticloadbalancing:${this.region}:${this.account}:${resource}`),
    );
    const reason = "AWS generates the id at the end of a load balancer's ARN: the wildcard replaces the id, and the name limits it.";
    acknowledge(fn, Object.fromEntries(resources.map((resource) => [wildcard(this, 'elasticloadbalancing', resource), reason])));
    return fn;
  }
}

/** Imports a value that never changes: an export that is imported can be neither changed nor deleted. */
export function importOf(importing: Stack, exporting: Stack): string {
  const exportName = `${exporting.stackName}:Exists`;
  new CfnOutput(exporting, 'Exists', {
    description: 'Imported so that this stack cannot be deleted',
    value: exporting.stackName,
    exportName,
  });
  importing.addStackDependency(exporting);
  return Fn.importValue(exportName);
}

/** Changes with the definition of any resource that the function protects: an update could turn its protection off. */
function definitionsOf(stacks: readonly Stack[]): string {
  const produce = () => {
    const resources = stacks.flatMap((stack) => stack.node.findAll()).filter(isProtected);
    const definitions = resources.map((resource) => resource.stack.resolve(resource._toCloudFormation()));
    return createHash('sha256').update(JSON.stringify(definitions)).digest('hex');
  };
  return Lazy.string({ produce });
}

const TYPES = ['AWS::DynamoDB::Table', 'AWS::ElasticLoadBalancingV2::LoadBalancer'];
/** `_toCloudFormation` is public, but not in the declarations. */
const isProtected = (construct: object): construct is CfnResource & { _toCloudFormation(): object } =>
  TYPES.includes((construct as { cfnResourceType?: string }).cfnResourceType ?? '');
