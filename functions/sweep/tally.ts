/** What a sweep has seen and done so far: plain data, bounded, so that it fits a checkpoint. */
import type { LeftReason, Mend } from './choose-mend.ts';
import type { KnownKey } from './classify-key.ts';
import type { Policy } from './dialect.ts';

/** Upper bounds, in bytes; the last class has none. */
export const SIZE_CLASSES_BYTES = [1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 16_777_216] as const;
/** Upper bounds of the time since the last use, in seconds: an hour, a day, a week, 30 days; the last class has none. */
export const AGE_CLASSES_SECONDS = [3_600, 86_400, 604_800, 2_592_000] as const;
/** A session that is larger is told as large. */
export const LARGE_BYTES = 1_024;
const MOST_LARGE = 20;
const MOST_OFFENDERS = 300;

export interface DialectTally {
  /** Keys of sessions that expire, among those that were sampled; and their bytes. */
  readonly sampled: number;
  readonly sampledBytes: number;
  readonly structural: number;
  /** Sessions without a TTL; and what belongs to sessions. */
  readonly sessionsWithoutTtl: number;
  readonly companionsWithoutTtl: number;
  /** Of the keys without a TTL, structural ones left out. */
  readonly bytesWithoutTtl: number;
  readonly mended: number;
  readonly deleted: number;
  readonly left: Partial<Record<LeftReason, number>>;
  /** By {@link AGE_CLASSES_SECONDS}; the last entry: not known. */
  readonly ages: readonly number[];
  readonly policy: Policy;
}

/** A key without a TTL, by its hashed name. */
export interface OffenderNote {
  readonly id: string;
  readonly dialect: string;
  readonly type: string;
  readonly bytes?: number;
  readonly idleSeconds?: number;
  readonly done: 'expire' | 'delete' | LeftReason;
  /** The TTL that it got. */
  readonly seconds?: number;
}

export interface LargeNote {
  readonly id: string;
  readonly dialect: string;
  readonly bytes: number;
}

export interface Tally {
  readonly keys: number;
  /** Keys that expire, among those that were sampled, of no known dialect; and all without a TTL. */
  readonly unknownSampled: number;
  readonly unknown: number;
  readonly byDialect: Readonly<Record<string, DialectTally>>;
  /** By {@link SIZE_CLASSES_BYTES}: sampled keys, and all keys without a TTL. */
  readonly sizes: readonly number[];
  /** Largest first. */
  readonly large: readonly LargeNote[];
  readonly offenders: readonly OffenderNote[];
  /** Members taken out of an index, or that a dry run would take out. */
  readonly reconciled: number;
}

export const EMPTY_TALLY: Tally = {
  keys: 0,
  unknownSampled: 0,
  unknown: 0,
  byDialect: {},
  sizes: SIZE_CLASSES_BYTES.map(() => 0).concat(0),
  large: [],
  offenders: [],
  reconciled: 0,
};

/** What became of one key without a TTL. */
export interface Handled {
  /** Worked out when it is asked for: of most keys only numbers are kept. */
  readonly id: string;
  readonly type: string;
  readonly bytes: number | undefined;
  readonly idleSeconds: number | undefined;
  readonly known: KnownKey | undefined;
  readonly policy: Policy;
  /** What was done; a mend that did not hold is `leave`. */
  readonly mend: Mend;
}

/** A key that expires, weighed. */
export interface Weighed {
  /** Worked out when it is asked for. */
  readonly id: string;
  readonly bytes: number | undefined;
  readonly known: KnownKey | undefined;
}

const NO_DIALECT = (policy: Policy): DialectTally => ({
  sampled: 0,
  sampledBytes: 0,
  structural: 0,
  sessionsWithoutTtl: 0,
  companionsWithoutTtl: 0,
  bytesWithoutTtl: 0,
  mended: 0,
  deleted: 0,
  left: {},
  ages: AGE_CLASSES_SECONDS.map(() => 0).concat(0, 0),
  policy,
});

/**
 * Adds one page to a tally.
 * @param weighed its sample of keys that expire, which stands for all of them
 * @param larger of the others those that are large, which stand for themselves
 */
