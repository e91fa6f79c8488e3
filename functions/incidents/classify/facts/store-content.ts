/** What fills the store. Pure. */
import { sumOf } from '../../../shared/arithmetic.ts';
import { type Evidence, type Facts, factsOf } from '../../contract/evidence.ts';
import type { DialectFacts } from '../../contract/store-facts.ts';
import { anyOf, firmIf, type Judged, judgeSource, no, open, shaky, yes } from '../judged.ts';
import { isUnknown, NO_DIALECT, sessionsIn } from './session-life.ts';
import { unansweredSettings } from './sweeps.ts';

/** A few keys have no TTL for a moment: several frameworks write a session first and its TTL after it. */
const FEWEST_WITHOUT_TTL = 5;
const WITHOUT_TTL_PERCENT = 5;
/** A session of a page's state is a few KB; from here on, one holds what belongs elsewhere. */
const LARGE_BYTES = 65_536;
const FEWEST_LARGE = 5;
const DAY_SECONDS = 86_400;

export interface WithoutTtl {
  readonly dialect: string;
  readonly percent: number;
}

/** The dialect with the largest share of sessions without a TTL, if it is no accident. */
export function mostWithoutTtl(dialects: readonly DialectFacts[]): WithoutTtl | undefined {
  return dialects
    .filter(({ dialect, withoutTtl }) => dialect !== NO_DIALECT && withoutTtl >= FEWEST_WITHOUT_TTL)
    .map(({ dialect, withoutTtl, sampled }) => ({ dialect, percent: Math.round((withoutTtl * 100) / Math.max(1, sampled)) }))
    .filter(({ percent }) => percent >= WITHOUT_TTL_PERCENT)
    .sort((a, b) => b.percent - a.percent)[0];
}

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

/** What so many sessions of each dialect take of the data of all primaries, by the mean size of a sample; undefined where one of both is not known. */
function percentOfData({ nodes, dialects, sizes }: Facts['store'], sessionsOf: (dialect: DialectFacts) => number): number | undefined {
  const primaries = nodes.filter(({ role }) => role === 'primary');
  const dataset = sumOf(primaries, ({ datasetBytes = 0 }) => datasetBytes);
  const buckets = Object.entries(sizes);
  const measured = sumOf(buckets, ([, count]) => count);
  if (dataset === 0 || measured === 0 || primaries.some(({ datasetBytes }) => datasetBytes === undefined)) return undefined;
  const mean = sumOf(buckets, ([from, count]) => Number(from) * 1.5 * count) / measured;
  const sessions = sumOf(
    dialects.filter((one) => !isUnknown(one)),
    sessionsOf,
  );
  return Math.min(100, Math.round((mean * sessions * 100) / dataset));
}

/** The same, and they hold enough of the data to be why the store fills. */
export const withoutTtlFills = (evidence: Evidence): Judged => {
  const found = sessionsWithoutTtl(evidence);
  const facts = factsOf(evidence, 'store');
  if (found.truth !== true || facts === undefined) return found;
  const percent = percentOfData(facts, (one) => (sessionsIn(one) * one.withoutTtl) / Math.max(1, one.sampled));
  if (percent === undefined) return shaky(found);
  return firmIf(percent >= EXPLAINS_PERCENT, { ...found, text: `${found.text}; they hold about ${percent} % of the store's data` });
};

/** A sweep leaves sessions without a TTL alone where that is meant. */
export const leftOnPurpose = judgeSource('readings', ({ reading }, { evidence }) => {
  const [setting] = unansweredSettings(evidence);
  if (setting) return no('sweeps', `the last sweep left them until ${setting} says what it does with them`);
  if (!reading || reading.leftOnPurpose === null)
    return open('readings', 'a full sweep, which knows the sessions that are meant to have no TTL');
  const text = `${reading.withoutTtl} keys have no TTL beyond the ${reading.leftOnPurpose} that sweeps leave on purpose`;
  return reading.withoutTtl < FEWEST_WITHOUT_TTL && reading.leftOnPurpose > 0 ? yes('readings', text) : no('readings', text);
});

/** The collector counts keys without a TTL each minute, beyond those that sweeps leave on purpose. */
export const withoutTtlCounted = judgeSource('readings', ({ reading }, { evidence }) => {
  const left = unansweredSettings(evidence).length > 0 ? (reading?.leftOnPurpose ?? 0) : 0;
  const count = (reading?.withoutTtl ?? 0) + left;
  const text = `${count} keys had no TTL at the last reading`;
  return count >= FEWEST_WITHOUT_TTL ? yes('readings', text) : no('readings', text);
});

/** Sessions without a TTL are old, and none was created lately. */
export const withoutTtlIsOld = judgeSource('store', ({ dialects }, { complete }) => {
  const found = mostWithoutTtl(dialects);
  const dialect = dialects.find((one) => one.dialect === found?.dialect);
  if (!found || !dialect) return open('store', 'session store: the age of sessions without a TTL');
  if (found.percent >= 50) return firmIf(complete, no('store', `most sessions (${found.dialect}) have no TTL`));
  const youngest = dialect.youngestWithoutTtlSeconds;
  if (youngest === undefined || youngest === null) return open('store', 'session store: the age of sessions without a TTL');
  const text = `the youngest session without a TTL was idle for ${Math.round(youngest)} s`;
  if (youngest <= DAY_SECONDS && dialect.youngestIsAtLeast)
    return open('store', 'session store: the age of sessions without a TTL, since the node has not been primary for a day');
  return firmIf(complete, youngest > DAY_SECONDS ? yes('store', text) : no('store', text));
});

