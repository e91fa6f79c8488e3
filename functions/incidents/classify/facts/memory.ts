/** How full the store is, what it does about it, and what fills it. Pure. */
import type { StoreReading } from '../../../collect/contract.ts';
import { WITHOUT_TTL_THRESHOLD } from '../../../records/ttl-baseline.ts';
import { mostOf, percentOf, sumOf } from '../../../shared/arithmetic.ts';
import { spanText } from '../../../shared/texts.ts';
import { type Evidence, type Facts, factsOf } from '../../contract/evidence.ts';
import type { DialectFacts, StoreNodeFacts } from '../../contract/store-facts.ts';
import { fallsOf, fallText, latestReading, medianBefore, SOON_SECONDS, SUDDEN_MS, TIGHT_PERCENT } from '../../trouble/store-health.ts';
import { BEFORE_SIGN_MS } from '../../trouble/traces.ts';
import { allOf, anyOf, fact, hint, type Judge, not, type Said, shaky } from '../judged.ts';
import { someInTrouble, wordsAbout } from './in-trouble.ts';
import { isUnknown } from './session-facts.ts';

const inReading = (name: string, read: (reading: StoreReading, evidence: Evidence) => Said | undefined): Judge =>
  fact('readings', `collector's readings: ${name}`, (_, { evidence }) => {
    const latest = latestReading(evidence);
    return latest && read(latest, evidence);
  });

const primariesOf = (nodes: readonly StoreNodeFacts[]) => nodes.filter(({ role }) => role === 'primary');

const fullByNodes = fact('store', 'session store: the data of the fullest primary', ({ nodes }, { complete }) => {
  const primaries = primariesOf(nodes);
  const shares = primaries.flatMap(({ memoryUsedBytes: used, memoryMaxBytes: most }) =>
    used !== undefined && most ? [(used * 100) / most] : [],
  );
  if (shares.length === 0) return undefined;
  const percent = Math.max(...shares);
  const is = percent >= TIGHT_PERCENT;
  const text = `the data of the fullest primary take ${Math.round(percent)} % of the memory`;
  return { is, text, sure: is || (complete && shares.length === primaries.length) };
});

const fullByReading = inReading('how full the store is now', ({ evictions, secondsUntilFull, memoryPercent }) => {
  if ((memoryPercent ?? 0) >= TIGHT_PERCENT)
    return { is: true, text: `the store used ${Math.round(memoryPercent ?? 0)} % of its memory at the last reading` };
  if (evictions !== null && evictions > 0) return { is: true, text: `the store deleted ${evictions} keys in a minute because it was full` };
  if (secondsUntilFull !== null && secondsUntilFull < SOON_SECONDS)
    return { is: true, text: `at this growth the store is full in ${spanText(secondsUntilFull)}` };
  return evictions === null ? undefined : { is: false, text: 'the store deletes no keys, and will not be full within a day' };
});

const GROWTH_PERCENT_AN_HOUR = 10;
const memoryRises = inReading('how fast memory grows', ({ growthBytesPerHour, memoryUsedBytes }) => {
  const percent = percentOf(growthBytesPerHour ?? 0, memoryUsedBytes);
  return growthBytesPerHour === null ? undefined : { is: percent >= GROWTH_PERCENT_AN_HOUR, text: `memory grows by ${percent} % an hour` };
});

export const memoryGrows = anyOf(fullByNodes, fullByReading, memoryRises);

/** A few keys can be deleted while a large one is written. */
const MANY_EVICTIONS = 10;

const evictsKeys = inReading('keys deleted since the reading before', ({ evictions }) => {
  const text = `the store deleted ${evictions} keys in the minute before the last reading to make room`;
  return evictions === null ? undefined : { is: evictions > 0, text, sure: evictions === 0 || evictions >= MANY_EVICTIONS };
});

const evictsAnyKey = fact('store', 'session store: its eviction policy', ({ nodes }) => {
  const policies = primariesOf(nodes).flatMap(({ policy }) => policy ?? []);
  if (policies.length === 0) return undefined;
  return {
    is: policies.every((policy) => policy.startsWith('allkeys-')),
    text: `the eviction policy is ${[...new Set(policies)].join(', ')}`,
  };
});

const sessionsIn = ({ keys, sampled, structural = 0, companions = 0 }: DialectFacts): number =>
  (keys * sampled) / Math.max(1, sampled + structural + companions);
const sumOfSessions = (dialects: readonly DialectFacts[], of: (dialect: DialectFacts) => number = sessionsIn): number =>
  sumOf(dialects, (one) => (isUnknown(one) ? 0 : of(one)));

