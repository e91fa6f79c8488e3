/**
 * What people do, by what the store is asked: whether fewer come, whether sessions went that had not timed out, and whether people
 * who were here log in again. Compared with the minutes before, so that evenings, campaigns and bots are none of it. Pure.
 */
import { medianOf, sumOf } from '../shared/arithmetic.ts';
import { type LookupSample, type Lookups, PEOPLE_ARE_GONE, PEOPLE_GO_ON } from './contract.ts';

/** A quarter of an hour: what is usual is as young as that, and an evening is no fall. */
const MOST_SAMPLES = 15;
/** Nothing is judged before so many: a new store is quiet until then. */
export const FEWEST_SAMPLES = 8;
/** A reading that comes later begins anew. */
const LONGEST_GAP_SECONDS = 600;
/** What is usual sinks by so much per minute, to a half in 34 minutes, so that it outlasts a trouble and follows an evening. */
const SINKS_BY = 0.02;
/** Fewer lookups per minute are too few to see people in them. */
const FEWEST_LOOKUPS = 8;
/** A fall by chance: lookups of two minutes vary by the square root of their number, and so much of it is once in a year. */
const SPREADS = 4.5;
const LEAST_FALL = 0.12;
const BACK_AT = 0.9;
const LONGEST_FALL_MS = 3 * 3_600_000;
/** Fewer deleted sessions are people who log out, and a smaller part of all is no trouble of many. */
const FEWEST_DELETED = 6;
const LEAST_DELETED = 0.05;
/** So many lookups more than usual that find nothing, also as a part of the sessions, are people who come with a lost one. */
const FEWEST_MISSES = 5;
const LEAST_MISSES = 0.08;
/**
 * Those who log in again at once hide what was deleted: so many lookups that find nothing within two minutes, at most one per session, and over
 * by then, of people for whom no session is added. Bots go on; people who come back after a time-out have a session more each.
 */
const BURST = { fewest: 12, over: 0.25, added: 0.5 } as const;
/** People who were here log in again at once: so many of the sessions that are there, at most each of them and a few who are new. */
const AGAIN = { fewest: 10, least: 0.25, most: 1.3 } as const;
/** Of new people the lookups grow as the sessions do; here by less than this part of it. */
const GROWS = 0.4;
/** More lookups than before, by chance. */
const NO_MORE = 1.15;
/**
 * Sessions that begin per lookup, where people read a page or two and have to log in again. Usual is one in forty; where people come for a page
 * or two anyway it is twice what it was before, and more than chance makes of that.
 */
const BEGUN = { perLookup: 0.05, timesUsual: 2, spreads: 4 } as const;
/** Above this part, keys that are no sessions would be mistaken for them. */
export const MOST_OTHERS = 0.1;

export interface LookupsNow extends Omit<LookupSample, 'found' | 'missed'> {
  readonly atMs: number;
  readonly elapsedSeconds: number;
  /** Lookups since the previous reading; undefined where they are not known. */
  readonly found: number | undefined;
  readonly missed: number | undefined;
}

/** @returns undefined where lookups are not known, which ends what was known of them */
export function watchLookups(before: Lookups | undefined, now: LookupsNow): Lookups | undefined {
  const { atMs, elapsedSeconds, sessions, net } = now;
  if (now.found === undefined || now.missed === undefined || elapsedSeconds <= 0) return undefined;
  const perMinute = (count: number) => Math.round((count * 600) / elapsedSeconds) / 10;
  const sample: LookupSample = {
    found: perMinute(now.found),
    missed: perMinute(now.missed),
    net,
    sessions,
    minutes: Math.round(elapsedSeconds / 6) / 10,
  };
  const isGap = elapsedSeconds > LONGEST_GAP_SECONDS;
  const known = isGap || before === undefined ? [] : before.samples;
  const samples = [...known, sample].slice(-MOST_SAMPLES);
  const usual = Math.max(sample.found, (before?.usual ?? 0) * (1 - SINKS_BY) ** (elapsedSeconds / 60));
  const quiet = { samples, usual: Math.round(usual * 10) / 10 };
  if (known.length < FEWEST_SAMPLES) return quiet;
  const level = medianOf(known.slice(0, -1).map(({ found }) => found)) ?? 0;
  const fallen = fallOf(before, { atMs, level, samples });
  const lostPercent = lostOf(samples) ?? lostAndBackOf(samples);
  const againPercent = againOf(level, samples);
  const begun = begunOf(before?.begun, { atMs, level, samples });
  return {
    ...quiet,
    ...(fallen && { fallen }),
    ...(lostPercent !== undefined && { lostPercent }),
    ...(againPercent !== undefined && { againPercent }),
    ...(begun && { begun }),
  };
}

