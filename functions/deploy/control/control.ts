import { holdLease } from '../../records/lease.ts';
import { leftOutOf } from '../../records/outcome-text.ts';
import { type DeployEnd, LeaseLost, type Records } from '../../records/records.ts';
import type { DeployRecord, Lease, TaskError } from '../../records/types.ts';
import { sumOf } from '../../shared/arithmetic.ts';
import { placeOf } from '../../shared/command-options.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import { addWarnings } from '../add-warnings.ts';
import { type DeployContext, METRICS } from '../contract/common.ts';
import { type ControlRequest, FINISH_EVENT, type ReleasedLock, type Report, WAITING_EVENT } from '../contract/control-steps.ts';
import { DeployInProgress, InvalidInput, ReleaseNotFound } from '../errors.ts';
import { explainError } from '../explain-error.ts';
import { doneOf, pauseEndsAtMs } from '../pause/decide-pause.ts';
import { waitingOf } from '../pause/pause-text.ts';
import {
  describeFinish,
  describeMessage,
  describeOutcome,
  describeWaiting,
  describeWaitingMessage,
  needsOperator,
  type Outcome,
  type PublishPorts,
  publishBoth,
} from './describe-outcome.ts';
import { validateInput } from './validate-input.ts';

export interface ControlPorts extends PublishPorts {
  readonly records: Records;
  readonly now: () => number;
  readonly fleet: string;
  /** The fleet's settings as its environment holds them, unchecked. */
  readonly settings: unknown;
}

export type ControlReply = DeployContext | Lease | ReleasedLock | Report;

/** Begins and ends a deploy: input, lock, promotion, report. Touches records only, and publishes the end. */
export function createControl(ports: ControlPorts): (request: ControlRequest) => Promise<ControlReply> {
  return async (request) => {
    switch (request.step) {
      case 'validate':
        return validateInput(request, ports.fleet, ports.settings);
      case 'acquireLock':
        return acquireLock(ports, request.deploy);
      case 'keepLock':
        return holdLease(ports.records, request.deploy, request.lease, ports.now());
      case 'beginPause':
        return beginPause(ports, request.deploy, request.lease);
      case 'promote':
        return promote(ports, request.deploy, request.lease);
      case 'releaseLock': {
        const { fleet, deployId } = request.deploy;
        return { released: await ports.records.releaseLock({ fleet, deployId, fencingToken: request.lease.fencingToken }) };
      }
      case 'report':
        return report(ports, request);
    }
  };
}

async function acquireLock({ records, log, now }: ControlPorts, deploy: DeployContext): Promise<Lease> {
  const { deployId, executionArn, fleet, version, requestedBy, startedAtMs, recover, keepsSessions, restart, pauseAfter, settings } =
    deploy;
  const known = await records.getDeploy(fleet, deployId);
  // Step Functions lets a name be used again after 90 days: the deploy would change an old one's record, and no clean-up would repair it.
  if (known && known.startedAtMs !== startedAtMs) {
    throw new InvalidInput(
      `fleet ${fleet} has an earlier deploy ${deployId} on record; nothing was changed. Start the execution under a name that was never used, or without one`,
    );
  }
  const nowMs = now();
  const expiresAtMs = nowMs + settings.leaseSeconds * 1000;
  const answer = await records.acquireLock({ fleet, deployId, executionArn, requestedBy, version, nowMs, expiresAtMs });
  if (!answer.acquired) throw new DeployInProgress(fleet, answer.holder);
  // Only a deploy that holds the lock is on record: history shows deploys, not refusals.
  await records.createDeploy({
    deployId,
    executionArn,
    fleet,
    from: NO_RELEASE,
    to: version,
    requestedBy,
    startedAtMs,
    status: 'RUNNING',
    stage: 'planning',
    ...(recover && { recover }),
    ...(keepsSessions && { keepsSessions }),
    ...(restart !== undefined && { restart }),
    ...(deploy.restartAll && { restartAll: deploy.restartAll }),
    ...(deploy.adopt && { adopt: deploy.adopt }),
    ...(deploy.ignoreApplicationStopFailures && { ignoreApplicationStopFailures: true as const }),
    ...(pauseAfter !== undefined && { pauseAfter }),
    ...(deploy.expect !== undefined && { expect: deploy.expect }),
    fencingToken: answer.fencingToken,
    settings,
    targets: {},
  });
  log.info(LOG_EVENTS.deployStarted, { deployId, version, fencingToken: answer.fencingToken });
  return { fencingToken: answer.fencingToken, expiresAtMs: answer.expiresAtMs };
}

