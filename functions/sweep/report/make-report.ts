/** A sweep's report: a summary for commands and metrics, and the details for people. Pure. */
import type { DialectShares, KeyTotals } from '../../records/dialect-shares.ts';
import type { DialectCount } from '../../records/ttl-baseline.ts';
import { roundTo, sumOf, valueAt } from '../../shared/arithmetic.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import type { SweepRecord, SweepSummary } from '../contract/record.ts';
import { type SweepSettings, weighsMore } from '../contract/settings.ts';
import type { SweepContext } from '../contract/steps.ts';
import {
  AGE_CLASSES_SECONDS,
  type DialectTally,
  type LargeNote,
  type LearnedShape,
  REMAINS,
  type RemainsCounts,
  SIZE_CLASSES_BYTES,
  type Tally,
} from '../contract/tally.ts';
import { CATALOGUE } from '../keys/catalogue.ts';
import { LEFT_ON_PURPOSE } from '../keys/choose-repair.ts';
import { mergeHistograms, percentile } from '../nodes/probe-store.ts';
import { describeUnit, ONLY_SHARD } from '../unit-name.ts';
import { EMPTY_TALLY } from './count-tally.ts';
import { shownShapes, withoutNames } from './learned-shapes.ts';
import { countIfRepaired, countOf, isNearlyAll, mergeTallies } from './merge-tallies.ts';

export interface DialectReport
  extends Pick<DialectTally, 'policy' | 'structural' | 'bytesWithoutTtl' | 'repaired' | 'deleted' | 'unrepaired'> {
  /** Sessions with a TTL, estimated by a sample where there are many keys, and all sessions without one. */
  readonly sessions: number;
  /** Bytes of all its sessions, estimated by the same sample. */
  readonly bytes: number;
  readonly withoutTtl: number;
  /** Keys that are left of sessions that are over: those with a TTL, estimated by a sample, which are not in `sessions`; and all without one. */
  readonly remains?: RemainsCounts;
  /** Keys without a TTL by the time since their last use. */
  readonly ages: Readonly<Record<string, number>>;
  /** How long its sessions with a TTL live, by a few of them; absent where it has none. */
  readonly lives?: DialectLives;
}

export interface DialectLives {
  readonly medianSeconds: number;
  readonly p90Seconds: number;
  /** The sessions declare it. False: it is what most of them have left of their TTL, and their life is longer. */
  readonly isDeclared: boolean;
}

export interface SweepReport
  extends Pick<SweepRecord, 'sweepId' | 'startedAtMs' | 'requestedBy' | 'dryRun'>,
    Pick<Tally, 'persistentKeys' | 'remains' | 'reconciled'> {
  readonly finishedAtMs: number;
  readonly summary: SweepSummary;
  readonly byDialect: Readonly<Record<string, DialectReport>>;
  /** Keys of no known dialect that have a TTL, as the sampled ones show. */
  readonly unknownWithTtl: number;
  /** Keys by size: all keys without a TTL, and the others as the sampled ones show. */
  readonly sizes: Readonly<Record<string, number>>;
  /** One in `<count>` keys with a TTL was sampled at most; 1: each was. */
  readonly sampledOneIn: number;
  /** The largest sessions of more than 1 KB, among one in `largeSampledOneIn`. */
  readonly large: readonly LargeNote[];
  /** 1: every session was measured. */
  readonly largeSampledOneIn: number;
  /** Unknown keys without a TTL, the most frequent shape first. Absent in reports of earlier versions. */
  readonly shapes?: readonly LearnedShape[];
  /** Of a run that learns: those with a TTL, as the sampled ones show. */
  readonly shapesWithTtl?: readonly LearnedShape[];
  /** It read what the values of unknown keys have in common. */
  readonly learns?: boolean;
  readonly shards: readonly UnitReport[];
}

/** One primary's keys in one database. */
export interface UnitReport extends Pick<Checkpoint, 'method' | 'restarts'> {
  /** `shard 0001, database 3` */
  readonly name: string;
  readonly readFrom: 'primary' | 'replica';
  /** In later rounds of a cluster's sweep, an estimate by the sample. */
  readonly keys: number;
  readonly seconds: number;
}