const lastFound = (samples: readonly LookupSample[]): number => sumOf(samples.slice(-2), ({ found }) => found) / 2;

interface Level {
  readonly atMs: number;
  /** Lookups per minute of the minutes before. */
  readonly level: number;
}

/** It begins at once and is held: what was usual before it stays the measure until people are back. */
function fallOf(
  before: Lookups | undefined,
  { atMs, level, samples }: Level & { readonly samples: readonly LookupSample[] },
): Lookups['fallen'] {
  const fallen = before?.fallen;
  const recent = lastFound(samples);
  const fallenBy = (from: number) => Math.round(100 * (1 - recent / from));
  if (fallen && atMs - fallen.sinceMs < LONGEST_FALL_MS && recent < fallen.from * BACK_AT)
    return { ...fallen, percent: fallenBy(fallen.from) };
  const isFall = level >= FEWEST_LOOKUPS && 1 - recent / level >= Math.max(LEAST_FALL, SPREADS / Math.sqrt(2 * level));
  return isFall ? { sinceMs: atMs, from: level, percent: fallenBy(level) } : undefined;
}

/** Sessions that went within three minutes, neither timed out nor evicted, while more lookups than usual found nothing: people log out without those. */
function lostOf(samples: readonly LookupSample[]): number | undefined {
  const usualMisses = medianOf(samples.slice(0, -3).map(({ missed }) => missed)) ?? 0;
  const parts = [1, 2, 3].flatMap((minutes) => {
    const window = samples.slice(-minutes);
    const there = samples.at(-minutes - 1)?.sessions ?? 0;
    if (window.some(({ net }) => net === null)) return [];
    // Who logs in again within the window is no reason to doubt what was deleted before.
    const deleted = -Math.min(...window.map((_, index) => sumOf(window.slice(0, index + 1), ({ net }) => net ?? 0)));
    const missed = sumOf(window, (one) => one.missed) - minutes * usualMisses;
    const areMisses = missed >= Math.max(FEWEST_MISSES + 3 * Math.sqrt(minutes * usualMisses), there * LEAST_MISSES);
    return deleted >= Math.max(FEWEST_DELETED, there * LEAST_DELETED) && areMisses && there > 0
      ? [Math.round((100 * deleted) / there)]
      : [];
  });
  return parts.length === 0 ? undefined : Math.min(100, Math.max(...parts));
}

/** Sessions that were lost and begun again between two readings, as lookups that found nothing. */
function lostAndBackOf(samples: readonly LookupSample[]): number | undefined {
  const [before, ...rest] = samples.slice(-4);
  const last = rest.at(-1);
  const burst = rest.slice(0, 2);
  if (before === undefined || last === undefined || rest.length < 3 || rest.some(({ net }) => net === null)) return undefined;
  const usual = medianOf(samples.slice(0, -3).map(({ missed }) => missed)) ?? 0;
  const missed = sumOf(burst, (one) => one.missed) - 2 * usual;
  const isBurst = missed >= Math.max(BURST.fewest, before.sessions * LEAST_MISSES) && missed <= before.sessions;
  const isAlone = [before, last].every((one) => one.missed - usual <= missed * BURST.over);
  const isAdded = sumOf(burst, ({ net }) => net ?? 0) > missed * BURST.added;
  return isBurst && isAlone && !isAdded ? Math.round((100 * missed) / before.sessions) : undefined;
}

const begunIn = (window: readonly LookupSample[]): number => sumOf(window, ({ net }) => Math.max(0, net ?? 0));
const begunPerMinute = ({ net, minutes = 1 }: LookupSample): number => Math.max(0, net ?? 0) / minutes;

/**
 * Sessions of people who were here already began at once, as the share of those that were there. It is over by half when it is judged: what
 * goes on is a campaign or bots, of which the first reads pages, and the others outnumber those who were here.
 */
