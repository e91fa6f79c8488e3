import { peopleText, type Restarts, restartText } from '../../records/outcome-text.ts';
import type { DeployEnd } from '../../records/records.ts';
import { keptRelease, restoredRelease, touchedTargets } from '../../records/touched-targets.ts';
import type { DeployRecord, EndedAs, TargetProgress } from '../../records/types.ts';
import { sumOf } from '../../shared/arithmetic.ts';
import type { EventBus, OwnEvent } from '../../shared/aws/event-bus.ts';
import { stateMachineArnOf } from '../../shared/aws/executions.ts';
import type { Message, PublishMessage } from '../../shared/aws/publish-message.ts';
import { commandOptions, holdfast, placeOf } from '../../shared/command-options.ts';
import { describeError } from '../../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import type { MetricSink } from '../../shared/metrics.ts';
import { counted } from '../../shared/texts.ts';
import { NO_RELEASE, releaseWords } from '../../shared/version.ts';
import { METRICS } from '../contract/common.ts';
import type { FinishDetail, WaitingDetail } from '../contract/control-steps.ts';
import { type Waiting, waitingWords } from '../pause/pause-text.ts';
import { NOT_RUNNING } from '../traffic/decide-put-back.ts';

/** What became of the fleet after a deploy that failed. */
export interface Outcome {
  /** True when every target that the deploy touched has its previous release, and at least one was rolled back to it. */
  readonly rolledBack: boolean;
  /** Which target is in which state, and what to run. */
  readonly sentence: string;
}

type EndedRecord = Pick<DeployRecord, 'deployId' | 'executionArn' | 'fleet' | 'from' | 'to' | 'targets'> & Restarts;

/**
 * The end of a deploy that failed, for the operator.
 * @param promoted the fleet's record names the deploy's release, so that nothing went back
 */
export function describeOutcome(record: EndedRecord, promoted: boolean): Outcome {
  const touched = touchedTargets(record.targets);
  if (touched.length === 0) return { rolledBack: false, sentence: 'No target was touched.' };
  const back = touched.filter(([, target]) => target.phase === 'rolledBack' || restoredRelease(target));
  const kept = touched.filter(([, target]) => keptRelease(target));
  const isFirst = record.from === NO_RELEASE;
  const states = touched.map(([instanceId, target]) => `${instanceId} ${stateOf(target, record.to)}`).join('; ');
  if (kept.length === touched.length) return { rolledBack: false, sentence: `No target left its release: ${states}.` };
  if (record.restart !== undefined) return afterRestart(record, record.restart);
  if (back.length + kept.length === touched.length) {
    return { rolledBack: true, sentence: `Rolled back: ${states}.${isFirst ? noRelease(record) : ''}` };
  }
  const options = commandOptions(record.executionArn, record.fleet);
  const resume = holdfast(`deploys resume ${record.deployId} ${options}`);
  if (promoted)
    return { rolledBack: false, sentence: `Release ${record.to} is already the fleet's current release. ${states}. To finish: ${resume}` };
  const goBack =
    isFirst || record.restartAll ? '' : `; to go back to ${record.from}: ${holdfast(`deploy ${record.from} --recover ${options}`)}`;
  return { rolledBack: false, sentence: `Not rolled back: ${states}. To continue with ${record.to}: ${resume}${goBack}` };
}

/** What became of the one server of a restart that failed. Nothing else has changed. */
function afterRestart({ targets, to, executionArn, fleet }: EndedRecord, instanceId: string): Outcome {
  const target = targets[instanceId];
  const isBack = target !== undefined && (target.phase === 'rolledBack' || restoredRelease(target));
  const state = target === undefined ? '' : `${instanceId} ${stateOf(target, to)}. `;
  const options = commandOptions(executionArn, fleet);
  const again = `To try again: ${holdfast(`restart ${instanceId} ${options}`)}`;
  return { rolledBack: isBack, sentence: `${state}No other server was touched, and ${to} is still the fleet's release. ${again}` };
}

/** What to do after a first deploy that failed. */
const noRelease = ({ to }: Pick<DeployRecord, 'to'>): string =>
  ` The fleet has no current release yet. Correct ${to}, publish it under a new version and deploy that`;

const inBrackets = (detail?: string): string => (detail ? ` (${detail})` : '');

