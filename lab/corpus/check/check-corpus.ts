/** Sweeps a real store with the recorded keys, and compares what it makes of each with what the table of libraries has. */
import type { Redis } from 'ioredis';
import type { SweepSettings } from '../../../functions/sweep/contract/settings.ts';
import type { PersistentKeyNote, Tally } from '../../../functions/sweep/contract/tally.ts';
import { readSweepInput, settingsFor } from '../../../functions/sweep/read-sweep-input.ts';
import { snapshot } from '../../../test/functions/sweep/real-store.ts';
import { contextOf, hashId, runSweep, type SweepOptions } from '../../../test/functions/sweep/run-sweep.ts';
import { expectationOf } from '../libraries/expectation-of.ts';
import type { Expectation, Library } from '../library.ts';
import { readValue } from '../record/read-keyspace.ts';
import type { RecordedKey, Recording } from '../recordings/recording.ts';
import { judgeKey, type SweptKey } from './judge-key.ts';
import { neighboursOf } from './neighbours.ts';
import { keyAt, plant } from './plant.ts';

export interface Store {
  readonly redis: Redis;
  readonly connect: () => Promise<Redis>;
}

export interface CheckedKey {
  readonly library: string;
  readonly key: string;
  readonly expected: Expectation;
  readonly swept: SweptKey;
  /** What is wrong with it; undefined if nothing is. */
  readonly wrong: string | undefined;
}

export interface ForeignCheck {
  readonly keys: number;
  /** Deleted, changed, or given or refused a TTL. */
  readonly touched: number;
  /** Taken for a session, or for what belongs to one. */
  readonly counted: number;
}

/** As many as one sweep names. */
const BATCH = 300;
const NEIGHBOURS = 10_000;
/** Long past every life. */
const LATER_MS = 10 * 365 * 86_400_000;
/** Every key, at once, with no minimum and no jitter: a TTL is the life as it was read. */
const SETTINGS: Partial<SweepSettings> = { policy: 'delete', sampleEvery: 1, minTtlSeconds: 1, jitterSeconds: 0 };

interface Wanted {
  readonly library: Library;
  readonly recorded: RecordedKey;
  readonly key: RecordedKey;
}

/** Every key of a kind of library, as if it were recorded at `startMs`. */
const wantedOf = (
  kind: Library['kind'],
  recordings: ReadonlyMap<string, Recording>,
  libraries: ReadonlyMap<string, Library>,
  startMs: number,
): Wanted[] =>
  [...recordings].flatMap(([name, { keys }]) => {
    const library = libraries.get(name);
    if (library === undefined) throw new Error(`The recording ${name} is of no library of the table: remove it, or add the library.`);
    return library.kind === kind ? keys.map((recorded) => ({ library, recorded, key: keyAt(recorded, startMs) })) : [];
  });

/** Some libraries write the same key: no batch has it twice. */
function batchesOf(wanted: readonly Wanted[]): Wanted[][] {
  const batches: Map<string, Wanted>[] = [];
  for (const one of wanted) {
    let batch = batches.find((keys) => keys.size < BATCH && !keys.has(one.key.name));
    if (batch === undefined) {
      batch = new Map();
      batches.push(batch);
    }
    batch.set(one.key.name, one);
  }
  return batches.map((batch) => [...batch.values()]);
}

/** What a sweep makes of each key once its TTL is lost. */
export async function checkKeys(
  kind: Library['kind'],
  recordings: ReadonlyMap<string, Recording>,
  libraries: ReadonlyMap<string, Library>,
  { redis, connect }: Store,
): Promise<CheckedKey[]> {
  const checked: CheckedKey[] = [];
  for (const batch of batchesOf(wantedOf(kind, recordings, libraries, Date.now()))) {
    await redis.flushall();
    await plant(
      redis,
      batch.map(({ key }) => key),
      'none',
    );
    const before = await snapshot(redis);
    const { tally } = await runSweep(connect, { settings: SETTINGS });
    const after = await snapshot(redis);
    const notes = new Map(tally.persistentKeys.map((note) => [note.id, note]));
    for (const { library, recorded, key } of batch) {
      const expected = expectationOf(library, recorded.name);
      if (expected === undefined) throw new Error(`${library.name} has a key of no kind that the table has: ${recorded.name}`);
      const [was, is] = [before.get(key.name), after.get(key.name)];
      const note = notes.get(hashId(Buffer.from(key.name, 'latin1')));
      const swept = sweptKey(note, is?.ttl, is !== undefined && !(await isSameValue(redis, key, was, is)));
      checked.push({ library: library.name, key: recorded.name, expected, swept, wrong: judgeKey(expected, swept) });
    }
  }
  return checked;
}

