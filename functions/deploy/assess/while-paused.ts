import type { Records } from '../../records/records.ts';
import type { DeployRecord, FleetRecord } from '../../records/types.ts';
import { counted } from '../../shared/texts.ts';
import { addWarnings, newOnes } from '../add-warnings.ts';
import type { NextTarget } from '../contract/assess-steps.ts';
import type { DeployContext } from '../contract/common.ts';
import { PauseTimedOut, TargetFailed } from '../errors.ts';
import { doneOf, pauseWaitSeconds, serversOf } from '../pause/decide-pause.ts';
import { warnOfPause } from '../pause/pause-text.ts';
import type { DeploySettings } from '../settings/settings.ts';
import type { FleetMember } from './fleet-members.ts';
import { stopOnAlarms, type WatchPorts } from './watch-alarms.ts';

export interface PausePorts extends WatchPorts {
  readonly records: Records;
}

/** The fleet as it is now, for a deploy that waits. */
export interface PausedFleet {
  readonly record: DeployRecord;
  readonly current: FleetRecord | undefined;
  readonly members: readonly FleetMember[];
  readonly storeFailedOver: boolean | undefined;
  readonly nowMs: number;
}

type Decision = Omit<NextTarget, 'atWork'>;

/** The first targets are done: the deploy waits from now on. */
export const begins = ({ pollSeconds }: Pick<DeploySettings, 'pollSeconds'>): Decision => ({
  verdict: 'PAUSE',
  waitingSinceMs: 0,
  announces: true,
  waitSeconds: Math.max(1, pollSeconds),
});

/**
 * A look at a deploy that waits to be continued. What would fail a bake or the end of the deploy ends the wait at once, and the same
 * clean-up follows; so does the end of its time. That is written only where nobody has continued it: of the two, the first one counts.
 * @throws TargetFailed, AlarmFired
 */
export async function holdWhilePaused(
  ports: PausePorts,
  deploy: DeployContext,
  { record, current, members, storeFailedOver = false, nowMs }: PausedFleet,
): Promise<Decision> {
  const { fleet, deployId, version, settings } = deploy;
  const { pause, targets } = record;
  if (pause === undefined) throw new TypeError(`deploy ${deployId} does not wait`);
  const done = doneOf(targets);
  const facts = { storeFailedOver, done, members, goesBackAnyway: deploy.recover || current === undefined, settings };
  await addWarnings(ports.records, deploy, newOnes(record, warnOfPause(facts)));
  const failure = judgeNewTargets({ version, done, members, storeFailedOver });
  if (failure) throw failure;
  await stopOnAlarms(ports, deploy, { record, current, storeFailedOver });
  if (nowMs < pause.endsAtMs)
    return { verdict: 'PAUSE', waitingSinceMs: 0, waitSeconds: pauseWaitSeconds(pause, settings.pollSeconds, nowMs) };
  const { name, message } = new PauseTimedOut(
    `nobody continued the deploy within ${counted(settings.pauseMinutes, 'minute')} after ${done.length} of ${serversOf(targets)} servers had release ${version}`,
  );
  const error = { Error: name, Cause: message };
  if (await ports.records.failPause(fleet, deployId, error)) return { verdict: 'FAILED', waitingSinceMs: 0, error };
  // Continued at the last moment: the next look finds that.
  return { verdict: 'PAUSE', waitingSinceMs: 0, waitSeconds: 1 };
}

/** What the load balancer shows of the servers that have the release while a deploy waits. */
export interface NewTargets {
  readonly version: string;
  /** Ids of the targets that the deploy has brought the release to. */
  readonly done: readonly string[];
  readonly members: readonly FleetMember[];
  /** The session store's primary changed in mid-deploy. */
  readonly storeFailedOver: boolean;
}

/**
 * Why a wait cannot end well any more: a server with the release has turned unhealthy, as its bake would have failed, or none is left that
 * serves, so that nobody could see how the release does. After a failover of the store, which may be
 * the cause of unhealthy servers as of alarms, the operator judges both.
 */
export function judgeNewTargets({ version, done, members, storeFailedOver }: NewTargets): TargetFailed | undefined {
  if (storeFailedOver) return undefined;
  const present = members.filter(({ instanceId, lifecycle }) => done.includes(instanceId) && lifecycle === 'inService');
  const unhealthy = present.filter(({ health }) => health === 'unhealthy').map(({ instanceId }) => instanceId);
  const whileItWaited = 'while the deploy waited to be continued';
  if (unhealthy.length > 0) return new TargetFailed(`${unhealthy.join(', ')} turned unhealthy with release ${version} ${whileItWaited}`);
  if (present.some(({ health }) => health === 'healthy' || health === 'initial')) return undefined;
  return new TargetFailed(`no server with release ${version} serves any more (${done.join(', ')}) ${whileItWaited}`);
}
