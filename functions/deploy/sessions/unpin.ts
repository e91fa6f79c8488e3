import type { Records } from '../../records/records.ts';
import { BEFORE_INSTALL } from '../../records/touched-targets.ts';
import type { DeployRecord } from '../../records/types.ts';
import { isAwsError } from '../../shared/aws/classify-aws-error.ts';
import type { DrainRule } from '../../shared/aws/drain-rule.ts';
import { healthOf, type Registering, type Registration, type TargetGroup, type TargetHealth } from '../../shared/aws/target-group.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import type { DeployContext } from '../contract/common.ts';
import type { Checked, UnpinningProgress, UnpinningReply, WatchedPins, WatchedPinsReply } from '../contract/roll.ts';

interface UnpinningPorts {
  readonly records: Records;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth' | 'register'>;
  readonly drainGroup: Pick<TargetGroup, 'describeHealth' | 'deregister'>;
  readonly rule: Pick<DrainRule, 'read' | 'release'>;
  readonly log: Log;
  readonly now: () => number;
}

export async function readDrainState({
  rule,
  drainGroup,
  targetGroup,
}: Pick<UnpinningPorts, 'rule'> & {
  readonly drainGroup: Pick<TargetGroup, 'describeHealth'>;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth'>;
}): Promise<DrainState> {
  const [pattern, drain, main] = await Promise.all([rule.read(), targetsOf(drainGroup), targetGroup.describeHealth()]);
  return { pattern, drain, main };
}

/** A group that its owner deleted has no targets, which is no error: what a deploy left elsewhere is repaired all the same. */
async function targetsOf(group: Pick<TargetGroup, 'describeHealth'>): Promise<readonly TargetHealth[]> {
  try {
    return await group.describeHealth();
  } catch (error) {
    if (isAwsError(error, 'TargetGroupNotFound', 'TargetGroupNotFoundException')) return [];
    throw error;
  }
}

type Settings = Pick<DeployContext['settings'], 'ruleLagSeconds' | 'registerTimeoutSeconds'>;

type OfDeploy = Pick<DeployContext, 'fleet' | 'deployId'> & {
  readonly settings: Settings;
  /** Instances that Auto Scaling terminates, as far as they are known: they do not go back. */
  readonly terminating?: ReadonlySet<string>;
};

/** A server that a roll has gone on with after its sessions does not go back: another release is on it, or none. */
export const limitsOf = (
  { settings, terminating }: Pick<OfDeploy, 'settings' | 'terminating'>,
  record: Pick<DeployRecord, 'targets'> | undefined,
  nowMs: number,
): ReleaseLimits => ({
  nowMs,
  lagMs: settings.ruleLagSeconds * 1000,
  registerMs: settings.registerTimeoutSeconds * 1000,
  goesBack: (instanceId) => {
    if (terminating?.has(instanceId)) return false;
    const target = record?.targets[instanceId];
    if (!target) return true;
    const { phases = [target] } = target;
    const last = phases.findLast(({ phase }) => phase !== 'failed')?.phase ?? 'waiting';
    return BEFORE_INSTALL.has(last);
  },
});

/** One step of the way out: {@link decideRelease}. */
export async function stepRelease(
  ports: UnpinningPorts,
  deploy: OfDeploy,
  before: UnpinningProgress,
  hold: () => Promise<unknown>,
): Promise<UnpinningReply> {
  const [front, record] = await Promise.all([readDrainState(ports), ports.records.getDeploy(deploy.fleet, deploy.deployId)]);
  const next = decideRelease(front, before, limitsOf(deploy, record, ports.now()));
  const release = await carryOut(ports, deploy, next, hold);
  return { verdict: next.action === 'done' ? 'DONE' : 'WAIT', release };
}

/** The rule takes no session where the servers behind it have failed; else nothing is changed. */
export async function releaseFailed(ports: UnpinningPorts, deploy: OfDeploy, hold: () => Promise<unknown>): Promise<Checked> {
  const front = await readDrainState(ports);
  if (isPinFailed(front)) await carryOut(ports, deploy, { action: 'release', progress: NOT_RELEASED }, hold);
  return { verdict: 'DONE' };
}

/** One look of {@link releaseFailed}, for a caller that looks again until the time is over. */
export async function releaseFailedFor(
  ports: UnpinningPorts,
  { seconds, sinceMs, ...of }: WatchedPins & { readonly deploy: Parameters<typeof releaseFailed>[1] },
  hold: () => Promise<unknown>,
): Promise<WatchedPinsReply> {
  await releaseFailed(ports, of.deploy, hold);
  const nowMs = ports.now();
  const begunMs = sinceMs || nowMs;
  return { verdict: nowMs - begunMs >= seconds * 1000 ? 'DONE' : 'WAIT', sinceMs: begunMs };
}

