import { type Comparison, compareWithBaseline, type TtlBaseline, totalsOf } from '../../records/ttl-baseline.ts';
import { sumOf } from '../../shared/arithmetic.ts';
import { describeError } from '../../shared/errors.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import { sweepReportKey } from '../../shared/naming.ts';
import { CLEAN_BY_COUNTERS, type StoreCounters, type SweepReason, type SweepSummary } from '../contract/record.ts';
import type { SweepSettings } from '../contract/settings.ts';
import type { EndedClean, SweepContext } from '../contract/steps.ts';
import type { ConnectToNode } from '../nodes/shards.ts';
import { makeReport, summarize, unconfirmedIn } from '../report/make-report.ts';
import { refreshShares } from '../report/refresh-shares.ts';
import { judgeDialects } from './judge-dialects.ts';
import { readCounters } from './read-counters.ts';
import type { UnitSample } from './sample-store.ts';
import { type BeginPorts, countedAs, sampleUnits, showsSessions, totalIn } from './sample-units.ts';

/** A sample that contains a key which a sweep repairs: every key has to be read. */
interface Repairable {
  readonly verdict: 'REPEAT';
  readonly samples: readonly UnitSample[];
}

/**
 * Ends a sweep whose counters show nothing to do: with a record and a report, as any other. A scheduled one first reads a sample,
 * so that sizes and shares of dialects stay fresh.
 */
export async function endClean(
  ports: BeginPorts,
  sweep: SweepContext,
  decision: CounterDecision,
  baseline: TtlBaseline | undefined,
): Promise<EndedClean | Repairable> {
  const { records, log, now } = ports;
  const { sweepId, executionArn, startedAtMs, requestedBy, dryRun, settings, counters } = sweep;
  const verdictAtMs = now();
  const question = { ...settings, installation: ports.settings.policies, baseline, nowMs: verdictAtMs };
  const counted = judgeDialects({ ...question, samples: undefined });
  const summary = summaryOf(sweep, decision, { baseline, asked: counted.asked, verdictAtMs });
  if (!dryRun) {
    const samples = requestedBy === 'schedule' ? await sampleUnits(ports, sweep) : undefined;
    const { asked } = judgeDialects({ ...question, samples });
    if (samples?.some(({ repairable }) => [...repairable].some((name) => !asked.includes(name)))) return { verdict: 'REPEAT', samples };
    const known = await ports.shares();
    if (samples && (showsSessions(samples) || known === undefined))
      await ports.saveShares({ ...refreshShares(samples, known, totalIn(sweep), now()), ...countedAs(samples, sweep.settingsKey) });
    // The collector takes the age of the last sweep from here, for the alarm `sweep-overdue`.
    else if (known) await ports.saveShares({ ...known, sweptAtMs: now() });
  }
  const { policy, policies } = settings;
  const reportKey = sweepReportKey(sweepId);
  const finishedAtMs = now();
  await ports.saveReport(reportKey, { ...makeReport({ ...sweep, counters }, [], finishedAtMs), summary });
  await records.putSweep({
    ...{ sweepId, executionArn, startedAtMs, requestedBy, dryRun, policy, policies, shards: [], reportKey },
    ...{ status: 'SUCCEEDED', finishedAtMs, summary },
  });
  const { lives: _, paused: __, unknownGrowth: ___, dialects: ____, reportOnly: _____, unconfirmed, ...numbers } = summary;
  log.info(LOG_EVENTS.sweepFinished, { sweepId, dryRun, ...numbers, unconfirmed: unconfirmed?.map(({ dialect }) => dialect) });
  return { verdict: 'SKIP', sweepId, outcome: CLEAN_BY_COUNTERS };
}

