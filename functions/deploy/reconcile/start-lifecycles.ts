import type { AutoScalingGroup, GroupMember } from '../../shared/aws/auto-scaling.ts';
import type { Executions } from '../../shared/aws/executions.ts';
import { LIFECYCLE_HOOKS, type LifecycleKind, type LifecycleStart } from '../../shared/foreign-hooks.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import type { Polling } from '../../shared/poll.ts';
import * as z from '../../shared/schema.ts';

/** The group whose members wait in hooks, and the machine for each kind of wait. */
export interface LifecycleMachines {
  readonly group: Pick<AutoScalingGroup, 'name' | 'describe'>;
  readonly machineArns: Readonly<Record<LifecycleKind, string>>;
  readonly polling: Polling;
}

export interface LifecyclePorts {
  readonly executions: Pick<Executions, 'describe' | 'startOnce' | 'running'>;
  readonly log: Log;
}

/** Times that one instance's machine is started; then the hook's own time-out abandons the launch, or lets the termination go on. */
const MOST_STARTS = 3;
/** EventBridge delivers within seconds. */
const EVENT_PAUSE_MS = 10_000;

/**
 * Starts the launch or termination of each member that waits for it in its hook with no execution for it: Auto Scaling's events are
 * best-effort, and a rule works some time after its creation only.
 * @returns ids of the instances
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-autoscaling.html
 */
export async function startLifecycles(ports: LifecyclePorts, machines: LifecycleMachines): Promise<readonly string[]> {
  const before = await listUnattended(ports, machines);
  if (before.length === 0) return [];
  await machines.polling.pause(EVENT_PAUSE_MS);
  const started: string[] = [];
  for (const one of stillUnattended(before, await listUnattended(ports, machines))) {
    if (await startOne(ports, machines, one)) started.push(one.instanceId);
  }
  return started;
}

async function listUnattended({ executions }: LifecyclePorts, { group, machineArns }: LifecycleMachines): Promise<readonly Unattended[]> {
  const { members } = await group.describe();
  const attended = async (kind: LifecycleKind): Promise<ReadonlySet<string>> => {
    const running = await executions.running(machineArns[kind]);
    return new Set(await Promise.all(running.map(async (arn) => instanceOf((await executions.describe(arn))?.input))));
  };
  const [launch, terminate] = await Promise.all([attended('launch'), attended('terminate')]);
  return findUnattended(members, { launch, terminate });
}

const start = z.object({ detail: z.object({ EC2InstanceId: z.string() }) });

/** Empty for an execution that somebody started with another input. */
function instanceOf(input: string = '{}'): string {
  const { data } = start.safeParse(JSON.parse(input));
  return data?.detail.EC2InstanceId ?? '';
}

/** Under a name for each attempt, so that two reconcilers start one. */
async function startOne({ executions, log }: LifecyclePorts, { group, machineArns }: LifecycleMachines, { kind, instanceId }: Unattended) {
  const input: LifecycleStart = {
    detail: {
      AutoScalingGroupName: group.name,
      LifecycleHookName: LIFECYCLE_HOOKS[kind],
      LifecycleActionToken: '',
      EC2InstanceId: instanceId,
    },
  };
  for (let attempt = 1; attempt <= MOST_STARTS; attempt += 1) {
    if (await executions.startOnce(machineArns[kind], `${instanceId}-reconciled-${attempt}`, input)) {
      log.info(LOG_EVENTS.lifecycleStarted, { instanceId, kind, attempt });
      return true;
    }
  }
  log.warn(LOG_EVENTS.lifecycleGivenUp, { instanceId, kind, attempts: MOST_STARTS });
  return false;
}

/** An instance that waits in a lifecycle hook, and that no machine works on. */
export interface Unattended {
  readonly kind: LifecycleKind;
  readonly instanceId: string;
}

const WAITING: Readonly<Record<string, LifecycleKind>> = { 'Pending:Wait': 'launch', 'Terminating:Wait': 'terminate' };

/** Members that wait in a hook without a machine. @param attended instance ids of the executions that run, by the machine */
export function findUnattended(
  members: readonly GroupMember[],
  attended: Readonly<Record<LifecycleKind, ReadonlySet<string>>>,
): readonly Unattended[] {
  return members.flatMap(({ instanceId, lifecycleState }) => {
    const kind = WAITING[lifecycleState];
    return kind === undefined || attended[kind].has(instanceId) ? [] : [{ kind, instanceId }];
  });
}

/** Those that were unattended before and are now: the event of one that has just begun to wait may be on its way. */
export const stillUnattended = (before: readonly Unattended[], now: readonly Unattended[]): readonly Unattended[] =>
  now.filter(({ kind, instanceId }) => before.some((one) => one.kind === kind && one.instanceId === instanceId));
