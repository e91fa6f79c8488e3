/**
 * Permissions that no scenario of `npm test` uses: each needs minutes, a fault of its own or a person.
 * What shows them instead stands with each. The fewer the better.
 */
import type { Permission } from '../../local/aws/iam/compare-permissions.ts';

interface ShownElsewhere {
  /** Part of the role's name: the logical id of its function. */
  readonly role: string;
  /** @default all of them */
  readonly actions?: readonly string[];
  /** Part of the resource. @default any */
  readonly resource?: string;
  /** The file or command that shows it. */
  readonly by: string;
}

const SHOWN_ELSEWHERE: readonly ShownElsewhere[] = [
  {
    role: 'DeployRollTargetRole',
    actions: ['lambda:InvokeFunction'],
    resource: 'store-check',
    by: 'test/e2e/deploy-faults.test.ts in test:full: the store is compared when a bake has failed',
  },
  {
    role: 'ReconcileRole',
    actions: ['elasticloadbalancing:DescribeTags'],
    by: 'test/e2e/clean-up.test.ts in test:full: a listener rule whose deploy has ended',
  },
  {
    role: 'FunctionsMitigateRole',
    by: 'test/functions/incidents/mitigate: each mitigation against the local AWS; a runbook carries one out only with a fault to mitigate',
  },
  {
    role: 'FunctionsTendRole',
    by: 'test/functions/incidents/tend.test.ts: what a dead runbook left, and what could not be sent, is minutes old before it is tended',
  },
  { role: 'FunctionsApproveRole', by: 'test/functions/incidents/approve: a person answers while a runbook waits' },
  {
    role: 'FunctionsControlRole',
    actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'],
    by: 'test/functions/incidents: an approval, and a runbook that a person starts, need more than an alarm',
  },
  {
    role: 'FunctionsCollectRole',
    actions: ['ssm:CancelCommand', 'ssm:SendCommand', 'dynamodb:Query', 'dynamodb:BatchGetItem', 'elasticache:DescribeEvents'],
    by: 'npm run bench:incidents: sources that an incident of the memory has nothing to read from',
  },
  {
    role: 'FunctionsCollectStoreRole',
    actions: ['dynamodb:PutItem'],
    by: 'test/e2e/incidents.test.ts: whichever source comes first makes the key of the hashes, mostly one outside the VPC',
  },
];

/** Whether another test shows the permission. */
export const isShownElsewhere = ({ role, action, resource }: Permission): boolean =>
  SHOWN_ELSEWHERE.some(
    (one) => role.includes(one.role) && (one.actions?.includes(action) ?? true) && resource.includes(one.resource ?? ''),
  );
