import type { Redis } from 'ioredis';
import { databasesIn, parseInfo } from '../../shared/store/parse-info.ts';
import type { ConfiguredCount } from '../contract/record.ts';
import type { SweepSettings } from '../contract/settings.ts';
import type { Tally } from '../contract/tally.ts';
import { isLeftOnPurpose } from '../keys/choose-repair.ts';
import { createClassify } from '../keys/classify-key.ts';
import { createDeleteBudget } from '../pages/apply-repairs.ts';
import { handlePage, type PageWork, weigh } from '../pages/handle-page.ts';
import { identify } from '../pages/identify.ts';
import { drawStart } from '../report/choose-sample.ts';
import { addPage, EMPTY_TALLY } from '../report/count-tally.ts';
import type { ShardPorts } from '../shard-ports.ts';
import { openSweepStore } from '../store/open-sweep-store.ts';
import type { FoundText, FoundValue, StoreIdentity, SweepStore, ValueRequest } from '../store/sweep-store.ts';
import { databaseOf } from '../unit-name.ts';
import { addEach, countConfigured, NO_COUNT } from './judge-configured.ts';

/** The sample of a whole store has at most this number of pages: about 10,000 keys. */
export const MAX_PAGES = 100;
const COUNT = 100;
const SLOTS = 16_384;
/** The pause after a page is 99 times its round trip, so that the sample takes at most 1 % of the store's time. */
const PAUSE_TIMES = 99;
const MAX_PAUSE_MS = 100;
/** The sample takes at most this part of an invocation of 60 s. */
const BUDGET_MS = 20_000;

/** A store with more than this many times the sample's keys is read from somewhere on. */
const FEW_TIMES = 4;

/** Some pages of one unit, read without a repair. */
export interface UnitSample {
  readonly tally: Tally;
  /** In the unit, by INFO. */
  readonly keys: number;
  /** Of them with a TTL, by INFO. */
  readonly expires: number;
  /** All of them were read. */
  readonly isComplete: boolean;
  /** In the order of hashed keys, or all: no others follow each other than by chance. */
  readonly isMixed: boolean;
  /** Dialects of keys without a TTL that a sweep would repair. */
  readonly repairable: ReadonlySet<string>;
  /** Where it is asked for: what each dialect of the configuration takes. */
  readonly configured?: readonly ConfiguredCount[];
}

export interface SamplePorts extends Pick<ShardPorts, 'hashId' | 'now' | 'pause'> {
  /** Where in the units the sample begins is drawn from it. */
  readonly seed: string;
  readonly connect: (unit: string) => Promise<Redis>;
  readonly settings: SweepSettings;
  /** Counts what the configuration's dialects take. */
  readonly countsConfigured?: boolean;
}

/**
 * Reads at most {@link MAX_PAGES} pages of the store at a gentle pace, and repairs nothing. Of a store with many more keys it begins
 * somewhere: SCAN's order is that of hashed keys, but in cluster mode keys of one hash tag follow each other.
 * @throws the connection's error
 */
export async function sampleStore(ports: SamplePorts, units: readonly string[]): Promise<readonly UnitSample[]> {
  const endsAtMs = performance.now() + BUDGET_MS;
  const sampled = units.slice(0, MAX_PAGES);
  const samples: UnitSample[] = [];
  for (const unit of sampled) samples.push(await sampleUnit(ports, unit, pagesOfEach(sampled.length), endsAtMs));
  return samples;
}

/** The pages are shared out, however many shards and databases the store has. */
export const pagesOfEach = (units: number): number => Math.floor(MAX_PAGES / units);

