import type { SweepSettings } from '../contract/settings.ts';
import type { LifeChange } from '../contract/tally.ts';
import { CATALOGUE } from '../keys/catalogue.ts';
import type { KnownKey } from '../keys/classify-key.ts';
import type { LifeSource } from '../keys/dialect.ts';
import { type LifeFacts, readLife, readRemains } from '../keys/read-life.ts';
import type { NewLife } from '../store/sweep-store.ts';

/**
 * An idle time that is longer than any session's life. With it readLife returns what a session has left at least, whenever it was last
 * used.
 */
const UNUSED_SECONDS = 1e12;
const LONGEST_SECONDS = 10 * 365 * 86_400;

/**
 * Whether a run can change lives of such keys: only sessions of frameworks in the catalogue, and only where their keys cannot be another
 * framework's.
 */
export const canChange = ({ dialect, rule }: KnownKey, change: LifeChange): boolean =>
  rule.role === 'session' &&
  CATALOGUE.some(({ name, maxPolicy, rules }) => name === dialect.name && maxPolicy !== 'report' && sharesRule(rules, rule)) &&
  (change === 'raise' ? STATES_LIFE.has(rule.life?.from) : ANONYMOUS_FIELDS[dialect.name] !== undefined);

/** Values that can state their session's life. A default raised a one-time password of five minutes at `session:otp:…` to a month. */
const STATES_LIFE: ReadonlySet<LifeSource['from'] | undefined> = new Set(['fields', 'text']);

/** Whether the rule is the catalogue's own: a configured dialect can have the same name, but it has other patterns. */
const sharesRule = (rules: readonly KnownKey['rule'][], { pattern }: KnownKey['rule']): boolean =>
  rules.some((one) => one.pattern === pattern);

export interface ReadSession {
  readonly key: string;
  /** Its fields or the beginning of its text; the idle time is the store's to subtract. */
  readonly facts: Omit<LifeFacts, 'idleSeconds'>;
  /** The key's share of the jitter, from 0 to 1. */
  readonly share: number;
}

/** How a run chooses lives. */
export interface LifeChoice {
  readonly change: LifeChange;
  readonly settings: Pick<SweepSettings, 'minTtlSeconds' | 'jitterSeconds'>;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/**
 * The life of a session with a TTL after the run; undefined where it stays as it is: what a user has logged out of, what is without
 * expiry by intent, what cannot be read, and what does not state its own life. Pure.
 */
export function chooseLife(
  { dialect, rule }: KnownKey,
  { key, facts, share }: ReadSession,
  { change, settings: { minTtlSeconds, jitterSeconds }, nowMs }: LifeChoice,
): NewLife | undefined {
  if (rule.life === undefined || readRemains(rule.life, facts.fields) !== undefined) return undefined;
  // Next to a life that the session states, a default counts for nothing here.
  const source = 'defaultSeconds' in rule.life ? { ...rule.life, defaultSeconds: 0 } : rule.life;
  const after = (idleSeconds: number) => readLife(source, key, { ...facts, idleSeconds }, nowMs);
  const [used, unused] = [after(0), after(UNUSED_SECONDS)];
  if (used.kind !== 'limited' || unused.kind !== 'limited' || !used.isDeclared) return undefined;
  if (change === 'shorten-anonymous') {
    const onlyFields = ANONYMOUS_FIELDS[dialect.name];
    return onlyFields === undefined
      ? undefined
      : { how: 'shorten', leastSeconds: whole(minTtlSeconds + share * jitterSeconds), onlyFields };
  }
  // By its own fields the session has ended, yet the application kept it, perhaps because of another clock: it stays as it is.
  if (used.remainingSeconds <= 0) return undefined;
  const leastSeconds = whole(unused.remainingSeconds);
  return {
    how: 'raise',
    leastSeconds,
    ...(used.remainingSeconds > unused.remainingSeconds && { unusedSeconds: whole(used.remainingSeconds) }),
  };
}

const whole = (seconds: number): number => Math.floor(Math.min(Math.max(seconds, 0), LONGEST_SECONDS));

/** What Spring Security keeps in the session of a visitor who has not logged in: the page to return to, a token, and why a login failed. */
const OF_VISITORS = [
  'SPRING_SECURITY_SAVED_REQUEST',
  'SPRING_SECURITY_LAST_EXCEPTION',
  'org.springframework.security.web.csrf.HttpSessionCsrfTokenRepository.CSRF_TOKEN',
];

/**
 * All that a session of nobody has, by dialect. Any other attribute can be an application's own login (`user`, `account`), or a basket:
 * without the framework's login field alone, the session can be a user's. A framework's field that is not here keeps the session as it is.
 */
export const ANONYMOUS_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'spring-session': ['creationTime', 'lastAccessedTime', 'maxInactiveInterval', ...OF_VISITORS.map((name) => `sessionAttr:${name}`)],
  'redisson-tomcat': [
    ...['creationTime', 'lastAccessedTime', 'thisAccessedTime', 'maxInactiveInterval', 'isNew', 'isValid'].map((name) => `session:${name}`),
    ...OF_VISITORS,
  ],
};
