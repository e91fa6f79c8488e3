/** Sweeps before the first sign. Pure. */
import { sumOf } from '../../../shared/arithmetic.ts';
import { type Evidence, factsOf, type SweepFacts } from '../../contract/evidence.ts';
import { excessOf } from '../../trouble/channels.ts';
import { allLogsRead, serversOf } from '../../trouble/traces.ts';
import { troubleOf } from '../../trouble/trouble.ts';
import { firmIf, judgeSource, no, shaky, yes } from '../judged.ts';

const SLACK_MS = 60_000;
/**
 * Percent of the sessions that were lost, which the logs and the store's size let us estimate: if sweeps shortened less, the loss has another
 * cause.
 */
const CONCERNS_PERCENT = 10;

/** Those that shortened lives before the first sign, the one that shortened the most first. */
const shortening = (evidence: Evidence): SweepFacts['sweeps'] =>
  (factsOf(evidence, 'sweeps')?.sweeps ?? [])
    .filter(({ shortened, startedAtMs }) => shortened > 0 && startedAtMs <= evidence.firstSignMs + SLACK_MS)
    .toSorted((one, other) => other.shortened - one.shortened);
export const shorteningSweep = (evidence: Evidence) => shortening(evidence)[0];

/** What has to be set before a sweep repairs sessions without a TTL, by the latest one. */
export const unansweredSettings = (evidence: Pick<Evidence, 'sources'>): readonly string[] =>
  factsOf(evidence, 'sweeps')?.sweeps.find(({ status }) => status === 'SUCCEEDED')?.unconfirmed ?? [];

/** How many sessions were lost: their share in the logs, of the most that the store had in the window. Undefined without one of both. */
function lostSessions(evidence: Evidence): number | undefined {
  const { window = [], reading } = factsOf(evidence, 'readings') ?? {};
  const most = Math.max(0, ...[...window, ...(reading ? [reading] : [])].map(({ activeSessions }) => activeSessions ?? 0));
  const { lost } = troubleOf(evidence).channels;
  return most === 0 || !('state' in lost) ? undefined : (excessOf(lost) * most) / Math.max(1, lost.of);
}

/** A sweep before the first sign gave sessions a shorter life, and not far fewer than were lost. */
export const sweepShortened = judgeSource('sweeps', ({ sweeps }, { complete, evidence }) => {
  const all = shortening(evidence);
  const [most] = all;
  // One that failed can have no report of what it shortened; one whose time was over has.
  const areEnded = sweeps.every(({ status }) => status === 'SUCCEEDED' || status === 'PAUSED');
  if (most === undefined) return firmIf(complete && areEnded, no('sweeps', 'no sweep shortened a session before the first sign'));
  const lost = lostSessions(evidence);
  const text = `sweep ${most.sweepId} set the life of ${most.shortened} sessions below what they declare${lost === undefined ? '' : `; about ${Math.round(lost)} were lost`}`;
  const whole = complete && areEnded && allLogsRead(serversOf(evidence), true);
  if (lost !== undefined && sumOf(all, ({ shortened }) => shortened) * 100 < lost * CONCERNS_PERCENT)
    return firmIf(whole, no('sweeps', text));
  // It counts sessions, and names none of those that were lost.
  return shaky(yes('sweeps', text, most.startedAtMs));
});
