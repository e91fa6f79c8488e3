import { holdLease } from '../../records/lease.ts';
import type { Records } from '../../records/records.ts';
import type { TargetProgress } from '../../records/types.ts';
import { classifyAwsError } from '../../shared/aws/classify-aws-error.ts';
import type { DrainRule } from '../../shared/aws/drain-rule.ts';
import { healthOf, type TargetGroup } from '../../shared/aws/target-group.ts';
import { describeError, HoldfastError } from '../../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import type { MetricSink } from '../../shared/metrics.ts';
import type { Polling } from '../../shared/poll.ts';
import { addWarnings } from '../add-warnings.ts';
import { type DeployContext, SESSION_METRICS } from '../contract/common.ts';
import type {
  Checked,
  Roll,
  SessionsProgress,
  SessionsReply,
  SessionsRequest,
  UnpinningReply,
  WatchedPinsReply,
} from '../contract/roll.ts';
import { InvalidInput, SessionsNotDrainable } from '../errors.ts';
import { unfitPause } from '../pause/unfit-pause.ts';
import type { ResolvedSettings } from '../settings/settings.ts';
import { enterPhase, isOfRoll, recordStep } from '../target-phases.ts';
import { checkStillEnough, recordRegistrations } from '../traffic/still-enough.ts';
import { decidePin } from './decide-pin.ts';
import { type DrainFrontReads, judgeDrainFront } from './judge-drain-rule.ts';
import { boundedSessionSeconds } from './judge-routes.ts';
import { endsSessions, isBalancersFault, isEndedByHand, judgeSessions, type SessionsEnd } from './judge-sessions.ts';
import { pinPattern, trialPattern } from './pin-pattern.ts';
import { carryOut, decideRelease, limitsOf, NOT_RELEASED, readDrainState, releaseFailed, releaseFailedFor, stepRelease } from './unpin.ts';

interface SessionsPorts extends DrainFrontReads {
  readonly records: Records;
  /** The fleet's own. */
  readonly targetGroup: TargetGroup;
  readonly drainGroup: TargetGroup;
  readonly rule: DrainRule;
  readonly metrics: MetricSink;
  readonly log: Log;
  readonly now: () => number;
  /** How a second read of the targets' health waits for the load balancer. @default no pause */
  readonly polling?: Polling;
}

/** What each step replies: the contract's requests say which. */
export type AnySessionsReply = SessionsReply | UnpinningReply | WatchedPinsReply | Checked;

/** A request about one target. */
type OfRoll = Extract<SessionsRequest, { readonly roll: Roll }>;
type Hold = () => Promise<unknown>;

/**
 * Keeps the sessions of one server on it while new ones go elsewhere, until they have ended. Each call looks at the load balancer as it
 * is and takes one step: whatever an earlier call, another roll or a deployment of the templates has left is found and goes first.
 */
export function createSessions(ports: SessionsPorts): (request: SessionsRequest) => Promise<AnySessionsReply> {
  return async (request) => {
    const { deploy, lease } = request;
    // Renews the lease at first, and once more right before each change: the load balancer takes no fencing token.
    const hold = () => holdLease(ports.records, deploy, lease, ports.now());
    await hold();
    switch (request.step) {
      case 'checkFront':
        return checkFront(ports, deploy, hold);
      case 'pin':
        return pin(ports, request, hold);
      case 'watch':
        return watch(ports, request, hold);
      case 'unpin':
        return unpin(ports, request, hold);
      case 'releasePinned':
        return stepRelease(ports, deploy, request.release, hold);
      case 'releaseFailed':
        return releaseFailed(ports, deploy, hold);
      case 'releaseFailedFor':
        return releaseFailedFor(ports, request, hold);
    }
  };
}

async function checkFront(ports: SessionsPorts, deploy: DeployContext, hold: Hold): Promise<Checked> {
  const { records } = ports;
  const parallel = unfitParallel(deploy.settings);
  if (parallel !== undefined) throw new SessionsNotDrainable(parallel);
  const unfit = unfitPause(deploy);
  if (unfit !== undefined) throw new InvalidInput(unfit);
  const judged = await judgeDrainFront(ports);
  const problems = [...judged.problems];
  if (problems.length === 0) problems.push(...(await tryRule(ports, hold)));
  if (problems.length > 0 && !endsSessions(deploy)) throw new SessionsNotDrainable(`${problems.join('; ')}. Nothing was changed`);
  await addWarnings(records, deploy, [...problems, ...judged.warnings]);
  return { verdict: 'DONE' };
}