async function sampleUnit(ports: SamplePorts, unit: string, maxPages: number, endsAtMs: number): Promise<UnitSample> {
  const redis = await ports.connect(unit);
  try {
    const database = databasesIn(parseInfo(await redis.info())).find((one) => one.database === databaseOf(unit));
    const store = await openSweepStore(redis);
    const work: PageWork = {
      store,
      classify: createClassify(ports.settings),
      hashId: ports.hashId,
      settings: ports.settings,
      dryRun: true,
      deletes: createDeleteBudget(0, 0, async () => undefined),
      nowMs: ports.now(),
      // Idle times need not be certain here, because a sample deletes nothing.
      primarySinceMs: undefined,
    };
    const keys = database?.keys ?? 0;
    const start =
      keys > FEW_TIMES * maxPages * COUNT && store.method === 'script' ? drawCursor(`${ports.seed} ${unit}`, store.identity) : '0';
    let tally = EMPTY_TALLY;
    let cursor = start;
    let isWrapped = false;
    const repairable = new Set<string>();
    const { dialects } = ports.settings;
    let configured: readonly ConfiguredCount[] = dialects.map(() => NO_COUNT);
    for (let pages = 0; pages < maxPages && (pages === 0 || (!isWrapped && performance.now() < endsAtMs)); pages += 1) {
      const startedMs = performance.now();
      const page = await store.page({ cursor, count: COUNT, sampleEvery: 1, sinceSample: 0, largeFromBytes: 0 });
      const once = { ...store, readValues: readOnce(store.readValues) };
      const identified = await identify(page.samples, { classify: work.classify, store: once, mayRead: true });
      if (ports.countsConfigured) configured = addEach(configured, await countConfigured(page, dialects, once));
      const tookMs = performance.now() - startedMs;
      const { handled, interruption } = await handlePage(page, { ...work, store: once });
      if (interruption) throw interruption;
      for (const { repair, known } of handled) if (known && !isLeftOnPurpose(repair)) repairable.add(known.dialect.name);
      tally = addPage(tally, page, handled, { weighed: weigh(page.samples, identified, work) });
      cursor = page.cursor;
      // After the last page, a sample that began somewhere goes on at the first: it is too short to come round.
      isWrapped = cursor === '0' && start === '0';
      if (!isWrapped) await ports.pause(Math.min(MAX_PAUSE_MS, tookMs * PAUSE_TIMES));
    }
    return {
      tally,
      keys,
      expires: database?.expires ?? 0,
      isComplete: isWrapped,
      isMixed: isWrapped || store.identity.cursorOrder === 'buckets',
      repairable,
      ...(ports.countsConfigured && { configured }),
    };
  } finally {
    redis.disconnect();
  }
}

/** A cursor somewhere in the hash table: SCAN masks what is too much of it. In cluster mode with a table for each slot, the first bucket of a slot. */
function drawCursor(seed: string, { cursorOrder }: Pick<StoreIdentity, 'cursorOrder'>): string {
  const drawn = drawStart(seed);
  return String(cursorOrder === 'slots' ? drawn % SLOTS : drawn);
}

type ReadValues = SweepStore['readValues'];

interface Known {
  /** What was asked for so far. */
  readonly asked: Set<string>;
  readonly fields: Record<string, FoundValue['fields'][string]>;
  text?: FoundText;
}

/** The same store for one page: what was read of a key is not read again, however many ask for it. @param read by pipelines */
export function readOnce(read: ReadValues): ReadValues {
  const knownBy = new Map<string, Known>();
  return async (wanted) => {
    const asked = wanted.map((request) => {
      const name = request.key.toString('latin1');
      const known = knownBy.get(name) ?? { asked: new Set<string>(), fields: {} };
      knownBy.set(name, known);
      return { request, known, missing: missingOf(request, known) };
    });
    const toRead = asked.filter(({ missing }) => missing !== undefined);
    const found = toRead.length === 0 ? [] : await read(toRead.map(({ missing }) => missing as ValueRequest));
    for (const [at, { known }] of toRead.entries()) {
      const { fields = {}, text } = found[at] ?? {};
      // Of a field that was asked only whether it exists, what was read counts.
      for (const [field, value] of Object.entries(fields)) if (!Buffer.isBuffer(known.fields[field])) known.fields[field] = value;
      if (text !== undefined) known.text = text;
    }
    return asked.map(({ request: { fields = [], longFields = [], text }, known }): FoundValue => {
      const names = [...fields, ...longFields.map(({ name }) => name)].filter((name) => Object.hasOwn(known.fields, name));
      const own = Object.fromEntries(names.map((name) => [name, known.fields[name] as FoundValue['fields'][string]]));
      return { fields: own, ...(text && known.text !== undefined && { text: known.text }) };
    });
  };
}

/** What of it has not been asked for yet, which counts as asked for from now on; undefined: nothing. */
function missingOf({ key, fields = [], longFields = [], text = false }: ValueRequest, { asked }: Known): ValueRequest | undefined {
  const isNew = (what: string): boolean => !asked.has(what) && asked.add(what).has(what);
  const missing = {
    key,
    fields: fields.filter((name) => isNew(`field ${name}`)),
    longFields: longFields.filter(({ name, after = '' }) => !asked.has(`field ${name}`) && isNew(`long ${name} ${after}`)),
    text: text && isNew('text'),
  };
  return missing.fields.length + missing.longFields.length === 0 && !missing.text ? undefined : missing;
}