const sessionsOfEvictable = fact('store', 'session store: a sample of the keys that it may delete', ({ dialects }, { evidence }) => {
  const anyKey = evictsAnyKey(evidence).truth === true;
  const evictable = (one: DialectFacts) =>
    anyKey ? sessionsIn(one) : (sessionsIn(one) * (one.sampled - one.withoutTtl)) / Math.max(1, one.sampled);
  const all = sumOf(dialects, evictable);
  const percent = percentOf(sumOfSessions(dialects, evictable), all);
  return all === 0 ? undefined : { is: percent > 50, text: `${percent} % of the keys that it may delete are sessions` };
});

/** Writes that need memory are refused from its limit on; what expires meanwhile makes room for a few. */
const AT_LIMIT_PERCENT = 97;
/** The store deletes keys, and most of those that it may delete are sessions: it cannot be other keys alone. */
export const evictsSessions: Judge = (evidence) => {
  const evicts = evictsKeys(evidence);
  if (evicts.truth !== true) return evicts;
  const both = allOf(evictsKeys, sessionsOfEvictable)(evidence);
  if (both.truth !== true) return shaky(evicts);
  // Sessions that nobody comes back to are deleted first: the alarm is of something else then.
  const areLost = someInTrouble(['lost', 'redirects', 'refusals'])(evidence).truth === true;
  return areLost ? both : shaky(both);
};

/** It has no room, and deletes nothing: its policy is noeviction, or no key has the TTL that its policy asks for. */
export const isAtLimit = fact('store', 'session store: its memory and its eviction policy', ({ nodes }, { evidence }) => {
  const known = primariesOf(nodes).filter(({ memoryUsedBytes, memoryMaxBytes, policy }) => memoryUsedBytes && memoryMaxBytes && policy);
  if (known.length === 0) return undefined;
  const { evictions, refusedWrites } = latestReading(evidence) ?? {};
  const deletesNothing = evictions === 0 && (refusedWrites ?? 0) > 0 ? /^(noeviction$|volatile-)/ : /^noeviction$/;
  const full = known.find(
    ({ memoryUsedBytes = 0, memoryMaxBytes = 1, policy = '' }) =>
      memoryUsedBytes * 100 >= memoryMaxBytes * AT_LIMIT_PERCENT && deletesNothing.test(policy),
  );
  if (full === undefined) return { is: false, text: 'the store has room, or deletes keys to make some' };
  return { is: true, text: `${full.name} has no room left, and its eviction policy ${full.policy} finds nothing to delete` };
});

/** Its own count goes back to the start of the node, and can be of another day: it is of now if it rises, or servers have such errors. */
export const writesRefused = fact('store', 'session store: writes that it refused', ({ nodes }, { evidence }) => {
  const counts = primariesOf(nodes).flatMap(({ rejectedWrites }) => rejectedWrites ?? []);
  const text = `the store refused ${sumOf(counts)} writes because it was full`;
  if (counts.length === 0) return undefined;
  const areErrors = wordsAbout('outOfMemory')(evidence).truth === true;
  return { is: sumOf(counts) > 0, text, sure: areErrors || (latestReading(evidence)?.refusedWrites ?? 0) > 0 };
});

/** Fewer sessions than these end together by chance. */
const FEWEST_BEFORE = 100;
/** Percent of the earlier sessions: if no more are left, nearly all are gone. */
const LEFT_PERCENT = 5;

/** Where everybody goes home, sessions of a few minutes end so by themselves; unknown lives are taken for long ones. */
const liveOn = (evidence: Evidence): boolean => {
  const left = (factsOf(evidence, 'store')?.dialects ?? []).flatMap(({ ttlSeconds }) => ttlSeconds?.max ?? []);
  return (mostOf(left) ?? Number.POSITIVE_INFINITY) * 1_000 >= SUDDEN_MS;
};

/** Nearly all sessions are gone at once, within a quarter of an hour, or many within minutes: they do not end so by themselves while people use them. */
export const isEmptied = fact(
  'readings',
  "collector's readings: sessions shortly before the first sign, and now",
  ({ reading, window }, { evidence }) => {
    const [fall, ...others] = fallsOf(evidence);
    if (fall !== undefined && (!fall.isSlow || liveOn(evidence)))
      return { is: true, text: fallText([fall, ...others]), sure: !fall.isSlow && liveOn(evidence), sinceMs: fall.after[0] * 1_000 };
    const sinceMs = evidence.firstSignMs - SUDDEN_MS;
    const before = window.filter((one) => one.activeSessions !== null && one.atMs >= sinceMs && one.atMs < (reading?.takenAtMs ?? 0));
    if (!reading || before.length === 0 || reading.takenAtMs < evidence.firstSignMs - BEFORE_SIGN_MS || reading.shardsWithoutPrimary)
      return undefined;
    const most = Math.max(...before.map(({ activeSessions }) => activeSessions ?? 0));
    const text = `${reading.activeSessions} sessions, ${most} before, and ${reading.keys} keys`;
    // A full sweep finds which keys are sessions: from then on the same keys are counted in another way.
    const is = reading.keys * 2 <= most && most >= FEWEST_BEFORE && reading.activeSessions * 100 <= most * LEFT_PERCENT;
    return { is, text, sure: !is || liveOn(evidence) };
  },
);

