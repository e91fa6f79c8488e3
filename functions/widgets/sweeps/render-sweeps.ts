import { durationText } from '../../shared/times.ts';
import type { SweepRecord, SweepSummary } from '../../sweep/contract/record.ts';
import type { Viewer } from '../contract.ts';
import { countText, type Html, html, sentence, type Tone, table, timeText, toned, zoneText } from '../html.ts';

const SWEEP_TONES: Readonly<Record<SweepRecord['status'], Tone>> = { SUCCEEDED: 'good', RUNNING: 'busy', PAUSED: 'busy', FAILED: 'bad' };
const COUNTS = ['keys', 'withoutTtl', 'repaired', 'deleted', 'unknown'] as const satisfies readonly (keyof SweepSummary)[];
const SWEEP_HEAD = ['Took', 'Policy', 'Keys', 'Without TTL', 'Repaired', 'Deleted', 'Unknown', 'Store busy', 'Outcome', 'By', 'Sweep'];

/** One row per sweep, in the given order. Counts appear when it has ended; a dry run's are what it would have done. */
export function renderSweeps(sweeps: readonly SweepRecord[], viewer: Viewer, nowMs: number): Html {
  if (sweeps.length === 0) return sentence(viewer, 'no sweep yet');
  const rows = sweeps.map((sweep) => {
    const { sweepId, startedAtMs, finishedAtMs = nowMs, requestedBy, dryRun, status, summary, error } = sweep;
    const outcome = toned(
      viewer,
      SWEEP_TONES[status],
      [status, ...(summary?.outcome ? [summary.outcome] : []), ...(dryRun ? ['dry run'] : [])].join(', '),
    );
    return [
      timeText(viewer, startedAtMs),
      durationText(finishedAtMs - startedAtMs),
      policyText(sweep),
      ...COUNTS.map((name) => (summary ? countText(viewer, summary[name]) : '')),
      summary ? durationText(summary.seconds * 1000) : '',
      error ? html`${outcome} ${error.Error}` : outcome,
      requestedBy,
      toned(viewer, 'quiet', sweepId),
    ];
  });
  return table(viewer, [`Started (${zoneText(viewer)})`, ...SWEEP_HEAD], rows);
}

/** `expire`, `expire, spring-session report` */
const policyText = ({ policy, policies = {} }: SweepRecord): string =>
  policy === undefined ? '' : [policy, ...Object.entries(policies).map(([dialect, own]) => `${dialect} ${own}`)].join(', ');
