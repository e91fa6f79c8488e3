/** Asks single functions of the fleet as its state machines do, holding the fleet's lock with a deploy of its own. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { DeployContext } from '../../functions/deploy/contract/common.ts';
import type { Suspension } from '../../functions/records/suspension.ts';
import type { Lease } from '../../functions/records/types.ts';
import type { LifecycleAction } from '../../functions/shared/aws/auto-scaling.ts';
import { functionName } from '../../functions/shared/naming.ts';
import { until } from '../until.ts';
import { cloud, currentVersion, GROUP, groupInstances, kept } from './fleet.ts';

const lambda = new LambdaClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });

/** What the steps are asked with: a deploy that holds the fleet's lock, and one real instance. */
export interface Subject {
  readonly deploy: DeployContext;
  readonly lease: Lease;
  readonly instanceId: string;
  readonly current: string;
  /** An open action, of another instance. @default one that is not open, of the instance */
  readonly launching?: () => Promise<LifecycleAction>;
}

export const suspension: Suspension = { autoScalingGroupName: GROUP, alreadySuspended: [], suspendedByDeploy: ['AZRebalance'], round: 1 };

/** A function, by the end of its name. @param part `store` for one of the store's, `incidents` for one of theirs */
export async function ask(name: string, request: object, part = 'web'): Promise<{ failed: boolean; value: Record<string, unknown> }> {
  const FunctionName = `${functionName('holdfast', part, name)}:live`;
  const reply = await lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(request)) }));
  return {
    failed: reply.FunctionError !== undefined,
    value: JSON.parse(Buffer.from(reply.Payload ?? []).toString()) as Record<string, unknown>,
  };
}

/** @throws Error with what the function failed with */
export async function asked<T>(name: string, request: object, part?: string): Promise<T> {
  const { failed, value } = await ask(name, request, part);
  if (failed) throw new Error(`${name}: ${JSON.stringify(value)}`);
  return value as T;
}

/** Begins a deploy of the current release, and stops short of rolling anything. */
export async function holdFleet(purpose: string): Promise<Subject> {
  const current = await currentVersion();
  const [instance] = await groupInstances();
  const executionName = `${purpose}-${Date.now()}`;
  const execution = { executionName, executionArn: `arn:aws:states:::execution:any:${executionName}`, startTime: new Date().toISOString() };
  const valid = await asked<DeployContext>('deploy-control', { step: 'validate', input: { version: current }, ...execution });
  const deploy = { ...valid, settings: { ...valid.settings, alarmNames: ['any'] } };
  const lease = await until(
    () => asked<Lease>('deploy-control', { step: 'acquireLock', deploy }).catch(() => undefined),
    'the lock is free',
  );
  // Its execution is made up: the reconciler would take it for a deploy that died.
  await (await cloud()).records.closeDeploy('web', deploy.deployId);
  return { deploy, lease, instanceId: instance?.id as string, current };
}

export async function letFleetGo({ deploy, lease }: Subject): Promise<void> {
  await asked('deploy-scaling', { step: 'resume', deploy, lease, suspension });
  await asked('deploy-control', { step: 'report', deploy });
  await asked('deploy-control', { step: 'releaseLock', deploy, lease });
}

/** The lifecycle action of an instance, as an event carries it; none that is active. */
export const lifecycleAction = (instanceId: string) => ({
  autoScalingGroupName: GROUP,
  lifecycleHookName: 'wait-until-idle',
  lifecycleActionToken: '00000000-0000-0000-0000-000000000000',
  instanceId,
});
