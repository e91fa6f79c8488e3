import type { StoreNodes } from '../../records/store-nodes.ts';
import type { ConfiguredDialect, PrefixedFramework, SweepSettings } from '../contract/settings.ts';
import { CATALOGUE } from './catalogue.ts';
import type { Dialect, Evidence, KeyRule, LifeSource } from './dialect.ts';
import { anyPhpSession, startsWith } from './evidence.ts';
import { keyPattern } from './key-pattern.ts';
import type { KeyValue } from './read-expiry.ts';

/** A key's dialect and its role in it. */
export interface KnownKey {
  readonly dialect: Dialect;
  readonly rule: KeyRule;
}

/** Prefixes that frameworks give their keys, where an application can replace them by another. */
const OWN_PREFIXES: Readonly<Record<PrefixedFramework, string>> = {
  'connect-redis': 'sess:',
  'flask-session': 'session:',
  gorilla: 'session_',
  phpredis: 'PHPREDIS_SESSION:',
  'spring-session': 'spring:session:',
};

/**
 * What a key can be by its name and type: in order, up to the first that needs no evidence. chooseKnown decides by the value.
 * @param key its bytes as characters (latin1). @param type as SweepStore has it. @returns nothing for an unknown key
 */
export type Classify = (key: string, type: string) => readonly KnownKey[];

/** @param valueFor what was read for a rule: a marker's evidence is that of its session */
export const chooseKnown = (candidates: readonly KnownKey[], key: string, valueFor: (rule: KeyRule) => KeyValue): KnownKey | undefined =>
  candidates.find(({ rule }) => rule.evidence === undefined || rule.evidence.shows(valueFor(rule), key));

/**
 * Configured dialects precede the catalogue's, so that they can replace them. Below an application's prefix the rest of the key
 * counts as well: `sess:shop:user:…` is a user of Auth.js in the application `shop`, and no session of connect-redis, whose rule
 * comes later. Where the prefix replaces a framework's own, what other frameworks keep without a TTL by design still counts first.
 */
export function createClassify({
  dialects,
  idleSeconds,
  keyPrefixes,
  onlyKeyPrefixes = false,
}: Pick<SweepSettings, 'dialects' | 'idleSeconds' | 'keyPrefixes' | 'onlyKeyPrefixes'>): Classify {
  const rulesOf = (all: readonly Dialect[]): KnownKey[] =>
    all
      .map((dialect) => withIdleSeconds(dialect, idleSeconds[dialect.name]))
      .flatMap((dialect) => dialect.rules.map((rule): KnownKey => ({ dialect, rule })));
  const own = byType(rulesOf(dialects.map(configured)), fitsConfigured);
  const all = rulesOf(CATALOGUE);
  const catalogue = byType(all);
  const byDesign = byType(all.filter(({ rule }) => rule.role === 'structural'));
  const ofFramework = new Map(
    keyPrefixes.map(({ framework }) => [framework, byType(all.filter(({ dialect }) => dialect.name === framework))] as const),
  );
  // In an existing store one prefix can begin another.
  const longestFirst = keyPrefixes.toSorted((one, other) => other.prefix.length - one.prefix.length);
  const find = (rulesFor: RulesByType, type: string, ...names: string[]) =>
    rulesFor(type).filter(({ rule }) => names.some((name) => rule.pattern.test(name)));
  return (key, type) => {
    const below = longestFirst.find(({ prefix }) => key.startsWith(prefix));
    const configuredOnes = find(own, type, key);
    if (below === undefined) return upToCertain([...configuredOnes, ...(onlyKeyPrefixes ? [] : find(catalogue, type, key))]);
    const { prefix, framework } = below;
    const rest = key.slice(prefix.length);
    const itsOwn = framework && ofFramework.get(framework);
    const replaced = itsOwn ? [...find(byDesign, type, rest), ...find(itsOwn, type, OWN_PREFIXES[framework] + rest).map(belowPrefix)] : [];
    return upToCertain([...configuredOnes, ...replaced, ...find(catalogue, type, rest, key)]);
  };
}

type RulesByType = (type: string) => readonly KnownKey[];

