/**
 * The session frameworks that a sweep knows. The first rule whose name and evidence fit decides, so what is a framework's own name comes
 * first. A key that matches none is unknown: reported, never changed. So is a whole number, which no framework writes as a session. A TTL is
 * no evidence. Only dialects whose values state a session's life can delete: what a name alone shows gets a TTL at most.
 */
import {
  common,
  companion,
  DAY,
  type Dialect,
  dialect,
  type Evidence,
  HOUR,
  idle,
  type LifeSource,
  onTime,
  session,
  simple,
  structural,
  UUID,
  withCommonName,
} from './dialect.ts';
import {
  ASP_NET_SESSION,
  djangoSigned,
  either,
  gobMap,
  isJavaObject,
  javaObject,
  jsonWith,
  laravelSession,
  MAGENTO_SESSION,
  mapping,
  numbersIn,
  ofText,
  opaque,
  orWhole,
  phpSession,
  readBoolean,
  readNumber,
  saTokenSession,
  startsWith,
  torndSession,
  webMapping,
} from './evidence.ts';
import {
  adonis,
  authJs,
  betterAuth,
  connectRedis,
  hono,
  koa,
  koaGeneric,
  lucia,
  mgcrea,
  redisSessions,
  remix,
  yar,
} from './node-dialects.ts';

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
/** What shows a session of Spring under any namespace. */
const SPRING_EVIDENCE = numbersIn('creationTime', SPRING_FIELDS.lastAccess, SPRING_FIELDS.maxInactive);
const SPRING_ID = new RegExp(`:session:sessions:${UUID}$`);
/** The same below its own namespace, where parts of a session that is over have some of them. */
const SPRING_PARTS: Evidence = {
  ...SPRING_EVIDENCE,
  isWeak: true,
  shows: ({ fields }, key) => (SPRING_EVIDENCE.fields ?? []).some((field) => field in fields) || SPRING_ID.test(key),
};
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
    session(new RegExp(`^${SPRING}sessions:[^:]+$`), 'hash', SPRING_SESSION, SPRING_PARTS),
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

/** Its own repository for Spring Session: the session gets no TTL with a new id. */
const redissonSpring = dialect(
  'redisson-spring',
  common(
    session(
      new RegExp(`^(?:.*:)?${UUID}$`, 's'),
      'hash',
      {
        from: 'fields',
        lastAccess: 'session:lastAccessedTime',
        maxInactive: 'session:maxInactiveInterval',
        graceSeconds: 60,
        defaultSeconds: 1_800,
      },
      numbersIn('session:creationTime', 'session:lastAccessedTime', 'session:maxInactiveInterval'),
    ),
  ),
);

/** `…:expirations:1790000040000`: a whole minute. */
const MINUTES = { test: (key: string) => Number(/:expirations:(\d{13})$/.exec(key)?.[1] ?? Number.NaN) % 60_000 === 0 };

/** The same below any other namespace: these names are of many programs, and the fields of one. */
const springElsewhere: Dialect = {
  name: 'spring-session',
  maxPolicy: 'delete',
  rules: [
    structural(/^.*index:org\.springframework\.session\.[\w.]*PRINCIPAL_NAME_INDEX_NAME:.*$/s, 'set', sessionOf),
    common(onTime(companion(/^.*sessions:expires:[^:]+$/s, 'string', SPRING_MARKER, SPRING_EVIDENCE))),
    onTime(companion(MINUTES, 'set', { from: 'key-time', graceSeconds: 300 })),
    common(session(/^.*sessions:[^:]+$/s, 'hash', SPRING_SESSION, SPRING_EVIDENCE)),
  ],
};

const micronaut = dialect(
  'micronaut',
  structural(/^(?:.+:)?micronaut:session:active-sessions$/s, 'zset'),
  companion(/^(?:.+:)?micronaut:session:expiry:[^:]+$/s, 'string', idle(1_800)),
  session(
    /^(?:.+:)?micronaut:session:sessions:[^:]+$/s,
    'hash',
    { from: 'fields', lastAccess: 'Last-Accessed', maxInactive: 'Max-Inactive-Interval', graceSeconds: 300, defaultSeconds: 1_800 },
    numbersIn('Last-Accessed', 'Max-Inactive-Interval'),
  ),
);

/** The names of many programs end so. */
const aspNet = dialect('asp-net-core', common(session(new RegExp(`^.*${UUID}$`, 'is'), 'hash', { from: 'ticks' }, ASP_NET_SESSION)));

