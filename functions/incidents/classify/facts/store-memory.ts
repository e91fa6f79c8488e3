/** How full the store is. Pure. */
import type { Evidence } from '../../contract/evidence.ts';
import { anyOf, firmIf, type Judged, judgeSource, no, open, yes } from '../judged.ts';

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
