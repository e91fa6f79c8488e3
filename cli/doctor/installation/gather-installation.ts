import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { GetAccountSummaryCommand, type IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { SHARED_LIMITS } from '../../../functions/shared/limits/service-limits.ts';
import type { Clients } from '../clients.ts';
import type { InstallationLookups } from '../facts.ts';
import { aboutResource, lookUp, NotFound, SKIPPED } from '../lookup.ts';
import type { StoreScope } from '../subject.ts';

/** Protection of the installation's last stack and of its table. An ephemeral installation has none. */
export async function gatherProtection(
  { cloudFormation, dynamoDb }: Pick<Clients, 'cloudFormation' | 'dynamoDb'>,
  { protection, recordsTable }: StoreScope,
): Promise<Pick<InstallationLookups, 'terminationProtection' | 'tableProtection'>> {
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

export function gatherRoles(iam: IAMClient): Promise<InstallationLookups['roles']> {
  const about = { what: 'how many roles the account has', resource: 'roles', action: 'iam:GetAccountSummary' };
  return lookUp({ ...about, unlessAllowed: "the operator's policy allows it" }, async () => {
    const { SummaryMap: { Roles, RolesQuota = SHARED_LIMITS.rolesOfAccount } = {} } = await iam.send(new GetAccountSummaryCommand({}));
    if (Roles === undefined) throw new Error('the answer has no Roles');
    return { used: Roles, most: RolesQuota };
  });
}

/** This machine's clock minus AWS's, by the Date header of a response, which has a resolution of one second. */
export function gatherClock(sts: STSClient, now: () => number): Promise<InstallationLookups['clockSkewMs']> {
  const about = { what: "AWS's clock", resource: 'clock', action: 'sts:GetCallerIdentity', named: true };
  return lookUp(about, async () => {
    let date: string | undefined;
    sts.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        date = (result.response as { headers?: Record<string, string> }).headers?.['date'];
        return result;
      },
      { step: 'deserialize', name: 'readDate', override: true },
    );
    const beforeMs = now();
    await sts.send(new GetCallerIdentityCommand({}));
    const middleMs = (beforeMs + now()) / 2;
    const theirsMs = Date.parse(date ?? '');
    if (Number.isNaN(theirsMs)) throw new NotFound();
    return middleMs - theirsMs;
  });
}
