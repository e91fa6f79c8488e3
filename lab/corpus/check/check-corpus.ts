/** Sweeps a real store with the recorded keys, and compares what it makes of each with what the table of libraries has. */
import type { Redis } from 'ioredis';
import type { SweepSettings } from '../../../functions/sweep/contract/settings.ts';
import type { PersistentKeyNote, Tally } from '../../../functions/sweep/contract/tally.ts';
import { readSweepInput, settingsFor } from '../../../functions/sweep/read-sweep-input.ts';
import { contextOf, hashId, runSweep, type SweepOptions } from '../../../test/functions/sweep/run-sweep.ts';
import { expectationOf } from '../libraries/expectation-of.ts';
import type { Expectation, Library } from '../library.ts';
import { readValue } from '../record/read-keyspace.ts';
import type { RecordedKey, Recording } from '../recordings/recording.ts';
import { judgeKey, type SweptKey } from './judge-key.ts';
import { neighboursOf } from './neighbours.ts';
import { keyAt, plant } from './plant.ts';
import { removeTtls, type SeenKey, seeKeys } from './snapshot.ts';

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
    const names = batch.map(({ key }) => key.name);
    const before = await seeKeys(redis, names);
    const { tally } = await runSweep(connect, { settings: SETTINGS });
    const after = await seeKeys(redis, names);
    const notes = new Map(tally.persistentKeys.map((note) => [note.id, note]));
    for (const { library, recorded, key } of batch) {
      const expected = expectationOf(library, recorded.name);
      if (expected === undefined) throw new Error(`${library.name} has a key of no kind that the table has: ${recorded.name}`);
      const [was, is] = [before.get(key.name), after.get(key.name)];
      const note = notes.get(hashId(Buffer.from(key.name, 'latin1')));
      const swept = sweptKey(note, is?.ttlMs, is !== undefined && !(await isSameValue(redis, key, was, is)));
      checked.push({ library: library.name, key: recorded.name, expected, swept, wrong: judgeKey(expected, swept) });
    }
  }
  return checked;
}

function sweptKey(note: PersistentKeyNote | undefined, ttlMs: number | undefined, isChanged: boolean): SweptKey {
  return {
    dialect: note === undefined ? 'structural' : note.dialect,
    ...(note && note.done !== 'expire' && note.done !== 'delete' && { leftAs: note.done }),
    ...(ttlMs !== undefined && ttlMs >= 0 && { ttl: ttlMs / 1000 }),
    isDeleted: ttlMs === undefined,
    isChanged,
  };
}

/** A store dumps the fields of a large hash in any order. */
async function isSameValue(redis: Redis, key: RecordedKey, was: SeenKey | undefined, is: SeenKey): Promise<boolean> {
  if (was?.hash === is.hash) return true;
  const sorted = (value: unknown) =>
    JSON.stringify(value, (_, one) => (typeof one === 'object' && !Array.isArray(one) ? Object.entries(one).sort() : one));
  return key.type === 'hash' && sorted((await readValue(redis, Buffer.from(key.name, 'latin1'))).value) === sorted(key.value);
}

/** What sweeps make of other programs' keys and of their neighbours, with their TTLs and without, long after every life. */
export async function checkForeign(
  recordings: ReadonlyMap<string, Recording>,
  libraries: ReadonlyMap<string, Library>,
  { redis, connect, neighbours }: Store & { readonly neighbours: number },
): Promise<ForeignCheck> {
  const startMs = Date.now();
  const recorded = wantedOf('foreign', recordings, libraries, startMs).map(({ key }) => key);
  const keys = [...new Map([...recorded, ...neighboursOf(recorded, neighbours)].map((key) => [key.name, key])).values()];
  const names = keys.map(({ name }) => name);
  await redis.flushall();
  await plant(redis, keys, 'recorded');
  let [counted, touched] = [0, 0];
  const sweep = async (options: SweepOptions) => {
    const before = await seeKeys(redis, names);
    const { tally } = await runSweep(connect, options);
    counted = Math.max(counted, options.lives ? 0 : countedIn(tally));
    touched = Math.max(touched, await touchedSince(redis, keys, before));
  };
  await sweep({ settings: SETTINGS });
  const raise = settingsFor({ ...contextOf({}).settings, ...SETTINGS }, readSweepInput({ lives: 'raise' }));
  await sweep({ settings: raise, lives: { change: 'raise', most: 100_000 } });
  await removeTtls(redis, names);
  await sweep({ settings: SETTINGS, now: () => startMs + LATER_MS });
  return { keys: keys.length, touched, counted };
}

const countedIn = ({ keys, unknown, unknownSampled }: Tally): number => keys - unknown - unknownSampled;

async function touchedSince(redis: Redis, keys: readonly RecordedKey[], before: ReadonlyMap<string, SeenKey>): Promise<number> {
  const after = await seeKeys(
    redis,
    keys.map(({ name }) => name),
  );
  let touched = 0;
  for (const key of keys) {
    const [was, is] = [before.get(key.name), after.get(key.name)];
    // It had expired before.
    if (was === undefined) continue;
    const isTouched = is
      ? is.ttlMs > was.ttlMs || (is.ttlMs === -1) !== (was.ttlMs === -1) || !(await isSameValue(redis, key, was, is))
      : was.ttlMs === -1 || was.ttlMs > ELAPSED_MS;
    touched += Number(isTouched);
  }
  return touched;
}

/** A key with less time left can expire meanwhile. */
const ELAPSED_MS = 60_000;
