/** A deploy that waits to be continued, in words: what for, until when, and with which commands it goes on. Pure. */

import type { DeployRecord } from '../../records/types.ts';
import { commandOptions, holdfast } from '../../shared/command-options.ts';
import { counted } from '../../shared/texts.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import type { ResolvedSettings } from '../settings/settings.ts';
import { doneOf, isPaused, serversOf } from './decide-pause.ts';

export interface Waiting {
  /** Ids of the instances that have the release. */
  readonly done: readonly string[];
  /** The number of servers that the deploy rolls, those included. */
  readonly servers: number;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly continueCommand: string;
  readonly rejectCommand: string;
}

/** Undefined for a deploy that does not wait (any more). */
export function waitingOf(record: DeployRecord): Waiting | undefined {
  const { status, pause, firstFailure, cleanUp, targets, deployId, executionArn, fleet } = record;
  if (status !== 'RUNNING' || pause === undefined || !isPaused(record) || firstFailure || cleanUp) return undefined;
  const options = commandOptions(executionArn, fleet);
  return {
    done: doneOf(targets),
    servers: serversOf(targets),
    sinceMs: pause.startedAtMs,
    untilMs: pause.endsAtMs,
    continueCommand: holdfast(`deploys continue ${deployId} ${options}`),
    rejectCommand: holdfast(`deploys abort ${deployId} ${options}`),
  };
}

/** `waits to be continued: 1 of 3 servers has the release (i-1)` */
export function waitingState({ done, servers }: Pick<Waiting, 'done' | 'servers'>): string {
  const has = done.length === 1 ? 'has' : 'have';
  return `waits to be continued: ${done.length} of ${servers} servers ${has} the release (${done.join(', ')})`;
}

/** `waits to be continued: 1 of 3 servers has the release (i-1); until 2026-11-23T12:30:00.000Z, then it rolls back` */
export const waitingWords = (waiting: Waiting): string =>
  `${waitingState(waiting)}; until ${new Date(waiting.untilMs).toISOString()}, then it rolls back`;

/** One line each: what it waits for, and both commands. None for a deploy that does not wait. */
export function waitingLines(record: DeployRecord): readonly string[] {
  const waiting = waitingOf(record);
  if (!waiting) return [];
  return [waitingWords(waiting), `continue it with: ${waiting.continueCommand}`, `reject it with: ${waiting.rejectCommand}`];
}

/** `continued by arn:… at …`; undefined of a deploy that nobody has continued. */
export function continuedWords({ pause }: Pick<DeployRecord, 'pause'>): string | undefined {
  if (pause?.continued === undefined) return undefined;
  const { requestedBy, atMs } = pause.continued;
  return `waited after ${counted(pause.after, 'server')}; continued by ${requestedBy} at ${new Date(atMs).toISOString()}`;
}

/** Why a deploy cannot be continued: `has already ended with FAILED`. */
export function whyNotWaiting(record: DeployRecord, nowMs: number): string {
  const { status, pause, pauseAfter, cleanUp, firstFailure } = record;
  const continued = pause?.continued;
  if (continued) return `was already continued, by ${continued.requestedBy} at ${new Date(continued.atMs).toISOString()}`;
  if (status !== 'RUNNING') return `has already ended with ${status}`;
  if (cleanUp) return 'has failed or was stopped, and its clean-up restores the servers';
  if (firstFailure) return `has failed (${firstFailure.Error}) and rolls back`;
  if (pause && pause.endsAtMs <= nowMs) return `has waited until ${new Date(pause.endsAtMs).toISOString()} and rolls back`;
  if (pause) return 'waits; continue it again';
  return pauseAfter === undefined
    ? 'does not stop after its first servers: it was started without --pause-after'
    : `does not wait yet: it stops after ${counted(pauseAfter, 'server')}`;
}

export interface PauseWarningFacts {
  /** Alarms and unhealthy servers can be due to the session store. */
  readonly storeFailedOver: boolean;
  /** Ids of the targets that the deploy has brought the release to. */
  readonly done: readonly string[];
  readonly members: readonly { readonly instanceId: string; readonly version: string; readonly health: string }[];
  /** The minimum of healthy targets does not apply: the deploy was started with `recover`, or the fleet has no release to go back to. */
  readonly goesBackAnyway: boolean;
  readonly settings: Pick<ResolvedSettings, 'minimumHealthyTargets' | 'registerTimeoutSeconds'>;
}

/** Sentences for the deploy's record. Each stays the same from look to look, so that the record has it once. */
export const warnOfPause = (facts: PauseWarningFacts): readonly string[] => [
  ...(facts.storeFailedOver ? [UNWATCHED] : []),
  ...warnOfKeptServers(facts),
];

const UNWATCHED =
  'The session store failed over or was not ready. While alarms and unhealthy servers can be its doing, they do not end the wait to be continued: for ten minutes after it was not ready, and for the rest of the wait after a failover. Judge the new release yourself.';

/** Warns of servers that the clean-up would leave as they are, since one that serves goes back only while the minimum of others is healthy. */
function warnOfKeptServers({ done, members, goesBackAnyway, settings }: PauseWarningFacts): readonly string[] {
  const { minimumHealthyTargets, registerTimeoutSeconds } = settings;
  const healthy = members.filter(({ health, version }) => health === 'healthy' && version !== NO_RELEASE);
  const serving = healthy.map(({ instanceId }) => instanceId).filter((instanceId) => done.includes(instanceId));
  if (goesBackAnyway || serving.length === 0 || healthy.length > minimumHealthyTargets) return [];
  return [
    `While the deploy waited to be continued, too few other servers were healthy to take ${serving.join(', ')} out of service (minimumHealthyTargets ${minimumHealthyTargets}). If that is so when it is rejected or its time is up, the clean-up waits ${registerTimeoutSeconds} s for the others and then leaves what serves with the new release. Auto Scaling replaces no server before the deploy has ended.`,
  ];
}
