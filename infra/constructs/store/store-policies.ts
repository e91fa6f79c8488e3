import { CfnOutput, aws_iam as iam, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { policyName, STORE_PART } from '../../../functions/shared/naming.ts';
import { capital } from '../../../functions/shared/texts.ts';
import type { HoldfastConfig } from '../../config.ts';
import { acknowledge } from '../acknowledge.ts';
import { commandRights } from '../command-rights.ts';
import { storeDoctorReads } from '../doctor-reads.ts';
import { visibleStoreRecords } from '../records-table.ts';

/**
 * Policies that people and pipelines attach to their own roles to use the commands about a store whose sessions no fleet deploys: the
 * operator's allows starting sweeps and runbooks, the reader's only reading. Each works without the other.
 */
export class StorePolicies extends Construct {
  readonly reader: iam.ManagedPolicy;
  readonly operator: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, { config }: { readonly config: HoldfastConfig }) {
    super(scope, id);
    const stack = Stack.of(this);
    const { installation } = config;
    const rights = commandRights(stack, installation);
    const reading = () => [
      ...rights.finding(),
      rights.allow(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'], rights.table, visibleStoreRecords()),
      ...rights.following(),
      ...rights.widgets(),
    ];
    const doctor = storeDoctorReads(stack, config);
    // IAM cannot change a description, and CloudFormation cannot replace a policy that has a name: both stay as they are.
    const make = (kind: 'reader' | 'operator', description: string, statements: readonly iam.PolicyStatement[]) => {
      const managedPolicyName = policyName(installation, STORE_PART, kind);
      const policy = new iam.ManagedPolicy(this, capital(kind), { managedPolicyName, description, statements: [...statements] });
      new CfnOutput(stack, `${capital(kind)}PolicyArn`, { description, value: policy.managedPolicyArn });
      return policy;
    };
    this.reader = make('reader', 'Sees the session store, its sweeps and incidents; runs doctor; changes nothing', [
      ...reading(),
      ...doctor.statements,
    ]);
    this.operator = make('operator', 'Sweeps the session store, runs runbooks and decides about mitigations', [
      ...reading(),
      ...rights.starting(),
      ...rights.mitigating(),
    ]);
    acknowledge(this, { ...rights.reasons, ...doctor.reasons });
  }
}