/** The summary of a sweep that ends by the counters, without reading a key. */
function summaryOf(
  { settings, counters, startedAtMs, dialects }: SweepContext,
  { comparison }: CounterDecision,
  {
    baseline,
    asked,
    verdictAtMs,
  }: { readonly baseline: TtlBaseline | undefined; readonly asked: readonly string[]; readonly verdictAtMs: number },
): SweepSummary {
  const swept = (counters?.counts ?? []).filter(({ database }) => settings.databases.includes(database));
  const structural = baseline && totalsOf(baseline).structural;
  const counts = Object.entries(baseline?.byDialect ?? {});
  return {
    outcome: CLEAN_BY_COUNTERS,
    ...summarize([]),
    ...(dialects && { dialects }),
    ...unconfirmedIn(counts.filter(([name, { withoutTtl }]) => asked.includes(name) && withoutTtl > 0)),
    keys: sumOf(swept, ({ keys }) => keys),
    structural: Math.min(structural ?? 0, comparison.persistent),
    leftOnPurpose: comparison.persistent,
    seconds: (verdictAtMs - startedAtMs) / 1_000,
  };
}

/** What the decision depends on, apart from the counters. */
export interface CounterQuestion extends Pick<SweepSettings, 'databases' | 'reconcile' | 'everyHours'> {
  readonly full: boolean;
  /** What the last full sweep recorded. */
  readonly baseline: TtlBaseline | undefined;
  readonly settingsKey: string;
  readonly nowMs: number;
}

interface CounterDecision {
  /** Absent: clean by counters, no key has to be read. */
  readonly because?: SweepReason;
  /** Undefined where they could not be read. */
  readonly counters: StoreCounters | undefined;
  readonly comparison: Comparison;
  /** Why the counters could not be read. */
  readonly error?: string;
}

const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;
/** A schedule can start later than its time. */
const LATE_HOURS = 6;

/** Age at which the last full sweep is followed by another, so that the schedule has one a week: the next time could be too late. */
const fullAfterMs = (everyHours: number): number => Math.max(WEEK_HOURS - everyHours - LATE_HOURS, everyHours / 2) * HOUR_MS;

/** Whether keys have to be read, by the counters alone. Pure. */
export function judgeCounters({ counts }: Pick<StoreCounters, 'counts'>, question: CounterQuestion): Omit<CounterDecision, 'counters'> {
  const { databases, full, reconcile, baseline, settingsKey, everyHours, nowMs } = question;
  const valid = baseline?.settingsKey === settingsKey ? baseline : undefined;
  const comparison = compareWithBaseline(counts, databases, valid);
  const sweep = (because: SweepReason) => ({ because, comparison });
  if (full) return sweep('full');
  if (reconcile) return sweep('reconcile');
  if (baseline === undefined) return sweep('first');
  const ageMs = nowMs - baseline.startedAtMs;
  // A start in the future: the clock jumped.
  if (ageMs >= fullAfterMs(everyHours) || ageMs < 0) return sweep('weekly');
  if ((valid?.uncounted ?? 0) > 0) return sweep('counted');
  if (comparison.withoutTtl > 0) return sweep(valid === undefined ? 'settings' : 'grown');
  return { comparison };
}

const NOTHING: Comparison = { persistent: 0, withoutTtl: 0, repairable: 0 };

/**
 * The first thing that a sweep does: it connects, reads the counters of INFO, and decides whether any key has to be read. Takes
 * milliseconds whatever the number of keys; nothing else is measured before.
 * @returns `uncounted` when the counters cannot be read; never throws
 */
export async function decideByCounters(
  connect: ConnectToNode,
  question: CounterQuestion,
  pause: (ms: number) => Promise<unknown>,
): Promise<CounterDecision> {
  try {
    const isDecided = (counters: StoreCounters) => judgeCounters(counters, question).because !== 'grown';
    const counters = await readCounters(connect, isDecided, pause);
    return { ...judgeCounters(counters, question), counters };
  } catch (error) {
    return { because: 'uncounted', counters: undefined, comparison: NOTHING, error: describeError(error) };
  }
}