async function promote({ records, now }: ControlPorts, deploy: DeployContext, lease: Lease): Promise<Lease> {
  const { fleet, deployId, version } = deploy;
  const held = await holdLease(records, deploy, lease, now());
  // The restart of one server promotes nothing: the deploy that brought the release to the fleet has promoted it. That of all servers does,
  // so that a late clean-up of an earlier one cannot bring earlier values back.
  if (deploy.restart !== undefined) return held;
  await records.updateDeploy(fleet, deployId, { stage: 'promoting' });
  const sha256 = (await records.getDeploy(fleet, deployId))?.sha256;
  if (sha256 === undefined) throw new ReleaseNotFound(fleet, version);
  const moved = await records.promote(fleet, { version, sha256, deployId, fencingToken: lease.fencingToken, atMs: now() });
  if (!moved) throw new LeaseLost(`a later deploy of fleet ${fleet} has promoted its release already`);
  return held;
}

async function report(ports: ControlPorts, request: ControlRequest & { readonly step: 'report' }): Promise<Report> {
  const { records, metrics, log, now } = ports;
  const { deploy, error: caught, endedAs = 'FAILED' } = request;
  const { fleet, deployId, startedAtMs } = deploy;
  const finishedAtMs = now();
  const durationSeconds = Math.max(0, (finishedAtMs - startedAtMs) / 1000);
  const error = caught && explainError(caught);
  const status = error ? endedAs : 'SUCCEEDED';
  if (error) await failUnfinishedTargets(records, deploy, error, finishedAtMs);
  const outcome = error && (await outcomeOf(records, deploy));
  const without = error ? undefined : await finishWithoutNewcomers(records, deploy, finishedAtMs);
  const cutOff = sessionsCutOff(await records.getDeploy(fleet, deployId));
  const end: DeployEnd = {
    status,
    finishedAtMs,
    error,
    ...(outcome && { rolledBack: outcome.rolledBack, outcome: outcome.sentence }),
    ...(without !== undefined && { outcome: without }),
    ...(cutOff !== undefined && { sessionsCutOff: cutOff }),
  };
  if (!(await records.finishDeploy(fleet, deployId, end))) return { status: 'REFUSED', error, durationSeconds };
  await records.closeDeploy(fleet, deployId);
  if (!error) metrics.count(METRICS.deploySucceeded);
  else if (needsOperator(error.Error, status)) metrics.count(METRICS.deployFailed);
  metrics.seconds(METRICS.deployDurationSeconds, durationSeconds);
  log.info(LOG_EVENTS.deployFinished, { deployId, status, durationSeconds, error: error?.Error, rolledBack: outcome?.rolledBack });
  await publishFinishedEvent(ports, deploy, end);
  // The deploy ends with its own error, followed by the state of the fleet.
  const reported = error && outcome ? { Error: error.Error, Cause: `${error.Cause.replace(/\.$/, '')}. ${outcome.sentence}` } : error;
  return { status, error: reported && cut(reported), durationSeconds, ...(outcome && { rolledBack: outcome.rolledBack }) };
}

/**
 * An execution's cause has at most 32,768 characters; the record has all of it.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ExecutionFailedEventDetails.html
 */
const LONGEST_CAUSE = 32_000;
const cut = (error: TaskError): TaskError =>
  error.Cause.length <= LONGEST_CAUSE ? error : { ...error, Cause: `${error.Cause.slice(0, LONGEST_CAUSE)} …` };

const publishFinishedEvent = (ports: ControlPorts, { fleet, deployId }: DeployContext, end: DeployEnd): Promise<unknown> =>
  publishBoth(ports, deployId, async () => {
    const record = await ports.records.getDeploy(fleet, deployId);
    if (!record) return undefined;
    const detail = describeFinish(record, end);
    return { event: { ...FINISH_EVENT, resources: [record.executionArn], detail }, message: describeMessage(detail) };
  });

async function outcomeOf(records: ControlPorts['records'], { fleet, deployId }: DeployContext): Promise<Outcome | undefined> {
  const [record, current] = await Promise.all([records.getDeploy(fleet, deployId), records.getFleet(fleet)]);
  return record && describeOutcome(record, current?.deployId === deployId);
}

