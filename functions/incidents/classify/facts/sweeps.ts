/** Sweeps before the first sign. Pure. */
import type { Evidence, SweepFacts } from '../../contract/evidence.ts';
import { factsOf, firmIf, type Judged, judgeSource, no, open, yes } from '../judged.ts';
import { lostBefore } from './session-traces.ts';

const SLACK_MS = 60_000;

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

export function lostBeforeSweep(evidence: Evidence): Judged {
  const sweep = shorteningSweep(evidence);
  return sweep ? lostBefore(evidence, sweep.startedAtMs, 'the sweep began') : open('servers', 'a sweep, to compare the losses with');
}
