import { ArnFormat, CfnOutput, aws_iam as iam, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CONTINUE_ROLE } from '../../../functions/deploy/continue/contract.ts';
import { DRY_RUN_ROLE } from '../../../functions/deploy/dry-run/contract.ts';
import { END_DRAIN_ROLE } from '../../../functions/deploy/end-drain/contract.ts';
import { APPROVE_ROLE } from '../../../functions/incidents/approve/contract.ts';
import { INCIDENTS_PREFIX, incidentsFunctionName, runbookStateMachineName } from '../../../functions/incidents/contract/names.ts';
import { witnessFunctionName } from '../../../functions/incidents/contract/witness.ts';
import { capital } from '../../../functions/shared/capital.ts';
import {
  contractParameterName,
  deployStateMachineName,
  functionName,
  INCIDENTS_PART,
  incomingPrefix,
  installationParameterName,
  type PolicyKind,
  PUBLISH_ROLE,
  policyName,
  recordsTableName,
  refreshStateMachineName,
  releasesBucketName,
  STORE_PART,
  SWEEP_REPORTS_PREFIX,
  storeFunctionName,
  sweepStateMachineName,
} from '../../../functions/shared/naming.ts';
import { WIDGET_ROLES } from '../../../functions/widgets/contract.ts';
import type { FleetConfig, HoldfastConfig } from '../../config.ts';
import { accountOf, acknowledge, wildcard } from '../acknowledge.ts';
import { installationRecord, visibleRecords } from '../records-table.ts';
import { doctorReads } from './doctor-reads.ts';

export interface FleetPoliciesProps {
  readonly config: HoldfastConfig;
  readonly fleet: string;
  /** Operators can end that wait; otherwise they can continue a deploy that stops after its first targets. */
  readonly waitsForSessions: boolean;
  /** Readers see what the canary found. */
  readonly hasCanary: boolean;
  /** Operators can use the store from the servers' network. */
  readonly hasWitness: boolean;
}

/** What each policy allows, for the reader of the stack's outputs. */
const ALLOWS: Readonly<Record<PolicyKind, (fleet: string) => string>> = {
  reader: (fleet) => `Sees releases, servers and deploys of ${fleet}, sweeps of its store, and incidents; runs doctor; changes nothing`,
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
    const machine = deployStateMachineName(installation, fleet);
    const states = (resource: string, resourceName: string) =>
      stack.formatArn({ service: 'states', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    const table = stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: recordsTableName(installation) });
    const bucket = `arn:${stack.partition}:s3:::${releasesBucketName(installation, stack.account, stack.region)}`;
    const incoming = `${incomingPrefix(fleet)}*`;
    const sweep = sweepStateMachineName(installation);
    const runbook = runbookStateMachineName(installation);
    const allow = (actions: string[], resource: string, conditions?: Record<string, unknown>) =>
      new iam.PolicyStatement({
        actions,
        resources: [resource],
        ...(conditions && { conditions: conditions as Record<string, Record<string, unknown>> }),
      });

    const live = (name: string) =>
      stack.formatArn({ service: 'lambda', resource: 'function', resourceName: `${name}:live`, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    const executions = states('execution', `${machine}:*`);
    const refresh = refreshStateMachineName(installation, fleet);
    const refreshes = states('execution', `${refresh}:*`);
    const parameters = (...names: string[]) =>
      new iam.PolicyStatement({
        actions: ['ssm:GetParameter'],
        resources: names.map((name) => stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) })),
      });
    const contractOf = (part: string) => contractParameterName(installation, part);
    const finding = () => [
      parameters(installationParameterName(installation), ...[fleet, STORE_PART, INCIDENTS_PART].map(contractOf)),
      allow(['dynamodb:GetItem'], table, installationRecord()),
    ];
    const reading = () => [
      ...finding(),
      allow(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'], table, visibleRecords(fleet, hasCanary)),
      allow(['states:DescribeExecution', 'states:GetExecutionHistory'], executions),
      allow(['states:DescribeExecution'], refreshes),
      allow(['states:ListExecutions'], states('stateMachine', machine)),
      allow(['states:DescribeExecution'], states('execution', `${sweep}:*`)),
      allow(['states:DescribeExecution'], states('execution', `${runbook}:*`)),
      allow(['s3:GetObject'], `${bucket}/${SWEEP_REPORTS_PREFIX}*`),
      allow(['s3:GetObject'], `${bucket}/${INCIDENTS_PREFIX}*`),
      // Dashboards invoke the functions of their custom widgets with the viewer's credentials.
      allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, WIDGET_ROLES.deploys))),
      allow(['lambda:InvokeFunction'], live(storeFunctionName(installation, WIDGET_ROLES.sweeps))),
      allow(['lambda:InvokeFunction'], live(storeFunctionName(installation, WIDGET_ROLES.incidents))),
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
        allow(['states:StartExecution'], states('stateMachine', sweep)),
        allow(['states:StartExecution'], states('stateMachine', runbook)),
        allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, DRY_RUN_ROLE))),
        // Whether the store works from the fleet's side: it writes a key of its own.
        ...(hasWitness ? [allow(['lambda:InvokeFunction'], live(witnessFunctionName(installation, fleet)))] : []),
        // The function verifies who decides, and records it.
        allow(['lambda:InvokeFunction'], live(incidentsFunctionName(installation, APPROVE_ROLE))),
        // Deploys that wait for sessions do not stop after their first targets.
        allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, waitsForSessions ? END_DRAIN_ROLE : CONTINUE_ROLE))),
        allow(['states:StopExecution'], executions),
        allow(['states:StopExecution'], refreshes),
      ],
    );
    this.publisher = this.policy('publisher', `Publishes releases of ${fleet}; deploys and reads nothing`, fleet, installation, [
      ...finding(),
      allow(['s3:PutObject'], `${bucket}/${incoming}`),
      allow(['lambda:InvokeFunction'], live(functionName(installation, fleet, PUBLISH_ROLE))),
    ]);
    acknowledge(this.reader, doctor.reasons);
    acknowledge(this, {
      [wildcard(stack, 'states', `execution:${machine}:*`)]: "AWS makes up an execution's id: the wildcard stands for it.",
      [wildcard(stack, 's3', `${releasesBucketName(installation, accountOf(stack), stack.region)}/${incoming}`)]:
        "A publisher uploads any release of the fleet: the wildcard is the prefix that the fleet's publish function reads.",
      [wildcard(stack, 'states', `execution:${refresh}:*`)]: "AWS makes up an execution's id: the wildcard stands for it.",
      [wildcard(stack, 'states', `execution:${sweep}:*`)]: "AWS makes up an execution's id: the wildcard stands for it.",
      [wildcard(stack, 'states', `execution:${runbook}:*`)]: "AWS makes up an execution's id: the wildcard stands for it.",
      [wildcard(stack, 's3', `${releasesBucketName(installation, accountOf(stack), stack.region)}/${INCIDENTS_PREFIX}*`)]:
        'Each run of a runbook leaves a report of its own name.',
      [wildcard(stack, 's3', `${releasesBucketName(installation, accountOf(stack), stack.region)}/${SWEEP_REPORTS_PREFIX}*`)]:
        'Each sweep leaves a report of its own name.',
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