/** A few keys have no TTL for a moment: several frameworks write a session first and its TTL after it. */
const FEWEST_WITHOUT_TTL = 5;
const WITHOUT_TTL_PERCENT = 5;
/** A session of a page's state is a few KB; from here on, one holds what belongs elsewhere. */
const LARGE_BYTES = 65_536;
const FEWEST_LARGE = 5;

const mostWithoutTtl = (dialects: readonly DialectFacts[]) =>
  dialects
    .filter((one) => !isUnknown(one) && one.withoutTtl >= FEWEST_WITHOUT_TTL)
    .map((one) => ({ ...one, percent: percentOf(one.withoutTtl, one.sampled) }))
    .filter(({ percent }) => percent >= WITHOUT_TTL_PERCENT)
    .toSorted((one, other) => other.percent - one.percent)[0];

export const dialectOf = (evidence: Evidence): string | undefined => mostWithoutTtl(factsOf(evidence, 'store')?.dialects ?? [])?.dialect;

const bucketsOf = (sizes: Facts['store']['sizes']) =>
  Object.entries(sizes).map(([from, count]) => ({ from: Number(from), count, bytes: Number(from) * 1.5 * count }));

const datasetOf = (nodes: Facts['store']['nodes']): number => sumOf(primariesOf(nodes), ({ datasetBytes = 0 }) => datasetBytes);

/** What so many sessions of each dialect take of the data of all primaries, by the mean size of a sample; undefined where one of both is not known. */
function percentOfData({ nodes, dialects, sizes }: Facts['store'], sessionsOf: (dialect: DialectFacts) => number): number | undefined {
  const [dataset, buckets] = [datasetOf(nodes), bucketsOf(sizes)];
  const measured = sumOf(buckets, ({ count }) => count);
  if (dataset === 0 || measured === 0 || primariesOf(nodes).some(({ datasetBytes }) => datasetBytes === undefined)) return undefined;
  const mean = sumOf(buckets, ({ bytes }) => bytes) / measured;
  return Math.min(100, Math.round((mean * sumOfSessions(dialects, sessionsOf) * 100) / dataset));
}

/** From this share of the data on, in percent, sessions without a TTL explain that the store fills: a third more sessions are a quarter of all. */
const EXPLAINS_PERCENT = 20;

export const sessionsWithoutTtl = fact('store', 'session store: a sample of its sessions', (facts) => {
  const found = mostWithoutTtl(facts.dialects);
  const sampled = sumOf(facts.dialects, (dialect) => dialect.sampled);
  if (found === undefined) return sampled === 0 ? undefined : { is: false, text: `sampled sessions have a TTL (${sampled} keys)` };
  const percent = percentOfData(facts, (one) => (sessionsIn(one) * one.withoutTtl) / Math.max(1, one.sampled)) ?? 0;
  const text = `${found.percent} % of the sampled sessions (${found.dialect}) have no TTL; they hold about ${percent} % of the store's data`;
  return { is: true, text, sure: percent >= EXPLAINS_PERCENT };
});

export const sessionsAreLarge = fact('store', 'session store: the sizes of a sample of sessions', ({ sizes }) => {
  const buckets = bucketsOf(sizes);
  const total = sumOf(buckets, ({ bytes }) => bytes);
  const large = buckets.filter(({ from }) => from >= LARGE_BYTES);
  const count = sumOf(large, (bucket) => bucket.count);
  const percent = percentOf(
    sumOf(large, ({ bytes }) => bytes),
    total,
  );
  const text = `${count} sampled sessions of 64 KB or more hold ${percent} % of the sampled bytes`;
  return total === 0 ? undefined : { is: count >= FEWEST_LARGE && percent >= 50, text };
});

/** The estimate is by powers of two, so that it can be wrong by half. */
const FEW_PERCENT = 30;
/** In less than this, what an engine has for itself counts as data. */
const SMALL_DATA_BYTES = 32 * 1_048_576;