function stateOf(target: TargetProgress, version: string): string {
  const stopped = target.notRunning ? NOT_RUNNING : target.takenOut ? target.detail : undefined;
  if (keptRelease(target)) return `kept ${releaseWords(target.fromVersion)}${inBrackets(stopped)}`;
  if (restoredRelease(target)) return `has ${releaseWords(target.fromVersion)} again${inBrackets(stopped)}`;
  switch (target.phase) {
    case 'done':
      return `serves ${version}${inBrackets(target.detail)}`;
    case 'rolledBack':
      return `has ${releaseWords(target.rollingBackTo)} again`;
    case 'failed':
      return `${target.rollingBackTo === undefined ? 'failed' : `could not be brought back to ${releaseWords(target.rollingBackTo)}`}${inBrackets(target.detail)}`;
    default:
      return `stopped while ${target.phase}`;
  }
}

function aboutDeploy({ deployId, executionArn, fleet, from, to, requestedBy }: DeployRecord, text: string) {
  return {
    deployId,
    stateMachineArn: stateMachineArnOf(executionArn),
    executionArn,
    fleet,
    from,
    to,
    requestedBy,
    text: asPlainText(text),
  };
}

/** `Deploy of 2 to fleet web (previous release: 1)` or `Restart of i-1 with release 2 in fleet web`. */
function whatOf({ from, to, fleet, ...restarts }: DeployRecord): string {
  const restart = restartText(restarts);
  return restart === undefined
    ? `Deploy of ${to} to fleet ${fleet} (previous release: ${from})`
    : `R${restart.slice(1)} with release ${to} in fleet ${fleet}`;
}

/** The detail of a deploy's finished event. */
export function describeFinish(record: DeployRecord, end: DeployEnd): FinishDetail {
  const { deployId, restart, restartAll, requestedBy, startedAtMs, expect, people } = record;
  const { status, finishedAtMs, error, rolledBack, outcome, sessionsCutOff } = end;
  const durationSeconds = Math.max(0, (finishedAtMs - startedAtMs) / 1000);
  const how = `${status}${rolledBack ? ', rolled back' : ''} after ${Math.round(durationSeconds)} s`;
  const why = error ? ` ${error.Error}: ${error.Cause}.` : '';
  const cut = sessionsCutOff
    ? ` ${sessionsCutOff} ${sessionsCutOff === 1 ? 'session was' : 'sessions were'} still there when the wait for them ended.`
    : '';
  const requestsCut = sumOf(Object.values(record.targets).map((target) => target.requestsCut ?? 0));
  const cutRequests = requestsCut > 0 ? ` Drains cut ${counted(requestsCut, 'request')}.` : '';
  const expected = expect === undefined ? '' : ` Started with --expect ${expect}.`;
  const looked = people && people.verdict !== 'hurt' ? ` People: ${peopleText(people)}.` : '';
  const text = `${whatOf(record)}: ${how}.${why}${expected}${looked}${cut}${cutRequests} ${outcome ?? ''} Requested by ${requestedBy}, deploy ${deployId}`;
  return {
    ...aboutDeploy(record, text),
    ...(restart !== undefined && { restart }),
    ...(restartAll && { restartAll }),
    status,
    startedAt: new Date(startedAtMs).toISOString(),
    finishedAt: new Date(finishedAtMs).toISOString(),
    durationSeconds,
    targets: Object.fromEntries(Object.entries(record.targets).map(([instanceId, { phase }]) => [instanceId, phase])),
    ...(error && { error: { Error: error.Error, Cause: error.Cause.slice(0, LONGEST_TEXT) } }),
    ...(rolledBack !== undefined && { rolledBack }),
    ...(outcome !== undefined && { outcome: outcome.slice(0, LONGEST_TEXT) }),
    ...(sessionsCutOff !== undefined && { sessionsCutOff }),
    ...(requestsCut > 0 && { requestsCut }),
  };
}

/** The detail of the event that a deploy waits to be continued. */
export function describeWaiting(record: DeployRecord, waiting: Waiting): WaitingDetail {
  const { deployId, requestedBy } = record;
  const { done, servers, sinceMs, untilMs, continueCommand, rejectCommand } = waiting;
  return {
    ...aboutDeploy(record, `${whatOf(record)} ${waitingWords(waiting)}. Requested by ${requestedBy}, deploy ${deployId}`),
    done,
    servers,
    waitingSince: new Date(sinceMs).toISOString(),
    waitsUntil: new Date(untilMs).toISOString(),
    continueCommand,
    rejectCommand,
  };
}

