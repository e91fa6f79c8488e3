/**
 * Keys without a TTL that the last full sweep left. Counters show only how many keys have no TTL; the baseline shows how many of
 * them are no problem, or a problem that another sweep does not solve.
 */
import { sumOf } from '../shared/arithmetic.ts';
import type { DatabaseCount } from '../shared/store/parse-info.ts';
import { recordKeys } from './keys.ts';
import type { RecordsTable } from './records-table.ts';

/** Keys without a TTL beyond the baseline from which the alarm fires, and a check starts a sweep. */
export const WITHOUT_TTL_THRESHOLD = 100;

/** What a full sweep left in one database, over all primaries. */
export interface DatabaseBaseline {
  /** Keys that were left on purpose: structural, permanent, unknown, unreadable, or by policy. */
  readonly left: number;
  /** Those left on purpose that have no TTL by design. */
  readonly structural: number;
  /** Keys that were not left on purpose: the sweep was not permitted to repair them, or had reached its limit of deletes. */
  readonly unrepaired: number;
}

export interface DialectCount {
  readonly sessions: number;
  readonly withoutTtl: number;
  /** The sweep repaired none of them, since nobody had answered for the dialect. */
  readonly asked?: true;
}

export interface TtlBaseline {
  readonly sweepId: string;
  readonly takenAtMs: number;
  /** When the sweep that counted began. */
  readonly startedAtMs: number;
  /** Identifies the settings that decide what is left on purpose; another key makes the baseline void for sweeps. */
  readonly settingsKey: string;
  readonly primaries: number;
  readonly byDatabase: Readonly<Record<string, DatabaseBaseline>>;
  /** When the installation's first full sweep began; absent in records of earlier versions. */
  readonly firstAtMs?: number;
  /** Keys that it has only counted: the next sweep reads every key again, and repairs them. Absent: none. */
  readonly uncounted?: number;
  /** What the sweep left, by dialect; absent in records of earlier versions. */
  readonly byDialect?: Readonly<Record<string, DialectCount>>;
}

export interface Comparison {
  readonly persistent: number;
  /** How many there are beyond those that were left on purpose; never negative. */
  readonly withoutTtl: number;
  /** How many of `withoutTtl` there are beyond those that the last full sweep could not repair: another sweep can repair them. */
  readonly repairable: number;
}

const NONE: DatabaseBaseline = { left: 0, structural: 0, unrepaired: 0 };

const persistentIn = (counts: readonly DatabaseCount[], database: number): number => {
  const count = counts.find((one) => one.database === database);
  return count === undefined ? 0 : Math.max(0, count.keys - count.expires);
};

/** Compares by database, so that fewer keys in one do not hide more in another. @param baseline undefined: every key counts */
export function compareWithBaseline(
  counts: readonly DatabaseCount[],
  databases: readonly number[],
  baseline: Pick<TtlBaseline, 'byDatabase'> | undefined,
): Comparison {
  const compared = databases.map((database): Comparison => {
    const { left, unrepaired } = baseline?.byDatabase[database] ?? NONE;
    const persistent = persistentIn(counts, database);
    const withoutTtl = Math.max(0, persistent - left);
    return { persistent, withoutTtl, repairable: Math.max(0, withoutTtl - unrepaired) };
  });
  const sum = (part: keyof Comparison) => sumOf(compared, (one) => one[part]);
  return { persistent: sum('persistent'), withoutTtl: sum('withoutTtl'), repairable: sum('repairable') };
}

/**
 * The baseline where fewer keys without a TTL are left than it contains, as after FLUSHALL: without this, as many new ones would
 * stay unnoticed.
 * @param primaries that answered: with fewer than the sweep had, keys are missing from the counts
 * @returns undefined when it stays as it is
 */
export function lowerBaseline(baseline: TtlBaseline, counts: readonly DatabaseCount[], primaries: number): TtlBaseline | undefined {
  if (primaries < baseline.primaries) return undefined;
  let isLower = false;
  const lowered = Object.entries(baseline.byDatabase).map(([database, before]) => {
    const persistent = persistentIn(counts, Number(database));
    const left = Math.min(before.left, persistent);
    const unrepaired = Math.min(before.unrepaired, persistent - left);
    isLower ||= left < before.left || unrepaired < before.unrepaired;
    return [database, { left, structural: Math.min(before.structural, left), unrepaired }] as const;
  });
  if (!isLower) return undefined;
  const made = { ...baseline, byDatabase: Object.fromEntries(lowered) };
  const most = totalsOf(made).left;
  const dialects = Object.entries(baseline.byDialect ?? {}).map(([name, count]) => [
    name,
    { ...count, withoutTtl: Math.min(count.withoutTtl, most) },
  ]);
  return { ...made, ...(baseline.byDialect && { byDialect: Object.fromEntries(dialects) }) };
}

export function totalsOf({ byDatabase }: Pick<TtlBaseline, 'byDatabase'>): DatabaseBaseline {
  const sum = (part: keyof DatabaseBaseline) => sumOf(Object.values(byDatabase), (one) => one[part]);
  return { left: sum('left'), structural: sum('structural'), unrepaired: sum('unrepaired') };
}

/** Undefined before the first full sweep. */
export const readTtlBaseline = (table: Pick<RecordsTable, 'get'>): Promise<TtlBaseline | undefined> =>
  table.get<TtlBaseline>(recordKeys.ttlBaseline());

export async function writeTtlBaseline(table: Pick<RecordsTable, 'put'>, baseline: TtlBaseline): Promise<void> {
  await table.put(recordKeys.ttlBaseline(), baseline);
}

/** Has no effect when another sweep has written its baseline since `lowered` was computed. */
export async function putLoweredBaseline(table: Pick<RecordsTable, 'put'>, lowered: TtlBaseline): Promise<void> {
  await table.put(recordKeys.ttlBaseline(), lowered, {
    ConditionExpression: 'sweepId = :sweepId',
    ExpressionAttributeValues: { ':sweepId': lowered.sweepId },
  });
}
