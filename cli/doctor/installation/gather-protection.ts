import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { Clients } from '../clients.ts';
import { aboutResource, lookUp, NotFound, SKIPPED } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import type { InstallationLookups } from './installation-facts.ts';

/** Protection of the installation's last stack and of its table. An ephemeral installation has none. */
export async function gatherProtection(
  { cloudFormation, dynamoDb }: Pick<Clients, 'cloudFormation' | 'dynamoDb'>,
  { protection, recordsTable }: Subject,
): Promise<Omit<InstallationLookups, 'clockSkewMs' | 'zones'>> {
  if (!protection) return { terminationProtection: SKIPPED, tableProtection: SKIPPED };
  const { stackName } = protection;
  // "Stack with id … does not exist": CloudFormation has no error of its own for that.
  const stack = aboutResource('stack', stackName, 'cloudformation:DescribeStacks', { absentOn: ['ValidationError'] });
  const table = aboutResource('table', recordsTable, 'dynamodb:DescribeTable', { absentOn: ['ResourceNotFoundException'] });
  const [terminationProtection, tableProtection] = await Promise.all([
    lookUp(stack, async () => {
      const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
      if (!Stacks?.[0]) throw new NotFound();
      return Stacks[0].EnableTerminationProtection ?? false;
    }),
    lookUp(table, async () => {
      const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName: recordsTable }));
      return Table?.DeletionProtectionEnabled ?? false;
    }),
  ]);
  return { terminationProtection, tableProtection };
}
