/** What grows: the memory that is used, sessions, requests. Pure. */
import { percentOf, sumOf } from '../../../shared/arithmetic.ts';
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import { latestReading, medianBefore } from '../../trouble/store-channels.ts';
import { anyOf, firmIf, type Judge, judgeSource, open, shaky, whether } from '../judged.ts';
import { isUnknown, sessionsIn } from './session-life.ts';
import { otherKeys } from './store-content.ts';
import { judgeReading, memoryIsTight } from './store-memory.ts';

const GROWTH_PERCENT_AN_HOUR = 10;

const memoryRises = judgeReading('how fast memory grows', ({ growthBytesPerHour, memoryUsedBytes }) => {
  if (growthBytesPerHour === null) return undefined;
  const percent = percentOf(growthBytesPerHour, memoryUsedBytes);
  return whether('readings', percent >= GROWTH_PERCENT_AN_HOUR, `memory grows by ${percent} % an hour`);
});

export const memoryGrows = anyOf(memoryIsTight, memoryRises);

const GROWN_FACTOR = 1.3;

/**
 * Sessions of the latest reading against the earlier half of the window. Between two counts the collector takes a new key with a TTL for a
 * session in the share of those before: where the sample of keys finds fewer sessions, the others are a cache's.
 */
export const moreSessions = judgeSource('readings', ({ reading }, { evidence }) => {
  const median = medianBefore(evidence, ({ activeSessions: count }) => count);
  if (!reading || median === undefined || latestReading(evidence) === undefined)
    return open('readings', "collector's readings: sessions before the first sign");
  const usual = Math.round(median);
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
  return firmIf(isCounted || sample !== undefined, whether('readings', sessions >= Math.max(usual, 1) * GROWN_FACTOR, text));
});

/** Bytes count, not heads: the sessions that came take half or more of the memory that came. */
export const sessionsFill: Judge = (evidence) => {
  const [more, reading] = [moreSessions(evidence), latestReading(evidence)];
  if (more.truth !== true || !reading?.bytesPerSession) return firmIf(more.truth !== true, more);
  const usual = medianBefore(evidence, ({ activeSessions }) => activeSessions) ?? 0;
  const bytes = reading.memoryUsedBytes - (medianBefore(evidence, ({ memoryUsedBytes }) => memoryUsedBytes) ?? 0);
  const percent = percentOf((reading.activeSessions - usual) * reading.bytesPerSession, bytes);
  const isMost = bytes <= 0 || percent >= 50;
  return isMost ? more : { ...more, truth: false, text: `${more.text}; they take ${percent} % of the memory that came` };
};

/**
 * Sessions and other keys, by the sample of keys: until a full sweep has run, the collector counts every key as a session; and from then
 * on a new key with a TTL in the share of those before. Undefined without a sample.
 */
function inSample(evidence: Evidence) {
  const dialects = factsOf(evidence, 'store')?.dialects ?? [];
  const keys = sumOf(dialects, (one) => one.keys);
  const others = sumOf(dialects, (one) => (isUnknown(one) ? one.keys : 0));
  return keys === 0 ? undefined : { keys, others, sessions: sumOf(dialects, (one) => (isUnknown(one) ? 0 : sessionsIn(one))) };
}

/** Memory is tight, or grows. Where a large part of the keys are of no session framework, it can be these: what is there of sessions can be as ever. */
export const growsWithSessions: Judge = (evidence) => {
  const [grows, others] = [memoryGrows(evidence), otherKeys(evidence)];
  if (grows.truth !== true || others.truth !== true) return grows;
  return shaky({ ...grows, text: `${grows.text}; ${others.text}, and can be what grows` });
};

export const sessionsGrow = anyOf(moreSessions, growsWithSessions);

const FEWEST_REQUESTS = 50;
const MORE_FACTOR = 1.5;

export const moreRequests = judgeSource('traffic', ({ now, before }) => {
  if (before === null || before.requests < FEWEST_REQUESTS || !now.minutes || !before.minutes)
    return open('traffic', "load balancer's metrics: requests a minute, now and before the first sign");
  const [rate, usual] = [now.requests / now.minutes, before.requests / before.minutes];
  return whether('traffic', rate >= usual * MORE_FACTOR, `${Math.round(rate)} requests a minute, ${Math.round(usual)} before`);
});
