/**
 * Permissions that no scenario of `npm test` uses: each needs minutes, a fault of its own or a person.
 * What shows them instead stands with each. The fewer the better.
 */
import type { Permission } from '#local-aws/iam/compare-permissions.ts';

interface ShownElsewhere {
  /** Part of the role's name: the logical id of its function. */
  readonly role: string;
  /** @default all of them */
  readonly actions?: readonly string[];
  /** Parts of the resources. @default any */
  readonly resources?: readonly string[];
  /** The file or command that shows it. */
  readonly by: string;
}

const SHOWN_ELSEWHERE: readonly ShownElsewhere[] = [
  {
    role: 'EndDrainRole',
    by: 'test/e2e/trickling-request.full.test.ts in test:full: an operator ends the drain of a server with a request that never ends',
  },
  {
    role: 'DeployRollTargetRole',
    actions: ['lambda:InvokeFunction'],
    resources: ['store-check'],
    by: 'test/e2e/deploy-faults.test.ts in test:full: the store is compared when a bake has failed',
  },
  {
    role: 'RollingDeployRole',
    actions: ['states:StopExecution'],
    resources: ['clean-up'],
    by: 'test/e2e/clean-up.test.ts in test:full: a deploy is stopped while it waits for its clean-up',
  },
  {
    role: 'CleanUpRole',
    actions: ['states:DescribeExecution'],
    resources: [':holdfast-web-clean-up'],
    by: 'test/e2e/clean-up.test.ts in test:full, and in npm test where two clean-ups happen to meet: the second one looks at the first',
  },
  {
    role: 'ReconcileRole',
    actions: ['states:StartExecution', 'states:DescribeExecution'],
    resources: [':holdfast-web-launch', ':holdfast-web-terminate'],
    by: 'test/e2e/service-permissions.test.ts in test:full: the reconciler finds servers whose events were lost',
  },
  {
    role: 'RunbookStateMachineRole',
    actions: ['lambda:InvokeFunction'],
    resources: ['incidents-mitigate'],
    by: 'test/e2e/incidents-mitigate.full.test.ts: a runbook asks for mitigations when it has found a cause that has any',
  },
  {
    role: 'FunctionsTendRole',
    actions: ['lambda:InvokeFunction'],
    resources: ['store-witness'],
    by: 'test/e2e/incident-permissions.test.ts, by its policy, and test/functions/incidents/tend/watch-store.test.ts: an alarm has to stay on',
  },
  {
    role: 'FunctionsCollectRole',
    actions: ['cloudtrail:LookupEvents'],
    by: 'npm run bench:incidents, whose pages name what was searched: a run that a person asks for reads it, and an alarm leaves it to its re-check',
  },
  {
    role: 'FunctionsDoRole',
    by: 'test/e2e/incidents-mitigate.full.test.ts and incidents-outage.full.test.ts: a person has carried out what a runbook names',
  },
  {
    role: 'FunctionsMitigateRole',
    actions: ['elasticloadbalancing:DescribeTargetGroups', 'elasticache:ModifyReplicationGroup', 'dynamodb:BatchGetItem'],
    by: 'test/e2e/incidents-outage.full.test.ts, and test/e2e/incident-permissions.test.ts by its policy: a replica is promoted while no primary answers',
  },
  {
    role: 'FunctionsMitigateRole',
    actions: ['states:StartExecution'],
    resources: ['sweep'],
    by: 'npm run bench:incidents: a store is filled with keys without a TTL, and swept as the page says',
  },
  {
    role: 'FunctionsMitigateRole',
    actions: ['cloudwatch:GetMetricData'],
    by: 'test/e2e/incidents-outage.full.test.ts: the page of an outage asks what users get before it comes, and while it is there',
  },
  {
    role: 'CommandRole',
    actions: ['cloudwatch:GetMetricData', 'elasticloadbalancing:DescribeTargetGroups'],
    by: 'test/e2e/permissions.test.ts in test:full, and test/functions/deploy/people/look-at-people.test.ts: a bake without an access log lasts minutes',
  },
  {
    role: 'CommandRole',
    resources: ['stage-assets'],
    by: 'test/e2e/assets.full.test.ts in test:full: releases whose pages name files by their content',
  },
  {
    role: 'InstanceRole',
    actions: ['kms:Decrypt'],
    by: 'test/infra/environment.test.ts: Secrets Manager and Parameter Store decrypt with it for a key of the customer, which the local cloud has none of',
  },
  {
    role: 'LifecycleHandlerRole',
    resources: ['stage-assets'],
    by: 'test/functions/lifecycle in npm test, with the permissions of lab/simulation: a server launches into a fleet with assets',
  },
];

/** Whether another test shows the permission. */
export const isShownElsewhere = ({ role, action, resource }: Permission): boolean =>
  SHOWN_ELSEWHERE.some(
    (one) =>
      role.includes(one.role) &&
      (one.actions?.includes(action) ?? true) &&
      (one.resources?.some((part) => resource.includes(part)) ?? true),
  );
