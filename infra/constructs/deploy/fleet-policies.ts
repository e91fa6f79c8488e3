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
  refreshStateMachineName,
  releasesBucketName,
} from '../../../functions/shared/naming.ts';
import { capital } from '../../../functions/shared/texts.ts';
import { WIDGET_ROLES } from '../../../functions/widgets/contract.ts';
import type { FleetConfig, HoldfastConfig } from '../../config.ts';
import { accountOf, acknowledge, wildcard } from '../acknowledge.ts';
import { AWS_NAMES_EXECUTIONS, commandRights } from '../command-rights.ts';
import { doctorReads } from '../doctor-reads.ts';
import { visibleRecords } from '../records-table.ts';

export interface FleetPoliciesProps {
  readonly config: HoldfastConfig;
  readonly fleet: string;
  /** Otherwise operators can continue a deploy that stops after its first targets. */
  readonly waitsForSessions: boolean;
  /** Readers see what the canary found. */
  readonly hasCanary: boolean;
  /** Operators can use the store from the servers' network. */
  readonly hasWitness: boolean;
}

/** What each policy allows, for the reader of the stack's outputs. */
const ALLOWS: Readonly<Record<PolicyKind, (fleet: string) => string>> = {
  reader: (fleet) =>
    `Sees releases, servers and deploys of ${fleet}, sweeps of its store, and incidents; runs doctor; reads no launch template; changes nothing`,
  operator: (fleet) => `Starts and stops deploys and refreshes of ${fleet}, sweeps its store, runs runbooks and decides about mitigations`,
  publisher: (fleet) => `Publishes releases of ${fleet}; deploys nothing`,
};

/**
 * Policies that people and pipelines attach to their own roles to use one fleet by the commands: the publisher's allows
 * publishing, the operator's deploying, the reader's only reading. Each works without the others. None writes a record or
 * an archive: the functions do.
 */
export class FleetPolicies extends Construct {
  readonly reader: iam.ManagedPolicy;
  readonly operator: iam.ManagedPolicy;
  readonly publisher: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, { config, fleet, waitsForSessions, hasCanary, hasWitness }: FleetPoliciesProps) {
    super(scope, id);
    const { installation, fleets } = config;
    const stack = Stack.of(this);
    const rights = commandRights(stack, installation);
    const { allow, states, live, table, bucket } = rights;
    const machine = deployStateMachineName(installation, fleet);
    const incoming = `${incomingPrefix(fleet)}*`;
    const executions = states('execution', `${machine}:*`);
    const refresh = refreshStateMachineName(installation, fleet);
    const refreshes = states('execution', `${refresh}:*`);
    const reading = () => [
      ...rights.finding(fleet),
      allow(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'], table, visibleRecords(fleet, hasCanary)),
      allow(['states:DescribeExecution', 'states:GetExecutionHistory'], executions),
      allow(['states:DescribeExecution'], refreshes),
      allow(['states:ListExecutions'], states('stateMachine', machine)),
      ...rights.following(),
      allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, WIDGET_ROLES.deploys))),
      ...rights.widgets(),
      ...(hasCanary ? [allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, WIDGET_ROLES.canary)))] : []),
    ];
    const doctor = doctorReads(stack, config, fleet, fleets[fleet] as FleetConfig);
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
        allow(['states:StartExecution'], states('stateMachine', refresh)),
        ...rights.starting(),
        allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, DRY_RUN_ROLE))),
        // Whether the store works from the fleet's side: it writes a key of its own.
        ...(hasWitness ? [allow(['lambda:InvokeFunction'], live(witnessFunctionName(installation, fleet)))] : []),
        ...rights.mitigating(),
        ...rights.looking(fleet),
        ...doctor.beyond,
        allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, END_DRAIN_ROLE))),
        ...(waitsForSessions ? [] : [allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, CONTINUE_ROLE)))]),
        allow(['states:StopExecution'], executions),
        allow(['states:StopExecution'], refreshes),
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
      [wildcard(stack, 'states', `execution:${refresh}:*`)]: AWS_NAMES_EXECUTIONS,
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
