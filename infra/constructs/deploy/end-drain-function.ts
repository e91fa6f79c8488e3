import { Duration, type aws_logs as logs, type Stack } from 'aws-cdk-lib';
import { ENV } from '../../../functions/deploy/contract/environment.ts';
import { END_DRAIN_ROLE } from '../../../functions/deploy/end-drain/contract.ts';
import { RECORDS_ENV } from '../../../functions/records/environment.ts';
import { functionName } from '../../../functions/shared/naming.ts';
import type { ReleasesStack } from '../../stacks/releases-stack.ts';
import { HoldfastFunction } from '../holdfast-function.ts';
import { ownRecords } from '../records-table.ts';

export interface EndDrainFunctionProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly releases: ReleasesStack;
  readonly logRetentionDays: logs.RetentionDays;
}

/** Records who ended the wait for a server's sessions; operators may invoke it, and it verifies who calls. */
export function endDrainFunction(stack: Stack, { installation, fleetName, releases, logRetentionDays }: EndDrainFunctionProps): void {
  const fn = new HoldfastFunction(stack, 'EndDrain', {
    functionName: functionName(installation, fleetName, END_DRAIN_ROLE),
    description: `Ends the wait of a deploy of ${fleetName} for the sessions of a server`,
    entry: 'functions/deploy/end-drain/handler.ts',
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