export const sessionsAreFew = fact('store', 'session store: its memory, and the sizes of a sample of sessions', (facts) => {
  const percent = percentOfData(facts, sessionsIn);
  const is = datasetOf(facts.nodes) >= SMALL_DATA_BYTES && (percent ?? 100) < FEW_PERCENT;
  return percent === undefined ? undefined : { is, text: `sessions take about ${percent} % of the store's data` };
});

/** The store may delete any key, its data are a cache's, and nobody loses a session: idle ones go before a cache that is in use. */
export const evictsCaches = allOf(evictsAnyKey, sessionsAreFew, not(someInTrouble(['lost', 'canary'])));

const OTHER_PERCENT = 30;
const STRUCTURAL_PERCENT = 40;
const FEWEST_STRUCTURAL = 20;

const otherKeys = fact('store', 'session store: a sample of its keys', ({ dialects }) => {
  const all = sumOf(dialects, ({ keys }) => keys);
  const percent = percentOf(all - sumOfSessions(dialects, ({ keys }) => keys), all);
  return all === 0 ? undefined : { is: percent >= OTHER_PERCENT, text: `${percent} % of the keys are of no session framework` };
});

const structuralKeys = fact('store', 'session store: keys without a TTL by design', ({ dialects }, { evidence }) => {
  const isSampled = dialects.some((one) => one.structural !== undefined);
  const reading = factsOf(evidence, 'readings')?.reading;
  const structural = isSampled ? sumOf(dialects, (one) => one.structural ?? 0) : (reading?.structural ?? 0);
  const all = isSampled ? structural + sumOf(dialects, ({ sampled, companions = 0 }) => sampled + companions) : (reading?.keys ?? 0);
  const percent = percentOf(structural, all);
  return { is: structural >= FEWEST_STRUCTURAL && percent >= STRUCTURAL_PERCENT, text: `${percent} % of the keys have no TTL by design` };
});

const GROWN_FACTOR = 1.3;

export const moreSessions = inReading('sessions before the first sign', ({ activeSessions, activeSessionsFrom }, evidence) => {
  const median = medianBefore(evidence, ({ activeSessions: count }) => count);
  if (median === undefined) return undefined;
  const dialects = factsOf(evidence, 'store')?.dialects ?? [];
  const others = sumOf(dialects, (one) => (isUnknown(one) ? one.keys : 0));
  const isSampled = dialects.some(({ keys }) => keys > 0);
  // Where the other keys are as many as the estimate rose by, it is they that rose.
  const isCache = isSampled && others > 0 && others >= activeSessions - Math.round(median);
  const isCounted = activeSessionsFrom === 'sweep';
  const bySample = isCounted
    ? Math.min(activeSessions, sumOfSessions(dialects))
    : (activeSessions * sumOfSessions(dialects)) / sumOf(dialects, ({ keys }) => keys);
  const sessions = isSampled && (isCache || !isCounted) ? Math.round(bySample) : activeSessions;
  const is = sessions >= Math.max(median, 1) * GROWN_FACTOR;
  return { is, text: `${sessions} sessions; the median before was ${Math.round(median)}`, sure: isCounted || isSampled };
});

/** Where a large part of the keys are of no session framework, it can be these: what is there of sessions can be as ever. */
export const growsWithSessions: Judge = (evidence) => (otherKeys(evidence).truth === true ? hint(memoryGrows) : memoryGrows)(evidence);

export const sessionsGrow = anyOf(moreSessions, growsWithSessions);

export const isOtherData = anyOf(allOf(otherKeys, sessionsAreFew), allOf(structuralKeys, not(moreSessions)));

/** Keys of no known framework that come without a TTL, as full sweeps count them by shape, each compared with the one before. */
export const unknownKeysGrow = fact('sweeps', 'sweeps on record', ({ sweeps }, { evidence }) => {
  const found = sweeps.flatMap(({ unknownGrowth }) => unknownGrowth?.shapes ?? []);
  const grown = [...Map.groupBy(found, ({ shape, type }) => `${type} ${shape}`).values()]
    .map((all) => ({ shape: all[0]?.shape ?? '', count: sumOf(all, (one) => one.grown) }))
    .filter(({ count }) => count >= WITHOUT_TTL_THRESHOLD)
    .toSorted((one, other) => other.count - one.count);
  const keys = latestReading(evidence)?.keys ?? 0;
  const all = sumOf(grown, ({ count }) => count);
  const named = grown.slice(0, 3).map(({ shape, count }) => `+${count} ${shape}`);
  return {
    is: all > 0 && all * 100 >= keys,
    text: all > 0 ? `keys of no known framework without a TTL become more: ${named.join(', ')}` : 'no such keys become more',
    sure: all * 100 < keys || all * 100 >= keys * EXPLAINS_PERCENT,
  };
});
