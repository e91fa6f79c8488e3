/** The results of a sweep so far: plain data of bounded size, so that it fits a checkpoint. */
import { sumOf } from '../../shared/arithmetic.ts';
import type { Policy } from '../contract/settings.ts';
import {
  AGE_CLASSES_SECONDS,
  type DialectTally,
  type LargeNote,
  type LearnedShape,
  type LifeNote,
  MOST_LIFE_NOTES,
  NO_LIVES,
  type PersistentKeyNote,
  SIZE_CLASSES_BYTES,
  type Tally,
} from '../contract/tally.ts';
import type { Repair } from '../keys/choose-repair.ts';
import { NO_LONG_NAMES, type PageKeys } from '../store/sweep-store.ts';
import { addShapes } from './learned-shapes.ts';
import { addRemains, addRemainsCount, type Seen } from './remains.ts';

/** A larger session is reported as large. */
export const LARGE_BYTES = 1_024;
const MAX_LARGE = 20;
const MAX_PERSISTENT_KEYS = 300;

export const EMPTY_TALLY: Tally = {
  keys: 0,
  unknownSampled: 0,
  unknown: 0,
  byDialect: {},
  sizes: SIZE_CLASSES_BYTES.map(() => 0).concat(0),
  large: [],
  persistentKeys: [],
  reconciled: 0,
};

/** A key, and its size. */
interface Weighed extends Seen {
  readonly bytes: number | undefined;
}

/** A key with a TTL. */
export interface Sampled extends Weighed {
  /** Number of keys that it stands for. */
  readonly weight: number;
  /** Of a few sessions. */
  readonly life?: LifeNote | undefined;
  /** Of an unknown key, where the run learns. */
  readonly learned?: LearnedShape | undefined;
}

/** What the sweep did with one key without a TTL. */
export interface Handled extends Weighed {
  readonly type: string;
  readonly idleSeconds: number | undefined;
  readonly policy: Policy;
  /** What was done; a repair that was not applied is `leave`. */
  readonly repair: Repair;
  /** Of an unknown key. */
  readonly learned?: LearnedShape | undefined;
}

const NO_DIALECT = (policy: Policy): DialectTally => ({
  sampled: 0,
  sampledBytes: 0,
  structural: 0,
  sessionsWithoutTtl: 0,
  companionsWithoutTtl: 0,
  bytesWithoutTtl: 0,
  repaired: 0,
  deleted: 0,
  unrepaired: {},
  ages: AGE_CLASSES_SECONDS.map(() => 0).concat(0, 0),
  policy,
});

/** What a page shows of keys with a TTL. */
interface SeenWithTtl {
  /** A sample, which represents all of them. */
  readonly weighed: readonly Sampled[];
  /** Other large keys, which represent themselves only. */
  readonly larger?: readonly Weighed[];
}

/** Adds what was repaired on a page that will be read again. */
export const addRepaired = (before: Tally, handled: readonly Handled[]): Tally =>
  addPage(
    before,
    { keys: 0, longNames: NO_LONG_NAMES },
    handled.filter(({ repair }) => repair.action !== 'leave'),
    { weighed: [] },
  );

/** Adds one page to a tally. Keys that it counted without their names are unknown: no framework writes such keys. */
export function addPage(
  before: Tally,
  { keys, longNames }: Pick<PageKeys, 'keys' | 'longNames'>,
  handled: readonly Handled[],
  { weighed, larger = [] }: SeenWithTtl,
): Tally {
  const byDialect = { ...before.byDialect };
  const change = (name: string, policy: Policy, edit: (dialect: DialectTally) => Partial<DialectTally>) => {
    const dialect = byDialect[name] ?? NO_DIALECT(policy);
    byDialect[name] = { ...dialect, ...edit(dialect) };
  };
  for (const { known, bytes = 0, weight, remains, life } of weighed) {
    if (known?.rule.role !== 'session') continue;
    change(known.dialect.name, 'expire', ({ sampled, sampledBytes, remainsSampled, lifeNotes }) =>
      remains
        ? { remainsSampled: addRemainsCount(remainsSampled, remains, weight) }
        : {
            sampled: sampled + weight,
            sampledBytes: sampledBytes + bytes * weight,
            ...(life && { lifeNotes: addLifeNotes(lifeNotes, [life]) }),
          },
    );
  }
  const learned = handled.flatMap((one) => one.learned ?? []);
  const learnedWithTtl = weighed.flatMap((one) => one.learned ?? []);
  for (const one of handled) if (one.known) change(one.known.dialect.name, one.policy, (dialect) => withHandled(dialect, one));
  const sizes = [...before.sizes];
  const sized = [...handled.map(({ bytes }) => ({ bytes, weight: 1 })), ...weighed];
  for (const { bytes, weight } of sized) if (bytes !== undefined) addTo(sizes, classOf(bytes, SIZE_CLASSES_BYTES), weight);
  return {
    keys: before.keys + keys,
    unknownSampled: before.unknownSampled + longNames.sampled + sumOf(weighed, ({ known, weight }) => (known === undefined ? weight : 0)),
    unknown: before.unknown + longNames.persistent + handled.filter(({ known }) => known === undefined).length,
    byDialect,
    sizes,
    large: largest([...before.large, ...largeOf(handled), ...largeOf(weighed), ...largeOf(larger)]),
    persistentKeys: [
      ...before.persistentKeys,
      ...handled
        .filter(({ known }) => known?.rule.role !== 'structural')
        .slice(0, MAX_PERSISTENT_KEYS - before.persistentKeys.length)
        .map(noteOf),
    ],
    remains: addRemains(before.remains, handled, weighed),
    reconciled: before.reconciled,
    ...(before.notJudged !== undefined && { notJudged: before.notJudged }),
    ...((before.shapes || learned.length > 0) && { shapes: addShapes(before.shapes, learned) }),
    ...((before.shapesWithTtl || learnedWithTtl.length > 0) && { shapesWithTtl: addShapes(before.shapesWithTtl, learnedWithTtl) }),
    ...(before.lives && { lives: before.lives }),
  };
}

