import { type Classify, chooseKnown, type KnownKey } from '../keys/classify-key.ts';
import type { KeyRule } from '../keys/dialect.ts';
import { longFieldsOf } from '../keys/evidence.ts';
import { EVIDENT_FIELDS, LONG_FIELDS } from '../keys/key-shape.ts';
import { type KeyText, type KeyValue, UNREAD } from '../keys/read-expiry.ts';
import { fieldsOf } from '../keys/read-life.ts';
import type { FoundFields, FoundText, FoundValue, PersistentKey, SweepStore, ValueRequest } from '../store/sweep-store.ts';

/** What a key is by its name and its value, and what was read of it for that and for its life. */
export interface Identified {
  readonly known: KnownKey | undefined;
  /**
   * Its name alone shows too little, and its value was not read: that would count as a use, or is not permitted. `known` is what the name
   * says.
   */
  readonly isUnverified: boolean;
  readonly fields: FoundFields;
  readonly text: FoundText | undefined;
  readonly names?: readonly string[];
}

export const UNKNOWN: Identified = { known: undefined, isUnverified: false, fields: {}, text: undefined };

export interface Identifying {
  readonly classify: Classify;
  readonly store: Pick<SweepStore, 'readValues'>;
  /** Whether reading a value changes nothing that matters: its key has a TTL, or the store does not count the read as a use. */
  readonly mayRead: boolean;
  /** Values of unknown keys are read too, where they may be. */
  readonly learn?: boolean;
}

/** Keys whose values may be read or not alike. */
export interface KeyGroup extends Pick<Identifying, 'mayRead' | 'learn'> {
  readonly keys: readonly Pick<PersistentKey, 'key' | 'type'>[];
}

/**
 * In the order of the keys: a value is read where a name alone does not decide, and where the session's life stands in it.
 * @throws the connection's error
 */
export const identify = async (keys: KeyGroup['keys'], identifying: Identifying): Promise<readonly Identified[]> =>
  identifyAll([{ ...identifying, keys }], identifying);

/** The same of several groups in their order, by one question to the store. */
export async function identifyAll(
  groups: readonly KeyGroup[],
  { classify, store }: Pick<Identifying, 'classify' | 'store'>,
): Promise<readonly Identified[]> {
  const subjects = groups.flatMap(({ keys, mayRead, learn = false }) =>
    keys.map(({ key, type }) => {
      const name = asText(key);
      const all = classify(name, type);
      const candidates = mayRead ? all : all.filter(({ rule }) => rule.evidence === undefined || isReadByUse(rule));
      const requests = requestsFor(key, candidates);
      return { key, name, all, candidates, requests: learn && mayRead ? withEvidence(requests, { key, type }) : requests };
    }),
  );
  const requests = subjects.flatMap((subject) => subject.requests);
  const found = requests.length === 0 ? [] : await store.readValues(requests);
  const valueBy = new Map(requests.map((request, at) => [request, found[at] as FoundValue]));
  return subjects.map(({ key, name, all, candidates, requests }) => {
    if (requests.length === 0 && all.length === 0) return UNKNOWN;
    const valueFor = (rule: KeyRule): FoundValue => {
      const request = requests.find((one) => isSame(one.key, valueKey(key, rule)));
      return (request && valueBy.get(request)) ?? { fields: {} };
    };
    const known = chooseKnown(candidates, name, (rule) => asValue(valueFor(rule)));
    if (known === undefined) {
      const unread = all.find((one) => !candidates.includes(one) || isUnread(one, valueFor(one.rule)));
      if (unread) return { ...UNKNOWN, known: unread, isUnverified: true };
      const own = requests.find((one) => one.key.equals(key));
      return { ...UNKNOWN, ...(own && valueBy.get(own)) };
    }
    const { fields, text } = valueFor(known.rule);
    return { known, isUnverified: false, fields, text };
  });
}

