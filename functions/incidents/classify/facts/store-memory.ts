/** How full the store is. Pure. */

import type { MinuteSample } from '../../../collect/contract.ts';
import { medianOf, sumOf } from '../../../shared/arithmetic.ts';
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import type { DialectFacts } from '../../contract/store-facts.ts';
import { SOON_SECONDS, TIGHT_PERCENT } from '../../trouble/store-channels.ts';
import { BEFORE_SIGN_MS } from '../../trouble/traces.ts';
import { allOf, anyOf, firmIf, type Judge, type Judged, judgeSource, no, open, shaky, yes } from '../judged.ts';
import { wordsAbout } from './application-logs.ts';
import { someInTrouble } from './in-trouble.ts';
import { judgeReading, latestReading } from './latest-reading.ts';
import { isUnknown, sessionsIn } from './session-life.ts';

/** The store is nearly full, refuses writes or deletes keys; or it will be full within a day. */
export const memoryIsTight = (evidence: Evidence): Judged => anyOf(fullByNodes(evidence), fullByReading(evidence));

const fullByNodes = judgeSource('store', ({ nodes }, { complete }) => {
  const primaries = nodes.filter(({ role }) => role === 'primary');
  const shares = primaries.flatMap(({ memoryUsedBytes, memoryMaxBytes }) =>
    memoryUsedBytes !== undefined && memoryMaxBytes ? [(memoryUsedBytes * 100) / memoryMaxBytes] : [],
  );
  if (shares.length === 0) return open('store', 'session store: used and largest memory');
  const most = Math.max(...shares);
  const text = `the fullest primary uses ${Math.round(most)} % of its memory`;
  return most >= TIGHT_PERCENT ? yes('store', text) : firmIf(complete && shares.length === primaries.length, no('store', text));
});

const fullByReading = (evidence: Evidence): Judged =>
  judgeReading(evidence, 'how full the store is now', ({ evictions, secondsUntilFull, memoryPercent }) => {
    if ((memoryPercent ?? 0) >= TIGHT_PERCENT)
      return yes('readings', `the store used ${Math.round(memoryPercent ?? 0)} % of its memory at the last reading`);
    if (evictions !== null && evictions > 0) return yes('readings', `the store deleted ${evictions} keys in a minute because it was full`);
    if (secondsUntilFull !== null && secondsUntilFull < SOON_SECONDS)
      return yes('readings', `at this growth the store is full in ${Math.round(secondsUntilFull / 3_600)} h`);
    return evictions === null
      ? open('readings', "collector's readings: keys deleted since the reading before")
      : no('readings', 'the store deletes no keys, and will not be full within a day');
  });

/** A few keys can be deleted while a large one is written. */
const MANY_EVICTIONS = 10;

/** Keys were deleted to make room for others, in the last minute. */
export const evictsKeys = (evidence: Evidence): Judged =>
  judgeReading(evidence, 'keys deleted since the reading before', ({ evictions }) => {
    if (evictions === null) return open('readings', "collector's readings: keys deleted since the reading before");
    const text = `the store deleted ${evictions} keys in the minute before the last reading to make room`;
    return evictions > 0 ? firmIf(evictions >= MANY_EVICTIONS, yes('readings', text)) : no('readings', text);
  });

/** The same, and most of the keys that the policy may delete are sessions: it cannot be other keys alone. */
export function evictsSessions(evidence: Evidence): Judged {
  const evicts = evictsKeys(evidence);
  if (evicts.truth !== true) return evicts;
  const share = sessionsOfEvictable(evidence);
  if (share.truth !== true) return shaky(evicts);
  const both = allOf(evicts, share);
  // Sessions that nobody comes back to are deleted first: the alarm is of something else then.
  if (someInTrouble(['lost', 'redirects', 'refusals', 'sessions'])(evidence).truth === false)
    return shaky({ ...both, text: `${both.text}; no more sessions were lost than usual` });
  return isUsuallyFull(evidence) ? shaky({ ...both, text: `${both.text}; it was as full half an hour before the first sign` }) : both;
}