/** Tries the rule's condition before a server is touched: AWS does not document all that it accepts. What another roll has left stays. */
async function tryRule({ rule, arns }: SessionsPorts, hold: Hold): Promise<readonly string[]> {
  if ((await rule.read()) !== undefined) return [];
  try {
    await rule.pin(trialPattern(arns.drainTargetGroupArn), hold);
  } catch (error) {
    if (error instanceof HoldfastError || classifyAwsError(error) === 'transient') throw error;
    return [`the load balancer refuses the condition by which the drain rule knows a server's sessions (${describeError(error)})`];
  }
  await rule.release(hold);
  return [];
}

async function pin(ports: SessionsPorts, { deploy, lease, roll }: OfRoll, hold: Hold): Promise<SessionsReply> {
  const { records, rule, drainGroup, targetGroup, now } = ports;
  const { instanceId, sessions } = roll;
  if (!sessions) return { verdict: 'SKIP', roll };
  const registrations = await recordRegistrations(ports, deploy, instanceId);
  const [front, record] = await Promise.all([readDrainState(ports), records.getDeploy(deploy.fleet, deploy.deployId)]);
  const target = record?.targets[instanceId];
  // The step comes again and again, and once more when it has taken the server out and its answer was lost.
  const isIn = isOfRoll(target, roll) && (target?.phase === 'pinning' || target?.phase === 'sessionDrain');
  const pinning = isIn
    ? { ...roll, phaseStartedAtMs: target.phaseStartedAtMs }
    : await enterPhase(records, deploy, roll, { phase: 'pinning', phaseStartedAtMs: now(), sessionsLeft: sessions.count });
  const cutOffBefore = roll.sessions?.cutOffBefore ?? target?.sessionsCutOff ?? 0;
  const wanted = pinPattern(sessions.cookie, sessions.route);
  // Nobody waits for the rule, or for a server that never becomes healthy in the drain group, once the wait has been ended.
  if (isIn && isEndedByHand(target)) {
    const sessionsCutOff = sessions.count ?? sessions.lastCount;
    if (sessionsCutOff !== undefined) await recordStep(records, deploy, roll, { sessionsCutOff: cutOffBefore + sessionsCutOff });
    reportEnd(ports, deploy, instanceId, { end: 'endedByHand', sessionsCutOff });
    return { verdict: 'SKIP', roll: { ...pinning, sessions: { ...sessions, cutOffBefore } } };
  }
  const facts = { ...front, instanceId, wanted, sessions, phaseStartedAtMs: pinning.phaseStartedAtMs, isRollback: isRollback(target) };
  const limits = limitsOf(deploy, record, now());
  const decided = decidePin(facts, limits);
  const going = { ...pinning, sessions: { ...decided.sessions, cutOffBefore } };
  switch (decided.action) {
    case 'clear': {
      const release = await carryOut(ports, deploy, decided.release, hold);
      return { verdict: 'WAIT', roll: { ...going, sessions: { ...going.sessions, release } } };
    }
    case 'join': {
      const joined = await drainGroup.register(instanceId, registrations, hold);
      if (!joined.registered) await recordStep(records, deploy, roll, { detail: `waits to join the drain group: ${joined.why}` });
      break;
    }
    case 'pin':
      await rule.pin(wanted, hold);
      ports.log.info(LOG_EVENTS.drainRuleChanged, { deployId: deploy.deployId, instanceId, pinned: true });
      // From here on the nodes begin to follow: the call can have been repeated for half a minute.
      return { verdict: 'WAIT', roll: { ...going, sessions: { ...going.sessions, pinnedAtMs: now() } } };
    case 'giveUp':
      if (sessions.count !== undefined) await recordStep(records, deploy, roll, { sessionsCutOff: cutOffBefore + sessions.count });
      return { verdict: 'SKIP', roll: going };
    case 'skip':
      return { verdict: 'SKIP', roll: going };
    case 'leaveMain': {
      await checkStillEnough(ports, { deploy, lease, roll });
      const draining = await enterPhase(records, deploy, going, { phase: 'sessionDrain', phaseStartedAtMs: now() });
      await hold();
      await targetGroup.deregister(instanceId, registrations);
      return { verdict: 'DONE', roll: { ...draining, phaseStartedAtMs: now() } };
    }
  }
  return { verdict: 'WAIT', roll: going };
}

