import { companion, foreign, type Library, type Packages, session, structural } from '../library.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

interface Spring {
  readonly version: string;
  /** Of Spring Boot, whose list of versions goes with it. */
  readonly boot: string;
  readonly repository: 'default' | 'indexed' | 'reactive';
  readonly form: 'jdk' | 'json' | 'kryo';
  readonly namespace?: string;
}

function spring({ version, boot, repository, form, namespace = 'spring:session' }: Spring): Library {
  const major = version.split('.')[0];
  const own = namespace === 'spring:session' ? '' : '-namespace';
  const below = (pattern: string) => new RegExp(`^${namespace.replaceAll('.', '\\.')}:${pattern}$`);
  const packages: Packages = {
    'org.springframework.boot:spring-boot-dependencies': `bom:${boot}`,
    'org.springframework.session:spring-session-data-redis': version,
    'io.lettuce:lettuce-core': '',
    'com.fasterxml.jackson.core:jackson-databind': '',
    'com.esotericsoftware:kryo': '5.6.2',
  };
  // A logged-out session has a longest idle time of 0, an expired one of a second; each has five minutes more.
  const sessions = session('spring-session', below(`sessions:${UUID}`), 'value', 2_100, 300);
  const indexed = [
    sessions,
    companion('spring-session', below(`sessions:expires:${UUID}`), 'elsewhere', 1_800),
    companion('spring-session', below('expirations:⟨ms-minute\\+\\d+⟩'), 'elsewhere', 300, 360, 2_160),
    structural(
      'spring-session',
      below('index:org\\.springframework\\.session\\.FindByIndexNameSessionRepository\\.PRINCIPAL_NAME_INDEX_NAME:\\w+'),
    ),
  ];
  const reactive = [
    sessions,
    companion('spring-session', below(`sessions:expires:${UUID}`), 'elsewhere', 1_800),
    structural('spring-session', below('sessions:expirations')),
    structural('spring-session', below('sessions:index:PRINCIPAL_NAME_INDEX_NAME:\\w+')),
    structural('spring-session', below(`sessions:${UUID}:idx`)),
  ];
  return {
    name: `spring-session-${major}-${repository}-${form}${own}`,
    library: `Spring Session, ${repository === 'default' ? 'RedisSessionRepository' : `${repository} repository`}, ${form}`,
    version,
    kind: 'session',
    registry: 'maven',
    packages,
    program: repository === 'reactive' ? 'spring-session-reactive' : 'spring-session',
    args: [repository, form, ...(own && [namespace])],
    times: form === 'kryo' ? ['kryo-long'] : ['java-long'],
    keys: { default: [sessions], indexed, reactive }[repository],
  };
}

const [SPRING_2, SPRING_3, SPRING_4] = [
  { version: '2.7.4', boot: '2.7.18' },
  { version: '3.5.3', boot: '3.5.7' },
  { version: '4.0.4', boot: '4.0.7' },
] as const;

const redisson = (form: 'jdk' | 'json' | 'kryo'): Library => ({
  name: `redisson-tomcat-${form}`,
  library: `Redisson's Tomcat session manager, ${form}`,
  version: '3.50.0',
  kind: 'session',
  registry: 'maven',
  packages: {
    'org.redisson:redisson-tomcat-10': '3.50.0',
    'org.redisson:redisson': '3.50.0',
    'org.apache.tomcat.embed:tomcat-embed-core': '10.1.48',
  },
  program: 'redisson-tomcat',
  args: [form],
  times: form === 'kryo' ? ['kryo-long'] : ['java-long'],
  keys: [session('redisson-tomcat', /^redisson:tomcat_session:[0-9A-F]{32}$/, 'value', 1_860)],
});

const redissonSpring = (repository: 'indexed' | 'own', keys: Library['keys']): Library => ({
  name: `redisson-spring-${repository}`,
  library:
    repository === 'own' ? "Redisson's repository for Spring Session" : "Spring Session, indexed repository, on Redisson's connections",
  version: '3.50.0',
  kind: 'session',
  registry: 'maven',
  packages: {
    'org.springframework.boot:spring-boot-dependencies': 'bom:3.5.7',
    'org.springframework.session:spring-session-data-redis': '3.5.3',
    'org.redisson:redisson': '3.50.0',
    'org.redisson:redisson-spring-data-35': '3.50.0',
  },
  program: 'redisson-spring',
  args: [repository],
  times: ['java-long', 'kryo-long'],
  keys,
});

