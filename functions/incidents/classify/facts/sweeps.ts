/** Sweeps before the first sign. Pure. */
import type { Evidence, SweepFacts } from '../../contract/evidence.ts';
import { factsOf, firmIf, type Judged, judgeSource, no, open, yes } from '../judged.ts';
import { allLogsRead, mergedTraces } from './session-traces.ts';

const SLACK_MS = 60_000;
const FEWEST_LOST = 3;

const shortens = ({ shortened, startedAtMs }: SweepFacts['sweeps'][number], signMs: number) =>
  shortened > 0 && startedAtMs <= signMs + SLACK_MS;

export const shorteningSweep = ({ sources, firstSignMs }: Evidence) =>
  factsOf({ sources } as Evidence, 'sweeps')?.sweeps.find((sweep) => shortens(sweep, firstSignMs));

export const sweepShortened = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'sweeps', ({ sweeps }, complete) => {
    const sweep = sweeps.find((one) => shortens(one, evidence.firstSignMs));
    return sweep
      ? yes('sweeps', `sweep ${sweep.sweepId} set the life of ${sweep.shortened} sessions below what they declare`, sweep.startedAtMs)
      : firmIf(complete, no('sweeps', 'no sweep shortened a session before the first sign'));
  });

export const lostBeforeSweep = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const sweep = shorteningSweep(evidence);
    if (!sweep) return open('servers', 'a sweep, to compare the losses with');
    const lost = mergedTraces(servers, evidence.firstSignMs).filter((trace) => trace.lost);
    const earlier = lost.filter(({ lastMs }) => lastMs < sweep.startedAtMs);
    const text = `${earlier.length} of ${lost.length} sampled sessions were lost before the sweep began`;
    const judged = lost.length >= FEWEST_LOST && earlier.length * 2 > lost.length ? yes('servers', text) : no('servers', text);
    return firmIf(allLogsRead(servers, complete), judged);
  });