/** Not a key of another program, and not one whose life and guard depend on its idle time alone. */
const isReadByUse = ({ life, hasCommonName }: KeyRule): boolean => life?.from !== 'idle' && !hasCommonName;

/** With what shows whose key it is, if it is none of those that its name could be. */
function withEvidence(requests: readonly ValueRequest[], { key, type }: Pick<PersistentKey, 'key' | 'type'>): readonly ValueRequest[] {
  if (type !== 'string' && type !== 'hash') return requests;
  const own = requests.find((one) => one.key.equals(key));
  const wanted: ValueRequest =
    type === 'string'
      ? { key, fields: own?.fields ?? [], text: true }
      : {
          key,
          fields: [...new Set([...(own?.fields ?? []), ...EVIDENT_FIELDS])],
          longFields: [...(own?.longFields ?? []), ...LONG_FIELDS],
          names: true,
        };
  return [...requests.filter((one) => one !== own), wanted];
}

/** Not permitted, or of another type. A field that is too long for a number is no session's. */
const isUnread = ({ rule }: KnownKey, { fields, text }: FoundValue): boolean =>
  rule.type === 'string' && !isMarker(rule) ? text === UNREAD : (rule.evidence?.fields ?? []).some((field) => fields[field] === UNREAD);

const isMarker = ({ life }: KeyRule): boolean => life?.from === 'fields' && life.of !== undefined;

/** One for the key itself, and one for the session that a marker belongs to. */
function requestsFor(key: Buffer, candidates: readonly KnownKey[]): readonly ValueRequest[] {
  const requests: Required<Omit<ValueRequest, 'names'>>[] = [];
  for (const { rule } of candidates) {
    const { life, evidence } = rule;
    const fields = [...(life ? fieldsOf(life) : []), ...(evidence?.fields ?? [])];
    const longFields = evidence ? longFieldsOf(evidence) : [];
    const of = valueKey(key, rule);
    const text = of === key && rule.type === 'string' && (evidence !== undefined || life?.from === 'text');
    if (fields.length === 0 && longFields.length === 0 && !text) continue;
    const at = requests.findIndex((one) => isSame(one.key, of));
    const before = requests[at];
    if (before === undefined) {
      requests.push({ key: of, fields: [...new Set(fields)], longFields, text });
      continue;
    }
    const request = {
      key: of,
      fields: [...new Set([...before.fields, ...fields])],
      longFields: [...before.longFields, ...longFields],
      text: text || before.text,
    };
    requests.splice(at, 1, request);
  }
  return requests;
}

const isSame = (one: Buffer, other: Buffer): boolean => one === other || one.equals(other);

/** The key whose value shows what a key is, and how long it lives: a marker's is its session. */
export const valueKey = (key: Buffer, { life }: KeyRule): Buffer =>
  life?.from === 'fields' && life.of ? asKey(life.of(asText(key))) : key;

export const asText = (bytes: Buffer): string => bytes.toString('latin1');
const asKey = (text: string): Buffer => Buffer.from(text, 'latin1');

/** What was read, as latin1 text. */
export function asValue({ fields, text, names }: FoundValue | Identified): KeyValue {
  const texts = Object.entries(fields).map(([name, value]) => [name, value === UNREAD ? UNREAD : asText(value)] as const);
  return { fields: Object.fromEntries(texts), names, ...(text !== undefined && { text: text === UNREAD ? UNREAD : asKeyText(text) }) };
}

/** One for each text, however many ask for it: it is parsed once, too (read-expiry.ts). */
const keyTexts = new WeakMap<Exclude<FoundText, typeof UNREAD>, KeyText>();

function asKeyText(found: Exclude<FoundText, typeof UNREAD>): KeyText {
  const { start, end, isWhole } = found;
  const text = keyTexts.get(found) ?? { start: asText(start), ...(end && { end: asText(end) }), isWhole };
  keyTexts.set(found, text);
  return text;
}
