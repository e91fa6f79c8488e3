/** What the catalogue's dialects are written with. */
import type { Dialect, Evidence, KeyRule, LifeSource } from './dialect.ts';

export const HOUR = 3_600;
export const DAY = 86_400;
export const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

export const idle = (defaultSeconds: number): LifeSource => ({ from: 'idle', defaultSeconds });
const rule =
  (role: 'session' | 'companion') =>
  (pattern: KeyRule['pattern'], type: KeyRule['type'], life: LifeSource, evidence?: Evidence): KeyRule => ({
    role,
    pattern,
    type,
    life,
    ...(evidence && { evidence }),
  });
export const session = rule('session');
export const companion = rule('companion');
export const common = (rule: KeyRule): KeyRule => ({ ...rule, hasCommonName: true });
export const onTime = (rule: KeyRule): KeyRule => ({ ...rule, endsOnTime: true });
export const structural = (pattern: RegExp, type: KeyRule['type'], memberKey?: KeyRule['memberKey']): KeyRule => ({
  role: 'structural',
  pattern,
  type,
  ...(memberKey && { memberKey }),
});

export function simple(name: string, pattern: RegExp, life: LifeSource, evidence?: Evidence): Dialect {
  return { name, maxPolicy: 'expire', rules: [session(pattern, 'string', life, evidence)] };
}

export function withCommonName(dialect: Dialect): Dialect {
  return { ...dialect, rules: dialect.rules.map(common) };
}