/** @param checkpoints the latest one of each unit @param units their names, in the same order */
export function makeReport(
  sweep: SweepContext,
  checkpoints: readonly Checkpoint[],
  finishedAtMs: number,
  units: readonly string[] = [],
): SweepReport {
  const tally = mergeTallies(checkpoints.map((checkpoint) => checkpoint.tally)) ?? EMPTY_TALLY;
  const sampledOneIn = Math.max(1, ...checkpoints.map((checkpoint) => checkpoint.sampledOneIn ?? 1));
  const measuredOneIn = Math.max(1, ...checkpoints.map((checkpoint) => checkpoint.measuredOneIn ?? 1));
  const dialects = Object.entries(tally.byDialect).map(([name, dialect]) => [name, dialectReport(dialect)] as const);
  const { sweepId, startedAtMs, requestedBy, dryRun } = sweep;
  const shortened = sweep.lives?.change === 'shorten-anonymous' ? (tally.lives?.changed ?? 0) : countShortened(tally, sweep.settings);
  return {
    sweepId,
    startedAtMs,
    finishedAtMs,
    requestedBy,
    dryRun,
    summary: {
      ...summarize(checkpoints, tally),
      ...(sweep.dialects && { dialects: sweep.dialects }),
      ...openIn(tally, sweep),
      ...(shortened > 0 && { shortened }),
      ...(sweep.settings.reconcile && { reconciled: tally.reconciled, notJudged: tally.notJudged ?? 0 }),
    },
    byDialect: Object.fromEntries(dialects),
    unknownWithTtl: tally.unknownSampled,
    sizes: byClass(tally.sizes, SIZE_CLASSES_BYTES, 'B'),
    sampledOneIn,
    large: tally.large,
    largeSampledOneIn: weighsMore(sweep.settings) && checkpoints.every(({ method }) => method === 'script') ? measuredOneIn : sampledOneIn,
    persistentKeys: tally.persistentKeys,
    remains: tally.remains ?? [],
    reconciled: tally.reconciled,
    shapes: shownShapes(sweep.learn ? tally.shapes : withoutNames(tally.shapes)),
    ...(sweep.learn && { shapesWithTtl: shownShapes(tally.shapesWithTtl), learns: true }),
    shards: checkpoints.map((checkpoint, at) => unitReport(checkpoint, units[at] ?? ONLY_SHARD)),
  };
}

const unitReport = ({ method, restarts, busyMs, readNode, tally: { keys } }: Checkpoint, unit: string): UnitReport => ({
  name: describeUnit(unit),
  readFrom: readNode ? 'replica' : 'primary',
  method,
  restarts,
  keys,
  seconds: busyMs / 1000,
});

/** The progress of the shards; for a sweep that has ended, its result. */
export function summarize(checkpoints: readonly Checkpoint[], known?: Tally): SweepSummary {
  const tally = known ?? mergeTallies(checkpoints.map((checkpoint) => checkpoint.tally)) ?? EMPTY_TALLY;
  const dialects = Object.values(tally.byDialect);
  const sum = (part: (dialect: DialectTally) => number) => sumOf(dialects, (dialect) => part(dialect));
  // Shards are swept at the same time.
  const seconds = Math.max(0, ...checkpoints.map(({ busyMs }) => busyMs)) / 1000;
  const answers = checkpoints.map((checkpoint) => checkpoint.answers).reduce(mergeHistograms, []);
  return {
    keys: tally.keys,
    withoutTtl: sum(withoutTtl),
    structural: sum(({ structural }) => structural),
    repaired: sum(({ repaired }) => repaired),
    deleted: sum(({ deleted }) => deleted),
    ...(tally.lives && { lives: tally.lives }),
    unknown: tally.unknown,
    ...(tally.reconciled > 0 && { reconciled: tally.reconciled }),
    ...unconfirmedIn(
      Object.entries(tally.byDialect)
        .filter(([, { unrepaired }]) => unrepaired.unconfirmed)
        .map(([name, dialect]) => [name, countOf(dialect)]),
    ),
    leftOnPurpose: tally.unknown + sum(leftOnPurpose),
    seconds: roundTo(seconds, 2),
    keysPerSecond: seconds > 0 ? Math.round(tally.keys / seconds) : 0,
    storeP99Ms: roundTo(percentile(answers, 99), 2),
  };
}

/** @param dialects those that somebody has to answer for */
export function unconfirmedIn(dialects: readonly (readonly [name: string, count: DialectCount])[]): Pick<SweepSummary, 'unconfirmed'> {
  const all = dialects.map(([dialect, { sessions, withoutTtl }]) => ({
    dialect,
    sessions,
    withoutTtl,
    setting: `sweep.policies.${dialect}`,
  }));
  return all.length > 0 ? { unconfirmed: all } : {};
}

/** What the configuration leaves open: a policy that only reports, and prefixes with which no key begins. */
function openIn({ keys, byDialect }: Tally, { settings, lives }: SweepContext): Pick<SweepSummary, 'reportOnly' | 'withoutKeys'> {
  if (lives) return {};
  const reportOnly = Object.entries(byDialect).flatMap(([dialect, tally]) => {
    const left = tally.unrepaired['report-only'] ?? 0;
    if (left === 0 || settings.policies[dialect] !== undefined) return [];
    return [{ dialect, keys: left, setting: isNearlyAll(dialect, countIfRepaired(tally)) ? `sweep.policies.${dialect}` : 'sweep.policy' }];
  });
  const isNone = settings.onlyKeyPrefixes && keys > 0 && Object.keys(byDialect).length === 0;
  return {
    ...(reportOnly.length > 0 && { reportOnly }),
    ...(isNone && { withoutKeys: settings.keyPrefixes.map(({ prefix }) => prefix) }),
  };
}