export const JAVA: readonly Library[] = [
  redissonSpring('indexed', spring({ ...SPRING_3, repository: 'indexed', form: 'jdk' }).keys),
  redissonSpring('own', [
    // A logged-out session has a longest idle time of 0, an expired one of a second; each has one minute more.
    session('redisson-spring', new RegExp(`^spring:session:${UUID}$`), 'value', 1_860, 60, 61),
    companion('spring-session', new RegExp(`^spring:session:sessions:expires:${UUID}$`), 'elsewhere', 1_800),
  ]),
  spring({ ...SPRING_2, repository: 'default', form: 'jdk' }),
  spring({ ...SPRING_2, repository: 'indexed', form: 'jdk' }),
  spring({ ...SPRING_3, repository: 'default', form: 'jdk' }),
  spring({ ...SPRING_3, repository: 'indexed', form: 'json' }),
  spring({ ...SPRING_3, repository: 'indexed', form: 'jdk', namespace: 'gateway.spring.session' }),
  spring({ ...SPRING_3, repository: 'default', form: 'kryo' }),
  spring({ ...SPRING_3, repository: 'reactive', form: 'jdk' }),
  spring({ ...SPRING_4, repository: 'default', form: 'json' }),
  spring({ ...SPRING_4, repository: 'indexed', form: 'jdk' }),
  spring({ ...SPRING_4, repository: 'reactive', form: 'jdk' }),
  redisson('jdk'),
  redisson('json'),
  redisson('kryo'),
  {
    name: 'shiro-redis',
    library: 'Apache Shiro, shiro-redis',
    version: '3.3.1',
    kind: 'session',
    registry: 'maven',
    packages: { 'org.crazycake:shiro-redis': '3.3.1' },
    times: ['java-long'],
    // SimpleSession has its times in JDK form, which a sweep does not read: RedisSessionDAO expires by the session's half hour, or an hour set.
    keys: [session('shiro', new RegExp(`^shiro:session:${UUID}$`), 'default', 3_600)],
  },
  {
    name: 'sa-token',
    library: 'Sa-Token, sa-token-redis-jackson',
    version: '1.39.0',
    kind: 'session',
    registry: 'maven',
    packages: {
      'cn.dev33:sa-token-core': '1.39.0',
      'cn.dev33:sa-token-redis-jackson': '1.39.0',
      'org.springframework.data:spring-data-redis': '2.7.18',
      'redis.clients:jedis': '3.10.0',
      'com.fasterxml.jackson.datatype:jackson-datatype-jsr310': '2.15.4',
    },
    keys: [
      companion('sa-token', /^satoken:login:(?:token|last-active):/, 'default', 2_592_000),
      session('sa-token', /^satoken:login:(?:token-)?session:/, 'default', 2_592_000),
    ],
  },
  {
    name: 'vertx',
    library: 'Vert.x, RedisSessionStore',
    version: '5.0.7',
    kind: 'session',
    registry: 'maven',
    packages: {
      'io.vertx:vertx-stack-depchain': 'bom:5.0.7',
      'io.vertx:vertx-web-sstore-redis': '',
      'io.vertx:vertx-web-client': '',
    },
    times: ['java-long'],
    // Nothing but an id, and bytes of its own.
    keys: [{ ...session('vertx', /^[0-9a-f]{32}$/, 'default', 1_800), onlyByLearning: true }],
  },
  {
    name: 'micronaut',
    library: 'Micronaut Session, micronaut-redis',
    version: '6.9.0',
    kind: 'session',
    registry: 'maven',
    packages: {
      'io.micronaut.platform:micronaut-platform': 'bom:4.10.8',
      'io.micronaut.redis:micronaut-redis-lettuce': '6.9.0',
      'io.micronaut.session:micronaut-session': '4.7.0',
    },
    keys: [
      session('micronaut', new RegExp(`^micronaut:session:sessions:${UUID}$`), 'value', 2_100, 300),
      // A whole number, which a sweep takes for nothing of a session.
      companion('micronaut', new RegExp(`^micronaut:session:expiry:${UUID}$`), 'elsewhere', 1_800),
      structural('micronaut', /^micronaut:session:active-sessions$/),
    ],
  },
  {
    name: 'redis-hash',
    library: 'Spring Data Redis, @RedisHash and cache',
    version: '3.5.5',
    kind: 'foreign',
    registry: 'maven',
    packages: {
      'org.springframework.boot:spring-boot-dependencies': 'bom:3.5.7',
      'org.springframework.data:spring-data-redis': '3.5.5',
      'io.lettuce:lettuce-core': '',
    },
    keys: [foreign(/^(?:person|session:token|sessions:)/)],
  },
];
