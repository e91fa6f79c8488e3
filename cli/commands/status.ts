import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { DeployRecord, InstanceRecord, LockRecord } from '../../functions/shared/record-types.ts';
import { type Cloud, type CloudOptions, connect } from '../cloud.ts';
import { inOrder, targetLine } from '../deploy-progress.ts';
import type { Output } from '../output.ts';

/** What the fleet runs, what each instance has, who holds the lock, and the latest deploy. */
export async function status(options: CloudOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.say(cloud.title);
  const [fleet, instances, lock, [latest]] = await Promise.all([
    cloud.records.getFleet(cloud.fleet),
    cloud.records.getInstances(cloud.fleet),
    cloud.records.getLock(cloud.fleet),
    cloud.records.latestDeploys(cloud.fleet, 1),
  ]);
  const executionStatus = latest && (await statusOf(cloud, latest));
  const nowMs = Date.now();
  const { account, region } = cloud;
  const value = {
    account,
    region,
    fleet: cloud.fleet,
    currentVersion: fleet?.currentVersion ?? null,
    instances,
    deployInProgress: lock?.deployId ?? null,
    lock: lock?.deployId === undefined ? null : { ...lock, openDeploys: [...(lock.openDeploys ?? [])] },
    latestDeploy: latest ? { ...latest, executionStatus } : null,
  };
  output.result(value, () =>
    [
      `release  ${fleet?.currentVersion ?? 'none yet: publish one with "npx holdfast releases publish VERSION PATH"'}`,
      ...instances.map((instance: InstanceRecord) => `  ${instance.instanceId}  ${instance.version}`),
      lockLine(lock, nowMs),
      ...(latest ? deployLines(latest, executionStatus ?? latest.status, nowMs) : []),
    ].join('\n'),
  );
}

/** A deploy that was stopped by force could not write its end: then its execution knows, and the record says RUNNING. */
async function statusOf(cloud: Cloud, { status: recorded, executionArn }: DeployRecord): Promise<string> {
  if (recorded !== 'RUNNING') return recorded;
  const execution = await cloud.stepFunctions.send(new DescribeExecutionCommand({ executionArn })).catch((error: Error) => {
    if (error.name === 'ExecutionDoesNotExist') return undefined;
    throw error;
  });
  return execution?.status ?? recorded;
}

/** Who holds the lock, since when, and whether the holder still renews its lease. */
export function lockLine(lock: LockRecord | undefined, nowMs: number): string {
  if (lock?.deployId === undefined) return 'lock     free';
  const since = lock.acquiredAtMs === undefined ? '' : ` since ${new Date(lock.acquiredAtMs).toISOString()}`;
  const expired = lock.expiresAtMs !== undefined && lock.expiresAtMs <= nowMs;
  const until = lock.expiresAtMs === undefined ? '' : `, lease until ${new Date(lock.expiresAtMs).toISOString()}`;
  const lease = expired ? ', whose lease has expired: the next deploy takes it over' : until;
  return `lock     held${since} by ${lock.requestedBy ?? 'somebody'} for ${lock.version ?? 'a release'}, deploy ${lock.deployId}${lease}`;
}

function deployLines(deploy: DeployRecord, executionStatus: string, nowMs: number): string[] {
  const { from, to, stage, error } = deploy;
  return [
    `latest   ${from} → ${to}  ${executionStatus}${deploy.status === 'RUNNING' ? `, ${stage}` : ''}  ${deploy.deployId}`,
    ...(error ? [`  ${error.Error}: ${error.Cause}`] : []),
    ...inOrder(deploy).map(([id, target]) => targetLine(id, target, nowMs)),
  ];
}
