import { type TtlBaseline, totalsOf } from '../../records/ttl-baseline.ts';
import { sumOf } from '../../shared/arithmetic.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import { sweepReportKey } from '../../shared/naming.ts';
import { CLEAN_BY_COUNTERS, type SweepSummary } from '../contract/record.ts';
import type { EndedClean, SweepContext } from '../contract/steps.ts';
import { makeReport, summarize, unconfirmedIn } from '../report/make-report.ts';
import { refreshShares } from '../report/refresh-shares.ts';
import type { CounterDecision } from './decide-by-counters.ts';
import { judgeDialects } from './judge-dialects.ts';
import type { UnitSample } from './sample-store.ts';
import { type BeginPorts, countedAs, sampleUnits, showsSessions, totalIn } from './sample-units.ts';

/** A sample that contains a key which a sweep repairs: every key has to be read. */
export interface Repairable {
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
