/**
 * The session frameworks that a sweep knows. The first matching rule decides, and several frameworks share a prefix, so the
 * narrowest patterns come first. A key that matches none is unknown: reported, never changed. So is a whole number, which no framework
 * writes as a session. Only dialects whose values state a session's life can delete: what a name alone shows gets a TTL at most.
 */
import type { Dialect, KeyRule, LifeSource } from './dialect.ts';
import { readBoolean, readNumber } from './read-number.ts';

const HOUR = 3_600;
const DAY = 86_400;
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/**
 * Namespace of Spring Session: `spring:session`, and what an application adds before or after it. The first `spring:session` decides:
 * whatever follows a later one can follow the first. The group in a look-ahead is not tried again with a later one, which would
 * take a time that grows with the square of a name that repeats it.
 */
const SPRING = '(?=((?:[^:]+:)*?spring:session:))\\1(?:[^:]+:)*';

const SPRING_FIELDS = {
  from: 'fields',
  lastAccess: 'lastAccessedTime',
  maxInactive: 'maxInactiveInterval',
  defaultSeconds: 1_800,
} as const;
/**
 * The expiry of its marker, `sessions:expires:<id>`, makes Spring read the session, remove it from the index of its user, and
 * publish SessionExpiredEvent. So the marker ends with the session's life, and the session five minutes later, as
 * RedisIndexedSessionRepository does it.
 */
const SPRING_SESSION: LifeSource = {
  ...SPRING_FIELDS,
  graceSeconds: 300,
  // A logout sets the longest idle time to 0, and leaves the session to its five minutes of grace.
  remains: { incomplete: 'partial', ended: { field: SPRING_FIELDS.maxInactive, is: (value) => readNumber(value) === 0 } },
  marker: (key) => key.replace(/sessions:([^:]+)$/, 'sessions:expires:$1'),
};
const SPRING_MARKER: LifeSource = {
  ...SPRING_FIELDS,
  graceSeconds: 0,
  of: (key) => key.replace(/sessions:expires:([^:]+)$/, 'sessions:$1'),
};
const idle = (defaultSeconds: number): LifeSource => ({ from: 'idle', defaultSeconds });
const session = (pattern: RegExp, type: KeyRule['type'], life: LifeSource): KeyRule => ({ role: 'session', pattern, type, life });
const companion = (pattern: RegExp, type: KeyRule['type'], life: LifeSource): KeyRule => ({ role: 'companion', pattern, type, life });
const onTime = (rule: KeyRule): KeyRule => ({ ...rule, endsOnTime: true });
const structural = (pattern: RegExp, type: KeyRule['type'], memberKey?: KeyRule['memberKey']): KeyRule => ({
  role: 'structural',
  pattern,
  type,
  ...(memberKey && { memberKey }),
});

/**
 * Behind the namespace: `index:org.springframework.session.…PRINCIPAL_NAME_INDEX_NAME:<user>`, or
 * `sessions:index:PRINCIPAL_NAME_INDEX_NAME:<user>`. The first one counts: a user can choose a name that looks like the rest.
 */
const INDEX = /^(.*?)(?:sessions:)?index:[\w.]*PRINCIPAL_NAME_INDEX_NAME:/s;
/** A session's id in Spring's index: JDK-serialised (with a header of seven bytes), JSON, or plain. */
function memberId(member: string): string | undefined {
  const id = member.startsWith('\xac\xed\x00\x05t') ? member.slice(7) : member.replace(/^"(.*)"$/, '$1');
  return new RegExp(`^${UUID}$`).test(id) ? id : undefined;
}
function sessionOf(key: string, member: string): string | undefined {
  const id = memberId(member);
  const namespace = INDEX.exec(key)?.[1];
  return id === undefined || namespace === undefined ? undefined : `${namespace}sessions:${id}`;
}

