/** Users who were hurt before the cause, or the alarm, is known to have begun. Pure. */
import { minuteText } from '../../shared/times.ts';
import type { Finding } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import { troubleOf } from '../trouble/trouble.ts';

/** What is nearer is the same: onsets are whole minutes, and logs are late. */
const APART_MS = 3 * 60_000;

/** Since when, where that is well before `sinceMs`. */
export function hurtBefore(evidence: Evidence | undefined, sinceMs: number): number | undefined {
  const { kind, onset } = evidence === undefined ? { kind: 'unknown', onset: null } : troubleOf(evidence);
  return kind === 'acute' && typeof onset === 'number' && onset < sinceMs - APART_MS ? onset : undefined;
}

/** The finding's sentence with what its time leaves out. An alarm's minute is never the begin of what it was late for. */
export function sentenceWithTimes({ sentence, sinceMs }: Extract<Finding, { verdict: 'cause' }>, evidence: Evidence | undefined): string {
  const hurtMs = hurtBefore(evidence, sinceMs);
  const isSign = sinceMs === evidence?.firstSignMs;
  const own = hurtMs !== undefined && isSign ? sentence.replace(/, (?:seen )?since [\d-]+ \d\d:\d\d UTC$/, '') : sentence;
  return [
    own,
    ...(hurtMs === undefined
      ? []
      : [`Users were hurt from ${minuteText(hurtMs)} on, before ${isSign ? `the first sign at ${minuteText(sinceMs)}` : 'that'}`]),
  ].join('. ');
}