function againOf(level: number, samples: readonly LookupSample[]): number | undefined {
  const window = samples.slice(-3);
  const there = samples.at(-4)?.sessions ?? 0;
  const [, before = 0, last = 0] = window.map(({ net }) => net ?? 0);
  if (there === 0 || level < FEWEST_LOOKUPS || window.some(({ net }) => net === null)) return undefined;
  const begun = begunIn(window);
  const usual = (medianOf(samples.slice(0, -3).map(begunPerMinute)) ?? 0) * sumOf(window, ({ minutes = 1 }) => minutes);
  const isOver = last <= Math.max(before, begun - before - last) / 2;
  const isMore = lastFound(samples) > level * (1 + (GROWS * begun) / there);
  const isThem = begun - usual >= Math.max(AGAIN.fewest, there * AGAIN.least) && begun <= there * AGAIN.most;
  return isOver && isThem && !isMore ? Math.round((100 * begun) / there) : undefined;
}

/**
 * Sessions that begin per minute, where they are far too many for the pages that are read, and no more pages are read than before. The first
 * such reading can have a part of a minute only. What was usual before it stays the measure while it goes on.
 */
function begunOf(
  before: Lookups['begun'],
  { atMs, level, samples }: Level & { readonly samples: readonly LookupSample[] },
): Lookups['begun'] {
  const window = samples.slice(-2);
  const goesOn = before && atMs - before.sinceMs < LONGEST_FALL_MS ? before : undefined;
  const usual = goesOn?.usual ?? medianOf(samples.slice(0, -2).map((one) => begunPerMinute(one) / Math.max(1, one.found))) ?? 0;
  const isTooMany = window.every((one) => one.net !== null && begunPerMinute(one) >= tooManyBegun(one.found, usual));
  const perMinute = Math.round(Math.max(...window.map(begunPerMinute)));
  return level >= FEWEST_LOOKUPS && isTooMany && lastFound(samples) <= level * NO_MORE
    ? { sinceMs: goesOn?.sinceMs ?? atMs, perMinute, usual }
    : undefined;
}

function tooManyBegun(found: number, usual: number): number {
  const expected = found * usual;
  const byChance = expected + BEGUN.spreads * Math.sqrt(expected);
  return Math.max(AGAIN.fewest, found * BEGUN.perLookup, expected * BEGUN.timesUsual, byChance);
}

/**
 * Lookups per minute that are to be expected of people, for alarms on what the load balancer answers: 0 where they are too few to be seen, or what
 * is usual is not known; and now, which differs while next to none comes.
 */
export function expectedLookups({ samples, usual }: Lookups): { readonly usual: number; readonly now: number } {
  const last = samples.at(-1);
  if (last === undefined || samples.length < FEWEST_SAMPLES || usual < FEWEST_LOOKUPS) return { usual: 0, now: 0 };
  const areGone = last.found < usual * PEOPLE_GO_ON.share - PEOPLE_GO_ON.less;
  return { usual: Math.round(usual), now: areGone ? PEOPLE_ARE_GONE : Math.round(usual) };
}

/** Bots that name sessions which do not exist lower the hit rate, and take nothing from people. */
export function isUsualTraffic(lookups: Lookups | undefined): boolean {
  if (lookups === undefined || lookups.samples.length < FEWEST_SAMPLES) return false;
  return lookups.fallen === undefined && lastFound(lookups.samples) >= lookups.usual * PEOPLE_STAY;
}
/** An evening loses less than this within the time in which the usual sinks. */
const PEOPLE_STAY = 0.7;

/**
 * Within a quarter of an hour, of those that were there: begun by fewer is by nobody who comes, and more are deleted by somebody than by people
 * who log out.
 */
const STILL_COME = { fewest: 2, least: 0.02, deleted: 0.1 } as const;

/**
 * Sessions became fewer as they timed out, and others begin: a campaign, a class or a load test is over. Where none begin any more, users can
 * be unable to log in.
 */
export function isTimedOut(lookups: Lookups | undefined): boolean {
  const samples = lookups?.samples ?? [];
  if (samples.length < FEWEST_SAMPLES || samples.some(({ net }) => net === null)) return false;
  const there = Math.max(...samples.map(({ sessions }) => sessions));
  const deleted = -sumOf(samples, ({ net }) => Math.min(0, net ?? 0));
  return deleted < there * STILL_COME.deleted && begunIn(samples) >= Math.max(STILL_COME.fewest, there * STILL_COME.least);
}
