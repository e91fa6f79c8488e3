import { drainedTarget } from '../../instance/steps/drain.ts';
import { holdLease } from '../../records/lease.ts';
import type { Records } from '../../records/records.ts';
import type { TargetProgress } from '../../records/types.ts';
import { isAwsError } from '../../shared/aws/classify-aws-error.ts';
import { healthOf, type Registering, type Registration, type TargetGroup, type TargetHealth } from '../../shared/aws/target-group.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import { amongSeveral, POLL_ONCE, type Polling, pollUntil } from '../../shared/poll.ts';
import { durationText } from '../../shared/texts.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import { addWarnings } from '../add-warnings.ts';
import type { DeployContext } from '../contract/common.ts';
import type { Roll, RollReply, TrafficRequest } from '../contract/roll.ts';
import { StepOvertaken, TargetNeverHealthy, TargetNotRegistered } from '../errors.ts';
import { explainError } from '../explain-error.ts';
import { checkGoesOn, stopsDeploy } from '../rolls/in-flight.ts';
import { longestDelaySeconds } from '../settings/settings.ts';
import { drainingSince, enterPhase, isOfRoll, recordStep } from '../target-phases.ts';
import { decidePutBack, endedEarly, isDispensable, NOT_RUNNING } from './decide-put-back.ts';
import { checkStillEnough, recordPresent, recordRegistrations, registrationsOf } from './still-enough.ts';

interface TrafficPorts {
  readonly records: Records;
  readonly targetGroup: TargetGroup;
  /** Auto Scaling replaces a server that ends; nobody does a named one. @default false */
  readonly isReplaced?: boolean;
  readonly log: Log;
  readonly now: () => number;
  /** How one check of a registered target polls for its health. @default polls once, without a pause */
  readonly polling?: Polling;
}

/** Takes one target out of the load balancer's target group and back in. */
export function createTraffic(ports: TrafficPorts): (request: TrafficRequest) => Promise<RollReply> {
  const { records, targetGroup, now } = ports;
  return async (request) => {
    const { deploy, lease, roll } = request;
    const { instanceId } = roll;
    // At first, and once more right before each change of the target group, which takes no fencing token: reads come in between.
    const hold = () => holdLease(records, deploy, lease, now());
    await hold();
    switch (request.step) {
      case 'deregister': {
        const before = await records.getDeploy(deploy.fleet, deploy.deployId);
        checkGoesOn(before, instanceId);
        const registrations = await recordRegistrations(ports, deploy, instanceId);
        // The phase comes first: after a failure between the two, the record shows that the target may be out.
        const draining = await enterPhase(records, deploy, roll, { phase: 'draining', phaseStartedAtMs: now() });
        const [protocolVersion, record] = await Promise.all([
          targetGroup.describeProtocolVersion(),
          records.getDeploy(deploy.fleet, deploy.deployId),
          checkStillEnough(ports, request, before?.targets),
        ]);
        await hold();
        await targetGroup.deregister(instanceId, registrations);
        // When the step is delivered twice, the first delivery can have deregistered the target.
        const sinceMs = drainingSince(record?.targets[instanceId]?.phases) ?? draining.phaseStartedAtMs;
        const target = {
          ...drainedTarget(registrations, protocolVersion, sinceMs),
          ...(targetGroup.ofAddresses && { returnsAfterDelay: true as const }),
        };
        // The load balancer's delay begins now: the second look at the minimum can have taken ten seconds.
        return { verdict: 'DONE', roll: { ...draining, phaseStartedAtMs: now(), drain: { quietSeconds: 0, target } } };
      }
      case 'register':
        return register(ports, request, hold);
      case 'checkHealthy': {
        if (roll.awaitsDelay) return register(ports, request, hold);
        const health = await pollUntil(
          async () => healthOf(instanceId, await targetGroup.describeHealth()),
          ({ state }) => state === 'healthy',
          amongSeveral(ports.polling ?? POLL_ONCE, roll.atOnce ?? 1, instanceId),
        );
        const verdict = judgeRegistration(health, roll.phaseStartedAtMs, now(), deploy.settings.registerTimeoutSeconds);
        return {
          verdict,
          roll: verdict === 'DONE' ? await enterPhase(records, deploy, roll, { phase: 'baking', phaseStartedAtMs: now() }) : roll,
        };
      }
      case 'putBack':
        return putBack(ports, request, hold);
    }
  };
}

