/** Times in which the store was away and came back, by the collector's readings of each minute and the servers' own lines. Pure. */
import { clockText } from '../../shared/times.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import { failoversOf } from './failovers.ts';
import { timeOfLines } from './places.ts';
import { troubleOf } from './trouble.ts';

export interface Away {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A reading is taken each minute; one alone can fail. */
const FEWEST_WITHOUT_MS = 3 * 60_000;

/**
 * From a reading to the next one, with minutes between them that have none, in which servers wrote lines about connections to the store:
 * without those it can be the collector that was away. A failover is not among them. Oldest first.
 */
export function awayTimes(evidence: Evidence): readonly Away[] {
  const minutes = factsOf(evidence, 'readings')?.minutes ?? [];
  const linesMs = (factsOf(evidence, 'servers')?.servers ?? []).flatMap(({ application }) =>
    (application?.byMinute?.storeConnection ?? []).map(([minuteMs]) => minuteMs),
  );
  const failoversMs = failoversOf(evidence);
  return minutes.slice(1).flatMap(([afterSeconds], index) => {
    const [fromMs, untilMs] = [(minutes[index]?.[0] ?? 0) * 1_000, afterSeconds * 1_000];
    const isWithin = (atMs: number) => atMs >= fromMs && atMs <= untilMs;
    const isAway = untilMs - fromMs >= FEWEST_WITHOUT_MS && untilMs > evidence.fromMs;
    return isAway && linesMs.some(isWithin) && !failoversMs.some(isWithin) ? [{ fromMs, untilMs }] : [];
  });
}

/** So many of those before are left at the most, where it came back without its data; and of so few, all can have ended meanwhile. */
const LEFT = 0.4;
const FEWEST_BEFORE = 20;

/** `4 of 33`: sessions that it had when it was back, and before, where most were gone; the latest time that it was away. */
export function cameBackWith(evidence: Evidence): string | undefined {
  const away = awayTimes(evidence).at(-1);
  const minutes = factsOf(evidence, 'readings')?.minutes ?? [];
  const at = (atMs: number | undefined) => minutes.find(([atSeconds]) => atSeconds * 1_000 === atMs)?.[1];
  const [before, after] = [at(away?.fromMs), at(away?.untilMs)];
  const isEmpty = before !== undefined && after !== undefined && before >= FEWEST_BEFORE && after <= before * LEFT;
  return isEmpty ? `${after} of ${before}` : undefined;
}

/** Users are hurt no more, and no server has written lines about the store for minutes. */
export const isStoreTroubleOver = (evidence: Evidence): boolean =>
  troubleOf(evidence).untilMs !== undefined && timeOfLines('storeErrors', evidence)?.untilMs !== undefined;

/** `from 10:00 until 10:23 and from 10:43 until 10:49 UTC` */
export const awayText = (times: readonly Away[]): string =>
  `${times.map(({ fromMs, untilMs }) => `from ${minuteOf(fromMs)} until ${minuteOf(untilMs)}`).join(' and ')} UTC`;
const minuteOf = (atMs: number): string => clockText(atMs).slice(0, 5);