/** Many stores are full by intention, and delete idle sessions all day: that is not what has begun. */
const USUAL_MS = 30 * 60_000;

const isUsuallyFull = (evidence: Evidence): boolean =>
  (factsOf(evidence, 'readings')?.window ?? []).some(
    ({ atMs, memoryPercent }) => atMs <= evidence.firstSignMs - USUAL_MS && (memoryPercent ?? 0) >= AT_LIMIT_PERCENT,
  );

const sessionsOfEvictable = judgeSource('store', ({ dialects }, { complete, evidence }) => {
  const anyKey = evictsAnyKey(evidence);
  const evictable = (one: DialectFacts) =>
    anyKey.truth === true ? sessionsIn(one) : (sessionsIn(one) * (one.sampled - one.withoutTtl)) / Math.max(1, one.sampled);
  const all = sumOf(dialects, evictable);
  if (anyKey.truth === null || all === 0) return open('store', 'session store: a sample of the keys that it may delete');
  const sessions = sumOf(
    dialects.filter((one) => !isUnknown(one)),
    evictable,
  );
  const percent = Math.round((sessions * 100) / all);
  const text = `${percent} % of the keys that it may delete are sessions`;
  return firmIf(complete && anyKey.firm, percent > 50 ? yes('store', text) : no('store', text));
});

/** Writes that need memory are refused from its limit on; what expires meanwhile makes room for a few. */
const AT_LIMIT_PERCENT = 97;

/** It refuses writes now and deletes nothing, although its policy would let it: no key has a TTL. */
function findsNothing(evidence: Evidence, policy = ''): boolean {
  const { evictions, refusedWrites } = latestReading(evidence) ?? {};
  return policy.startsWith('volatile-') && evictions === 0 && (refusedWrites ?? 0) > 0;
}

/** A primary has no room, and its policy deletes nothing. */
export const isAtLimit = judgeSource('store', ({ nodes }, { complete, evidence }) => {
  const primaries = nodes.filter(({ role }) => role === 'primary');
  const known = primaries.filter(({ memoryUsedBytes, memoryMaxBytes, policy }) => memoryUsedBytes && memoryMaxBytes && policy);
  if (known.length === 0) return open('store', 'session store: its memory and its eviction policy');
  const full = known.find(
    ({ memoryUsedBytes = 0, memoryMaxBytes = 1, policy }) =>
      memoryUsedBytes * 100 >= memoryMaxBytes * AT_LIMIT_PERCENT && (policy === 'noeviction' || findsNothing(evidence, policy)),
  );
  if (full?.policy === 'noeviction') return yes('store', `${full.name} has no room left, and its eviction policy is noeviction`);
  if (full) return yes('store', `${full.name} has no room left, and ${full.policy} finds no key with a TTL to delete`);
  return firmIf(complete && known.length === primaries.length, no('store', 'the store has room, or deletes keys to make some'));
});

/**
 * The store refuses writes. Its own count goes back to the start of the node, so that it can be of another day. It is of now if it rises
 * or the servers have such errors. It is of another day if the store has room, the collector's latest reading counts no refused write,
 * and no server has such an error.
 */
export const writesRefused = judgeSource('store', ({ nodes }, { evidence }) => {
  const counts = nodes.flatMap(({ role, rejectedWrites }) => (role === 'primary' && rejectedWrites !== undefined ? [rejectedWrites] : []));
  if (counts.length === 0) return open('store', 'session store: writes that it refused');
  const total = sumOf(counts);
  const text = `the store refused ${total} writes because it was full`;
  if (total === 0) return no('store', text);
  const errors = wordsAbout(evidence, 'outOfMemory', 'writes that a full store refuses').truth;
  // A reading counts what was refused since the reading before, a minute earlier.
  const { refusedWrites } = latestReading(evidence) ?? {};
  const rises = (refusedWrites ?? 0) > 0;
  if (errors === false && refusedWrites === 0 && isAtLimit(evidence).truth === false)
    return no('store', `${text}, none in the minute before the last reading`);
  return firmIf(errors === true || rises, yes('store', text));
});

