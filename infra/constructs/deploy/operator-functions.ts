import { Duration, type aws_logs as logs, type Stack } from 'aws-cdk-lib';
import { CONTINUE_ROLE } from '../../../functions/deploy/continue/contract.ts';
import { ENV } from '../../../functions/deploy/contract/environment.ts';
import { END_DRAIN_ROLE } from '../../../functions/deploy/end-drain/contract.ts';
import { RECORDS_ENV } from '../../../functions/records/keys.ts';
import { functionName } from '../../../functions/shared/naming.ts';
import type { ReleasesStack } from '../../stacks/releases-stack.ts';
import { HoldfastFunction } from '../holdfast-function.ts';
import { ownRecords } from '../records-table.ts';

export interface OperatorFunctionProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly releases: ReleasesStack;
  readonly logRetentionDays: logs.RetentionDays;
}

interface OperatorFunction {
  readonly id: string;
  readonly role: string;
  readonly description: string;
  readonly entry: string;
}

/** Records who ended the wait for a server's sessions or requests; operators may invoke it, and it verifies who calls. */
export const endDrainFunction = (stack: Stack, props: OperatorFunctionProps): void =>
  operatorFunction(stack, props, {
    id: 'EndDrain',
    role: END_DRAIN_ROLE,
    description: `Ends the wait of a deploy of ${props.fleetName} for the sessions or requests of a server`,
    entry: 'functions/deploy/end-drain/handler.ts',
  });

/** Records who lets a deploy go on that waits after its first targets; operators may invoke it, and it verifies who calls. */
export const continueFunction = (stack: Stack, props: OperatorFunctionProps): void =>
  operatorFunction(stack, props, {
    id: 'Continue',
    role: CONTINUE_ROLE,
    description: `Continues a deploy of ${props.fleetName} that waits after its first servers`,
    entry: 'functions/deploy/continue/handler.ts',
  });

function operatorFunction(
  stack: Stack,
  { installation, fleetName, releases, logRetentionDays }: OperatorFunctionProps,
  { id, role, description, entry }: OperatorFunction,
): void {
  const fn = new HoldfastFunction(stack, id, {
    functionName: functionName(installation, fleetName, role),
    description,
    entry,
    environment: {
      [RECORDS_ENV.fleet]: fleetName,
      [RECORDS_ENV.recordsTable]: releases.records.tableName,
      [ENV.installation]: installation,
    },
    logRetentionDays,
    timeout: Duration.seconds(30),
  });
  fn.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], [releases.records.tableArn], ownRecords(fleetName));
}