/** Most bytes of the sampled sessions are in large ones. */
export const sessionsAreLarge = judgeSource('store', ({ sizes }, { complete }) => {
  const buckets = Object.entries(sizes).map(([from, count]) => ({ from: Number(from), count, bytes: Number(from) * 1.5 * count }));
  const total = sumOf(buckets, ({ bytes }) => bytes);
  if (total === 0) return open('store', 'session store: the sizes of a sample of sessions');
  const large = buckets.filter(({ from }) => from >= LARGE_BYTES);
  const count = sumOf(large, (bucket) => bucket.count);
  const percent = Math.round((sumOf(large, ({ bytes }) => bytes) * 100) / total);
  const text = `${count} sampled sessions of 64 KB or more hold ${percent} % of the sampled bytes`;
  return firmIf(complete, count >= FEWEST_LARGE && percent >= 50 ? yes('store', text) : no('store', text));
});

/** Sessions take a small part of what the store holds: it is something else that grows. */
export const sessionsAreFew = judgeSource('store', (facts, { complete }) => {
  const percent = percentOfData(facts, sessionsIn);
  if (percent === undefined) return open('store', 'session store: its memory, and the sizes of a sample of sessions');
  const dataset = sumOf(facts.nodes, ({ role, datasetBytes = 0 }) => (role === 'primary' ? datasetBytes : 0));
  if (dataset < SMALL_DATA_BYTES)
    return firmIf(complete, no('store', `the store has ${Math.round(dataset / 1_048_576)} MB of data in all`));
  const text = `sessions take about ${percent} % of the store's data`;
  return firmIf(complete, percent < FEW_PERCENT ? yes('store', text) : no('store', text));
});

/** The estimate is by powers of two, so that it can be wrong by half. */
const FEW_PERCENT = 30;
/** In less than this, what an engine has for itself counts as data. */
const SMALL_DATA_BYTES = 32 * 1_048_576;

/** The dialect that a finding is about. */
export const dialectOf = (evidence: Evidence): string | undefined => mostWithoutTtl(factsOf(evidence, 'store')?.dialects ?? [])?.dialect;

/** Keys without a TTL by design, of all in the sample; or as the last full sweep counted them. */
export const structuralShare = (evidence: Evidence): Judged => anyOf(structuralInSample(evidence), structuralOnRecord(evidence));

const STRUCTURAL_PERCENT = 40;
const FEWEST_STRUCTURAL = 20;

const structuralInSample = judgeSource('store', ({ dialects }, { complete }) => {
  const counted = dialects.flatMap(({ structural }) => (structural === undefined ? [] : [structural]));
  if (counted.length === 0 || counted.length < dialects.length)
    return open('store', 'session store: keys without a TTL by design, in its sample');
  const structural = sumOf(counted);
  const others = sumOf(dialects, ({ sampled, companions = 0 }) => sampled + companions);
  const percent = Math.round((structural * 100) / Math.max(1, structural + others));
  const text = `${percent} % of the sampled keys have no TTL by design`;
  return firmIf(complete, structural >= FEWEST_STRUCTURAL && percent >= STRUCTURAL_PERCENT ? yes('store', text) : no('store', text));
});

const structuralOnRecord = judgeSource('readings', ({ reading }) => {
  if (!reading || reading.structural === null) return open('readings', 'a full sweep, which counts keys without a TTL by design');
  const percent = Math.round((reading.structural * 100) / Math.max(1, reading.keys));
  const text = `${percent} % of all keys have no TTL by design, by the last full sweep`;
  return reading.structural >= FEWEST_STRUCTURAL && percent >= STRUCTURAL_PERCENT ? yes('readings', text) : no('readings', text);
});

const OTHER_PERCENT = 30;
const BUFFERS_PERCENT = 30;

/** Many keys are of no session framework. */
export const otherKeys = judgeSource('store', ({ dialects }, { complete }) => {
  const all = sumOf(dialects, ({ keys }) => keys);
  if (all === 0) return open('store', 'session store: a sample of its keys');
  const other = sumOf(dialects.filter(isUnknown), ({ keys }) => keys);
  const percent = Math.round((other * 100) / all);
  const text = `${percent} % of the keys are of no session framework`;
  return firmIf(complete, percent >= OTHER_PERCENT ? yes('store', text) : no('store', text));
});

/** Clients that read slowly take the memory. */
export const buffersAreLarge = judgeSource('store', ({ nodes }, { complete }) => {
  const primaries = nodes.filter(({ role }) => role === 'primary');
  const shares = primaries.flatMap(({ clientBuffersBytes, memoryUsedBytes }) =>
    clientBuffersBytes !== undefined && memoryUsedBytes ? [(clientBuffersBytes * 100) / memoryUsedBytes] : [],
  );
  if (shares.length === 0) return open('store', "session store: its clients' buffers");
  const most = Math.round(Math.max(...shares));
  const text = `clients' buffers take ${most} % of the memory`;
  if (most >= BUFFERS_PERCENT) return yes('store', text);
  const whole = complete && shares.length === primaries.length;
  return firmIf(whole, no('store', text));
});
