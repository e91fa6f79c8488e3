/** Clients and frameworks whose errors are recorded. */
import type { Packages } from '../library.ts';
import type { Client } from './clients.ts';
import { SITUATIONS, type SituationName } from './situations.ts';

const EVERY = Object.keys(SITUATIONS) as SituationName[];

const JVM: Packages = {
  'io.lettuce:lettuce-core': '6.8.1.RELEASE',
  'redis.clients:jedis': '6.2.0',
  'org.redisson:redisson': '3.50.0',
  'ch.qos.logback:logback-classic': '1.5.18',
  'org.slf4j:slf4j-api': '2.0.17',
};
const jvm = (name: string, client: string, version: string): Client => ({
  name,
  client,
  version,
  registry: 'maven',
  packages: JVM,
  program: 'words-jvm',
  args: [name],
  situations: EVERY,
  entry: /^\d{4}-\d\d-\d\dT[\d:.]{12}(?:Z|[+-][\d:]+) +(?:WARN|ERROR) /gm,
});
const node = (name: string, client: string, packages: Packages): Client => ({
  name,
  client,
  version: Object.values(packages)[0] as string,
  registry: 'npm',
  packages,
  program: 'words-node',
  args: [client],
  situations: EVERY,
});

const STORE_CLIENTS: readonly Client[] = [
  node('ioredis', 'ioredis', { ioredis: '5.8.2' }),
  { ...node('node-redis', 'node-redis', { redis: '6.3.1' }), nameless: /^Error: read ECONNRESET$/ },
  jvm('lettuce', 'Lettuce', '6.8.1'),
  jvm('jedis', 'Jedis', '6.2.0'),
  jvm('redisson', 'Redisson', '3.50.0'),
  {
    name: 'redis-py',
    client: 'redis-py',
    version: '6.4.0',
    registry: 'pypi',
    packages: { redis: '6.4.0' },
    program: 'words-python',
    situations: EVERY,
  },
  ...(['', 'sessions'] as const).map(
    (what): Client => ({
      name: what ? 'phpredis-sessions' : 'phpredis',
      client: what ? "PHP's sessions by phpredis" : 'phpredis',
      version: '5.3.7',
      registry: 'debian',
      packages: { 'php-redis': '5.3.7+4.3.0-3' },
      program: 'words-php',
      args: [what],
      situations: EVERY,
      entry: /^\[\d\d-\w{3}-\d{4} [\d:]{8} \w+\] /gm,
    }),
  ),
];