/** The notes with the smallest shares, each key once: SCAN can return one twice. */
export function addLifeNotes(before: readonly LifeNote[] = [], more: readonly LifeNote[] = []): readonly LifeNote[] {
  const all = new Map([...before, ...more].map((note) => [note.share, note]));
  return [...all.values()].toSorted((one, other) => one.share - other.share).slice(0, MOST_LIFE_NOTES);
}

function withHandled(dialect: DialectTally, { known, repair, remains, bytes = 0, idleSeconds, policy }: Handled): Partial<DialectTally> {
  const role = known?.rule.role;
  if (role === 'structural') return { structural: dialect.structural + 1 };
  // Its name alone shows no session.
  if (repair.action === 'leave' && repair.reason === 'unverified')
    return { policy, unrepaired: { ...dialect.unrepaired, unverified: (dialect.unrepaired.unverified ?? 0) + 1 } };
  const ages = [...dialect.ages];
  addTo(ages, idleSeconds === undefined ? ages.length - 1 : classOf(idleSeconds, AGE_CLASSES_SECONDS));
  return {
    policy,
    sessionsWithoutTtl: dialect.sessionsWithoutTtl + Number(role === 'session'),
    companionsWithoutTtl: dialect.companionsWithoutTtl + Number(role === 'companion'),
    bytesWithoutTtl: dialect.bytesWithoutTtl + bytes,
    ...(remains && { remainsWithoutTtl: addRemainsCount(dialect.remainsWithoutTtl, remains) }),
    repaired: dialect.repaired + Number(repair.action === 'expire'),
    deleted: dialect.deleted + Number(repair.action === 'delete'),
    unrepaired:
      repair.action === 'leave'
        ? { ...dialect.unrepaired, [repair.reason]: (dialect.unrepaired[repair.reason] ?? 0) + 1 }
        : dialect.unrepaired,
    ages,
  };
}

/**
 * The tally for a restart at the first page, on another node: keys are counted again, repairs are kept. Repaired keys have a TTL
 * now, and are no longer persistent.
 */
export function startAgain({ byDialect, persistentKeys, reconciled, lives }: Tally): Tally {
  const kept = Object.entries(byDialect).map(([name, dialect]) => {
    const { repaired, deleted, policy, bytesWithoutTtl } = dialect;
    return [name, { ...NO_DIALECT(policy), repaired, deleted, sessionsWithoutTtl: repaired + deleted, bytesWithoutTtl }] as const;
  });
  const wasRepaired = ({ done }: PersistentKeyNote) => done === 'expire' || done === 'delete';
  return {
    ...EMPTY_TALLY,
    byDialect: Object.fromEntries(kept),
    persistentKeys: persistentKeys.filter(wasRepaired),
    reconciled,
    ...(lives && { lives: { ...NO_LIVES, changed: lives.changed } }),
  };
}

function noteOf({ id, known, type, bytes, idleSeconds, repair }: Handled): PersistentKeyNote {
  return {
    id,
    dialect: known?.dialect.name ?? 'unknown',
    type,
    ...(bytes !== undefined && { bytes }),
    ...(idleSeconds !== undefined && { idleSeconds }),
    done: repair.action === 'leave' ? repair.reason : repair.action,
    ...(repair.action === 'expire' && { seconds: repair.seconds }),
  };
}

const largeOf = (keys: readonly Weighed[]): LargeNote[] =>
  keys.flatMap((one) => {
    const { bytes = 0, known } = one;
    return bytes > LARGE_BYTES && known?.rule.role === 'session' ? [{ id: one.id, dialect: known.dialect.name, bytes }] : [];
  });

/** Size that a session must exceed to be listed: only the largest are kept. */
export const largeFrom = ({ large }: Pick<Tally, 'large'>): number =>
  large.length < MAX_LARGE ? LARGE_BYTES : (large.at(-1) as LargeNote).bytes;

/** The largest keys, without duplicates: SCAN can return a key twice. */
export const largest = (notes: readonly LargeNote[]): readonly LargeNote[] =>
  notes.length === 0
    ? notes
    : [...new Map(notes.map((note) => [note.id, note])).values()].sort((a, b) => b.bytes - a.bytes).slice(0, MAX_LARGE);

const classOf = (value: number, bounds: readonly number[]): number => {
  const at = bounds.findIndex((bound) => value <= bound);
  return at === -1 ? bounds.length : at;
};

function addTo(counts: number[], at: number, more = 1): void {
  counts[at] = (counts[at] ?? 0) + more;
}
