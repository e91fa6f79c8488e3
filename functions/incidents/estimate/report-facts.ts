/** How many sessions a failover lost: what the old primary had answered and its replica had not received. Pure. */
import type { FailoverSample } from '../../collect/contract.ts';
import { clockText, counted } from '../../shared/texts.ts';
import { describeCriticalActions } from '../collect/collect-records.ts';
import type { Evidence } from '../contract/evidence.ts';
import { excessOf, isTroubled } from '../trouble/channels.ts';
import { troubleOf } from '../trouble/trouble.ts';

export interface LostSessions {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** `both`: the counts, limited by what replication can have lost. `disagree`: more are missing than that. */
  readonly from: 'both' | 'counts' | 'offsets' | 'disagree';
}

/** Half of what it takes in memory: the stream has no overhead of the server's tables. */
const STREAM_SHARE = 0.5;
/** A session with a user and a cookie's attributes, where the size is not known. */
const SMALLEST_SESSION_BYTES = 100;
/** A replica acknowledges once a second; one that was heard of later than twice that time may have lost its link. */
const LINKED_SECONDS = 2;
const ACKNOWLEDGE_SECONDS = 1;
/** Times the slopes' median distance from their median, of which 1.48 are a standard deviation. */
const SPREADS = 4;

/** @returns undefined when nothing limits the number */
export function estimateLostSessions(sample: FailoverSample): LostSessions | undefined {
  const counts = byCounts(sample);
  const offsets = byOffsets(sample);
  if (counts && offsets) {
    if (counts.low > offsets.most) return { ...middleOf(counts), from: 'disagree' };
    return { ...limited(offsets.certain, counts.low, Math.min(counts.high, offsets.most)), from: 'both' };
  }
  if (counts) return { ...middleOf(counts), from: 'counts' };
  return offsets && { ...limited(offsets.certain, 0, offsets.most), from: 'offsets' };
}

/** Sessions that are missing, whether users went on logging in until the reading after, or not at all. */
function byCounts({ before, after, trend }: FailoverSample): { low: number; high: number } | undefined {
  if (!trend) return undefined;
  const seconds = (after.atMs - before.atMs) / 1_000;
  const missing = before.sessions - after.sessions;
  const drift = trend.sessionsPerSecond * seconds;
  const error = SPREADS * trend.spread * seconds;
  return { low: Math.min(missing, missing + drift) - error, high: Math.max(missing, missing + drift) + error };
}

/** What the old primary had written and the new one never had is lost for certain; what the replica had not acknowledged can be lost. */
function byOffsets({ before, after, stream, continuedFrom }: FailoverSample): { certain: number; most: number } | undefined {
  if (!stream || continuedFrom === null) return undefined;
  const isLinked = before.lagSeconds !== null && before.lagSeconds <= LINKED_SECONDS && before.lagBytes !== null;
  if (stream.bytesPerSecond === null && !isLinked) return undefined;
  const certain = Math.max(0, stream.offset - continuedFrom);
  const seconds = isLinked ? ACKNOWLEDGE_SECONDS : (after.atMs - before.atMs) / 1_000;
  // Both measure the same: what is written between two acknowledgements.
  const most = certain + Math.max(isLinked ? (before.lagBytes ?? 0) : 0, (stream.bytesPerSecond ?? 0) * seconds);
  const bytesPerSession = before.bytesPerSession === null ? SMALLEST_SESSION_BYTES : Math.max(1, before.bytesPerSession * STREAM_SHARE);
  // A few bytes are no session: an idle primary writes a PING of 14 every 10 s.
  return { certain: Math.round(certain / bytesPerSession), most: Math.ceil(most / bytesPerSession) };
}

function limited(likely: number, low: number, high: number): Pick<LostSessions, 'estimate' | 'low' | 'high'> {
  const least = Math.max(0, Math.floor(low));
  const most = Math.max(least, Math.ceil(high));
  return { estimate: Math.round(Math.min(most, Math.max(least, likely))), low: least, high: most };
}

const middleOf = ({ low, high }: { low: number; high: number }) => limited((Math.max(0, low) + Math.max(0, high)) / 2, low, high);

/** The estimate as a sentence of the report. @param lostInLogs sessions that servers' logs show to be lost around it: no estimate is below */
export function describeLostSessions(sample: FailoverSample, lostInLogs = 0): string {
  const { before, after } = sample;
  const seen = `${before.sessions} sessions at ${utc(before.atMs)}, ${after.sessions} at ${utc(after.atMs)}`;
  const lost = estimateLostSessions(sample);
  if (!lost) return `How many sessions the failover lost is not known: too few readings before it (${seen}).`;
  if (lostInLogs > lost.high)
    return `The counts alone show ${lost.high === 0 ? 'no session' : `at most ${counted(lost.high, 'session')}`} that the failover lost (${seen}), but each user who had logged in again by then makes up for one: the servers' logs have ${counted(lostInLogs, 'sampled session')} that ${lostInLogs === 1 ? 'was' : 'were'} lost around it.`;
  const error = lost.low === lost.high ? '' : ` (${lost.low} to ${lost.high})`;
  if (lost.from === 'disagree')
    return `The failover lost about ${lost.estimate} sessions${error}, more than asynchronous replication can explain: the new primary may have started with less data (${seen}).`;
  const how = {
    both: 'by the counts and by what its replicas had not acknowledged',
    counts: 'by the counts',
    offsets: 'by what its replicas had not acknowledged',
  }[lost.from];
  const number = lost.estimate === 0 ? 'no session' : `${error && 'about '}${counted(lost.estimate, 'session')}`;
  return `The failover lost ${number}${error} to asynchronous replication, ${how} (${seen}).`;
}

const utc = (ms: number): string => `${clockText(ms)} UTC`;

/** A failover that is longer ago than this before the first sign has nothing to do with it. */
const BEFORE_SIGN_MS = 10 * 60_000;

/** What the report adds to the finding, in sentences: what a failover lost, and what users have begun and not finished. */
export function reportFacts(evidence: Evidence): string[] {
  const { firstSignMs, sources } = evidence;
  const { readings, criticalActions } = sources;
  const failover = readings && 'facts' in readings ? readings.facts.lastFailover : undefined;
  const isRecent = failover !== undefined && failover.after.atMs >= firstSignMs - BEFORE_SIGN_MS;
  return [
    ...(isRecent ? [describeLostSessions(failover, lostAround(failover, evidence))] : []),
    ...(criticalActions && 'facts' in criticalActions ? describeCriticalActions(criticalActions.facts) : []),
  ];
}

/** What a failover took is missed at the next requests. */
const MISSED_MS = 3 * 60_000;

function lostAround({ before, after }: FailoverSample, evidence: Evidence): number {
  const { lost } = troubleOf(evidence).channels;
  if (!isTroubled(lost)) return 0;
  const cells = lost.cells.filter(({ minuteMs = 0 }) => minuteMs >= before.atMs - 60_000 && minuteMs <= after.atMs + MISSED_MS);
  return Math.floor(excessOf({ cells }));
}