/** Decides after each look at the server whether its sessions have ended, and sees to it that they are still pinned to it until then. */
async function watch(ports: SessionsPorts, { deploy, roll }: OfRoll, hold: Hold): Promise<SessionsReply> {
  const { records, rule, metrics, log, now } = ports;
  const { instanceId, phaseStartedAtMs: sinceMs } = roll;
  const { fleet, deployId, settings } = deploy;
  const sessions = roll.sessions as SessionsProgress;
  const [front, record] = await Promise.all([readDrainState(ports), records.getDeploy(fleet, deployId)]);
  const nowMs = now();
  const target = record?.targets[instanceId];
  const longestMs = boundedSessionSeconds(settings, sessions.timeoutSeconds, { isRollback: isRollback(target) }) * 1000;
  const health = healthOf(instanceId, front.drain);
  const end = judgeSessions({
    count: sessions.count,
    ...{ state: health.state, detail: health.detail, isRepeated: sessions.balancerFailed === true },
    endDrain: isEndedByHand(target),
    sinceMs,
    nowMs,
    longestMs,
    lagMs: settings.ruleLagSeconds * 1000,
  });
  const sessionsLeft = sessions.count ?? sessions.lastCount;
  const left = { ...(sessionsLeft !== undefined && { sessionsLeft }), sessionDrainEndsAtMs: sinceMs + longestMs };
  if (end === undefined) {
    const detail = sessions.reason === undefined ? '' : `its sessions could not be counted at the last check: ${sessions.reason}`;
    await recordStep(records, deploy, roll, { ...left, detail });
    const wanted = pinPattern(sessions.cookie, sessions.route);
    if (front.pattern !== wanted) {
      // A deployment of the templates resets it.
      await rule.pin(wanted, hold);
      log.warn(LOG_EVENTS.drainRuleChanged, { deployId, instanceId, pinned: true, again: true });
    }
    const { balancerFailed: _, ...rest } = sessions;
    return { verdict: 'REPEAT', roll: { ...roll, sessions: { ...rest, ...(isBalancersFault(health) && { balancerFailed: true }) } } };
  }
  const sessionsCutOff = end === 'gone' ? 0 : sessionsLeft;
  const { cutOffBefore = 0 } = sessions;
  const total = sessionsCutOff !== undefined && { sessionsCutOff: cutOffBefore + sessionsCutOff };
  await recordStep(records, deploy, roll, { ...left, ...total, detail: '' });
  if (end === 'serverFailed' && front.pattern !== undefined) {
    // The drain group's only target would get requests whatever its health is.
    await rule.release(hold);
  }
  metrics.seconds(SESSION_METRICS.sessionDrainSeconds, (nowMs - sinceMs) / 1000);
  reportEnd(ports, deploy, instanceId, { end, sessionsCutOff });
  return { verdict: 'DONE', roll };
}

function reportEnd(
  { metrics, log }: Pick<SessionsPorts, 'metrics' | 'log'>,
  { deployId }: DeployContext,
  instanceId: string,
  { end, sessionsCutOff }: { readonly end: SessionsEnd; readonly sessionsCutOff: number | undefined },
): void {
  if (sessionsCutOff !== undefined) metrics.count(SESSION_METRICS.sessionsCutOff, sessionsCutOff);
  log.info(LOG_EVENTS.sessionDrainEnded, { deployId, instanceId, end, sessionsCutOff });
}

/** The server's sessions have ended: the rule takes none, and the server leaves the drain group once every node follows. */
async function unpin(ports: SessionsPorts, { deploy, roll }: OfRoll, hold: Hold): Promise<SessionsReply> {
  const { records, now } = ports;
  const front = await readDrainState(ports);
  const limits = { ...limitsOf(deploy, undefined, now()), goesBack: (instanceId: string) => instanceId !== roll.instanceId };
  const next = decideRelease(front, roll.sessions?.release ?? NOT_RELEASED, limits);
  const { sessions } = roll;
  if (next.action === 'done') return { verdict: 'DONE', roll: withoutSessions(roll) };
  // From here on the deregistration delay runs: the phase, which has its clock, comes first.
  const leaving = next.action === 'leave' ? await enterPhase(records, deploy, roll, { phase: 'draining', phaseStartedAtMs: now() }) : roll;
  const release = await carryOut(ports, deploy, next, hold);
  if (next.action === 'leave') return { verdict: 'DONE', roll: withoutSessions(leaving) };
  return { verdict: 'WAIT', roll: { ...roll, ...(sessions && { sessions: { ...sessions, release } }) } };
}

const isRollback = (target: Pick<TargetProgress, 'rollingBackTo'> | undefined): boolean => target?.rollingBackTo !== undefined;

const withoutSessions = ({ sessions: _, ...roll }: Roll): Roll => roll;

/** Why several servers at once cannot be rolled where sessions are kept on their server; undefined for one at a time. */
export const unfitParallel = ({ maxParallel }: Pick<ResolvedSettings, 'maxParallel'>): string | undefined =>
  maxParallel === 1
    ? undefined
    : 'one listener rule keeps the sessions of one server on it while they end: set deploy.maxParallel to 1, or, once no deploy runs, deploy.sessionDrainSeconds to 0. Nothing was changed';