export function addPage(
  before: Tally,
  keys: number,
  handled: readonly Handled[],
  weighed: readonly Weighed[],
  larger: readonly Weighed[] = [],
): Tally {
  const byDialect = { ...before.byDialect };
  const change = (name: string, policy: Policy, edit: (dialect: DialectTally) => Partial<DialectTally>) => {
    const dialect = byDialect[name] ?? NO_DIALECT(policy);
    byDialect[name] = { ...dialect, ...edit(dialect) };
  };
  for (const { known, bytes = 0 } of weighed) {
    if (known?.rule.role !== 'session') continue;
    change(known.dialect.name, 'expire', ({ sampled, sampledBytes }) => ({ sampled: sampled + 1, sampledBytes: sampledBytes + bytes }));
  }
  for (const one of handled) if (one.known) change(one.known.dialect.name, one.policy, (dialect) => withHandled(dialect, one));
  const sizes = [...before.sizes];
  for (const { bytes } of [...handled, ...weighed]) if (bytes !== undefined) addTo(sizes, classOf(bytes, SIZE_CLASSES_BYTES));
  return {
    keys: before.keys + keys,
    unknownSampled: before.unknownSampled + weighed.filter(({ known }) => known === undefined).length,
    unknown: before.unknown + handled.filter(({ known }) => known === undefined).length,
    byDialect,
    sizes,
    large: largest([...before.large, ...largeOf(handled), ...largeOf(weighed), ...largeOf(larger)]),
    offenders: [
      ...before.offenders,
      ...handled
        .filter(isTold)
        .slice(0, MOST_OFFENDERS - before.offenders.length)
        .map(noteOf),
    ],
    reconciled: before.reconciled,
  };
}

function withHandled(dialect: DialectTally, { known, mend, bytes = 0, idleSeconds, policy }: Handled): Partial<DialectTally> {
  const role = known?.rule.role;
  if (role === 'structural') return { structural: dialect.structural + 1 };
  const ages = [...dialect.ages];
  addTo(ages, idleSeconds === undefined ? ages.length - 1 : classOf(idleSeconds, AGE_CLASSES_SECONDS));
  return {
    policy,
    sessionsWithoutTtl: dialect.sessionsWithoutTtl + Number(role === 'session'),
    companionsWithoutTtl: dialect.companionsWithoutTtl + Number(role === 'companion'),
    bytesWithoutTtl: dialect.bytesWithoutTtl + bytes,
    mended: dialect.mended + Number(mend.action === 'expire'),
    deleted: dialect.deleted + Number(mend.action === 'delete'),
    left: mend.action === 'leave' ? { ...dialect.left, [mend.reason]: (dialect.left[mend.reason] ?? 0) + 1 } : dialect.left,
    ages,
  };
}

/**
 * A tally for starting again at the first page, on another node: what was seen is seen again, what was mended stays so. Keys
 * that were mended expire now, and are no offenders any more.
 */
export function startAgain({ byDialect, offenders, reconciled }: Tally): Tally {
  const kept = Object.entries(byDialect).map(([name, dialect]) => {
    const { mended, deleted, policy, bytesWithoutTtl } = dialect;
    return [name, { ...NO_DIALECT(policy), mended, deleted, sessionsWithoutTtl: mended + deleted, bytesWithoutTtl }] as const;
  });
  const wasMended = ({ done }: OffenderNote) => done === 'expire' || done === 'delete';
  return { ...EMPTY_TALLY, byDialect: Object.fromEntries(kept), offenders: offenders.filter(wasMended), reconciled };
}

const isTold = ({ known }: Handled): boolean => known?.rule.role !== 'structural';

function noteOf({ id, known, type, bytes, idleSeconds, mend }: Handled): OffenderNote {
  return {
    id,
    dialect: known?.dialect.name ?? 'unknown',
    type,
    ...(bytes !== undefined && { bytes }),
    ...(idleSeconds !== undefined && { idleSeconds }),
    done: mend.action === 'leave' ? mend.reason : mend.action,
    ...(mend.action === 'expire' && { seconds: mend.seconds }),
  };
}

const largeOf = (keys: readonly Weighed[]): LargeNote[] =>
  keys.flatMap((one) => {
    const { bytes = 0, known } = one;
    return bytes > LARGE_BYTES && known?.rule.role === 'session' ? [{ id: one.id, dialect: known.dialect.name, bytes }] : [];
  });

/** What a session must exceed to be told: of those that are large, only the largest are kept. */
export const largeFrom = ({ large }: Pick<Tally, 'large'>): number =>
  large.length < MOST_LARGE ? LARGE_BYTES : (large.at(-1) as LargeNote).bytes;

/** Without those that are there already: SCAN may tell a key twice. */
export const largest = (notes: readonly LargeNote[]): readonly LargeNote[] =>
  notes.length === 0
    ? notes
    : [...new Map(notes.map((note) => [note.id, note])).values()].sort((a, b) => b.bytes - a.bytes).slice(0, MOST_LARGE);

const classOf = (value: number, bounds: readonly number[]): number => {
  const at = bounds.findIndex((bound) => value <= bound);
  return at === -1 ? bounds.length : at;
};

function addTo(counts: number[], at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}
