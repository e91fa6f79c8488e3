/** A deploy that waits to be continued, in words: what for, until when, and with which commands it goes on. Pure. */

import type { DeployRecord } from '../../records/types.ts';
import { commandOptions, holdfast } from '../../shared/command-options.ts';
import { counted } from '../../shared/counted.ts';
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