/** What every primary's eviction policy is alike. */
const policyIs = (isSo: (policy: string) => boolean): Judge =>
  judgeSource('store', ({ nodes }, { complete }) => {
    const policies = nodes.filter(({ role }) => role === 'primary').flatMap(({ policy }) => (policy === undefined ? [] : [policy]));
    if (policies.length === 0) return open('store', 'session store: its eviction policy');
    const text = `the eviction policy is ${[...new Set(policies)].join(', ')}`;
    return firmIf(complete, policies.every(isSo) ? yes('store', text) : no('store', text));
  });

export const policyKeepsSessions = policyIs((policy) => policy === 'noeviction');
/** The policy lets the store delete any key, of the applications' caches too. */
export const evictsAnyKey = policyIs((policy) => policy.startsWith('allkeys-'));

const GROWN_FACTOR = 1.3;

/**
 * Sessions of the latest reading against the earlier half of the window. Between two counts the collector takes a new key with a TTL for a
 * session in the share of those before: where the sample of keys finds fewer sessions, the others are a cache's.
 */
export const moreSessions = judgeSource('readings', ({ reading, window }, { evidence }) => {
  const before = window.filter(({ atMs }) => atMs < evidence.firstSignMs - BEFORE_SIGN_MS).map(({ activeSessions }) => activeSessions);
  if (!reading || before.length === 0 || latestReading(evidence) === undefined)
    return open('readings', "collector's readings: sessions before the first sign");
  const usual = Math.round(medianOf(before) ?? 0);
  const { activeSessions, activeSessionsFrom } = reading;
  const isCounted = activeSessionsFrom === 'sweep';
  const sample = inSample(evidence);
  // Where the other keys are as many as the estimate rose by, it is they that rose.
  const isCache = sample !== undefined && sample.others > 0 && sample.others >= activeSessions - usual;
  const bySample = isCounted
    ? Math.min(activeSessions, sample?.sessions ?? 0)
    : (activeSessions * (sample?.sessions ?? 0)) / (sample?.keys ?? 1);
  const sessions = Math.round(sample !== undefined && (isCache || !isCounted) ? bySample : activeSessions);
  const text = `${sessions} sessions; the median before was ${usual}`;
  return firmIf(
    isCounted || sample !== undefined,
    sessions >= Math.max(usual, 1) * GROWN_FACTOR ? yes('readings', text) : no('readings', text),
  );
});

/** Fewer sessions than these end together by chance. */
const FEWEST_BEFORE = 100;
/** Share of the earlier sessions, in percent: if no more are left, nearly all are gone. */
const LEFT_PERCENT = 5;
export const SUDDEN_MS = 15 * 60_000;