/** @returns how far it is: that the rule takes no session counts from the end of the call, which can be repeated for half a minute */
export async function carryOut(
  ports: UnpinningPorts,
  deploy: Pick<DeployContext, 'fleet' | 'deployId'>,
  next: ReleaseAction,
  hold: () => Promise<unknown>,
): Promise<UnpinningProgress> {
  const { rule, drainGroup, log, now } = ports;
  const { deployId } = deploy;
  if (next.action === 'release') {
    await rule.release(hold);
    log.info(LOG_EVENTS.drainRuleChanged, { deployId, pinned: false });
    return { ...next.progress, neutralSinceMs: now() };
  }
  if (next.action === 'leave') {
    for (const { instanceId, registrations } of next.targets) {
      await hold();
      await drainGroup.deregister(instanceId, registrations);
    }
  }
  if (next.action !== 'register') return next.progress;
  const replies: Registering[] = [];
  for (const { instanceId, registrations } of next.targets) replies.push(await registerIfRunning(ports, instanceId, registrations, hold));
  return { ...next.progress, ...(replies.some(({ registered }) => !registered) && { awaitsDelay: true }) };
}

/** An instance that was stopped meanwhile cannot be registered: the wait for it lasts until the registration times out. */
async function registerIfRunning(
  { targetGroup }: Pick<UnpinningPorts, 'targetGroup'>,
  instanceId: string,
  registrations: readonly Registration[] | undefined,
  hold: () => Promise<unknown>,
): Promise<Registering> {
  try {
    return await targetGroup.register(instanceId, registrations, hold);
  } catch (error) {
    if (!isAwsError(error, 'InvalidTargetException')) throw error;
    return { registered: true };
  }
}

/** The drain rule and the targets of both groups, as they are now. */
export interface DrainState {
  /** The pattern by which the drain rule recognizes the sessions that it takes; undefined while it takes none. */
  readonly pattern: string | undefined;
  /** Targets of the drain group. */
  readonly drain: readonly TargetHealth[];
  /** Targets of the fleet's own group. */
  readonly main: readonly TargetHealth[];
}

export interface ReleaseLimits {
  readonly nowMs: number;
  /** How long a change takes until every node of the load balancer follows it. */
  readonly lagMs: number;
  /** How long the release waits for a server that goes back into the main group to become healthy there. */
  readonly registerMs: number;
  /** Whether the server's previous release still serves, so that its sessions can go on in the main group. */
  readonly goesBack: (instanceId: string) => boolean;
}

export type ReleaseAction = (
  | { readonly action: 'done' | 'wait' }
  /** These targets are registered in the main group, at the ports that they have in the drain group. */
  | { readonly action: 'register'; readonly targets: readonly TargetHealth[] }
  /** The drain rule is changed so that it takes no session. */
  | { readonly action: 'release' }
  /** These targets are deregistered from the drain group. */
  | { readonly action: 'leave'; readonly targets: readonly TargetHealth[] }
) & { readonly progress: UnpinningProgress };

export const NOT_RELEASED: UnpinningProgress = { waitingSinceMs: 0, healthySinceMs: 0, neutralSinceMs: 0 };

/**
 * The next step towards a drain rule that takes no session and an empty drain group. While a pinned server still serves and is to go back,
 * it is registered in the main group first, and the rule is released once every node of the load balancer knows it to be healthy there:
 * its users' cookies name it there, so that they stay with it. Without such a server the rule is released at once, because the
 * load balancer sends requests to the only target of a group whatever its health is. The drain group is emptied last, once every node
 * follows the changed rule: a node that still led sessions to an empty group would answer 503.
 */
export function decideRelease({ pattern, drain, main }: DrainState, before: UnpinningProgress, limits: ReleaseLimits): ReleaseAction {
  const { nowMs, lagMs, registerMs, goesBack } = limits;
  const members = membersOf(drain);
  if (pattern === undefined) {
    if (members.length === 0) return { action: 'done', progress: NOT_RELEASED };
    const progress = { ...before, neutralSinceMs: before.neutralSinceMs || nowMs };
    const isEverywhere = nowMs - progress.neutralSinceMs >= lagMs;
    return isEverywhere ? { action: 'leave', targets: members, progress } : { action: 'wait', progress };
  }
  const release: ReleaseAction = { action: 'release', progress: { ...before, neutralSinceMs: 0 } };
  const serving = members.filter(({ instanceId, state }) => state === 'healthy' && goesBack(instanceId));
  if (serving.length === 0) return release;
  const waitingSinceMs = before.waitingSinceMs || nowMs;
  const isHealthy = serving.every(({ instanceId }) => healthOf(instanceId, main).state === 'healthy');
  const { awaitsDelay, ...rest } = before;
  const progress = { ...rest, waitingSinceMs, healthySinceMs: isHealthy ? before.healthySinceMs || nowMs : 0 };
  const isOver = nowMs - waitingSinceMs >= registerMs + lagMs;
  const out = serving.filter(({ instanceId }) => ['unused', 'draining'].includes(healthOf(instanceId, main).state));
  if (out.length > 0 && (before.waitingSinceMs === 0 || (awaitsDelay && !isOver))) return { action: 'register', targets: out, progress };
  const isBack = isHealthy && nowMs - progress.healthySinceMs >= lagMs;
  return isBack || isOver ? release : { action: 'wait', progress };
}

/** Whether the rule sends sessions to servers of which none is healthy: the only target of a group gets requests whatever its health is. */
export const isPinFailed = ({ pattern, drain }: DrainState): boolean =>
  pattern !== undefined && !membersOf(drain).some(({ state }) => state === 'healthy');

/** The group's targets, without those that are leaving it. */
export const membersOf = (group: readonly TargetHealth[]): readonly TargetHealth[] => group.filter(({ state }) => state !== 'draining');