/** Their programs bring about what they log. */
const FRAMEWORKS: readonly Client[] = [
  {
    name: 'express',
    client: 'Express: express-session, connect-redis, cookie-session, iron, Auth.js',
    version: '5.2.1',
    registry: 'npm',
    packages: {
      express: '5.2.1',
      'express-session': '1.19.0',
      'connect-redis': '9.0.0',
      'cookie-session': '2.1.1',
      '@hapi/iron': '7.0.1',
      '@auth/core': '0.41.1',
    },
    program: 'words-express',
    named: {
      'another codec': 'serialization',
      'another secret, express-session': 'decryption',
      'another key, iron': 'decryption',
      'another secret, Auth.js': 'decryption',
      // The application's own error, or the configuration's: neither names a session.
      'another secret, cookie-session': 'none',
      'another codec, cookie-session': 'none',
      'no secret, cookie-session': 'none',
    },
  },
  {
    name: 'django',
    client: 'Django, Flask, Flask-Session, aiohttp-session',
    version: '5.2.8',
    registry: 'pypi',
    packages: {
      django: '5.2.8',
      flask: '3.1.2',
      'flask-session': '0.8.0',
      redis: '6.4.0',
      'aiohttp-session': '2.12.1',
      cryptography: '46.0.3',
    },
    program: 'words-django',
    named: {
      "another secret, Django's store": 'decryption',
      "another secret, Django's signing": 'decryption',
      'cut short, pickle': 'serialization',
      'another secret, itsdangerous': 'decryption',
      'a key per server, aiohttp-session': 'decryption',
      'a key per server, Fernet': 'decryption',
      'another codec, Flask-Session': 'serialization',
      'cut short, Flask-Session': 'serialization',
      'class removed, Flask-Session': 'serialization',
      'another codec, Flask-Session, at the answer': 'serialization',
      'cut short, Flask-Session, at the visit': 'serialization',
      'cut short, Flask-Session, at the answer': 'serialization',
      'class removed, Flask-Session, at the answer': 'serialization',
    },
  },
  {
    name: 'rails',
    client: 'Rails',
    version: '6.1.7',
    registry: 'debian',
    packages: { 'ruby-activesupport': '2:6.1.7.10+dfsg-1~deb12u4' },
    program: 'words-rails',
    named: {
      'another secret_key_base, encrypted': 'decryption',
      'another secret_key_base, signed': 'decryption',
      'class removed': 'serialization',
      'another codec': 'serialization',
    },
  },
  {
    name: 'laravel',
    client: 'Laravel and PHP',
    version: '8.83.26',
    registry: 'debian',
    packages: {
      'php-illuminate-encryption': '8.83.26+dfsg-2',
      'php-illuminate-session': '8.83.26+dfsg-2',
      'php8.2-mbstring': '8.2.36-1~deb12u1',
    },
    program: 'words-laravel',
    named: {
      'another APP_KEY': 'decryption',
      'not encrypted': 'decryption',
      'another codec': 'serialization',
      'another serialize handler': 'serialization',
    },
  },
  {
    name: 'symfony',
    client: 'Symfony',
    version: '5.4.53',
    registry: 'debian',
    packages: {
      'php-symfony-security-http': '5.4.53+dfsg-0+deb12u1',
      'php-symfony-cache': '5.4.53+dfsg-0+deb12u1',
      'php-symfony-http-kernel': '5.4.53+dfsg-0+deb12u1',
      'php-symfony-property-access': '5.4.53+dfsg-0+deb12u1',
      'php-monolog': '2.9.1-1',
    },
    program: 'words-symfony',
    named: {
      'class removed': 'serialization',
      'another codec': 'serialization',
      // PHP says no more of a session that another key encrypted, and Symfony's exception is that of a store in trouble too.
      'another key, SodiumMarshaller': 'serialization',
      'another key, SodiumMarshaller, the exception': 'none',
      'another APP_SECRET, remember me': 'decryption',
    },
  },
  {
    name: 'spring',
    client: 'Spring Session and Spring Security',
    version: '3.5.3',
    registry: 'maven',
    packages: {
      'org.springframework.boot:spring-boot-dependencies': 'bom:3.5.7',
      'org.springframework.session:spring-session-data-redis': '3.5.3',
      'org.springframework.security:spring-security-crypto': '',
      'com.fasterxml.jackson.core:jackson-databind': '',
      'ch.qos.logback:logback-classic': '',
      'org.slf4j:slf4j-api': '',
    },
    program: 'words-spring',
    named: {
      'serialVersionUID changed': 'serialization',
      'class removed': 'serialization',
      'from Jackson to the JDK': 'serialization',
      'from the JDK to Jackson': 'serialization',
      'another password, Spring Security': 'decryption',
    },
  },
];

/** What cannot be installed here: written by hand from its source. */
const FROM_SOURCE: readonly Client[] = [
  {
    name: 'data-protection',
    client: 'ASP.NET Core, Data Protection',
    version: '9.0.0',
    registry: 'source',
    packages: {},
    named: { 'a key per server': 'decryption', 'another secret': 'decryption' },
  },
];

/** What has the same troubles, and is no store of sessions. */
const OTHERS: readonly Client[] = [
  {
    name: 'node-others',
    client: 'pg, mysql2, mongodb, amqplib, axios, fetch',
    version: 'several',
    registry: 'npm',
    packages: { pg: '8.16.3', mysql2: '3.15.3', mongodb: '6.20.0', amqplib: '0.10.9', axios: '1.12.2' },
    program: 'words-foreign-node',
    named: 'none',
  },
  {
    name: 'python-others',
    client: 'PyMySQL, SQLAlchemy, requests',
    version: 'several',
    registry: 'pypi',
    packages: { pymysql: '1.1.2', sqlalchemy: '2.0.44', requests: '2.32.5' },
    program: 'words-foreign-python',
    named: 'none',
  },
  {
    name: 'jvm-others',
    client: 'HikariCP, the driver of PostgreSQL, HttpClient',
    version: 'several',
    registry: 'maven',
    packages: {
      'com.zaxxer:HikariCP': '6.3.0',
      'org.postgresql:postgresql': '42.7.7',
      'ch.qos.logback:logback-classic': '1.5.18',
      'org.slf4j:slf4j-api': '2.0.17',
    },
    program: 'words-foreign-jvm',
    named: 'none',
  },
];

export const CLIENTS: ReadonlyMap<string, Client> = new Map(
  [...STORE_CLIENTS, ...FRAMEWORKS, ...FROM_SOURCE, ...OTHERS].map((client) => [client.name, client]),
);
