import { CfnOutput, aws_iam as iam, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CONTINUE_ROLE } from '../../../functions/deploy/continue/contract.ts';
import { DRY_RUN_ROLE } from '../../../functions/deploy/dry-run/contract.ts';
import { END_DRAIN_ROLE } from '../../../functions/deploy/end-drain/contract.ts';
import { witnessFunctionName } from '../../../functions/incidents/contract/store-facts.ts';
import {
  deployStateMachineName,
  functionName,
  incomingPrefix,
  type PolicyKind,
  PUBLISH_ROLE,
  policyName,
  releasesBucketName,
} from '../../../functions/shared/naming.ts';
import { capital } from '../../../functions/shared/texts.ts';
import { WIDGET_ROLES } from '../../../functions/widgets/contract.ts';
import { accountOf, acknowledge, GROUP_IDS, wildcard } from '../acknowledge.ts';
import { AWS_NAMES_EXECUTIONS, commandRights } from '../command-rights.ts';
import { doctorReads } from '../doctor-reads.ts';
import { visibleRecords } from '../records-table.ts';
import type { DeployFunctionsProps } from './deploy-functions.ts';

/** What each policy allows, for the reader of the stack's outputs. */
const ALLOWS: Readonly<Record<PolicyKind, (fleet: string) => string>> = {
  reader: (fleet) =>
    `Sees releases, servers and deploys of ${fleet}, sweeps of its store, and incidents; runs doctor; reads no launch template; changes nothing`,
  operator: (fleet) =>
    `Starts and stops deploys and instance refreshes of ${fleet}, sweeps its store, runs runbooks and decides about mitigations`,
  publisher: (fleet) => `Publishes releases of ${fleet}; deploys nothing`,
};

/** What `status` reads of a group's activities, and Auto Scaling's own refresh of its servers. */
function refreshRights(stack: Stack, group: string) {
  const resource = `autoScalingGroup:*:autoScalingGroupName/${group}`;
  const allow = (resources: string, ...actions: string[]) => new iam.PolicyStatement({ actions, resources: [resources] });
  return {
    statements: [
      allow(
        '*',
        ...['DescribeAutoScalingGroups', 'DescribeInstanceRefreshes', 'DescribeScalingActivities'].map((one) => `autoscaling:${one}`),
      ),
      allow(stack.formatArn({ service: 'autoscaling', resource }), 'autoscaling:CancelInstanceRefresh', 'autoscaling:StartInstanceRefresh'),
    ],
    reasons: { [wildcard(stack, 'autoscaling', resource)]: GROUP_IDS },
  };
}

/**
 * Policies that people and pipelines attach to their own roles to use one fleet by the commands: the publisher's allows
 * publishing, the operator's deploying, the reader's only reading. Each works without the others. None writes a record or
 * an archive: the functions do.
 */
export class FleetPolicies extends Construct {
  readonly reader: iam.ManagedPolicy;
  readonly operator: iam.ManagedPolicy;
  readonly publisher: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, { config, fleetName: fleet, fleet: configured, webTier }: DeployFunctionsProps) {
    super(scope, id);
    const { installation } = config;
    const hasCanary = configured.canary !== undefined;
    const stack = Stack.of(this);
    const rights = commandRights(stack, installation);
    const { allow, states, live, table, bucket } = rights;
    const machine = deployStateMachineName(installation, fleet);
    const incoming = `${incomingPrefix(fleet)}*`;
    const executions = states('execution', `${machine}:*`);
    const reading = () => [
      ...rights.finding(fleet),
      allow(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'], table, visibleRecords(fleet, hasCanary)),
      allow(['states:DescribeExecution', 'states:GetExecutionHistory'], executions),
      allow(['states:ListExecutions'], states('stateMachine', machine)),
      ...rights.following(),
      allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, WIDGET_ROLES.deploys))),
      ...rights.widgets(),
      ...(hasCanary ? [allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, WIDGET_ROLES.canary)))] : []),
    ];
    const group = webTier.members.autoScalingGroupName;
    const refreshing = group === undefined ? undefined : refreshRights(stack, group);
    const doctor = doctorReads(stack, config, fleet, configured);
    // IAM cannot change a description, and CloudFormation cannot replace a policy that has a name: these three stay as they are.
    this.reader = this.policy(
      'reader',
      `Sees releases, servers and deploys of ${fleet}, sweeps of its store, and incidents; changes nothing`,
      fleet,
      installation,
      [...reading(), ...doctor.statements],
    );
    this.operator = this.policy(
      'operator',
      `Starts and stops deploys and refreshes of ${fleet}, sweeps its store, runs runbooks and decides about mitigations`,
      fleet,
      installation,
      [
        ...reading(),
        allow(['states:StartExecution'], states('stateMachine', machine)),
        ...rights.starting(),
        allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, DRY_RUN_ROLE))),
        // Whether the store works from the fleet's side: it writes a key of its own.
        ...(webTier.witness ? [allow(['lambda:InvokeFunction'], live(witnessFunctionName(installation, fleet)))] : []),
        ...rights.mitigating(),
        ...rights.looking(fleet),
        ...doctor.beyond,
        allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, END_DRAIN_ROLE))),
        // Deploys that wait for sessions do not stop after their first targets.
        ...(webTier.drain ? [] : [allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, CONTINUE_ROLE)))]),
        allow(['states:StopExecution'], executions),
        ...(refreshing?.statements ?? []),
      ],
    );
    this.publisher = this.policy('publisher', `Publishes releases of ${fleet}; deploys and reads nothing`, fleet, installation, [
      ...rights.finding(fleet),
      allow(['s3:PutObject'], `${bucket}/${incoming}`),
      allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, PUBLISH_ROLE))),
    ]);
    for (const policy of [this.reader, this.operator]) acknowledge(policy, doctor.reasons);
    acknowledge(this, {
      [wildcard(stack, 'states', `execution:${machine}:*`)]: AWS_NAMES_EXECUTIONS,
      [wildcard(stack, 's3', `${releasesBucketName(installation, accountOf(stack), stack.region)}/${incoming}`)]:
        "A publisher uploads any release of the fleet: the wildcard is the prefix that the fleet's publish function reads.",
      ...refreshing?.reasons,
      ...rights.reasons,
    });
  }

  /**
   * @param description stays as it is: IAM cannot change it, and CloudFormation cannot replace a policy that has a name. What has
   *   changed since is in the output's
   */
  private policy(kind: PolicyKind, description: string, fleet: string, installation: string, statements: iam.PolicyStatement[]) {
    const name = capital(kind);
    const policy = new iam.ManagedPolicy(this, name, { managedPolicyName: policyName(installation, fleet, kind), description, statements });
    new CfnOutput(Stack.of(this), `${name}PolicyArn`, { description: ALLOWS[kind](fleet), value: policy.managedPolicyArn });
    return policy;
  }
}
