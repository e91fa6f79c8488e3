/**
 * The session frameworks that a sweep knows. The narrowest patterns come first, for the first rule that fits decides, and
 * several of these frameworks share their prefixes. A key that fits none is unknown: reported, never changed.
 */
import type { Dialect, KeyRule, LifeSource } from './dialect.ts';

const HOUR = 3_600;
const DAY = 86_400;
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** Namespace of Spring Session: `spring:session`, and what an application puts before or after it. */
const SPRING = '(?:[^:]+:)*spring:session:(?:[^:]+:)*';

const springFields = (of?: (key: string) => string): LifeSource => ({
  from: 'fields',
  lastAccess: 'lastAccessedTime',
  maxInactive: 'maxInactiveInterval',
  graceSeconds: 300, // a session outlives its `expires` key by five minutes, so that its end can be told with its attributes
  defaultSeconds: 1_800,
  ...(of && { of }),
});
const idle = (defaultSeconds: number): LifeSource => ({ from: 'idle', defaultSeconds });
const session = (pattern: RegExp, type: KeyRule['type'], life: LifeSource): KeyRule => ({ role: 'session', pattern, type, life });
const companion = (pattern: RegExp, type: KeyRule['type'], life: LifeSource): KeyRule => ({ role: 'companion', pattern, type, life });
const structural = (pattern: RegExp, type: KeyRule['type'], memberKey?: KeyRule['memberKey']): KeyRule => ({
  role: 'structural',
  pattern,
  type,
  ...(memberKey && { memberKey }),
});

/** The namespace with its last colon: what stands before `index:…` or `sessions:…`. */
const namespaceOf = (key: string, mark: string): string => key.slice(0, key.indexOf(mark));
/** A session's id as Spring's index has it: JDK-serialised (a header of seven bytes), JSON, or as it is. */
function memberId(member: string): string | undefined {
  const id = member.startsWith('\xac\xed\x00\x05t') ? member.slice(7) : member.replace(/^"(.*)"$/, '$1');
  return new RegExp(`^${UUID}$`).test(id) ? id : undefined;
}
const sessionOf = (mark: string) => (key: string, member: string) => {
  const id = memberId(member);
  return id === undefined ? undefined : `${namespaceOf(key, mark)}sessions:${id}`;
};

const spring: Dialect = {
  name: 'spring-session',
  mostPolicy: 'delete',
  rules: [
    structural(
      new RegExp(`^${SPRING}index:[\\w.]*PRINCIPAL_NAME_INDEX_NAME:.*$`, 's'),
      'set',
      sessionOf('index:org.springframework.session.'),
    ),
    structural(new RegExp(`^${SPRING}sessions:index:PRINCIPAL_NAME_INDEX_NAME:.*$`, 's'), 'set', sessionOf('sessions:index:')),
    structural(new RegExp(`^${SPRING}sessions:expirations$`), 'zset'),
    structural(new RegExp(`^${SPRING}sessions:[^:]+:idx$`), 'set'),
    companion(
      new RegExp(`^${SPRING}sessions:expires:[^:]+$`),
      'string',
      springFields((key) => key.replace(/sessions:expires:([^:]+)$/, 'sessions:$1')),
    ),
    // The job that ends sessions reads the set of each minute; a day later no server is late any more.
    companion(new RegExp(`^${SPRING}expirations:\\d{12,14}$`), 'set', { from: 'key-time', graceSeconds: DAY }),
    session(new RegExp(`^${SPRING}sessions:[^:]+$`), 'hash', springFields()),
  ],
};

const redisson: Dialect = {
  name: 'redisson-tomcat',
  mostPolicy: 'delete',
  rules: [
    session(/^(?:.+:)?redisson:tomcat_session:[^:]+$/s, 'hash', {
      from: 'fields',
      lastAccess: 'session:lastAccessedTime',
      maxInactive: 'session:maxInactiveInterval',
      graceSeconds: 60,
      defaultSeconds: 1_800,
    }),
  ],
};

const authJs: Dialect = {
  name: 'auth-js',
  mostPolicy: 'delete',
  rules: [
    structural(/^user:session:by-user-id:.+$/s, 'string'),
    // By default a session lives 30 days. @see https://authjs.dev/reference/core#session
    session(/^user:session:[^:]+$/, 'string', { from: 'json-expires', defaultSeconds: 30 * DAY }),
    // The users themselves.
    structural(new RegExp(`^user:(?:(?:account|email|token):.+|${UUID})$`, 's'), 'string'),
  ],
};

const aspNet: Dialect = {
  name: 'asp-net-core',
  mostPolicy: 'delete',
  rules: [session(new RegExp(`^(?:.*[^0-9a-f-])?${UUID}$`, 'is'), 'hash', { from: 'ticks' })],
};

/** The frameworks whose sessions are one key each, with nothing written on how long they last. */
const SIMPLE: readonly Dialect[] = [
  // SESSION_COOKIE_AGE, two weeks by default.
  simple('django', /^.*:\d+:django\.contrib\.sessions\.cache[0-9a-z]{32}$/s, idle(14 * DAY)),
  {
    name: 'phpredis',
    mostPolicy: 'delete',
    rules: [
      companion(/^PHPREDIS_SESSION:.+_LOCK$/s, 'string', idle(HOUR)),
      // session.gc_maxlifetime, 24 minutes by default.
      session(/^PHPREDIS_SESSION:.+$/s, 'string', idle(1_440)),
    ],
  },
  // Entries of `Cache::forever()` share the sessions' prefix: what is which cannot be told.
  { ...simple('laravel', /^.*laravel[_-]cache[_:-]*[A-Za-z0-9]{40}$/s, idle(2 * HOUR)), mostPolicy: 'report' },
  // Version and hash of a private session id. Rack keeps no idle time.
  simple('rack', /^(?:.*:)?\d+::[0-9a-f]{64}$/s, idle(14 * DAY)),
  // MaxAge of its options, 30 days by default.
  simple('gorilla', /^session_.+$/s, idle(30 * DAY)),
  // PERMANENT_SESSION_LIFETIME, 31 days by default.
  simple('flask-session', /^session:.+$/s, idle(31 * DAY)),
];

const connectRedis: Dialect = {
  name: 'connect-redis',
  mostPolicy: 'delete',
  rules: [session(/^sess:.+$/s, 'string', { from: 'json-expires', defaultSeconds: DAY })],
};

function simple(name: string, pattern: RegExp, life: LifeSource): Dialect {
  return { name, mostPolicy: 'delete', rules: [session(pattern, 'string', life)] };
}

export const CATALOGUE: readonly Dialect[] = [spring, redisson, authJs, aspNet, ...SIMPLE, connectRedis];
