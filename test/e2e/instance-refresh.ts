/** Instance refreshes of the kept fleet, as docs/servers.md starts them, with a warm-up that fits the local health checks. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CancelInstanceRefreshCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  type InstanceRefresh,
  type RefreshPreferences,
  StartInstanceRefreshCommand,
} from '@aws-sdk/client-auto-scaling';
import { until } from '../until.ts';
import { autoScaling, GROUP } from './fleet.ts';

const PREFERENCES: RefreshPreferences = { MinHealthyPercentage: 100, MaxHealthyPercentage: 100, InstanceWarmup: 5 };

export async function startRefresh(more: RefreshPreferences = {}, AutoScalingGroupName = GROUP): Promise<string> {
  const command = new StartInstanceRefreshCommand({ AutoScalingGroupName, Preferences: { ...PREFERENCES, ...more } });
  return (await autoScaling.send(command)).InstanceRefreshId as string;
}

export async function cancelRefresh(): Promise<void> {
  await autoScaling.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName: GROUP }));
}

export async function readRefresh(id: string, AutoScalingGroupName = GROUP): Promise<InstanceRefresh> {
  const command = new DescribeInstanceRefreshesCommand({ AutoScalingGroupName, InstanceRefreshIds: [id] });
  return (await autoScaling.send(command)).InstanceRefreshes?.[0] ?? {};
}

/** The refresh that has ended, and every server that it has ended has gone. */
export const untilRefreshed = (id: string, group = GROUP): Promise<InstanceRefresh> =>
  until(
    async () => {
      const refresh = await readRefresh(id, group);
      const members = await templateVersions(group);
      return refresh.EndTime && Object.values(members).every(({ state }) => state === 'InService') ? refresh : undefined;
    },
    `the end of instance refresh ${id}`,
    240_000,
  );

/** What each member of the group was launched from. */
export async function templateVersions(group = GROUP): Promise<Record<string, { readonly state: string; readonly version: string }>> {
  return Object.fromEntries(
    ((await describe(group))?.Instances ?? []).map(({ InstanceId = '', LifecycleState: state = '', LaunchTemplate }) => [
      InstanceId,
      { state, version: LaunchTemplate?.Version ?? '' },
    ]),
  );
}

const describe = async (group: string) =>
  (await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] }))).AutoScalingGroups?.[0];

/** Members in service that began to leave while the refresh was suspended. @param work what suspends it, and resumes it at its end */
export async function leaversWhilePaused<T>(work: Promise<T>): Promise<{ readonly ended: T; readonly leavers: readonly string[] }> {
  const leavers: string[] = [];
  let [isOver, before, pauses] = [false, [] as string[], 0];
  const watch = async () => {
    while (!isOver) {
      const { Instances = [], SuspendedProcesses = [] } = (await describe(GROUP)) ?? {};
      const isPaused = SuspendedProcesses.some(({ ProcessName }) => ProcessName === 'InstanceRefresh');
      const now = Instances.flatMap(({ InstanceId = '', LifecycleState }) => (LifecycleState === 'InService' ? [InstanceId] : []));
      leavers.push(...before.filter((id) => isPaused && !now.includes(id)));
      before = isPaused ? now : [];
      pauses += Number(isPaused);
      await sleep(200);
    }
  };
  const watching = watch();
  const ended = await work.finally(() => {
    isOver = true;
  });
  await watching;
  if (pauses === 0) throw new Error('InstanceRefresh was never suspended');
  return { ended, leavers };
}
