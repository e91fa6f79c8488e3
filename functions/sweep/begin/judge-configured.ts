/** What the configuration's own dialects take among the keys of a sample. */
import { addNumbers } from '../../shared/arithmetic.ts';
import type { ConfiguredCount, JudgedDialect } from '../contract/record.ts';
import type { ConfiguredDialect } from '../contract/settings.ts';
import { createClassify, fitsConfigured, ruleOf } from '../keys/classify-key.ts';
import { CONVERSATION, longFieldsOf } from '../keys/evidence.ts';
import { EVIDENT_FIELDS, LONG_FIELDS, learnFrom } from '../keys/key-shape.ts';
import { type KeyValue, UNREAD } from '../keys/read-expiry.ts';
import { asText, asValue, identify } from '../pages/identify.ts';
import { addCounts } from '../report/merge-tallies.ts';
import type { FoundValue, PageKeys, SweepStore, ValueRequest } from '../store/sweep-store.ts';

export const NO_COUNT: ConfiguredCount = { taken: 0, ofType: 0, stated: 0, unread: 0, foreign: {}, resembles: {} };

/** @returns counts in the order of the dialects. @throws the connection's error */
export async function countConfigured(
  page: Pick<PageKeys, 'samples' | 'persistentKeys'>,
  dialects: readonly ConfiguredDialect[],
  store: Pick<SweepStore, 'readValues' | 'readsKeepIdle'>,
): Promise<readonly ConfiguredCount[]> {
  const keys = [
    ...page.samples.map(({ key, type }) => ({ key, type, mayRead: true })),
    ...page.persistentKeys.map(({ key, type }) => ({ key, type, mayRead: store.readsKeepIdle })),
  ];
  const rules = dialects.map(ruleOf);
  const taken = keys.filter(({ key }) => rules.some(({ pattern }) => pattern.test(asText(key))));
  const readable = taken.filter(({ type, mayRead }) => mayRead && (fitsConfigured({ type: 'string' }, type) || type === 'hash'));
  const requests = readable.map(({ key, type }): ValueRequest => {
    if (fitsConfigured({ type: 'string' }, type)) return { key, text: true };
    const stated = rules.flatMap(({ evidence }) => (evidence ? longFieldsOf(evidence) : []));
    return { key, fields: [...EVIDENT_FIELDS, ...FOREIGN_FIELDS], longFields: [...LONG_FIELDS, ...stated] };
  });
  const values = requests.length === 0 ? [] : await store.readValues(requests);
  const valueBy = new Map(readable.map((one, at) => [one, values[at] as FoundValue]));
  // What the catalogue makes of them by their names and values.
  const classify = createClassify({ dialects: [], idleSeconds: {}, keyPrefixes: [] });
  const identified = await identify(readable, { classify, store, mayRead: true });
  const knownAs = new Map(readable.map((one, at) => [one, identified[at]]));
  return rules.map(({ pattern, type, evidence, role }) => {
    let count = NO_COUNT;
    for (const one of taken) {
      const name = asText(one.key);
      if (!pattern.test(name)) continue;
      const ofType = fitsConfigured({ type }, one.type);
      const found = valueBy.get(one);
      const value = found && asValue(found);
      const isUnread =
        ofType && role !== 'structural' && (value === undefined || value.text === UNREAD) && (type === 'string' || type === 'hash');
      const stated = ofType && (evidence === undefined || (value !== undefined && evidence.shows(value, name)));
      const own = knownAs.get(one);
      const isOfCatalogue = own?.known?.rule.evidence && !own.known.rule.evidence.isWeak && !own.isUnverified;
      const program =
        stated && role !== 'structural' && value ? (isOfCatalogue ? own.known?.dialect.name : foreignProgram(value)) : undefined;
      const resembles = stated && role !== 'structural' && value && !program ? learnFrom(name, one.type, value).resembles : undefined;
      count = add(count, {
        taken: 1,
        ofType: Number(ofType),
        stated: Number(stated),
        unread: Number(isUnread),
        foreign: program ? { [program]: 1 } : {},
        resembles: resembles ? { [resembles]: 1 } : {},
      });
    }
    return count;
  });
}

export const addEach = (some: readonly ConfiguredCount[], others: readonly ConfiguredCount[]): readonly ConfiguredCount[] =>
  some.map((one, at) => add(one, others[at] ?? NO_COUNT));

const counts = addCounts<string> as (one: NameCounts, other: NameCounts) => NameCounts;
type NameCounts = Readonly<Record<string, number>>;

function add({ foreign, resembles, ...one }: ConfiguredCount, other: ConfiguredCount): ConfiguredCount {
  return { ...addNumbers(one, other), foreign: counts(foreign, other.foreign), resembles: counts(resembles, other.resembles) };
}

/** Pure. @param sampled number of keys in the sample */
export function judgeConfigured(dialect: ConfiguredDialect, count: ConfiguredCount, sampled: number): JudgedDialect {
  const { taken, ofType, stated, unread, foreign, resembles } = count;
  const others = Object.keys(foreign);
  const judged = { dialect: dialect.name, sampled, ...count };
  if (others.length > 0)
    return {
      ...judged,
      result: 'refused',
      because: `it takes keys of ${others.join(', ')}: write more of the name, or state what only its own values have`,
    };
  if (taken === 0) return { ...judged, result: 'warning', because: 'its pattern takes no key: correct it, or remove the dialect' };
  if (ofType === 0) return { ...judged, result: 'warning', because: `no key that its pattern takes is of the type ${dialect.type}` };
  if (stated === 0 && unread === 0)
    return {
      ...judged,
      result: 'warning',
      because: `no key that its pattern takes has ${dialect.field === undefined ? `the first bytes ${dialect.firstBytes}` : `the field ${dialect.field}`}`,
    };
  const [framework] = Object.keys(resembles);
  return framework
    ? {
        ...judged,
        result: 'ok',
        because: `its keys are sessions of ${framework} under another name: with sessions.keyPrefix and framework a sweep reads their lives`,
      }
    : { ...judged, result: 'ok' };
}

/** What values of programs show that are no session frameworks, under whatever name. Pure. */

/** Hash fields that show a program, all of them together. */
const BY_FIELDS: readonly (readonly [program: string, ...fields: readonly string[]])[] = [
  ['RQ', 'origin', 'enqueued_at'],
  ['BullMQ', 'opts', 'timestamp'],
  ['Hangfire', 'State', 'CreatedAt'],
  ['Hangfire', 'WorkerCount', 'Heartbeat'],
  ['Asynq', 'msg', 'pending_since'],
  ['Spring Data', '_class'],
  ['the cache of ASP.NET Core', 'absexp', 'sldexp'],
];
const BY_TEXT: readonly (readonly [program: string, shows: (text: string) => boolean])[] = [
  ['Celery', (text) => text.startsWith('{"status"') || text.includes('"task_id"')],
  ['a program of conversations', (text) => text.startsWith('{') && CONVERSATION.test(text)],
  ['the cache of Spring', (text) => text.startsWith('\xac\xed\x00\x05') && !/session/i.test(text)],
];

export const FOREIGN_FIELDS = [...new Set(BY_FIELDS.flatMap(([, ...fields]) => fields))];

/** The program, as a part of a sentence; undefined where the value shows none of these. */
export function foreignProgram({ fields, text }: KeyValue): string | undefined {
  const byFields = BY_FIELDS.find(([, ...names]) => names.every((name) => name in fields))?.[0];
  if (byFields || text === undefined || text === UNREAD) return byFields;
  const all = text.start + (text.end ?? '');
  return BY_TEXT.find(([, shows]) => shows(all))?.[0];
}
