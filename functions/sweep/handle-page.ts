import { chooseMend, policyFor } from './choose-mend.ts';
import type { Classify, KnownKey } from './classify-key.ts';
import type { HashId } from './hash-id.ts';
import { shareOf } from './hash-id.ts';
import { fieldsOf, type Life, readLife } from './read-life.ts';
import type { SweepSettings } from './settings.ts';
import type { Guard, MendRequest, Offender, Page, Sample, SweepStore } from './sweep-store.ts';
import type { Handled, Weighed } from './tally.ts';

export interface PageWork {
  readonly store: Pick<SweepStore, 'readFields' | 'readTexts' | 'mend'>;
  readonly classify: Classify;
  readonly hashId: HashId;
  readonly settings: SweepSettings;
  /** Goes the same way, up to the write. */
  readonly dryRun: boolean;
  /** Keys that the sweep may still delete. */
  readonly deletesLeft: number;
  /** By this function's clock, milliseconds since the epoch. */
  readonly nowMs: number;
}

const asText = (bytes: Buffer): string => bytes.toString('latin1');

/** Keys that expire, as a report may know them. */
export const weigh = (keys: readonly Sample[], { classify, hashId }: Pick<PageWork, 'classify' | 'hashId'>): Weighed[] =>
  keys.map(({ key, type, bytes }) => ({
    get id() {
      return hashId(key);
    },
    bytes,
    known: classify(asText(key), type),
  }));

/** Decides on each key of a page that never expires, and carries it out. @throws whatever ended the connection */
export async function handlePage(page: Page, work: PageWork): Promise<Handled[]> {
  const { settings, classify } = work;
  const known = page.offenders.map((offender) => classify(asText(offender.key), offender.type));
  const lives = await readLives(page, known, work);
  let { deletesLeft } = work;
  const decided = page.offenders.map((offender, index) => {
    const { life, guard = { kind: 'none' } as const } = lives[index] ?? {};
    const mend = chooseMend(known[index], life, settings, shareOf(offender.key), deletesLeft);
    if (mend.action === 'delete') deletesLeft -= 1;
    return { offender, known: known[index], mend, guard };
  });
  const requests = new Map(
    decided.flatMap((one): [typeof one, MendRequest][] => {
      const { offender, mend, guard } = one;
      if (mend.action === 'leave') return [];
      const seconds = mend.action === 'expire' ? mend.seconds : settings.leastSeconds;
      return [[one, { key: offender.key, type: offender.type, action: mend.action, seconds, guard }]];
    }),
  );
  const outcomes = await work.store.mend([...requests.values()], work.dryRun);
  const outcomeOf = new Map([...requests.keys()].map((one, index) => [one, outcomes[index]]));
  return decided.map((one): Handled => {
    const { offender, mend } = one;
    const outcome = outcomeOf.get(one) ?? 'done';
    return {
      get id() {
        return work.hashId(offender.key);
      },
      type: offender.type,
      bytes: offender.bytes,
      idleSeconds: offender.idleSeconds,
      known: one.known,
      policy: one.known ? policyFor(one.known, settings) : 'report',
      mend: outcome === 'done' ? mend : { action: 'leave', reason: outcome },
    };
  });
}

interface ReadLife {
  readonly life: Life;
  readonly guard: Guard;
}

/** How long each key may still live; undefined for unknown and structural ones. */
async function readLives(page: Page, known: readonly (KnownKey | undefined)[], work: PageWork): Promise<(ReadLife | undefined)[]> {
  // The idle times came with the page: what is read from here on touches the keys.
  const withFields = subjects(page.offenders, known, (source) => fieldsOf(source).length > 0);
  const withText = subjects(page.offenders, known, (source) => source.from === 'json-expires');
  const fields = await work.store.readFields(
    withFields.map(({ offender, source }) => ({ key: fieldKey(offender, source), fields: fieldsOf(source) })),
  );
  const texts = await work.store.readTexts(withText.map(({ offender }) => offender.key));
  const fieldsBy = new Map(withFields.map(({ offender }, index) => [offender, fields[index] ?? {}]));
  const textBy = new Map(withText.map(({ offender }, index) => [offender, texts[index] ?? Buffer.alloc(0)]));
  const nowMs = Math.min(work.nowMs, page.serverTimeMs);
  return page.offenders.map((offender, index) => {
    const source = known[index]?.rule.life;
    if (source === undefined) return undefined;
    const values = fieldsBy.get(offender) ?? {};
    const text = textBy.get(offender);
    const facts = {
      idleSeconds: offender.idleSeconds,
      fields: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, asText(value)])),
      text: text ? asText(text) : '',
    };
    return { life: readLife(source, asText(offender.key), facts, nowMs), guard: guardOf(offender, source, values, text) };
  });
}

type Source = NonNullable<KnownKey['rule']['life']>;

function subjects(offenders: readonly Offender[], known: readonly (KnownKey | undefined)[], fits: (source: Source) => boolean) {
  return offenders.flatMap((offender, index) => {
    const source = known[index]?.rule.life;
    return source && fits(source) ? [{ offender, source }] : [];
  });
}

const fieldKey = ({ key }: Offender, source: Source): Buffer =>
  source.from === 'fields' && source.of ? Buffer.from(source.of(asText(key)), 'latin1') : key;

/** What an application changes when it uses the session. ASP.NET Core sets a TTL then, which is seen without a guard. */
function guardOf(offender: Offender, source: Source, values: Record<string, Buffer>, text: Buffer | undefined): Guard {
  switch (source.from) {
    case 'fields': {
      const value = source.of ? undefined : values[source.lastAccess];
      return value === undefined ? { kind: 'none' } : { kind: 'field', field: source.lastAccess, value };
    }
    case 'json-expires':
      return text && text.length > 0 ? { kind: 'text', value: text } : { kind: 'none' };
    case 'idle':
      return offender.idleSeconds === undefined ? { kind: 'none' } : { kind: 'idle', seconds: offender.idleSeconds };
    default:
      return { kind: 'none' };
  }
}
