import type { DatabaseBaseline, DialectCount, TtlBaseline } from '../../records/ttl-baseline.ts';
import { sumOf } from '../../shared/arithmetic.ts';
import type { DatabaseCount } from '../../shared/store/parse-info.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import type { StoreCounters } from '../contract/record.ts';
import type { SweepContext } from '../contract/steps.ts';
import type { Tally, UnrepairedReason } from '../contract/tally.ts';
import { LEFT_ON_PURPOSE } from '../keys/choose-repair.ts';
import { databaseOf } from '../unit-name.ts';
import { countAfter, mergeTallies } from './merge-tallies.ts';

/** Reasons that another sweep does not change by itself: they need a permission, or a higher limit. */
const NEEDS_HELP: ReadonlySet<UnrepairedReason> = new Set(['not-permitted', 'delete-limit']);

/** A unit of the sweep, and its checkpoint; undefined when it was lost. */
export interface SweptUnit {
  readonly unit: string;
  readonly checkpoint: Checkpoint | undefined;
}

/**
 * What a full sweep left, by database: the keys that it left on purpose, but no more than the counters allow. Where they disagree, the
 * lower number counts, so that new keys are never taken for old ones: at worst the next sweep reads every key once more. Pure.
 * @param after the counters after the last page
 * @param earlier what the full sweep before this one left
 * @returns undefined for a dry run, and where a unit or the counters are missing: such a sweep gives no baseline
 */
export function makeBaseline(
  { sweepId, startedAtMs, dryRun, counters: before, settingsKey, consent }: SweepContext,
  units: readonly SweptUnit[],
  databases: readonly number[],
  after: StoreCounters,
  { takenAtMs, earlier }: { readonly takenAtMs: number; readonly earlier?: TtlBaseline | undefined },
): TtlBaseline | undefined {
  if (dryRun || settingsKey === undefined || before === undefined || before.primaries !== after.primaries) return undefined;
  if (units.some(({ checkpoint }) => !checkpoint?.isDone || checkpoint.fault)) return undefined;
  const byDatabase = databases.map((database) => {
    const tallies = units.filter(({ unit }) => databaseOf(unit) === database).flatMap(({ checkpoint }) => checkpoint?.tally ?? []);
    return [database, ofDatabase(tallies, countOf(before, database), countOf(after, database), knownIn(earlier, database))] as const;
  });
  const tally = mergeTallies(units.flatMap(({ checkpoint }) => checkpoint?.tally ?? []));
  const uncounted = tally ? sumOfDialects([tally], ({ unrepaired }) => unrepaired.uncounted ?? 0) : 0;
  return {
    ...{ sweepId, startedAtMs, takenAtMs, settingsKey, primaries: after.primaries, byDatabase: Object.fromEntries(byDatabase) },
    firstAtMs: Math.min(startedAtMs, earlier?.firstAtMs ?? earlier?.startedAtMs ?? startedAtMs),
    ...(uncounted > 0 && { uncounted }),
    byDialect: Object.fromEntries(
      Object.entries(tally?.byDialect ?? {}).map(([name, dialect]) => [
        name,
        withQuestion(countAfter(dialect), consent?.asked.includes(name)),
      ]),
    ),
  };
}

const withQuestion = (count: DialectCount, isAsked = false): DialectCount => ({
  ...count,
  ...(isAsked && count.withoutTtl > 0 && { asked: true }),
});

const countOf = ({ counts }: StoreCounters, database: number): DatabaseCount =>
  counts.find((count) => count.database === database) ?? { database, keys: 0, expires: 0 };

/**
 * Keys that can fire the alarm `keys-unrepaired`. The first full sweep of an installation, and the first of a version that takes other keys
 * for sessions, finds those of years: it fires for none of them that an earlier sweep had not found.
 */
const knownIn = (earlier: TtlBaseline | undefined, database: number): number =>
  earlier?.byDialect ? Number.POSITIVE_INFINITY : (earlier?.byDatabase[database]?.unrepaired ?? 0);

function ofDatabase(tallies: readonly Tally[], before: DatabaseCount, after: DatabaseCount, known: number): DatabaseBaseline {
  const structural = sumOfDialects(tallies, (dialect) => dialect.structural);
  const leftFor = (is: (reason: UnrepairedReason) => boolean) =>
    sumOfDialects(tallies, ({ unrepaired }) =>
      sumOf(Object.entries(unrepaired), ([reason, keys]) => (is(reason as UnrepairedReason) ? keys : 0)),
    );
  const needHelp = leftFor((reason) => NEEDS_HELP.has(reason));
  const unrepaired = Math.min(needHelp, known);
  const old = needHelp - unrepaired;
  const counted = old + structural + leftFor((reason) => LEFT_ON_PURPOSE.has(reason)) + sumOf(tallies, ({ unknown }) => unknown);
  const failed = leftFor((reason) => !LEFT_ON_PURPOSE.has(reason)) - old;
  const limits = [counted, persistentIn(after) - failed];
  // SCAN can return a key twice. If the sweep saw more keys than the store had, some were counted twice, and the counters from before the
  // sweep limit the result too.
  const seen = sumOf(tallies, ({ keys }) => keys);
  const repaired = sumOfDialects(tallies, (dialect) => dialect.repaired + dialect.deleted);
  if (seen > Math.max(before.keys, after.keys)) limits.push(persistentIn(before) - repaired - failed);
  const left = Math.max(0, Math.min(...limits));
  return { left, structural: Math.min(structural, left), unrepaired };
}

const persistentIn = ({ keys, expires }: DatabaseCount): number => Math.max(0, keys - expires);

const sumOfDialects = (tallies: readonly Tally[], part: (dialect: Tally['byDialect'][string]) => number): number =>
  sumOf(
    tallies.flatMap(({ byDialect }) => Object.values(byDialect)),
    part,
  );

/** Keys without a TTL that a sweep could not repair and did not leave on purpose; those that were in use at that moment not counted. */
export const unrepairedIn = (tallies: readonly Tally[]): number =>
  sumOfDialects(tallies, ({ unrepaired }) => sumOf(NEEDS_HELP, (reason) => unrepaired[reason] ?? 0));
