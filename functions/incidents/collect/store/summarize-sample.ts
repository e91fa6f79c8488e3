import { valueAt } from '../../../shared/arithmetic.ts';
import type { DialectFacts } from '../../contract/store-facts.ts';
import type { SampledKey } from './read-sample.ts';

/** The sample of one database of one primary. */
export interface UnitSample {
  readonly sample: readonly SampledKey[];
  /** How many keys INFO counts in the database. */
  readonly keys: number;
}

/**
 * What the samples show about each dialect; keys that no dialect knows have the dialect `unknown`. Databases differ in size, so that the
 * keys of a sample are weighted by those of its own database. Pure.
 */
export function summarize(units: readonly UnitSample[]): readonly DialectFacts[] {
  const byDialect = Map.groupBy(
    units.flatMap(({ sample }) => sample),
    ({ dialect }) => dialect,
  );
  const keysOf = (dialect: string) =>
    units.reduce((sum, { sample, keys }) => {
      const found = sample.filter((one) => one.dialect === dialect).length;
      return sum + (keys * found) / Math.max(1, sample.length);
    }, 0);
  return [...byDialect]
    .map(([dialect, all]) => describeDialect(dialect, all, Math.round(keysOf(dialect))))
    .toSorted((one, other) => other.keys - one.keys);
}

function describeDialect(dialect: string, all: readonly SampledKey[], keys: number): DialectFacts {
  // Keys that a library needs besides its sessions are left out: some have no TTL by design, and the set in which Spring Session 3.4 and later
  // lists the sessions that end in one minute has none until Spring gives it one.
  const judged = all.filter(({ role }) => role === 'session' || role === 'unknown');
  const structural = all.filter(({ role }) => role === 'structural').length;
  const sessions = all.filter(({ role }) => role === 'session');
  const without = judged.filter(({ ttlSeconds }) => ttlSeconds === null);
  const ttls = sessions.flatMap(({ ttlSeconds }) => ttlSeconds ?? []).toSorted(ascending);
  const bytes = sessions.flatMap((one) => one.bytes ?? []).toSorted(ascending);
  const lives = sessions.flatMap((one) => one.declaredLifeSeconds ?? []).toSorted(ascending);
  const sessionLives = sessions.flatMap((one) => lifeOf(one) ?? []).toSorted(ascending);
  const known = sessions.filter(({ idleSeconds, ttlSeconds }) => idleSeconds !== undefined && ttlSeconds !== null);
  const unused = known.map(idleOf).toSorted(ascending);
  const unusedSeconds = unused.length > 0 ? valueAt(unused, 0.1) : null;
  const [youngest] = without.filter(({ idleSeconds }) => idleSeconds !== undefined).toSorted((one, other) => idleOf(one) - idleOf(other));
  const logins = sessions.flatMap((one) => one.anonymous ?? []);
  return {
    dialect,
    keys,
    sampled: judged.length,
    structural,
    companions: all.length - judged.length - structural,
    withoutTtl: without.length,
    youngestWithoutTtlSeconds: youngest?.idleSeconds ?? null,
    ...(youngest?.isIdleAtLeast && { youngestIsAtLeast: true }),
    ttlSeconds: ttls.length > 0 ? { min: valueAt(ttls, 0), median: valueAt(ttls, 0.5), max: valueAt(ttls, 1) } : null,
    declaredLifeSeconds: lives.length > 0 ? valueAt(lives, 0.5) : null,
    livesSeconds: sessionLives.length > 0 ? { median: valueAt(sessionLives, 0.5), p90: valueAt(sessionLives, 0.9) } : null,
    lives: byPowerOfTwo(sessionLives),
    unusedSeconds,
    ...(known.some((one) => one.isIdleAtLeast && one.idleSeconds === unusedSeconds) && { unusedIsAtLeast: true }),
    bytes: bytes.length > 0 ? { median: valueAt(bytes, 0.5), p99: valueAt(bytes, 0.99), max: valueAt(bytes, 1) } : null,
    anonymousPercent: logins.length > 0 ? Math.round((100 * logins.filter((anonymous) => anonymous).length) / logins.length) : null,
  };
}

/** Where a session declares none, its TTL when it was last used: at most a use without a new TTL makes it look shorter. */
function lifeOf({ declaredLifeSeconds, ttlSeconds, idleSeconds = 0 }: SampledKey): number | undefined {
  if (declaredLifeSeconds !== undefined && declaredLifeSeconds >= 1) return declaredLifeSeconds;
  return ttlSeconds === null ? undefined : ttlSeconds + idleSeconds;
}

/** Sessions by the power of two that their bytes reach. */
export const sizesOf = (sample: readonly SampledKey[]): Readonly<Record<string, number>> =>
  byPowerOfTwo(sample.flatMap(({ bytes }) => bytes ?? []));

function byPowerOfTwo(values: readonly number[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const value of values) {
    if (value < 1) continue;
    const power = String(2 ** Math.floor(Math.log2(value)));
    counts[power] = (counts[power] ?? 0) + 1;
  }
  return counts;
}

const idleOf = ({ idleSeconds = 0 }: SampledKey): number => idleSeconds;
const ascending = (one: number, other: number): number => one - other;
