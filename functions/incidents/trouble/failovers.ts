/** Failovers of the store, as ElastiCache's events and the collector's readings have them. Pure. */
import { type Evidence, factsOf } from '../contract/evidence.ts';
import { SAME_MS } from './traces.ts';

/**
 * What a message of ElastiCache says of a failover. The documentation has `Failover from primary node … to replica node … completed`;
 * groups also have `Failover to replica node … completed`, and `complete`. A setting, or the call of a test, is no failover.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_TestFailover.html
 */
export function meaningOf(message: string): 'failover' | 'none' | 'unknown' {
  if (!/failover/i.test(message)) return 'none';
  if (/\bfailover\b.{0,200}\bto replica\b.{0,100}\bcompleted?\b/i.test(message)) return 'failover';
  return /failover has been turned (on|off)|Test Failover API called/i.test(message) ? 'none' : 'unknown';
}

/** The collector reads once a minute. */
const READ_MS = 60_000;

/** When the latest failover was over, by ElastiCache's event or by the reading that found it. */
export function failoverAt(evidence: Evidence): number | undefined {
  const { lastFailover } = factsOf(evidence, 'readings') ?? {};
  return reportedOf(evidence).at(-1) ?? (lastFailover && lastFailover.before.atMs + READ_MS);
}

const reportedOf = (evidence: Evidence): readonly number[] =>
  (factsOf(evidence, 'storeGroup')?.events ?? []).flatMap(({ atMs, message }) => (meaningOf(message) === 'failover' ? [atMs] : []));

/** All of the window, each once, oldest first: ElastiCache reports one for the group and for each node. */
export function failoversOf(evidence: Evidence): readonly number[] {
  const latest = failoverAt(evidence);
  const all = [...reportedOf(evidence), ...(latest === undefined ? [] : [latest])].filter((atMs) => atMs >= evidence.fromMs);
  return all.toSorted((one, other) => one - other).filter((atMs, at, sorted) => at === 0 || atMs - (sorted[at - 1] ?? 0) > SAME_MS);
}