/** Enters the phase once before its address is free, and once more when it is: the wait for its health begins then. */
async function register(ports: TrafficPorts, { deploy, roll }: TrafficRequest, hold: () => Promise<unknown>): Promise<RollReply> {
  const { records, now } = ports;
  const { awaitsDelay, ...rest } = roll;
  const enter = () =>
    enterPhase(records, deploy, rest, { phase: 'registering', phaseStartedAtMs: now(), ...(awaitsDelay && { detail: '' }) });
  const registering = awaitsDelay ? rest : await enter();
  const registrations = await registrationsOf(ports, deploy, roll.instanceId);
  const reply = await registerTarget({ ...ports, hold }, roll, registrations);
  if (reply.registered) return { verdict: 'WAIT', roll: awaitsDelay ? await enter() : registering };
  const target = (await records.getDeploy(deploy.fleet, deploy.deployId))?.targets[roll.instanceId];
  const { verdict, text } = judgeDelay({ ...delayOf(registering, target, now()), why: reply.why }, deploy.settings);
  if (verdict === 'OVER') throw new TargetNotRegistered(`${roll.instanceId} is not registered: ${text}`);
  await recordStep(records, deploy, roll, { detail: text });
  return { verdict, roll: { ...registering, awaitsDelay: true } };
}

async function putBack(
  ports: TrafficPorts,
  request: TrafficRequest & { readonly step: 'putBack' },
  hold: () => Promise<unknown>,
): Promise<RollReply> {
  const { records, targetGroup, log, now } = ports;
  const { deploy, roll } = request;
  const { fleet, deployId } = deploy;
  const error = explainError(request.error);
  const { instanceId } = roll;
  const [record, recorded] = await Promise.all([records.getDeploy(fleet, deployId), registrationsOf(ports, deploy, instanceId)]);
  const target = record?.targets[instanceId];
  if (!isOfRoll(target, roll)) throw new StepOvertaken(`another roll of deploy ${deployId} works on ${instanceId}`);
  if (roll.hasLeft) {
    const isOut = target?.phase === 'failed' && target.takenOut === false;
    return isOut ? registerAgain(ports, request, hold, recorded) : { verdict: 'DONE', roll };
  }
  // The step comes twice: the record is written last.
  if (target?.phase === 'failed' || target?.phase === 'skipped') return { verdict: 'DONE', roll };
  const { action, detail } = decidePutBack(error.Error, target, deploy.version, roll.mayFail);
  // A roll that failed before it was to take the target out has recorded nothing: the target is still in, at ports of its own.
  const registrations = recorded ?? (action === 'leave' ? [] : await recordPresent(ports, deploy, instanceId));
  if (action !== 'register') await hold();
  const reply = action === 'register' ? await registerIfRunning({ ...ports, hold }, roll, registrations) : REGISTERED;
  const isRunning = reply !== 'notRunning';
  const delay =
    isRunning && !reply.registered ? judgeDelay({ ...delayOf(roll, target, now()), why: reply.why }, deploy.settings) : undefined;
  if (stopsDeploy(error.Error, target, roll)) {
    if (!isRunning && target && isDispensable(target, deploy, ports.isReplaced ?? false)) return leaveOut(ports, request);
    await records.recordFirstFailure(fleet, deployId, error);
  }
  if (delay?.verdict === 'WAIT') {
    await recordStep(records, deploy, roll, { detail: `${error.Cause} — ${delay.text}` });
    return { verdict: 'WAIT', roll };
  }
  if (action === 'takeOut') await targetGroup.deregister(instanceId, registrations);
  // For seconds after a change, the target group's answers can be outdated; the record is not.
  const takenOut = action === 'leave' ? null : action === 'takeOut' || delay !== undefined;
  const state = delay ? `out of service: ${delay.text}` : detail;
  const end = `${error.Cause} — ${isRunning ? state : NOT_RUNNING}`;
  const progress = {
    phase: 'failed',
    finishedAtMs: now(),
    detail: end,
    takenOut,
    ...(!isRunning && { notRunning: true as const }),
  } as const;
  await recordStep(records, deploy, roll, progress);
  log.info(LOG_EVENTS.targetPutBack, { deployId, instanceId, action, error: error.Error });
  return { verdict: 'DONE', roll };
}

/** A target that failed, was put back into service, and left: the record goes on to say why it failed. */
async function registerAgain(
  ports: TrafficPorts,
  { deploy, roll }: Pick<TrafficRequest, 'deploy' | 'roll'>,
  hold: () => Promise<unknown>,
  recorded: readonly Registration[] | undefined,
): Promise<RollReply> {
  const { records, log, now } = ports;
  const { instanceId } = roll;
  const reply = await registerIfRunning({ ...ports, hold }, roll, recorded ?? (await recordPresent(ports, deploy, instanceId)));
  const isRunning = reply !== 'notRunning';
  const delay =
    isRunning && !reply.registered ? judgeDelay({ ...delayOf(roll, undefined, now()), why: reply.why }, deploy.settings) : undefined;
  if (delay?.verdict === 'WAIT') return { verdict: 'WAIT', roll };
  const progress = {
    finishedAtMs: now(),
    ...(delay && { takenOut: true, detail: `out of service: ${delay.text}` }),
    ...(!isRunning && { notRunning: true as const, detail: NOT_RUNNING }),
  };
  await records.updateTarget(deploy.fleet, deploy.deployId, instanceId, progress, { phases: ['failed'] });
  log.info(LOG_EVENTS.targetPutBack, { deployId: deploy.deployId, instanceId, action: 'register' });
  return { verdict: 'DONE', roll };
}

