import { counted } from '../shared/texts.ts';
import { NO_RELEASE } from '../shared/version.ts';
import { isLeft, isNotRolledBack, touchedTargets } from './touched-targets.ts';
import type { DeployPeople, DeployRecord, InstanceRecord, LockRecord, Phase, TargetProgress } from './types.ts';

/** `FAILED, not rolled back`, `SUCCEEDED, without 1 server, with 2 warnings`; for a running deploy its stage. */
export function outcomeText({
  status,
  stage,
  rolledBack,
  targets,
  warnings,
  expect,
}: Pick<DeployRecord, 'status' | 'stage' | 'rolledBack' | 'targets' | 'warnings' | 'expect'>): string {
  if (status === 'RUNNING') return `RUNNING, ${stage}`;
  if (status !== 'SUCCEEDED') return `${status}${rollbackWords({ status, rolledBack, targets })}`;
  const leftOut = leftOutOf(targets).length;
  return `SUCCEEDED${leftOut > 0 ? `, without ${counted(leftOut, 'server')}` : ''}${expect === undefined ? '' : `, ${expect} expected`}${warningWords(warnings)}`;
}

/** `, rolled back` or `, not rolled back` after the end of a deploy that failed; empty where no server left its release. */
export const rollbackWords = (deploy: Pick<DeployRecord, 'status' | 'rolledBack' | 'targets'>): string =>
  deploy.rolledBack ? ', rolled back' : isNotRolledBack(deploy) ? ', not rolled back' : '';

/** What does not stop a deploy, by its fleet's setting or by the word of who started it. */
export function letThroughWords({
  expect,
  settings,
}: Pick<DeployRecord, 'expect'> & { settings?: object | undefined }): string | undefined {
  if (settings && 'onPeople' in settings && settings.onPeople === 'report')
    return 'deploy.onPeople is "report": users turned away and broken pages do not stop this deploy.';
  if (expect === undefined) return undefined;
  return `--expect ${expect}: ${expect === 'pages' ? 'missing parts of pages' : 'users who are logged out or refused'} do not stop this deploy.`;
}

/** `by the access log (3 servers): as before`; `unchecked: …`. */
export function peopleText({ source, servers, verdict, detail }: DeployPeople): string {
  if (verdict === 'unchecked') return `unchecked: ${detail}`;
  const by = source === 'access log' ? `by the access log (${counted(servers, 'server')})` : 'by the load balancer, after minutes';
  if (verdict === 'planned') return by;
  return `${by}: ${{ fine: 'as before', tooFew: `too few to judge: ${detail}`, hurt: detail }[verdict]}`;
}

/** `, with 2 warnings`; empty without any. */
export const warningWords = (warnings: readonly string[] = []): string =>
  warnings.length === 0 ? '' : `, with ${counted(warnings.length, 'warning')}`;

const PHASE_WORDS: Readonly<Partial<Record<Phase, string>>> = {
  preparing: 'being prepared',
  pinning: 'keeping its sessions',
  sessionDrain: 'waiting for its sessions',
  checkingReadiness: 'in the readiness check',
  rolledBack: 'rolled back',
};

const ENDS: ReadonlySet<Phase> = new Set(['done', 'failed', 'skipped', 'rolledBack']);

/** Whether the deploy has ended before it came to the target. */
export const isUntouched = ({ phase, startedAtMs }: Pick<TargetProgress, 'phase' | 'startedAtMs'>, status: string): boolean =>
  phase === 'waiting' && startedAtMs === undefined && status !== 'RUNNING';

/** Whether the deploy has ended in the middle of the target's phase. */
export const isCutShort = ({ phase }: Pick<TargetProgress, 'phase'>, status: string): boolean => status !== 'RUNNING' && !ENDS.has(phase);

/**
 * A server's phase after a count of servers, `2 rolled back`, or its id.
 * @param status of its deploy, or of the deploy's execution
 */
export function phaseWords(target: Pick<TargetProgress, 'phase' | 'startedAtMs'>, status: string): string {
  if (isUntouched(target, status)) return 'not touched';
  const words = PHASE_WORDS[target.phase] ?? target.phase;
  return isCutShort(target, status) ? `stopped while ${words}` : words;
}