/** SNS accepts no longer subject, and printable ASCII only. */
const LONGEST_SUBJECT = 100;

function message(
  detail: FinishDetail | WaitingDetail,
  subject: string,
  more: readonly string[] = [],
  last: readonly string[] = [],
): Message {
  const { fleet, deployId, stateMachineArn, text } = detail;
  const { region, account, installation } = placeOf(stateMachineArn, fleet);
  const options = commandOptions(stateMachineArn, fleet);
  const where = `Installation ${installation}, fleet ${fleet}, Region ${region}, account ${account}.`;
  return {
    subject: `${installation}/${fleet} in ${region}: ${subject}`.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, LONGEST_SUBJECT),
    text: [text, '', ...more, where, `To see its steps: ${holdfast(`deploys show ${deployId} ${options}`)}`, ...last, ''].join('\n'),
  };
}

/** What people are sent about it: what the deploy waits for, until when, and the commands that decide. */
export const describeWaitingMessage = (detail: WaitingDetail): Message =>
  message(detail, `deploy of ${detail.to} waits to be continued`, [
    `To continue it: ${detail.continueCommand}`,
    `To reject it, which rolls it back: ${detail.rejectCommand}`,
    '',
    'Until it has ended other deploys are refused, instance refreshes wait, and no policy and no scheduled action scales the fleet.',
    '',
  ]);

/** What people are sent about the end of a deploy: what happened, where, and the command that shows more. */
export function describeMessage(detail: FinishDetail): Message {
  const { fleet, to, status, rolledBack, stateMachineArn } = detail;
  const what = restartText(detail) ?? `deploy of ${to}`;
  const options = `Each command about this fleet takes ${commandOptions(stateMachineArn, fleet)}.`;
  return message(detail, `${what} ${status}${rolledBack ? ', rolled back' : ''}`, [], status === 'SUCCEEDED' ? [] : [options]);
}

/** Refusals: the input is wrong, or another deploy has the lock. Nothing is touched, and the caller reads why at once. */
const REFUSALS: ReadonlySet<string> = new Set(['InvalidInput', 'InvalidVersion', 'ReleaseNotFound', 'DeployInProgress']);

/** Whether a deploy or a restart ended by this error before it had a record. */
export const isRefusal = (errorName: string | undefined): errorName is string => errorName !== undefined && REFUSALS.has(errorName);

/** Whether the end of a deploy that did not succeed pages somebody: not when it was refused, nor when a user stopped it. */
export const needsOperator = (errorName: string, endedAs: EndedAs | 'SUCCEEDED'): boolean => endedAs !== 'ABORTED' && !isRefusal(errorName);

/** Characters of each text: both together with the states of some thousand targets stay below an event's 256 KB. */
const LONGEST_TEXT = 8_000;

/**
 * A rule's input template inserts values into a quoted text unescaped: a quote, a backslash or a line break in one would
 * break it, and the message would be lost.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
function asPlainText(text: string): string {
  return text
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .slice(0, LONGEST_TEXT);
}

export interface PublishPorts {
  readonly metrics: MetricSink;
  /** Receives an event for every deploy that waits to be continued, or ends. */
  readonly events: EventBus;
  /** Sends people a message about it, by the fleet's topic. */
  readonly publish: PublishMessage;
  readonly log: Log;
}

interface Published {
  readonly event: OwnEvent;
  readonly message: Message;
}

/**
 * Published again when the step is delivered again: a subscriber can recognize it by the deploy's id. An event or a message that
 * cannot be sent is lost, logged and counted; it changes neither the deploy nor whether the other is sent.
 * @param describe undefined: there is nothing to publish
 * @returns whether nothing was lost
 */
export async function publishBoth(
  { metrics, events, publish, log }: PublishPorts,
  deployId: string,
  describe: () => Promise<Published | undefined>,
): Promise<boolean> {
  let isLost = false;
  const attempt = async (send: () => Promise<void>) => {
    try {
      await send();
    } catch (error) {
      isLost = true;
      metrics.count(METRICS.deployEventNotSent);
      log.warn(LOG_EVENTS.deployEventNotSent, { deployId, error: describeError(error) });
    }
  };
  await attempt(async () => {
    const published = await describe();
    if (!published) return;
    await Promise.all([attempt(() => events.put(published.event)), attempt(() => publish(published.message))]);
  });
  return !isLost;
}
