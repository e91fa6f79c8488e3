/** What fills the store. Pure. */
import { percentOf, sumOf } from '../../../shared/arithmetic.ts';
import { type Evidence, type Facts, factsOf } from '../../contract/evidence.ts';
import type { DialectFacts } from '../../contract/store-facts.ts';
import { allOf, anyOf, firmIf, type Judge, judgeSource, no, not, open, shaky, whether, yes } from '../judged.ts';
import { someInTrouble } from './in-trouble.ts';
import { isUnknown, sessionsIn } from './session-life.ts';
import { evictsAnyKey, highestShare, judgePrimaries, primariesOf } from './store-memory.ts';
import { unansweredSettings } from './sweeps.ts';

/** A few keys have no TTL for a moment: several frameworks write a session first and its TTL after it. */
const FEWEST_WITHOUT_TTL = 5;
const WITHOUT_TTL_PERCENT = 5;
/** A session of a page's state is a few KB; from here on, one holds what belongs elsewhere. */
const LARGE_BYTES = 65_536;
const FEWEST_LARGE = 5;
const DAY_SECONDS = 86_400;

/** The dialect with the largest share of sessions without a TTL, if it is no accident. */
export const mostWithoutTtl = (dialects: readonly DialectFacts[]) =>
  dialects
    .filter((one) => !isUnknown(one) && one.withoutTtl >= FEWEST_WITHOUT_TTL)
    .map((one) => ({ ...one, percent: percentOf(one.withoutTtl, one.sampled) }))
    .filter(({ percent }) => percent >= WITHOUT_TTL_PERCENT)
    .sort((a, b) => b.percent - a.percent)[0];

export const sessionsWithoutTtl = judgeSource('store', ({ dialects }, { complete }) => {
  const found = mostWithoutTtl(dialects);
  if (found) return yes('store', `${found.percent} % of the sampled sessions (${found.dialect}) have no TTL`);
  const sampled = sumOf(dialects, (dialect) => dialect.sampled);
  return sampled === 0
    ? open('store', 'session store: a sample of its sessions')
    : firmIf(complete, no('store', `sampled sessions have a TTL (${sampled} keys)`));
});

/**
 * Share of the store's data, in percent, from which sessions without TTL explain that the store fills. It is a little below what growth is
 * anywhere else: a third more sessions (store-memory.ts) are a quarter of all that are then there.
 */
const EXPLAINS_PERCENT = 20;

/** Sampled sessions by powers of two of their bytes, and what they take. */
const bucketsOf = (sizes: Facts['store']['sizes']) =>
  Object.entries(sizes).map(([from, count]) => ({ from: Number(from), count, bytes: Number(from) * 1.5 * count }));

const datasetOf = (nodes: Facts['store']['nodes']): number => sumOf(primariesOf(nodes), ({ datasetBytes = 0 }) => datasetBytes);

/** What so many sessions of each dialect take of the data of all primaries, by the mean size of a sample; undefined where one of both is not known. */
function percentOfData({ nodes, dialects, sizes }: Facts['store'], sessionsOf: (dialect: DialectFacts) => number): number | undefined {
  const [dataset, buckets] = [datasetOf(nodes), bucketsOf(sizes)];
  const measured = sumOf(buckets, ({ count }) => count);
  if (dataset === 0 || measured === 0 || primariesOf(nodes).some(({ datasetBytes }) => datasetBytes === undefined)) return undefined;
  const mean = sumOf(buckets, ({ bytes }) => bytes) / measured;
  const sessions = sumOf(dialects, (one) => (isUnknown(one) ? 0 : sessionsOf(one)));
  return Math.min(100, Math.round((mean * sessions * 100) / dataset));
}

/** The same, and they hold enough of the data to be why the store fills. */
export const withoutTtlFills: Judge = (evidence) => {
  const found = sessionsWithoutTtl(evidence);
  const facts = factsOf(evidence, 'store');
  if (found.truth !== true || facts === undefined) return found;
  const percent = percentOfData(facts, (one) => (sessionsIn(one) * one.withoutTtl) / Math.max(1, one.sampled));
  if (percent === undefined) return shaky(found);
  return firmIf(percent >= EXPLAINS_PERCENT, { ...found, text: `${found.text}; they hold about ${percent} % of the store's data` });
};

export const leftOnPurpose = judgeSource('readings', ({ reading }, { evidence }) => {
  const [setting] = unansweredSettings(evidence);
  if (setting) return no('sweeps', `the last sweep left them until ${setting} says what it does with them`);
  if (!reading || reading.leftOnPurpose === null)
    return open('readings', 'a full sweep, which knows the sessions that are meant to have no TTL');
  const text = `${reading.withoutTtl} keys have no TTL beyond the ${reading.leftOnPurpose} that sweeps leave on purpose`;
  return whether('readings', reading.withoutTtl < FEWEST_WITHOUT_TTL && reading.leftOnPurpose > 0, text);
});

/** The collector counts keys without a TTL each minute, beyond those that sweeps leave on purpose. */
export const withoutTtlCounted = judgeSource('readings', ({ reading }, { evidence }) => {
  const left = unansweredSettings(evidence).length > 0 ? (reading?.leftOnPurpose ?? 0) : 0;
  const count = (reading?.withoutTtl ?? 0) + left;
  return whether('readings', count >= FEWEST_WITHOUT_TTL, `${count} keys had no TTL at the last reading`);
});

