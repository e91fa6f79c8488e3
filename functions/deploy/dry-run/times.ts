/** How long a deploy takes: as the last one did, and at worst. Pure; times are in seconds. */
import type { DeployRecord, Phase, TargetProgress } from '../../records/types.ts';
import { durationText } from '../../shared/duration-text.ts';
import { canLackPreparation } from '../rolls/is-prepared.ts';
import { eventsOf, MOST_EVENTS } from '../rolls/look-again.ts';
import { LONGEST_DEPLOY_SECONDS, longestPinSeconds, longestRollSeconds } from '../sessions/session-times.ts';
import type { ResolvedSettings } from '../settings/settings.ts';

/** What a deploy that succeeded took. */
export interface Experience {
  readonly deployId: string;
  /** Mean time of a server in each phase. */
  readonly phases: Partial<Readonly<Record<Phase, number>>>;
  /** The sum of the phases: one server's roll. */
  readonly rollSeconds: number;
  /** What it took besides its rolls: checks before them, settling, promotion. */
  readonly otherSeconds: number;
}

/** @param latest newest first @returns of the newest deploy that rolled servers and succeeded; undefined without one */
export function learnFrom(latest: readonly DeployRecord[]): Experience | undefined {
  const record = latest.find((one) => one.status === 'SUCCEEDED' && one.restart === undefined && rolled(one).length > 0);
  if (record?.finishedAtMs === undefined) return undefined;
  const targets = rolled(record);
  const seconds: Partial<Record<Phase, number>> = {};
  for (const { phases = [], finishedAtMs } of targets) {
    const entered = phases.filter(({ phase }) => phase !== 'waiting' && phase !== 'done');
    entered.forEach(({ phase, startedAtMs }, index) => {
      const endedAtMs = entered[index + 1]?.startedAtMs ?? (finishedAtMs as number);
      seconds[phase] = (seconds[phase] ?? 0) + (endedAtMs - startedAtMs) / 1000 / targets.length;
    });
  }
  const begunAtMs = Math.min(...targets.map(({ startedAtMs = Number.POSITIVE_INFINITY }) => startedAtMs));
  const doneAtMs = Math.max(...targets.map(({ finishedAtMs = 0 }) => finishedAtMs));
  const otherMs = record.finishedAtMs - record.startedAtMs - (doneAtMs - begunAtMs);
  return {
    deployId: record.deployId,
    phases: seconds,
    rollSeconds: Object.values(seconds).reduce((sum, one) => sum + one, 0),
    otherSeconds: Math.max(0, otherMs / 1000),
  };
}

const rolled = ({ targets }: DeployRecord): readonly TargetProgress[] =>
  Object.values(targets).filter(({ phase, phases, startedAtMs, finishedAtMs }) =>
    [phase === 'done', phases !== undefined, startedAtMs !== undefined, finishedAtMs !== undefined].every(Boolean),
  );

/**
 * The longest roll of one server, with the usual bake, that can still succeed, with the wait for the store before it.
 * @param timeoutSeconds after which the server itself ends an idle session, where it reports that
 */
export function worstRollSeconds(
  {
    version,
    waitsForSessions,
    timeoutSeconds,
  }: { readonly version: string; readonly waitsForSessions: boolean; readonly timeoutSeconds?: number | undefined },
  settings: ResolvedSettings,
): number {
  const prepares = canLackPreparation(version);
  return (
    settings.storeTimeoutSeconds +
    (prepares ? settings.preparationTimeoutSeconds : 0) +
    (waitsForSessions ? longestPinSeconds(settings, timeoutSeconds) : 0) +
    longestRollSeconds(settings, settings.bakeSeconds)
  );
}

/**
 * One sentence for a deploy whose waits, the one to be continued included, can be longer together than an execution lasts; undefined
 * otherwise. Where sessions in memory are waited for, a deploy refuses that.
 * @param worstSeconds if every wait lasts as long as the settings allow
 */
export const warnOfTheLimit = (worstSeconds: number): string | undefined =>
  worstSeconds <= LONGEST_DEPLOY_SECONDS
    ? undefined
    : `If every wait lasts as long as the settings allow, a deploy takes ${durationText(worstSeconds * 1000)}, and Step Functions ends it after two days, wherever it is; its clean-up then rolls it back. Roll more servers at once (deploy.maxParallel), or shorten the longest times of deploy.`;

/** What else a deploy takes: its checks, a store that is waited for, retries. */
const OTHER_EVENTS = 1_000;
/** The longest wait to be continued: see pause/decide-pause.ts. */
const PAUSE_EVENTS = 5_600;

/**
 * One sentence for a deploy that takes more events than an execution's history can have; undefined otherwise. Two hundred servers fit, one
 * at a time and however long each takes.
 * @param rollSeconds of one server, as the last deploy took it
 */
export function warnOfHistory({
  servers,
  atATime,
  rollSeconds,
  pauses,
}: {
  readonly servers: number;
  readonly atATime: number;
  readonly rollSeconds: number;
  readonly pauses: boolean;
}): string | undefined {
  const eventsWith = (atOnce: number) =>
    eventsOf(servers, rollSeconds / Math.max(1, Math.min(atOnce, servers))) + OTHER_EVENTS + (pauses ? PAUSE_EVENTS : 0);
  const events = eventsWith(atATime);
  if (events <= MOST_EVENTS) return undefined;
  const fix =
    eventsWith(servers) <= MOST_EVENTS
      ? 'Roll more servers at once (deploy.maxParallel)'
      : 'More servers at once do not help: divide them among several fleets';
  const pace = atATime === 1 ? 'one at a time' : `${atATime} at once`;
  return `${servers} servers, ${pace} and ${durationText(rollSeconds * 1000)} each, take some ${Math.round(events / 1000)},000 events of the execution's history. Step Functions ends a deploy at 25,000, wherever it is; its clean-up then rolls it back. ${fix}.`;
}
