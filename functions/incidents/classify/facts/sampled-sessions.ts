/** How many of the store's keys are sessions, by the sample of keys. Pure. */
import type { Evidence } from '../../contract/evidence.ts';
import { factsOf } from '../judged.ts';
import { NO_DIALECT } from './session-life.ts';

/** The share of keys that are sessions, by the sample of keys: until a full sweep has run, the collector counts every key as a session. */
export function sessionShare(evidence: Evidence): number | undefined {
  const dialects = factsOf(evidence, 'store')?.dialects ?? [];
  const keys = dialects.reduce((total, one) => total + one.keys, 0);
  if (keys === 0) return undefined;
  const sessions = dialects
    .filter(({ dialect }) => dialect !== NO_DIALECT)
    .reduce((total, one) => total + one.keys * (one.sampled / Math.max(1, one.sampled + (one.structural ?? 0))), 0);
  return sessions / keys;
}

/** The sessions that the sample of keys stands for, where its other keys are as many as the estimate rose by. */
export function withoutCache(estimated: number, usual: number, evidence: Evidence): number {
  const dialects = factsOf(evidence, 'store')?.dialects ?? [];
  const others = dialects.filter(({ dialect }) => dialect === NO_DIALECT).reduce((total, { keys }) => total + keys, 0);
  if (others === 0 || others < estimated - usual) return estimated;
  const sampled = dialects
    .filter(({ dialect }) => dialect !== NO_DIALECT)
    .map(({ keys, sampled, structural = 0, companions = 0 }) => (keys * sampled) / Math.max(1, sampled + structural + companions));
  return Math.min(
    estimated,
    sampled.reduce((total, sessions) => total + sessions, 0),
  );
}
