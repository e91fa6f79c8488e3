import { chooseRepair, policyFor } from '../keys/choose-repair.ts';
import type { Classify, KnownKey } from '../keys/classify-key.ts';
import type { HashId } from '../keys/hash-id.ts';
import { shareOf } from '../keys/hash-id.ts';
import { fieldsOf, type Life, readLife } from '../keys/read-life.ts';
import type { Handled, Weighed } from '../report/tally.ts';
import type { SweepSettings } from '../settings.ts';
import type { Guard, PageKeys, PersistentKey, Sample, SweepStore } from '../store/sweep-store.ts';
import { applyRepairs } from './apply-repairs.ts';
import type { DeleteBudget } from './delete-budget.ts';

export interface PageWork {
  readonly store: Pick<SweepStore, 'readFields' | 'readTexts' | 'repair'>;
  readonly classify: Classify;
  readonly hashId: HashId;
  readonly settings: SweepSettings;
  /** Does everything but the write. */
  readonly dryRun: boolean;
  readonly deletes: DeleteBudget;
  /** By this function's clock, milliseconds since the epoch. */
  readonly nowMs: number;
}

const asText = (bytes: Buffer): string => bytes.toString('latin1');

/** Keys with a TTL, in the form that reports use. */
export const weigh = (keys: readonly Sample[], { classify, hashId }: Pick<PageWork, 'classify' | 'hashId'>): Weighed[] =>
  keys.map(({ key, type, bytes }) => ({
    get id() {
      return hashId(key);
    },
    bytes,
    known: classify(asText(key), type),
  }));

/** What a sweep did with a page's keys. */
export interface HandledPage {
  /** After an interruption, only the keys that were repaired before it. */
  readonly handled: readonly Handled[];
  /** The error that ended the connection: the page has to be read again. */
  readonly interruption?: Error;
}

/** Decides on each persistent key of a page, and applies the decision. @throws the error that ended the connection before a repair */
export async function handlePage(page: PageKeys, work: PageWork): Promise<HandledPage> {
  const { settings, classify } = work;
  const known = page.persistentKeys.map((persistentKey) => classify(asText(persistentKey.key), persistentKey.type));
  const lives = await readLives(page, known, work);
  let deletesLeft = work.deletes.left;
  const decisions = page.persistentKeys.map((persistentKey, index) => {
    const { life, guard = { kind: 'none' } as const } = lives[index] ?? {};
    const repair = chooseRepair(known[index], life, settings, shareOf(persistentKey.key), deletesLeft);
    if (repair.action === 'delete') deletesLeft -= 1;
    return { persistentKey, known: known[index], repair, guard };
  });
  const { applied, ...rest } = await applyRepairs(decisions, work);
  const handled = applied.map(
    ({ persistentKey, known, repair }): Handled => ({
      get id() {
        return work.hashId(persistentKey.key);
      },
      type: persistentKey.type,
      bytes: persistentKey.bytes,
      idleSeconds: persistentKey.idleSeconds,
      known,
      policy: known ? policyFor(known, settings) : 'report',
      repair,
    }),
  );
  return { handled, ...rest };
}

interface ReadLife {
  readonly life: Life;
  readonly guard: Guard;
}

/** The remaining life of each key; undefined for unknown and structural keys. */
async function readLives(page: PageKeys, known: readonly (KnownKey | undefined)[], work: PageWork): Promise<(ReadLife | undefined)[]> {
  // The page already has the idle times: reads from here on change the keys' last access.
  const withFields = subjects(page.persistentKeys, known, (source) => fieldsOf(source).length > 0);
  const withText = subjects(page.persistentKeys, known, (source) => source.from === 'json-expires');
  const fields = await work.store.readFields(
    withFields.map(({ persistentKey, source }) => ({ key: fieldKey(persistentKey, source), fields: fieldsOf(source) })),
  );
  const texts = await work.store.readTexts(withText.map(({ persistentKey }) => persistentKey.key));
  const fieldsBy = new Map(withFields.map(({ persistentKey }, index) => [persistentKey, fields[index] ?? {}]));
  const textBy = new Map(withText.map(({ persistentKey }, index) => [persistentKey, texts[index] ?? Buffer.alloc(0)]));
  const nowMs = Math.min(work.nowMs, page.serverTimeMs);
  return page.persistentKeys.map((persistentKey, index) => {
    const source = known[index]?.rule.life;
    if (source === undefined) return undefined;
    const values = fieldsBy.get(persistentKey) ?? {};
    const text = textBy.get(persistentKey);
    const facts = {
      idleSeconds: persistentKey.idleSeconds,
      fields: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, asText(value)])),
      text: text ? asText(text) : '',
    };
    return { life: readLife(source, asText(persistentKey.key), facts, nowMs), guard: guardOf(persistentKey, source, values, text) };
  });
}

type Source = NonNullable<KnownKey['rule']['life']>;

function subjects(persistentKeys: readonly PersistentKey[], known: readonly (KnownKey | undefined)[], fits: (source: Source) => boolean) {
  return persistentKeys.flatMap((persistentKey, index) => {
    const source = known[index]?.rule.life;
    return source && fits(source) ? [{ persistentKey, source }] : [];
  });
}

const fieldKey = ({ key }: PersistentKey, source: Source): Buffer =>
  source.from === 'fields' && source.of ? Buffer.from(source.of(asText(key)), 'latin1') : key;

/** What the application changes when it uses the session. ASP.NET Core sets a TTL then, which needs no guard. */
function guardOf(persistentKey: PersistentKey, source: Source, values: Record<string, Buffer>, text: Buffer | undefined): Guard {
  switch (source.from) {
    case 'fields': {
      const value = source.of ? undefined : values[source.lastAccess];
      return value === undefined ? { kind: 'none' } : { kind: 'field', field: source.lastAccess, value };
    }
    case 'json-expires':
      return text && text.length > 0 ? { kind: 'text', value: text } : { kind: 'none' };
    case 'idle':
      return persistentKey.idleSeconds === undefined ? { kind: 'none' } : { kind: 'idle', seconds: persistentKey.idleSeconds };
    default:
      return { kind: 'none' };
  }
}