export type Restarts = Pick<DeployRecord, 'restart' | 'restartAll' | 'adopt'>;

/** `restart of i-0abc`, `restart of all servers`, `adoption of what runs`; undefined for a deploy that brings a release. */
export const restartText = ({ restart, restartAll, adopt }: Restarts): string | undefined => {
  if (adopt) return 'adoption of what runs';
  return restartAll ? 'restart of all servers' : restart && `restart of ${restart}`;
};

/** `1.0.0 → 1.1.0`; of a restart the release that stays, and which servers: `1.1.0, restart of i-0abc`. */
export function releaseText({ from, to, ...restarts }: Pick<DeployRecord, 'from' | 'to'> & Restarts): string {
  const restart = restartText(restarts);
  return restart === undefined ? `${from} → ${to}` : `${to}, ${restart}`;
}

/**
 * Instances that started while a deploy ran and that it finished without: they took too long to start, or could not be rolled. By id,
 * with the reason.
 */
export function leftOutOf(targets: Readonly<Record<string, TargetProgress>>): readonly { instanceId: string; reason: string }[] {
  return Object.entries(targets)
    .filter(([, { newcomer, phase }]) => newcomer === true && (phase === 'failed' || phase === 'skipped'))
    .map(([instanceId, { detail = 'no reason is on record' }]) => ({ instanceId, reason: detail }));
}

/** `deploy ID of 1.4.2`, `refresh ID to lt-0abc version 7` or `incident ID`: who holds a lock, for sentences about it. */
export function describeHolder({ deployId = 'unknown', version, heldBy }: Pick<LockRecord, 'deployId' | 'version' | 'heldBy'>): string {
  if (heldBy === 'incident') return `incident ${deployId}`;
  if (heldBy === 'reconcile') return 'the check for what deploys left';
  return heldBy === 'refresh'
    ? `refresh ${deployId} to ${version ?? 'an unknown launch template'}`
    : `deploy ${deployId} of ${version ?? 'an unknown release'}`;
}

/** True while a deploy, whichever it is, renews its lease on the lock. A lock without an end of its lease counts as held. */
export const isLockHeld = (lock: LockRecord | undefined, nowMs: number): boolean =>
  lock?.deployId !== undefined && (lock.expiresAtMs ?? Number.POSITIVE_INFINITY) > nowMs;

export interface FleetNow {
  readonly instances: readonly InstanceRecord[];
  readonly currentVersion: string | undefined;
}

type Ended = Pick<DeployRecord, 'status' | 'rolledBack' | 'targets' | 'finishedAtMs' | 'restartAll'>;

/** A server that had a release, so that it was on record, and no longer is: its instance has ended. */
export const isVanished = (instanceId: string, { fromVersion }: Pick<TargetProgress, 'fromVersion'>, { instances }: FleetNow): boolean =>
  fromVersion !== NO_RELEASE && !instances.some((instance) => instance.instanceId === instanceId);

/** Why nothing is left to resume, in a sentence; undefined where a server is still as the deploy left it, or another release is somewhere. */
export function nothingToResume(deploy: Ended, now: FleetNow): string | undefined {
  const { instances, currentVersion } = now;
  // The release of a server does not show whether it was restarted.
  if (deploy.restartAll || !isNotRolledBack(deploy) || currentVersion === undefined || instances.length === 0) return undefined;
  if (instances.some(({ version }) => version !== currentVersion)) return undefined;
  const left = touchedTargets(deploy.targets).filter(([, target]) => isLeft(target));
  const gone = left.map(([instanceId]) => instanceId);
  if (!left.every(([instanceId, target]) => isVanished(instanceId, target, now))) return undefined;
  const all = instances.length === 1 ? 'the only server has' : `all ${instances.length} servers have`;
  return `Nothing is left to resume: ${gone.join(', ')} ${gone.length === 1 ? 'was' : 'were'} replaced since, and ${all} ${currentVersion}`;
}
