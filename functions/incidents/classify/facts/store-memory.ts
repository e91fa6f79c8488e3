/** How full the store is, and what it does about it. Pure. */
import type { StoreReading } from '../../../collect/contract.ts';
import { mostOf, sumOf } from '../../../shared/arithmetic.ts';
import { spanText } from '../../../shared/duration-text.ts';
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import type { DialectFacts, StoreNodeFacts } from '../../contract/store-facts.ts';
import { latestReading, SOON_SECONDS, TIGHT_PERCENT } from '../../trouble/store-channels.ts';
import { fallsOf, fallText, SUDDEN_MS } from '../../trouble/store-falls.ts';
import { BEFORE_SIGN_MS } from '../../trouble/traces.ts';
import { allOf, anyOf, firmIf, type Judge, type Judged, judgeSource, no, open, type Read, shaky, whether, yes } from '../judged.ts';
import { wordsAbout } from './application-logs.ts';
import { someInTrouble } from './in-trouble.ts';
import { isUnknown, sessionsIn } from './session-life.ts';

/** @param what it shows, for people: named where there is no such reading, or where it does not show it */
export const judgeReading = (what: string, judge: (reading: StoreReading) => Judged | undefined): Judge =>
  judgeSource('readings', ({ reading }, { evidence }) => {
    const latest = latestReading(evidence);
    const last = reading && !latest ? `; the last reading is of ${new Date(reading.takenAtMs).toISOString()}` : '';
    return (latest && judge(latest)) ?? open('readings', `collector's readings: ${what}${last}`);
  });

export const primariesOf = (nodes: readonly StoreNodeFacts[]) => nodes.filter(({ role }) => role === 'primary');

/**
 * What primaries show, unknown where none does; `complete`: each of them does. @param what they show, for people
 * @param of undefined of a node that does not show it
 */
export const judgePrimaries = <Shown>(
  what: string,
  of: (node: StoreNodeFacts) => Shown | undefined,
  judge: (shown: readonly Shown[], read: Read) => Judged,
): Judge =>
  judgeSource('store', ({ nodes }, { complete, evidence }) => {
    const primaries = primariesOf(nodes);
    const shown = primaries.flatMap((node) => of(node) ?? []) as readonly Shown[];
    if (shown.length === 0) return open('store', `session store: ${what}`);
    return judge(shown, { evidence, complete: complete && shown.length === primaries.length });
  });

/** The highest of these shares of the memory. @param least from how many percent on it is too much */
export const highestShare =
  (least: number, textOf: (percent: number) => string) =>
  (shares: readonly number[], { complete }: Read): Judged => {
    const most = Math.max(...shares);
    return most >= least ? yes('store', textOf(Math.round(most))) : firmIf(complete, no('store', textOf(Math.round(most))));
  };

const fullByNodes = judgePrimaries(
  'used and largest memory',
  ({ memoryUsedBytes, memoryMaxBytes }) =>
    memoryUsedBytes !== undefined && memoryMaxBytes ? (memoryUsedBytes * 100) / memoryMaxBytes : undefined,
  highestShare(TIGHT_PERCENT, (percent) => `the fullest primary uses ${percent} % of its memory`),
);

const fullByReading = judgeReading('how full the store is now', ({ evictions, secondsUntilFull, memoryPercent }) => {
  if ((memoryPercent ?? 0) >= TIGHT_PERCENT)
    return yes('readings', `the store used ${Math.round(memoryPercent ?? 0)} % of its memory at the last reading`);
  if (evictions !== null && evictions > 0) return yes('readings', `the store deleted ${evictions} keys in a minute because it was full`);
  if (secondsUntilFull !== null && secondsUntilFull < SOON_SECONDS)
    return yes('readings', `at this growth the store is full in ${spanText(secondsUntilFull)}`);
  return evictions === null ? undefined : no('readings', 'the store deletes no keys, and will not be full within a day');
});

export const memoryIsTight = anyOf(fullByNodes, fullByReading);

/** A few keys can be deleted while a large one is written. */
const MANY_EVICTIONS = 10;

export const evictsKeys = judgeReading('keys deleted since the reading before', ({ evictions }) => {
  if (evictions === null) return undefined;
  const text = `the store deleted ${evictions} keys in the minute before the last reading to make room`;
  return evictions > 0 ? firmIf(evictions >= MANY_EVICTIONS, yes('readings', text)) : no('readings', text);
});

/** What every primary's eviction policy is alike. */
const policyIs = (isSo: (policy: string) => boolean): Judge =>
  judgePrimaries(
    'its eviction policy',
    ({ policy }) => policy,
    (policies, { complete }) =>
      firmIf(complete, whether('store', policies.every(isSo), `the eviction policy is ${[...new Set(policies)].join(', ')}`)),
  );

export const policyKeepsSessions = policyIs((policy) => policy === 'noeviction');
/** The policy lets the store delete any key, of the applications' caches too. */
export const evictsAnyKey = policyIs((policy) => policy.startsWith('allkeys-'));

const sessionsOfEvictable = judgeSource('store', ({ dialects }, { complete, evidence }) => {
  const anyKey = evictsAnyKey(evidence);
  const evictable = (one: DialectFacts) =>
    anyKey.truth === true ? sessionsIn(one) : (sessionsIn(one) * (one.sampled - one.withoutTtl)) / Math.max(1, one.sampled);
  const all = sumOf(dialects, evictable);
  if (anyKey.truth === null || all === 0) return open('store', 'session store: a sample of the keys that it may delete');
  const percent = Math.round((sumOf(dialects, (one) => (isUnknown(one) ? 0 : evictable(one))) * 100) / all);
  return firmIf(complete && anyKey.firm, whether('store', percent > 50, `${percent} % of the keys that it may delete are sessions`));
});

