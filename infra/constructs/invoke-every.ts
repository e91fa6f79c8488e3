import { aws_iam as iam, aws_scheduler as scheduler } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { HoldfastFunction } from './holdfast-function.ts';

export interface InvokeEveryProps {
  readonly name: string;
  readonly description: string;
  readonly minutes: number;
  readonly fn: HoldfastFunction;
  /** The `step` of each request that the schedule sends to the function. */
  readonly step: string;
}

/** Invokes a function on a schedule. One that is missed is not repeated: the next one comes in minutes, and does the same. */
export function invokeEvery(
  scope: Construct,
  id: string,
  { name, description, minutes, fn, step }: InvokeEveryProps,
): scheduler.CfnSchedule {
  const role = new iam.Role(scope, 'ScheduleRole', { assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com'), description });
  role.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [fn.alias.functionArn] }));
  const schedule = new scheduler.CfnSchedule(scope, id, {
    name,
    description,
    scheduleExpression: `rate(${minutes} minute${minutes === 1 ? '' : 's'})`,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: fn.alias.functionArn,
      roleArn: role.roleArn,
      input: JSON.stringify({ step }),
      retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
    },
  });
  // The role comes first: without its permission the schedule's first invocations would be lost.
  schedule.node.addDependency(role);
  return schedule;
}
