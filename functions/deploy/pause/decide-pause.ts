/** When a deploy with `--pause-after` stops, and until when. Pure. */
import type { DeployPause, PausableDeploy, TargetProgress } from '../../records/types.ts';

type Targets = Readonly<Record<string, Pick<TargetProgress, 'phase' | 'executionName'>>>;

/** `begins`: the first targets are done. `full`: as many are done or at work as there may be before the stop. */
export type PauseState = 'open' | 'full' | 'begins';

export interface PauseFacts extends PausableDeploy {
  readonly targets: Targets;
  /** How many are at work, or have failed and are not back in their place. */
  readonly atWork: number;
  /** The release is the fleet's: what comes afterwards is only brought up to it. */
  readonly isPromoted: boolean;
}

/** Whether a deploy may begin one more target. */
export function judgePause({ pauseAfter, pause, targets, atWork, isPromoted }: PauseFacts): PauseState {
  if (pauseAfter === undefined || isPromoted || pause?.continued !== undefined) return 'open';
  if (doneOf(targets).length + atWork < pauseAfter) return 'open';
  return atWork > 0 ? 'full' : 'begins';
}

/**
 * Whether a deploy that has nothing more to begin still has to stop: those that were to follow have left before as many were done as it was
 * to stop after. It does not promote without the decision that it was started with.
 */
export const owesPause = ({ pauseAfter, pause, targets, isPromoted }: Omit<PauseFacts, 'atWork'>): boolean =>
  pauseAfter !== undefined && pause === undefined && !isPromoted && doneOf(targets).length > 0;

/** Ids of the targets that this deploy has brought the release to. */
export const doneOf = (targets: Targets): readonly string[] =>
  Object.entries(targets).flatMap(([instanceId, { phase, executionName }]) =>
    phase === 'done' && executionName !== undefined ? [instanceId] : [],
  );

/** The number of servers that the deploy rolls: those that had the release already are not counted. */
export const serversOf = (targets: Targets): number => Object.values(targets).filter(({ phase }) => phase !== 'skipped').length;

/** Whether the target that begins now is one of the first: none is done yet, or the deploy stops after it. */
export function isFirst({ pauseAfter = 0, targets, atWork }: Pick<PauseFacts, 'pauseAfter' | 'targets' | 'atWork'>): boolean {
  const done = doneOf(targets).length;
  return done === 0 || done + atWork < pauseAfter;
}

/** A deploy that waits and has not been continued; what has ended it otherwise is for the caller to know. */
export const isPaused = ({ pause }: PausableDeploy): boolean => pause !== undefined && pause.continued === undefined;

export const pauseEndsAtMs = (startedAtMs: number, { pauseMinutes }: { readonly pauseMinutes: number }): number =>
  startedAtMs + pauseMinutes * 60_000;

/** The wait between two looks grows to this length within the first hour; after half an hour it is half as long. */
const LONGEST_WAIT_SECONDS = 60;
const SHARE_OF_AGE = 1 / 60;

/**
 * How long until the next look at a deploy that waits. A look takes 16 events of the history: with these pauses half an hour takes some
 * 2,000 of its 25,000, and the longest wait of four hours 5,600: what is left is enough for some 120 servers one
 * at a time, however long each takes.
 * @returns 1 at least
 */
export function pauseWaitSeconds(
  { startedAtMs, endsAtMs }: Pick<DeployPause, 'startedAtMs' | 'endsAtMs'>,
  pollSeconds: number,
  nowMs: number,
): number {
  const byAge = ((nowMs - startedAtMs) / 1000) * SHARE_OF_AGE;
  const seconds = Math.min(Math.max(pollSeconds, Math.min(byAge, LONGEST_WAIT_SECONDS)), (endsAtMs - nowMs) / 1000);
  return Math.max(1, Math.ceil(seconds));
}

/** The store's check (7), the choice of what is next (7), the pause (2). */
const EVENTS_OF_A_LOOK = 16;
/** What announces it. */
const EVENTS_OF_ITS_BEGIN = 5;

/** How many events of the history a wait takes that is continued after so many seconds. */
export function eventsOfPause(waitedSeconds: number, { pauseMinutes, pollSeconds }: { pauseMinutes: number; pollSeconds: number }): number {
  const pause = { startedAtMs: 0, endsAtMs: pauseEndsAtMs(0, { pauseMinutes }) };
  let events = EVENTS_OF_ITS_BEGIN;
  for (let seconds = 0; seconds <= waitedSeconds; ) {
    events += EVENTS_OF_A_LOOK;
    seconds += pauseWaitSeconds(pause, pollSeconds, seconds * 1000);
  }
  return events;
}