const spring: Dialect = {
  name: 'spring-session',
  maxPolicy: 'delete',
  rules: [
    structural(new RegExp(`^${SPRING}index:[\\w.]*PRINCIPAL_NAME_INDEX_NAME:.*$`, 's'), 'set', sessionOf),
    structural(new RegExp(`^${SPRING}sessions:expirations$`), 'zset'),
    structural(new RegExp(`^${SPRING}sessions:[^:]+:idx$`), 'set'),
    onTime(companion(new RegExp(`^${SPRING}sessions:expires:[^:]+$`), 'string', SPRING_MARKER)),
    // The set `expirations:<minute>` lists the sessions that expire in a minute; Spring's job reads it once, at the beginning of that
    // minute. Spring gives the set the TTL of the session, which ends four to five minutes later: before 3.4 with each new member; since
    // then the first member sets no TTL.
    onTime(companion(new RegExp(`^${SPRING}expirations:\\d{12,14}$`), 'set', { from: 'key-time', graceSeconds: 300 })),
    session(new RegExp(`^${SPRING}sessions:[^:]+$`), 'hash', SPRING_SESSION),
  ],
};

const redisson: Dialect = {
  name: 'redisson-tomcat',
  maxPolicy: 'delete',
  rules: [
    session(/^(?:.+:)?redisson:tomcat_session:[^:]+$/s, 'hash', {
      from: 'fields',
      lastAccess: 'session:lastAccessedTime',
      maxInactive: 'session:maxInactiveInterval',
      graceSeconds: 60,
      defaultSeconds: 1_800,
      // With broadcastSessionEvents, a logout locks the session's TTL at a minute, in which every server removes its copy.
      remains: { incomplete: 'ghost', ended: { field: 'session:isExpirationLocked', is: (value) => readBoolean(value) === true } },
    }),
    // Lists the servers that have removed their copy of a session. A server that does so late creates the set again, without a TTL. It
    // contains ids of Tomcats only, nothing of a session.
    companion(/^(?:.+:)?redisson:tomcat_notified_nodes:[^:]+$/s, 'set', idle(60)),
  ],
};

const authJs: Dialect = {
  name: 'auth-js',
  maxPolicy: 'expire',
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
  maxPolicy: 'expire',
  // Of many programs: only a hash with the fields that its life is read from is one of ASP.NET Core (isForeign).
  rules: [session(new RegExp(`^(?:.*[^0-9a-f-])?${UUID}$`, 'is'), 'hash', { from: 'ticks' })],
};

/** Frameworks whose sessions are one key each, which does not contain its lifetime. */
const SIMPLE: readonly Dialect[] = [
  // SESSION_COOKIE_AGE, two weeks by default.
  simple('django', /^.*:\d+:django\.contrib\.sessions\.cache[0-9a-z]{32}$/s, idle(14 * DAY)),
  {
    name: 'phpredis',
    maxPolicy: 'expire',
    rules: [
      companion(/^PHPREDIS_SESSION:.+_LOCK$/s, 'string', idle(HOUR)),
      // session.gc_maxlifetime, 24 minutes by default.
      session(/^PHPREDIS_SESSION:.+$/s, 'string', idle(1_440)),
    ],
  },
  // Entries of `Cache::forever()` have the same prefix as sessions: they cannot be distinguished.
  { ...simple('laravel', /^.*laravel[_-]cache[_:-]*[A-Za-z0-9]{40}$/s, idle(2 * HOUR)), maxPolicy: 'report' },
  // Version and hash of a private session id. Rack keeps no idle time.
  simple('rack', /^(?:.*:)?\d+::[0-9a-f]{64}$/s, idle(14 * DAY)),
  // MaxAge of its options, 30 days by default.
  simple('gorilla', /^session_.+$/s, idle(30 * DAY)),
  // PERMANENT_SESSION_LIFETIME, 31 days by default.
  simple('flask-session', /^session:.+$/s, idle(31 * DAY)),
];

const connectRedis: Dialect = {
  name: 'connect-redis',
  maxPolicy: 'delete',
  rules: [
    // session/user-sessions keeps the ids of a user's sessions, for as long as the newest can live, and why a session ended.
    companion(/^sess:(?:.+:)?user-sessions:[0-9a-f]{64}$/s, 'list', idle(DAY)),
    companion(/^sess:(?:.+:)?ended:[0-9a-f]{64}$/s, 'string', idle(300)),
    session(/^sess:.+$/s, 'string', { from: 'json-expires', defaultSeconds: DAY }),
  ],
};

function simple(name: string, pattern: RegExp, life: LifeSource): Dialect {
  return { name, maxPolicy: 'expire', rules: [session(pattern, 'string', life)] };
}

export const CATALOGUE: readonly Dialect[] = [spring, redisson, authJs, aspNet, ...SIMPLE, connectRedis];