/** Sa-Token's timeout is 30 days by default, and -1 where active-timeout alone ends what is not used. Its token's key has the user's id, which can be a whole number. */
const saToken: Dialect = {
  ...dialect(
    'sa-token',
    companion(/^(?:.*:)?satoken:[^:]+:(?:token|last-active):[^:]+$/s, 'string', idle(30 * DAY)),
    session(/^.+:(?:session|token-session):[^:]+$/s, 'string', idle(30 * DAY), saTokenSession),
  ),
  canLastForEver: true,
};

/** What Rails, Rack and Warden keep in a session themselves. */
const RAILS_FIELD = /session_id|_csrf_token|warden\./;

/** Names of many programs, with values that begin as those of one. */
const BY_VALUE: readonly Dialect[] = [
  // The length of the id, and the id itself.
  simple(
    'vertx',
    /^(?:.*[^0-9a-f])?[0-9a-f]{32}$/s,
    idle(1_800),
    ofText(({ start }, key) => start.startsWith(`\0\0\0 ${key.slice(-32)}`)),
  ),
  // A list of the id's 16 bytes, the data, and the end.
  simple('tower-sessions', /^(?:.*[^\w-])?[\w-]{22}$/s, idle(14 * DAY), startsWith('\x93\xc4\x10')),
  // Its id is of 30 random bytes, in base64 with other letters for the last two.
  simple('torndsession', /^(?:.*:)?[\w+/-]{40}$/s, idle(1_200), torndSession),
  // Before Rack 2.0.8 the id itself.
  simple(
    'rack',
    /^(?:.*[^0-9a-f])?(?:[0-9a-f]{64}|[0-9a-f]{32})$/s,
    idle(14 * DAY),
    ofText(
      ({ start }, key) => start.startsWith('\x04\x08{') && (/^(?:.*_?session(?:_id)?:)?[0-9a-f]+$/s.test(key) || RAILS_FIELD.test(start)),
    ),
  ),
];

/** What jcoleman's and ran-jit's managers write first. */
const TOMCAT_CLASSES = ['.SessionSerializationMetadata', 'tomcat.request.session.'] as const;

/** Frameworks whose sessions are one key each, which does not contain its lifetime. */
const SIMPLE: readonly Dialect[] = [
  // SESSION_COOKIE_AGE, two weeks by default.
  simple('django', /^.*:\d+:django\.contrib\.sessions\.cache(?:d_db)?[0-9a-z]{32}$/s, idle(14 * DAY)),
  // django-redis-sessions has no name of its own, and signs what it keeps.
  withCommonName(simple('django', /^(?:.*:)?[0-9a-z]{32}$/s, idle(14 * DAY), djangoSigned)),
  // Without a timeout its sessions live until the application removes them.
  { ...simple('beaker', /^(?:.*:)?beaker_cache:[0-9a-f]{32}:session$/s, idle(30 * DAY), mapping), canLastForEver: true },
  dialect(
    'phpredis',
    companion(/^PHPREDIS_SESSION:.+_LOCK$/s, 'string', idle(HOUR)),
    // session.gc_maxlifetime, 24 minutes by default.
    session(/^PHPREDIS_SESSION:.+$/s, 'string', idle(1_440)),
  ),
  simple('symfony', /^(?:.*:)?sf_s[\w,-]{22,256}$/s, idle(1_440), phpSession),
  dialect(
    'codeigniter',
    companion(/^(?:.*:)?ci_session:[^:].*:lock$/s, 'string', idle(300)),
    session(/^(?:.*:)?ci_session:.+$/s, 'string', idle(2 * HOUR), startsWith('__ci_last_regenerate|i:')),
  ),
  dialect('magento', session(/^(?:.*:)?sess_[\w,-]{22,256}$/s, 'hash', idle(30 * DAY), MAGENTO_SESSION)),
  simple('yii', /^[0-9a-f]{37}$/, idle(1_440), phpSession),
  // Version and hash of a private session id. Rack keeps no idle time.
  simple('rack', /^(?:.*:)?\d+::[0-9a-f]{64}$/s, idle(14 * DAY), startsWith('\x04\x08', '\x00\x04\x08', '\x01\x78', '\x00\x11')),
  // redis-session-store can write JSON.
  simple('rack', /^(?:.*:)?\d+::[0-9a-f]{64}$/s, idle(14 * DAY), mapping),
  // MaxAge of its options, 30 days by default. The id is 32 random bytes, in base 32.
  simple('gorilla', /^session_[A-Z2-7]{52}$/, idle(30 * DAY), either(opaque, mapping)),
  // rbcervilla's store: 64 random bytes.
  simple('gorilla', /^(?:.*:)?session:[A-Z2-7]{103}$/s, idle(30 * DAY), gobMap),
  simple('litestar', /^(?:.*:)?LITESTAR:[0-9a-f]{64}$/s, idle(14 * DAY), mapping),
  simple('scs', /^(?:.*:)?scs:session:[\w-]{43}$/s, idle(DAY), opaque),
  simple('aiohttp', /^(?:.*:)?AIOHTTP_SESSION_[0-9a-f]{32}$/s, idle(30 * DAY), orWhole('{}', jsonWith('created', 'session'))),
  simple('starsessions', /^(?:.*:)?starsessions\.[\w-]{16,128}$/s, idle(30 * DAY), mapping),
  simple('shiro', /^(?:.*:)?shiro:session:[^:]+$/s, idle(HOUR), javaObject('org.apache.shiro.session.mgt.SimpleSession')),
  simple(
    'tomcat-redis-session-manager',
    /^(?:.*:)?[0-9A-F]{32}(?:\.[\w-]+)?$/s,
    idle(1_800),
    // Before the first save it writes `null` by SETNX, without a TTL.
    ofText(({ start, isWhole }, key) =>
      isWhole && start === 'null' ? /^[0-9A-F]{32}(?:\.[\w-]+)?$/.test(key) : TOMCAT_CLASSES.some((name) => isJavaObject(start, name)),
    ),
  ),
  dialect(
    'asp-net-framework',
    companion(/^\{.+_[a-z0-9]{24}\}_(?:SessionTimeout|WriteLock|Internal)$/s, 'string', idle(20 * 60)),
    session(/^\{.+_[a-z0-9]{24}\}_(?:SessionStateItemCollection|Data)$/s, 'hash', idle(20 * 60)),
  ),
];