/** Maximum number of large sessions in the collector's readings; the report has more. */
const MAX_SHOWN = 10;

/** @param counts keys of the swept databases after the last page; undefined where they could not be read */
export function sharesOf(
  { byDialect, finishedAtMs, dryRun, large, largeSampledOneIn, unknownWithTtl }: SweepReport,
  counts: KeyTotals | undefined,
): DialectShares {
  const shares = Object.entries(byDialect).map(([name, { sessions, bytes, structural, withoutTtl: found, repaired, deleted }]) => [
    name,
    {
      sessions: sessions - (dryRun ? 0 : deleted),
      structural,
      withoutTtl: found - (dryRun ? 0 : repaired + deleted),
      bytesSampled: bytes,
    },
  ]);
  return {
    takenAtMs: finishedAtMs,
    ...(counts && { counts }),
    othersWithTtl: unknownWithTtl,
    byDialect: Object.fromEntries(shares),
    largest: large.slice(0, MAX_SHOWN).map(({ id, dialect, bytes }) => ({ hashedId: id, dialect, bytes })),
    largestSampledOneIn: largeSampledOneIn,
  };
}

function dialectReport(dialect: DialectTally): DialectReport {
  const { policy, structural, bytesWithoutTtl, repaired, deleted, unrepaired } = dialect;
  return {
    policy,
    sessions: dialect.sampled + dialect.sessionsWithoutTtl,
    bytes: dialect.sampledBytes + bytesWithoutTtl,
    structural,
    withoutTtl: withoutTtl(dialect),
    bytesWithoutTtl,
    repaired,
    deleted,
    unrepaired,
    remains: remainsIn(dialect),
    ages: byClass(dialect.ages, AGE_CLASSES_SECONDS, 's'),
    ...livesIn(dialect),
  };
}

function livesIn({ lifeNotes = [] }: DialectTally): Pick<DialectReport, 'lives'> {
  if (lifeNotes.length === 0) return {};
  const seconds = lifeNotes.map((note) => note.seconds).toSorted((one, other) => one - other);
  const declared = lifeNotes.filter(({ isDeclared }) => isDeclared).length;
  return {
    lives: { medianSeconds: valueAt(seconds, 0.5), p90Seconds: valueAt(seconds, 0.9), isDeclared: declared * 2 >= lifeNotes.length },
  };
}

function remainsIn({ remainsSampled, remainsWithoutTtl }: DialectTally): RemainsCounts {
  const counts = REMAINS.map((one) => [one, (remainsSampled?.[one] ?? 0) + (remainsWithoutTtl?.[one] ?? 0)] as const);
  return Object.fromEntries(counts.filter(([, keys]) => keys > 0));
}

const leftOnPurpose = ({ structural, unrepaired }: DialectTally): number =>
  structural + sumOf(LEFT_ON_PURPOSE, (reason) => unrepaired[reason] ?? 0);

const withoutTtl = ({ sessionsWithoutTtl, companionsWithoutTtl }: DialectTally): number => sessionsWithoutTtl + companionsWithoutTtl;

/** `{"≤ 1024 B": 3, "> 1024 B": 1}`; a count beyond the classes is for unknown values. */
function byClass(counts: readonly number[], bounds: readonly number[], unit: string): Record<string, number> {
  const names = [...bounds.map((bound) => `≤ ${bound} ${unit}`), `> ${bounds.at(-1)} ${unit}`, 'unknown'];
  return Object.fromEntries(counts.map((count, at) => [names[at] ?? 'unknown', count]));
}

/**
 * Sessions that a sweep gave a life, or ended, by a configured `idleSeconds` below the framework's default: users can be logged out
 * earlier than the application intends. At most: those that name their life themselves keep it. Pure.
 */
export function countShortened({ byDialect }: Pick<Tally, 'byDialect'>, { idleSeconds }: Pick<SweepSettings, 'idleSeconds'>): number {
  return CATALOGUE.reduce((sum, { name, rules }) => {
    const configured = idleSeconds[name];
    const swept = byDialect[name];
    const defaults = rules.flatMap(({ life }) => (life && 'defaultSeconds' in life ? [life.defaultSeconds] : []));
    const isShorter = configured !== undefined && defaults.some((seconds) => configured < seconds);
    return isShorter && swept ? sum + swept.repaired + swept.deleted : sum;
  }, 0);
}
