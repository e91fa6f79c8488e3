/** The collector's latest reading, while it is of this trouble. Pure. */
import type { StoreReading } from '../../../collect/contract.ts';
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import { BEFORE_SIGN_MS } from '../../trouble/traces.ts';
import { type Judge, type Judged, judgeSource, open } from '../judged.ts';

/** The collector reads once a minute: after so long without a reading it does not work, and what it knows is of another time. */
const STALE_MS = 15 * 60_000;

/** Undefined for one from long before the first sign, or from long before the evidence was read: the store can be another since. */
export function latestReading(evidence: Evidence): StoreReading | undefined {
  const reading = factsOf(evidence, 'readings')?.reading ?? undefined;
  return reading && reading.takenAtMs >= Math.max(evidence.firstSignMs - BEFORE_SIGN_MS, evidence.toMs - STALE_MS) ? reading : undefined;
}

/** @param what it shows, for people: named where there is no such reading, or where it does not show it */
export const judgeReading = (what: string, judge: (reading: StoreReading) => Judged | undefined): Judge =>
  judgeSource('readings', ({ reading }, { evidence }) => {
    const latest = latestReading(evidence);
    const last = reading && !latest ? `; the last reading is of ${new Date(reading.takenAtMs).toISOString()}` : '';
    return (latest && judge(latest)) ?? open('readings', `collector's readings: ${what}${last}`);
  });