export const CATALOGUE: readonly Dialect[] = [
  ...[spring, redisson, redissonSpring, micronaut, springElsewhere, authJs, aspNet],
  ...SIMPLE,
  ...[lucia, hono, remix, yar, connectRedis, koa, koaGeneric, betterAuth, adonis, saToken, mgcrea, redisSessions],
  ...BY_VALUE,
  simple('laravel', /^.*[A-Za-z0-9]{40}$/s, idle(2 * HOUR), laravelSession),
  // PERMANENT_SESSION_LIFETIME, 31 days by default. The id is of 32 random bytes in base64url, or a UUID.
  simple('flask-session', new RegExp(`^session:(?:[\\w-]{43}|${UUID}|[0-9a-f]{32})$`), idle(31 * DAY), webMapping),
];

/** Members of Spring Session's index of users. Pure. */

/**
 * Behind the namespace: `index:org.springframework.session.…PRINCIPAL_NAME_INDEX_NAME:<user>`, or
 * `sessions:index:PRINCIPAL_NAME_INDEX_NAME:<user>`. The first one counts: a user can choose a name that looks like the rest.
 */
const INDEX = /^(.*?)(?:sessions:)?index:[\w.]*PRINCIPAL_NAME_INDEX_NAME:/s;
/**
 * A session's id in Spring's index: JDK-serialised (with a header of seven bytes), JSON, or plain. Most are UUIDs; an application can have a
 * generator of its own, and a route behind the id. What the JDK has serialised, in base64, is no id.
 */
function memberId(member: string): string | undefined {
  const isJdk = member.startsWith('\xac\xed\x00\x05t');
  if (isJdk && member.charCodeAt(5) * 256 + member.charCodeAt(6) !== member.length - 7) return undefined;
  const id = isJdk ? member.slice(7) : member.replace(/^"(.*)"$/s, '$1');
  return /^(?!rO0AB)[\w-]{16,128}(?:\.[\w-]{1,64})?$/.test(id) ? id : undefined;
}
/** The key of the session whose id a member of an index is. */
function sessionOf(key: string, member: string): string | undefined {
  const id = memberId(member);
  const namespace = INDEX.exec(key)?.[1];
  return id === undefined || namespace === undefined ? undefined : `${namespace}sessions:${id}`;
}