function sweptKey(note: PersistentKeyNote | undefined, ttl: number | undefined, isChanged: boolean): SweptKey {
  return {
    dialect: note === undefined ? 'structural' : note.dialect,
    ...(note && note.done !== 'expire' && note.done !== 'delete' && { leftAs: note.done }),
    ...(ttl !== undefined && ttl >= 0 && { ttl }),
    isDeleted: ttl === undefined,
    isChanged,
  };
}

interface Dumped {
  readonly dump: string;
  readonly ttl: number;
}

/** A store dumps the fields of a large hash in any order. */
async function isSameValue(redis: Redis, key: RecordedKey, was: Dumped | undefined, is: Dumped): Promise<boolean> {
  if (was?.dump === is.dump) return true;
  const sorted = (value: unknown) =>
    JSON.stringify(value, (_, one) => (typeof one === 'object' && !Array.isArray(one) ? Object.entries(one).sort() : one));
  return key.type === 'hash' && sorted((await readValue(redis, Buffer.from(key.name, 'latin1'))).value) === sorted(key.value);
}

/** What sweeps make of other programs' keys and of their neighbours, with their TTLs and without, long after every life. */
export async function checkForeign(
  recordings: ReadonlyMap<string, Recording>,
  libraries: ReadonlyMap<string, Library>,
  { redis, connect }: Store,
): Promise<ForeignCheck> {
  const startMs = Date.now();
  const recorded = wantedOf('foreign', recordings, libraries, startMs).map(({ key }) => key);
  const keys = [...new Map([...recorded, ...neighboursOf(recorded, NEIGHBOURS)].map((key) => [key.name, key])).values()];
  let [counted, touched] = [0, 0];
  const raise = settingsFor({ ...contextOf({}).settings, ...SETTINGS }, readSweepInput({ lives: 'raise' }));
  const runs: readonly (readonly ['recorded' | 'none', SweepOptions])[] = [
    ['recorded', { settings: raise, lives: { change: 'raise', most: 100_000 } }],
    ['recorded', { settings: SETTINGS }],
    ['none', { settings: SETTINGS, now: () => startMs + LATER_MS }],
  ];
  let dumps: ReadonlyMap<string, Dumped> | undefined;
  for (const [ttls, options] of runs) {
    await redis.flushall();
    await plant(redis, keys, ttls);
    dumps ??= await snapshot(redis);
    const { tally } = await runSweep(connect, options);
    counted = Math.max(counted, options.lives ? 0 : countedIn(tally));
    touched = Math.max(touched, await touchedSince(redis, keys, { dumps, ttls }));
  }
  return { keys: keys.length, touched, counted };
}

const countedIn = ({ keys, unknown, unknownSampled }: Tally): number => keys - unknown - unknownSampled;

interface Planted {
  readonly dumps: ReadonlyMap<string, Dumped>;
  readonly ttls: 'recorded' | 'none';
}

/** A TTL runs down meanwhile. */
const ELAPSED_SECONDS = 25;

async function touchedSince(redis: Redis, keys: readonly RecordedKey[], { dumps, ttls }: Planted): Promise<number> {
  const after = await snapshot(redis);
  let touched = 0;
  for (const key of keys) {
    const [was, is] = [dumps.get(key.name), after.get(key.name)];
    const ttl = ttls === 'none' ? -1 : Math.ceil(key.ttl ?? -1);
    const isTouched = is
      ? is.ttl > ttl || is.ttl < ttl - ELAPSED_SECONDS || !(await isSameValue(redis, key, was, is))
      : ttl < 0 || ttl > ELAPSED_SECONDS;
    touched += Number(isTouched);
  }
  return touched;
}