/** The store deletes keys, and most of those that it may delete are sessions: it cannot be other keys alone. */
export const evictsSessions: Judge = (evidence) => {
  const evicts = evictsKeys(evidence);
  if (evicts.truth !== true) return evicts;
  const both = allOf(evictsKeys, sessionsOfEvictable)(evidence);
  if (both.truth !== true) return shaky(evicts);
  // Sessions that nobody comes back to are deleted first: the alarm is of something else then.
  const areLost = someInTrouble(['lost', 'redirects', 'refusals', 'sessions'])(evidence).truth;
  const text = `${both.text}; ${areLost === null ? 'perhaps ' : ''}no more sessions were lost than usual`;
  if (areLost !== true) return shaky({ ...both, text });
  return isUsuallyFull(evidence) ? shaky({ ...both, text: `${both.text}; it was as full half an hour before the first sign` }) : both;
};

/** Many stores are full by intention, and delete idle sessions all day: that is not what has begun. */
const USUAL_MS = 30 * 60_000;

const isUsuallyFull = (evidence: Evidence): boolean =>
  (factsOf(evidence, 'readings')?.window ?? []).some(
    ({ atMs, memoryPercent }) => atMs <= evidence.firstSignMs - USUAL_MS && (memoryPercent ?? 0) >= AT_LIMIT_PERCENT,
  );

/** Writes that need memory are refused from its limit on; what expires meanwhile makes room for a few. */
const AT_LIMIT_PERCENT = 97;

export const isAtLimit = judgePrimaries(
  'its memory and its eviction policy',
  (node) => (node.memoryUsedBytes && node.memoryMaxBytes && node.policy ? node : undefined),
  (known, { complete, evidence }) => {
    const { evictions, refusedWrites } = latestReading(evidence) ?? {};
    // It refuses writes now and deletes nothing, although such a policy would let it: no key has a TTL.
    const deletesNothing = evictions === 0 && (refusedWrites ?? 0) > 0 ? /^(noeviction$|volatile-)/ : /^noeviction$/;
    const full = known.find(
      ({ memoryUsedBytes = 0, memoryMaxBytes = 1, policy = '' }) =>
        memoryUsedBytes * 100 >= memoryMaxBytes * AT_LIMIT_PERCENT && deletesNothing.test(policy),
    );
    if (full === undefined) return firmIf(complete, no('store', 'the store has room, or deletes keys to make some'));
    const why = full.policy === 'noeviction' ? 'its eviction policy is noeviction' : `${full.policy} finds no key with a TTL to delete`;
    return yes('store', `${full.name} has no room left, and ${why}`);
  },
);

/**
 * The store refuses writes. Its own count goes back to the start of the node, so that it can be of another day. It is of now if it rises
 * or the servers have such errors. It is of another day if the store has room, the collector's latest reading counts no refused write,
 * and no server has such an error.
 */
export const writesRefused = judgePrimaries(
  'writes that it refused',
  ({ rejectedWrites }) => rejectedWrites,
  (counts, { evidence }) => {
    const text = `the store refused ${sumOf(counts)} writes because it was full`;
    if (sumOf(counts) === 0) return no('store', text);
    const errors = wordsAbout('outOfMemory')(evidence).truth;
    // A reading counts what was refused since the reading before, a minute earlier.
    const { refusedWrites } = latestReading(evidence) ?? {};
    if (errors === false && refusedWrites === 0 && isAtLimit(evidence).truth === false)
      return no('store', `${text}, none in the minute before the last reading`);
    return firmIf(errors === true || (refusedWrites ?? 0) > 0, yes('store', text));
  },
);

/** Fewer sessions than these end together by chance. */
const FEWEST_BEFORE = 100;
/** Share of the earlier sessions, in percent: if no more are left, nearly all are gone. */
const LEFT_PERCENT = 5;

/** Where everybody goes home, sessions of a few minutes end so by themselves; unknown lives are taken for long ones. */
const liveOn = (evidence: Evidence): boolean => {
  const left = (factsOf(evidence, 'store')?.dialects ?? []).flatMap(({ ttlSeconds }) => ttlSeconds?.max ?? []);
  return (mostOf(left) ?? Number.POSITIVE_INFINITY) * 1_000 >= SUDDEN_MS;
};

/** Nearly all sessions are gone at once, within a quarter of an hour, or many within minutes: they do not end so by themselves while people use them. */
export const isEmptied = judgeSource('readings', ({ reading, window }, { evidence }) => {
  const [fall, ...others] = fallsOf(evidence);
  if (fall !== undefined && (!fall.isSlow || liveOn(evidence)))
    return firmIf(!fall.isSlow && liveOn(evidence), yes('readings', fallText([fall, ...others]), fall.after[0] * 1_000));
  const sinceMs = evidence.firstSignMs - SUDDEN_MS;
  const before = window.filter((one) => one.activeSessions !== null && one.atMs >= sinceMs && one.atMs < (reading?.takenAtMs ?? 0));
  if (!reading || before.length === 0 || reading.takenAtMs < evidence.firstSignMs - BEFORE_SIGN_MS || reading.shardsWithoutPrimary)
    return open('readings', "collector's readings: sessions shortly before the first sign, and now");
  const most = Math.max(...before.map(({ activeSessions }) => activeSessions ?? 0));
  const text = `${reading.activeSessions} sessions, ${most} before`;
  // A full sweep finds which keys are sessions: from then on the same keys are counted in another way.
  if (reading.keys * 2 > most) return no('readings', `${text}, and still ${reading.keys} keys`);
  const isSo = most >= FEWEST_BEFORE && reading.activeSessions * 100 <= most * LEFT_PERCENT;
  return isSo ? firmIf(liveOn(evidence), yes('readings', text)) : no('readings', text);
});