export const withoutTtlIsOld = judgeSource('store', ({ dialects }, { complete }) => {
  const found = mostWithoutTtl(dialects);
  if (found && found.percent >= 50) return firmIf(complete, no('store', `most sessions (${found.dialect}) have no TTL`));
  const youngest = found?.youngestWithoutTtlSeconds ?? undefined;
  if (found === undefined || youngest === undefined) return open('store', 'session store: the age of sessions without a TTL');
  const text = `the youngest session without a TTL was idle for ${Math.round(youngest)} s`;
  if (youngest <= DAY_SECONDS && found.youngestIsAtLeast)
    return open('store', 'session store: the age of sessions without a TTL, since the node has not been primary for a day');
  return firmIf(complete, whether('store', youngest > DAY_SECONDS, text));
});

export const sessionsAreLarge = judgeSource('store', ({ sizes }, { complete }) => {
  const buckets = bucketsOf(sizes);
  const total = sumOf(buckets, ({ bytes }) => bytes);
  if (total === 0) return open('store', 'session store: the sizes of a sample of sessions');
  const large = buckets.filter(({ from }) => from >= LARGE_BYTES);
  const count = sumOf(large, (bucket) => bucket.count);
  const percent = Math.round((sumOf(large, ({ bytes }) => bytes) * 100) / total);
  const text = `${count} sampled sessions of 64 KB or more hold ${percent} % of the sampled bytes`;
  return firmIf(complete, whether('store', count >= FEWEST_LARGE && percent >= 50, text));
});

/** Sessions take a small part of what the store holds: it is something else that grows. */
export const sessionsAreFew = judgeSource('store', (facts, { complete }) => {
  const percent = percentOfData(facts, sessionsIn);
  if (percent === undefined) return open('store', 'session store: its memory, and the sizes of a sample of sessions');
  const dataset = datasetOf(facts.nodes);
  if (dataset < SMALL_DATA_BYTES)
    return firmIf(complete, no('store', `the store has ${Math.round(dataset / 1_048_576)} MB of data in all`));
  const text = `sessions take about ${percent} % of the store's data`;
  return firmIf(complete, whether('store', percent < FEW_PERCENT, text));
});

/** The estimate is by powers of two, so that it can be wrong by half. */
const FEW_PERCENT = 30;
/** In less than this, what an engine has for itself counts as data. */
const SMALL_DATA_BYTES = 32 * 1_048_576;

/** The store may delete any key, its data are a cache's, and nobody loses a session: idle ones go before a cache that is in use. */
export const evictsCaches = allOf(evictsAnyKey, sessionsAreFew, not(someInTrouble(['lost', 'canary'])));

export const dialectOf = (evidence: Evidence): string | undefined => mostWithoutTtl(factsOf(evidence, 'store')?.dialects ?? [])?.dialect;

const STRUCTURAL_PERCENT = 40;
const FEWEST_STRUCTURAL = 20;
const areStructural = (structural: number, percent: number): boolean => structural >= FEWEST_STRUCTURAL && percent >= STRUCTURAL_PERCENT;

const structuralInSample = judgeSource('store', ({ dialects }, { complete }) => {
  const counted = dialects.flatMap(({ structural }) => structural ?? []);
  if (counted.length === 0 || counted.length < dialects.length)
    return open('store', 'session store: keys without a TTL by design, in its sample');
  const structural = sumOf(counted);
  const percent = percentOf(structural, structural + sumOf(dialects, ({ sampled, companions = 0 }) => sampled + companions));
  return firmIf(complete, whether('store', areStructural(structural, percent), `${percent} % of the sampled keys have no TTL by design`));
});

const structuralOnRecord = judgeSource('readings', ({ reading }) => {
  if (!reading || reading.structural === null) return open('readings', 'a full sweep, which counts keys without a TTL by design');
  const percent = percentOf(reading.structural, reading.keys);
  const text = `${percent} % of all keys have no TTL by design, by the last full sweep`;
  return whether('readings', areStructural(reading.structural, percent), text);
});

export const structuralShare = anyOf(structuralInSample, structuralOnRecord);

const OTHER_PERCENT = 30;
const BUFFERS_PERCENT = 30;

export const otherKeys = judgeSource('store', ({ dialects }, { complete }) => {
  const all = sumOf(dialects, ({ keys }) => keys);
  if (all === 0) return open('store', 'session store: a sample of its keys');
  const percent = percentOf(
    sumOf(dialects.filter(isUnknown), ({ keys }) => keys),
    all,
  );
  return firmIf(complete, whether('store', percent >= OTHER_PERCENT, `${percent} % of the keys are of no session framework`));
});

/** Clients that read slowly take the memory. */
export const buffersAreLarge = judgePrimaries(
  "its clients' buffers",
  ({ clientBuffersBytes, memoryUsedBytes }) =>
    clientBuffersBytes !== undefined && memoryUsedBytes ? (clientBuffersBytes * 100) / memoryUsedBytes : undefined,
  highestShare(BUFFERS_PERCENT, (percent) => `clients' buffers take ${percent} % of the memory`),
);