/** Each key is compared with the rules of its type alone. */
function byType(rules: readonly KnownKey[], fitsType = fits): RulesByType {
  const ofType = new Map<string, readonly KnownKey[]>();
  return (type) => {
    const found = ofType.get(type) ?? rules.filter(({ rule }) => fitsType(rule, type));
    ofType.set(type, found);
    return found;
  };
}

/** A prefix is of the application, and so can be its cache below it. */
const belowPrefix = (known: KnownKey): KnownKey =>
  known.dialect.name === 'phpredis' && known.rule.role === 'session'
    ? { ...known, rule: { ...known.rule, evidence: anyPhpSession } }
    : known;

function upToCertain(found: readonly KnownKey[]): readonly KnownKey[] {
  const certain = found.findIndex(({ rule }) => rule.evidence === undefined);
  return certain === -1 ? found : found.slice(0, certain + 1);
}

/** A user's own dialect can have a number in the place of a session, such as the user's: it is a string like others. */
export const fitsConfigured = (rule: Pick<KeyRule, 'type'>, type: string): boolean =>
  rule.type === type || (type === 'integer' && rule.type === 'string');

/** A whole number can belong to a session, as a lock does, or be kept on purpose, and is no framework's session whatever its name. */
const fits = (rule: KeyRule, type: string): boolean => (rule.role === 'session' ? rule.type === type : fitsConfigured(rule, type));

const configured = (one: ConfiguredDialect): Dialect => ({ name: one.name, maxPolicy: 'expire', rules: [ruleOf(one)] });

export function ruleOf(one: ConfiguredDialect): KeyRule {
  const { type, idleSeconds } = one;
  const pattern = keyPattern(one.pattern);
  const evidence = evidenceOf(one);
  return one.structural
    ? { role: 'structural', pattern, type }
    : { role: 'session', pattern, type, life: { from: 'idle', defaultSeconds: idleSeconds }, ...(evidence && { evidence }) };
}

function evidenceOf({ firstBytes, field }: ConfiguredDialect): Evidence | undefined {
  if (firstBytes !== undefined) return startsWith(Buffer.from(firstBytes, 'hex').toString('latin1'));
  return field === undefined ? undefined : { existing: field, shows: ({ fields }) => Object.hasOwn(fields, field) };
}

function withIdleSeconds(dialect: Dialect, seconds: number | undefined): Dialect {
  if (seconds === undefined) return dialect;
  const lengthened = (life: LifeSource): LifeSource => ('defaultSeconds' in life ? { ...life, defaultSeconds: seconds } : life);
  return { ...dialect, rules: dialect.rules.map((rule) => (rule.life ? { ...rule, life: lengthened(rule.life) } : rule)) };
}

/** Age from which the record of the nodes is too old: the collector writes it once a minute, and can miss some minutes. */
export const OLDEST_RECORD_MS = 10 * 60_000;

/**
 * Since when the node has been primary without a break, by the collector's record.
 * @param node its INFO: a node that was demoted and promoted again has the same run_id, but another master_replid
 * @returns milliseconds since the epoch; undefined without a recent record of it as primary
 */
export function primarySince(
  known: StoreNodes | undefined,
  node: { readonly runId: string; readonly replicationId: string; readonly idleMark: string | undefined },
  nowMs: number,
): number | undefined {
  if (known === undefined || nowMs - known.takenAtMs > OLDEST_RECORD_MS) return undefined;
  return known.nodes.find(
    ({ runId, replicationId, role, idleMark }) =>
      role === 'primary' &&
      runId === node.runId &&
      replicationId === node.replicationId &&
      idleMark !== undefined &&
      idleMark === node.idleMark,
  )?.primarySinceMs;
}

/**
 * The part of a key's idle time that proves that nobody used the key. Reads are not replicated: before its promotion a node saw
 * writes alone, so that its idle times of then count from a session's last write.
 * @param idleSeconds OBJECT IDLETIME; undefined where the store keeps none
 * @param primarySinceMs since when the node has been primary; undefined where that is unknown, or where the application reads
 * from replicas, so that the primary does not see each use
 * @returns seconds; undefined: unknown
 */
export function countableIdle(idleSeconds: number | undefined, primarySinceMs: number | undefined, nowMs: number): number | undefined {
  if (idleSeconds === undefined || primarySinceMs === undefined) return undefined;
  return Math.min(idleSeconds, Math.max(0, Math.floor((nowMs - primarySinceMs) / 1_000)));
}