/** The deploy goes on, and does not choose the target again. */
async function leaveOut(
  { records, log, now }: TrafficPorts,
  { deploy, roll }: Pick<TrafficRequest, 'deploy' | 'roll'>,
): Promise<RollReply> {
  const { instanceId } = roll;
  const detail = endedEarly(instanceId);
  await addWarnings(records, deploy, [`${detail}.`]);
  await recordStep(records, deploy, roll, { phase: 'skipped', finishedAtMs: now(), detail, notRunning: true });
  log.info(LOG_EVENTS.targetPutBack, { deployId: deploy.deployId, instanceId, action: 'leave' });
  return { verdict: 'DONE', roll };
}

/**
 * An instance that was stopped or terminated meanwhile cannot be registered, however often that is tried: the clean-up has to go on
 * without it, for it is Auto Scaling, suspended until the clean-up ends, that replaces it.
 * @returns `notRunning` for such an instance
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html "it must be in the running state"
 */
async function registerIfRunning(...given: Parameters<typeof registerTarget>): Promise<Registering | 'notRunning'> {
  try {
    return await registerTarget(...given);
  } catch (error) {
    // The SDK's name: the load balancer itself calls it InvalidTarget.
    if (isAwsError(error, 'InvalidTargetException')) return 'notRunning';
    throw error;
  }
}

const REGISTERED: Registering = { registered: true };

const delayOf = ({ phaseStartedAtMs }: Roll, target: TargetProgress | undefined, nowMs: number): Omit<DelayFacts, 'why'> => ({
  sinceMs: phaseStartedAtMs,
  nowMs,
  ...(target?.phases && { phases: target.phases }),
});

/**
 * Whether a registered target takes traffic yet.
 * @throws TargetNeverHealthy when `registerTimeoutSeconds` have passed; it quotes the load balancer's reason
 */
export function judgeRegistration(
  health: TargetHealth,
  phaseStartedAtMs: number,
  nowMs: number,
  registerTimeoutSeconds: number,
): VerdictOf<'DONE' | 'WAIT'> {
  if (health.state === 'healthy') return 'DONE';
  if (nowMs - phaseStartedAtMs < registerTimeoutSeconds * 1000) return 'WAIT';
  throw new TargetNeverHealthy(
    `${health.instanceId} was still ${health.state} at the load balancer ${registerTimeoutSeconds} s after it was registered${health.detail === undefined ? '' : ` (${health.detail})`}`,
  );
}

interface Registrar {
  readonly targetGroup: Pick<TargetGroup, 'register'>;
  readonly polling?: Polling;
  /** Renews the lease, right before the change. */
  readonly hold: () => Promise<unknown>;
}

/** Registers the target, or finds out why its address has to wait: as long as one invocation polls. */
const registerTarget = (
  { targetGroup, polling = POLL_ONCE, hold }: Registrar,
  { instanceId, atOnce = 1 }: Pick<Roll, 'instanceId' | 'atOnce'>,
  registrations: readonly Registration[] | undefined,
): Promise<Registering> =>
  pollUntil(
    () => targetGroup.register(instanceId, registrations, hold),
    ({ registered }) => registered,
    amongSeveral(polling, atOnce, instanceId),
  );

export interface DelayFacts {
  /** Why the address cannot be registered yet. */
  readonly why: string;
  /** When the wait began at the earliest: no later than the deregistration. */
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly phases?: TargetProgress['phases'];
}

/** `text`: what the deploy waits for, and how long; or, when the time is up, what is wrong. */
interface DelayDecision {
  readonly verdict: 'WAIT' | 'OVER';
  readonly text: string;
}

/** Whether to wait longer for an address that cannot be registered yet. */
export function judgeDelay(
  { why, sinceMs, nowMs, phases = [] }: DelayFacts,
  settings: Pick<DeployContext['settings'], 'deregistrationDelaySeconds' | 'registerTimeoutSeconds'>,
): DelayDecision {
  const longest = longestDelaySeconds(settings);
  if (nowMs - sinceMs >= longest * 1000) {
    const delay = `deregistration_delay.timeout_seconds of the target group should be ${settings.deregistrationDelaySeconds}, as deploy.deregistrationDelaySeconds`;
    return { verdict: 'OVER', text: `${why}; that was waited for ${longest} s. ${delay}` };
  }
  const out = phases.findLast(({ phase }) => phase === 'draining' || phase === 'sessionDrain');
  const endsAtMs = (out?.startedAtMs ?? sinceMs) + settings.deregistrationDelaySeconds * 1000;
  const left = endsAtMs > nowMs ? `some ${durationText(endsAtMs - nowMs)} more` : 'any moment now';
  return {
    verdict: 'WAIT',
    text: `waits to be registered again, ${left} (deregistrationDelaySeconds ${settings.deregistrationDelaySeconds}): ${why}`,
  };
}