/** A newcomer that the deploy did not wait for is shown as left out. @returns what the operator has to know about those; undefined without any */
async function finishWithoutNewcomers(
  records: ControlPorts['records'],
  deploy: DeployContext,
  finishedAtMs: number,
): Promise<string | undefined> {
  const { fleet, deployId, version } = deploy;
  const read = () => records.getDeploy(fleet, deployId);
  for (const [instanceId, { newcomer, phase }] of Object.entries((await read())?.targets ?? {})) {
    if (!newcomer || phase !== 'waiting') continue;
    const detail = `was starting when the deploy ended; it installs ${version} by itself before it serves`;
    await records.updateTarget(fleet, deployId, instanceId, { phase: 'skipped', finishedAtMs, detail });
  }
  const record = await read();
  return record && describeLeftOut(record);
}

/** A target whose own clean-up never ran is shown as failed, not as in progress for ever. */
async function failUnfinishedTargets(
  records: ControlPorts['records'],
  deploy: DeployContext,
  error: TaskError,
  finishedAtMs: number,
): Promise<void> {
  const record = await records.getDeploy(deploy.fleet, deploy.deployId);
  for (const [instanceId, { phase }] of Object.entries(record?.targets ?? {})) {
    if (['waiting', 'done', 'failed', 'skipped', 'rolledBack'].includes(phase)) continue;
    await records.updateTarget(deploy.fleet, deploy.deployId, instanceId, {
      phase: 'failed',
      finishedAtMs,
      detail: `stopped while ${phase}: ${error.Cause}`,
    });
  }
}

/** The end of a deploy that succeeded without some newcomers, for the operator; undefined when it rolled every server. */
function describeLeftOut({ executionArn, fleet, targets }: Pick<DeployRecord, 'executionArn' | 'fleet' | 'targets'>): string | undefined {
  const leftOut = leftOutOf(targets);
  if (leftOut.length === 0) return undefined;
  const servers = leftOut.map(({ instanceId, reason }) => `${instanceId} (${reason})`).join('; ');
  const failed = leftOut.filter(({ instanceId }) => targets[instanceId]?.phase === 'failed').map(({ instanceId }) => instanceId);
  const { region } = placeOf(executionArn, fleet);
  const advice = failed.map(
    (instanceId) =>
      ` Replace it: aws autoscaling terminate-instance-in-auto-scaling-group --region ${region} --instance-id ${instanceId} --no-should-decrement-desired-capacity`,
  );
  return `Finished without servers that Auto Scaling launched during the deploy: ${servers}.${advice.join('.')}`;
}

/** Sessions that servers still had when the wait for them ended; undefined of a deploy that waited for none. */
export function sessionsCutOff(record: Pick<DeployRecord, 'targets'> | undefined): number | undefined {
  const counts = Object.values(record?.targets ?? {}).flatMap((target) => target.sessionsCutOff ?? []);
  return counts.length === 0 ? undefined : sumOf(counts);
}

interface BeginPausePorts extends PublishPorts {
  readonly records: Records;
  readonly now: () => number;
}

const UNPUBLISHED =
  'The event or the message that this deploy waits to be continued could not be sent: possibly nobody knows of it. The log of the control function has the reason (deploy.eventNotSent).';

/**
 * The deploy waits to be continued from now on, and says so. A step that is delivered again leaves the time at which the wait began, and
 * publishes again where the deploy still waits: the first delivery can have ended before it did.
 */
async function beginPause(ports: BeginPausePorts, deploy: DeployContext, lease: Lease): Promise<Lease> {
  const { records, log, now } = ports;
  const { fleet, deployId, pauseAfter = 0, settings } = deploy;
  const held = await holdLease(records, deploy, lease, now());
  const { targets = {} } = (await records.getDeploy(fleet, deployId)) ?? {};
  const startedAtMs = now();
  // Fewer where the others have left before.
  const after = Math.min(pauseAfter, doneOf(targets).length);
  await records.beginPause(fleet, deployId, { after, startedAtMs, endsAtMs: pauseEndsAtMs(startedAtMs, settings) });
  log.info(LOG_EVENTS.deployPaused, { deployId });
  const isPublished = await publishBoth(ports, deployId, async () => {
    const record = await records.getDeploy(fleet, deployId);
    const waiting = record && waitingOf(record);
    if (!record || !waiting) return undefined;
    const detail = describeWaiting(record, waiting);
    return { event: { ...WAITING_EVENT, resources: [record.executionArn], detail }, message: describeWaitingMessage(detail) };
  });
  if (!isPublished) await addWarnings(records, deploy, [UNPUBLISHED]);
  return held;
}
