/** How full the store is. Pure. */
import type { Evidence } from '../../contract/evidence.ts';
import { anyOf, factsOf, firmIf, type Judged, judgeSource, no, open, yes } from '../judged.ts';
import { NO_DIALECT } from './session-life.ts';
import { BEFORE_SIGN_MS } from './session-traces.ts';

/** As the alarms of the store. */
const FULL_PERCENT = 75;
const SOON_SECONDS = 24 * 3_600;

/** The store is nearly full, refuses writes or deletes keys; or it will be full within a day. */
export const memoryIsTight = (evidence: Evidence): Judged => anyOf(fullByNodes(evidence), fullByReading(evidence));

const fullByNodes = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'store', ({ nodes }, complete) => {
    const primaries = nodes.filter(({ role }) => role === 'primary');
    const shares = primaries.flatMap(({ memoryUsedBytes, memoryMaxBytes }) =>
      memoryUsedBytes !== undefined && memoryMaxBytes ? [(memoryUsedBytes * 100) / memoryMaxBytes] : [],
    );
    if (shares.length === 0) return open('store', 'session store: used and largest memory');
    const most = Math.max(...shares);
    const text = `the fullest primary uses ${Math.round(most)} % of its memory`;
    return most >= FULL_PERCENT ? yes('store', text) : firmIf(complete && shares.length === primaries.length, no('store', text));
  });

const fullByReading = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'readings', ({ reading }) => {
    if (!reading) return open('readings', "collector's readings: none yet");
    const { evictions, secondsUntilFull } = reading;
    if ((evictions ?? 0) > 0) return yes('readings', `the store deleted ${evictions} keys in a minute because it was full`);
    if (secondsUntilFull !== null && secondsUntilFull < SOON_SECONDS)
      return yes('readings', `at this growth the store is full in ${Math.round(secondsUntilFull / 3_600)} h`);
    return no('readings', 'the store deletes no keys, and will not be full within a day');
  });

/** Keys were deleted to make room for others, in the last minute. */
export const evictsKeys = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'readings', ({ reading }) => {
    if (!reading || reading.evictions === null) return open('readings', "collector's readings: keys deleted since the reading before");
    const text = `the store deleted ${reading.evictions} keys in the minute before the last reading to make room`;
    return reading.evictions > 0 ? yes('readings', text) : no('readings', text);
  });

export const policyKeepsSessions = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'store', ({ nodes }, complete) => {
    const policies = nodes.filter(({ role }) => role === 'primary').flatMap(({ policy }) => (policy === undefined ? [] : [policy]));
    if (policies.length === 0) return open('store', 'session store: its eviction policy');
    const text = `the eviction policy is ${[...new Set(policies)].join(', ')}`;
    return firmIf(complete, policies.every((policy) => policy === 'noeviction') ? yes('store', text) : no('store', text));
  });

/** The policy lets the store delete any key, of the applications' caches too. */
export const evictsAnyKey = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'store', ({ nodes }, complete) => {
    const policies = nodes.filter(({ role }) => role === 'primary').flatMap(({ policy }) => (policy === undefined ? [] : [policy]));
    if (policies.length === 0) return open('store', 'session store: its eviction policy');
    const text = `the eviction policy is ${[...new Set(policies)].join(', ')}`;
    return firmIf(complete, policies.every((policy) => policy.startsWith('allkeys-')) ? yes('store', text) : no('store', text));
  });

const GROWN_FACTOR = 1.3;

/** Sessions of the latest sample against the earlier half of the window. */
export const moreSessions = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'readings', ({ reading, window }) => {
    const before = window.filter(({ atMs }) => atMs < evidence.firstSignMs - BEFORE_SIGN_MS).map(({ activeSessions }) => activeSessions);
    if (!reading || before.length === 0) return open('readings', "collector's readings: sessions before the first sign");
    const usual = before.sort((a, b) => a - b)[Math.floor(before.length / 2)] ?? 0;
    const share = reading.activeSessionsFrom === 'keys' ? sessionShare(evidence) : 1;
    const sessions = Math.round(reading.activeSessions * (share ?? 1));
    const text = `${sessions} sessions; the median before was ${usual}`;
    return firmIf(share !== undefined, sessions >= Math.max(usual, 1) * GROWN_FACTOR ? yes('readings', text) : no('readings', text));
  });

/** Without a full sweep the collector takes every key for a session: the share of those that are, by the sample of keys. */
function sessionShare(evidence: Evidence): number | undefined {
  const dialects = factsOf(evidence, 'store')?.dialects ?? [];
  const keys = dialects.reduce((total, one) => total + one.keys, 0);
  if (keys === 0) return undefined;
  const sessions = dialects
    .filter(({ dialect }) => dialect !== NO_DIALECT)
    .reduce((total, one) => total + one.keys * (one.sampled / Math.max(1, one.sampled + (one.structural ?? 0))), 0);
  return sessions / keys;
}

const memoryRises = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'readings', ({ reading }) => {
    if (!reading || reading.growthBytesPerHour === null) return open('readings', "collector's readings: how fast memory grows");
    const percent = Math.round((reading.growthBytesPerHour * 100) / Math.max(1, reading.memoryUsedBytes));
    const text = `memory grows by ${percent} % an hour`;
    return percent >= GROWTH_PERCENT_AN_HOUR ? yes('readings', text) : no('readings', text);
  });

const GROWTH_PERCENT_AN_HOUR = 10;

export const memoryGrows = (evidence: Evidence): Judged => anyOf(memoryIsTight(evidence), memoryRises(evidence));
export const sessionsGrow = (evidence: Evidence): Judged => anyOf(moreSessions(evidence), memoryGrows(evidence));