/** Nearly all sessions are gone at once, or within a quarter of an hour: they do not end so by themselves while people use them. */
export const isEmptied = judgeSource('readings', ({ reading, window }, { evidence }) => {
  const fall = fallOf(evidence);
  if (fall !== undefined) {
    const [before, after] = [fall.before[1], fall.after[1]];
    // Where everybody goes home, sessions of a few minutes end so by themselves.
    return firmIf(
      longestLifeMs(evidence) >= SUDDEN_MS,
      yes('readings', `${after} of ${before} sessions were left from one reading to the next`, fall.after[0] * 1_000),
    );
  }
  const sinceMs = evidence.firstSignMs - SUDDEN_MS;
  const before = window
    .filter(({ atMs }) => atMs >= sinceMs && atMs < (reading?.takenAtMs ?? 0))
    .map(({ activeSessions }) => activeSessions);
  if (!reading || before.length === 0 || reading.takenAtMs < evidence.firstSignMs - BEFORE_SIGN_MS || reading.shardsWithoutPrimary)
    return open('readings', "collector's readings: sessions shortly before the first sign, and now");
  const most = Math.max(...before);
  const text = `${reading.activeSessions} of ${most} sessions are left`;
  // A full sweep finds which keys are sessions: from then on the same keys are counted in another way.
  if (reading.keys * 2 > most) return no('readings', `${text}, and ${reading.keys} keys: they are counted in another way than before`);
  const judged =
    most >= FEWEST_BEFORE && reading.activeSessions * 100 <= most * LEFT_PERCENT ? yes('readings', text) : no('readings', text);
  return firmIf(judged.truth === false || longestLifeMs(evidence) >= SUDDEN_MS, judged);
});

/** From one reading to the next, which is a minute later, users who are sent away log in again: so many can be there once more. */
const LEFT_AT_NEXT = 0.4;
const NEXT_READING_SECONDS = 150;
const FEWEST_AT_ONCE = 20;

/** The deepest fall of the sessions between two readings since a quarter of an hour before the first sign; their keys have to go with them. */
export function fallOf({ sources, firstSignMs }: Evidence): { readonly before: MinuteSample; readonly after: MinuteSample } | undefined {
  const minutes = factsOf({ sources }, 'readings')?.minutes ?? [];
  const falls = minutes.slice(1).flatMap((after, index) => {
    const before = minutes[index] as MinuteSample;
    const gone = before[1] - after[1];
    const isNear = after[0] * 1_000 >= firstSignMs - SUDDEN_MS && after[0] - before[0] <= NEXT_READING_SECONDS;
    const isDeep = before[1] >= FEWEST_AT_ONCE && after[1] <= before[1] * LEFT_AT_NEXT && before[2] - after[2] >= gone / 2;
    return isNear && isDeep ? [{ before, after }] : [];
  });
  return falls.toSorted((one, other) => other.before[1] - other.after[1] - (one.before[1] - one.after[1]))[0];
}

/** The longest that sampled sessions have left; unknown lives are taken for long ones. */
function longestLifeMs(evidence: Evidence): number {
  const left = (factsOf(evidence, 'store')?.dialects ?? []).flatMap(({ ttlSeconds }) => (ttlSeconds ? [ttlSeconds.max * 1_000] : []));
  return left.length > 0 ? Math.max(...left) : Number.POSITIVE_INFINITY;
}

const memoryRises = (evidence: Evidence): Judged =>
  judgeReading(evidence, 'how fast memory grows', ({ growthBytesPerHour, memoryUsedBytes }) => {
    if (growthBytesPerHour === null) return open('readings', "collector's readings: how fast memory grows");
    const percent = Math.round((growthBytesPerHour * 100) / Math.max(1, memoryUsedBytes));
    const text = `memory grows by ${percent} % an hour`;
    return percent >= GROWTH_PERCENT_AN_HOUR ? yes('readings', text) : no('readings', text);
  });

const GROWTH_PERCENT_AN_HOUR = 10;

export const memoryGrows = (evidence: Evidence): Judged => anyOf(memoryIsTight(evidence), memoryRises(evidence));

/**
 * Sessions and other keys, by the sample of keys: until a full sweep has run, the collector counts every key as a session; and from then
 * on a new key with a TTL in the share of those before. Undefined without a sample.
 */
function inSample(evidence: Evidence) {
  const dialects = factsOf(evidence, 'store')?.dialects ?? [];
  const [others, known] = [dialects.filter(isUnknown), dialects.filter((one) => !isUnknown(one))];
  const keys = sumOf(dialects, (one) => one.keys);
  return keys === 0 ? undefined : { keys, others: sumOf(others, (one) => one.keys), sessions: sumOf(known, sessionsIn) };
}
