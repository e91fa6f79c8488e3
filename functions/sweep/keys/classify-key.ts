import type { ConfiguredDialect, SweepSettings } from '../settings.ts';
import { CATALOGUE } from './catalogue.ts';
import type { Dialect, KeyRule, LifeSource } from './dialect.ts';

/** A key's dialect and its role in it. */
export interface KnownKey {
  readonly dialect: Dialect;
  readonly rule: KeyRule;
}

/** @param key its bytes as characters (latin1). @returns undefined for an unknown key */
export type Classify = (key: string, type: string) => KnownKey | undefined;

/** Configured dialects precede the catalogue's, so that they can replace them. */
export function createClassify({ dialects, idleSeconds }: Pick<SweepSettings, 'dialects' | 'idleSeconds'>): Classify {
  const known = [...dialects.map(configured), ...CATALOGUE].map((dialect) => withIdleSeconds(dialect, idleSeconds[dialect.name]));
  const rules = known.flatMap((dialect) => dialect.rules.map((rule): KnownKey => ({ dialect, rule })));
  return (key, type) => rules.find(({ rule }) => rule.type === type && rule.pattern.test(key));
}

function configured({ name, pattern, type, structural, idleSeconds }: ConfiguredDialect): Dialect {
  const glob = new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`, 's');
  const rule: KeyRule = structural
    ? { role: 'structural', pattern: glob, type }
    : { role: 'session', pattern: glob, type, life: { from: 'idle', defaultSeconds: idleSeconds } };
  return { name, maxPolicy: 'delete', rules: [rule] };
}

function withIdleSeconds(dialect: Dialect, seconds: number | undefined): Dialect {
  if (seconds === undefined) return dialect;
  const lengthened = (life: LifeSource): LifeSource => ('defaultSeconds' in life ? { ...life, defaultSeconds: seconds } : life);
  return { ...dialect, rules: dialect.rules.map((rule) => (rule.life ? { ...rule, life: lengthened(rule.life) } : rule)) };
}

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
