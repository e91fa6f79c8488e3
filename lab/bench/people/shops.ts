/** The shops whose releases are deployed, with the frameworks' own sessions, cookies and access logs. */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { APP_CONTRACT_FILE } from '../../../functions/shared/app-contract.ts';
import { ensureJava } from '../../../setup/java.mjs';
import { runCommand } from '../../../setup/run-command.mjs';
import type { Packages } from '../../corpus/library.ts';
import { folderOf, installPackages, logOf } from '../../corpus/record/install.ts';

export type App = 'express' | 'express-redis' | 'iron-session' | 'flask' | 'flask-session' | 'django' | 'spring' | 'tomcat' | 'scs';

/** How a release differs from others of its shop. */
export interface Release {
  readonly cookie?: string;
  readonly secret?: string;
  /** Another secret, whose signatures are accepted. */
  readonly alsoAccepts?: string;
  readonly sameSite?: 'strict' | 'lax';
  readonly prefix?: string;
  /** Of the class that a session's attribute has. */
  readonly serialVersionUID?: number;
  /** How sessions are written. @default Java's own serialization */
  readonly format?: 'json' | 'kryo' | 'msgpack';
  /** Of Django. @default signed_cookies */
  readonly engine?: 'cache' | 'cached_db' | 'db';
  /** Spring Boot, with its Spring Session and its Tomcat. @default 3 */
  readonly boot?: 4;
  /** Sessions hold what Spring Security has of a user. */
  readonly security?: true;
  /** Of Go: what is bought has a type of its own, in sessions from their beginning or from their first change on. */
  readonly typed?: 'from log-in' | 'from change';
  readonly asset?: string;
  readonly loops?: true;
  /** Of so many users one is sent to the log-in. */
  readonly turnsAway?: number;
  readonly renamed?: true;
  readonly without?: readonly ('right' | 'log')[];
}

interface Shop {
  readonly registry: 'npm' | 'pypi' | 'maven' | 'go';
  readonly packages: Packages;
  /** Of the installed folder. */
  readonly start: (folder: string) => readonly string[];
  readonly pattern: string;
  readonly cookie: string;
}

const NODE = {
  registry: 'npm',
  packages: {
    express: '5.2.1',
    'express-session': '1.19.0',
    morgan: '1.12.1',
    'cookie-session': '2.1.1',
    'connect-redis': '10.0.0',
    'iron-session': '8.0.4',
    redis: '6.3.1',
  },
  start: (folder) => [process.execPath, path.join(folder, 'main.mjs')],
  pattern: ':remote-addr [:date[iso]] ":method :url HTTP/:http-version" :status ":req[cookie]" ":res[set-cookie]" ":user-agent"',
  cookie: 'shop',
} satisfies Shop;

const GUNICORN_PATTERN = '%(h)s %(t)s "%(r)s" %(s)s "%({cookie}i)s" "%({set-cookie}o)s"';
const python = (application: string, cookie: string): Shop => ({
  registry: 'pypi',
  packages: { Flask: '3.1.2', 'Flask-Session': '0.8.0', Django: '5.2.19', redis: '6.4.0', gunicorn: '23.0.0' },
  start: (folder) => [
    'sh',
    '-c',
    `mkdir -p "$HOLDFAST_DATA/logs"; exec "$0" -m gunicorn -b "$HOST:$PORT" --workers 1 --threads 8 --keep-alive 75 --pythonpath "$1" --access-logfile "$HOLDFAST_DATA/$2" --access-logformat "$3" "$4"`,
    path.join(folder, 'venv/bin/python'),
    folder,
    logPath(application),
    GUNICORN_PATTERN,
    application,
  ],
  pattern: GUNICORN_PATTERN,
  cookie,
});

const JAVA = {
  registry: 'maven',
  packages: {
    'org.springframework.boot:spring-boot-dependencies': 'bom:3.5.7',
    'org.springframework.session:spring-session-data-redis': '3.5.3',
    'org.springframework.security:spring-security-core': '',
    'io.lettuce:lettuce-core': '',
    'com.fasterxml.jackson.core:jackson-databind': '',
    'org.redisson:redisson-tomcat-10': '3.50.0',
    'org.redisson:redisson': '3.50.0',
    'org.apache.tomcat.embed:tomcat-embed-core': '10.1.48',
  },
  start: (folder) => [
    ensureJava().java,
    ...['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    ...['-cp', `${folder}:${classpathIn(folder)}`, 'Main'],
  ],
  pattern: '%h %t "%r" %s "%{Cookie}i" "%{Set-Cookie}o" "%{User-Agent}i"',
} satisfies Omit<Shop, 'cookie'>;
/** Redisson is for Tomcat 10: the shop on Tomcat stays with that. */
const BOOT_4 = {
  ...JAVA,
  packages: {
    ...JAVA.packages,
    'org.springframework.boot:spring-boot-dependencies': 'bom:4.0.7',
    'org.springframework.session:spring-session-data-redis': '4.0.4',
    'org.apache.tomcat.embed:tomcat-embed-core': '',
  },
} satisfies Omit<Shop, 'cookie'>;
const classpathIn = (folder: string): string => readFileSync(path.join(folder, 'classpath'), 'utf8').trim();

/** Has neither a log nor counts. */
const GO = {
  registry: 'go',
  packages: {
    'github.com/alexedwards/scs/v2': 'v2.9.0',
    'github.com/alexedwards/scs/redisstore': 'v0.0.0-20251002162104-209de6e426de',
    'github.com/gomodule/redigo': 'v1.9.3',
  },
  start: (folder) => [path.join(folder, 'program')],
  pattern: '',
  cookie: 'session',
} satisfies Shop;

const SHOPS: Readonly<Record<App, Shop>> = {
  express: NODE,
  'express-redis': NODE,
  'iron-session': NODE,
  flask: python('flask_shop:app', 'session'),
  'flask-session': python('flask_shop:app', 'session'),
  django: python('django_shop:application', 'sessionid'),
  spring: { ...JAVA, cookie: 'SESSION' },
  tomcat: { ...JAVA, cookie: 'JSESSIONID' },
  scs: GO,
};

const logPath = (name: string): string => `logs/${name.replace(/:.*/, '')}.log`;
const PORT = 8080;

const PROGRAMS = { npm: 'express', pypi: 'python', maven: 'java', go: 'go' } as const;
/** Where sessions are, if not in a cookie of the framework's own. */
const SESSIONS: Partial<Record<App, string>> = {
  'express-redis': 'redis',
  'flask-session': 'redis',
  'iron-session': 'iron',
  spring: 'spring',
  tomcat: 'tomcat',
};
const COMPILE_LIMIT_MS = 120_000;

const installed = new Map<string, Promise<string>>();
/** Packages and programs, once for all releases. */
function install(shop: Shop): Promise<string> {
  const name = shop.packages === BOOT_4.packages ? 'people-boot-4' : `people-${shop.registry}`;
  const made = installed.get(name) ?? installPrograms(name, shop);
  installed.set(name, made);
  return made;
}

async function installPrograms(name: string, { registry, packages }: Shop): Promise<string> {
  const folder = folderOf(name);
  const program = path.join(import.meta.dirname, 'shops', PROGRAMS[registry]);
  await installPackages({ name, registry, packages, program, args: [] }, folder, program);
  if (registry === 'maven')
    await runCommand(
      'Compiling the shop',
      path.join(ensureJava().home, 'bin/javac'),
      ['-cp', classpathIn(folder), 'Main.java', 'Shop.java'],
      {
        ...{ cwd: folder, logFile: logOf(name, 'compile'), timeoutMs: COMPILE_LIMIT_MS, advice: 'Nothing was published.' },
      },
    );
  return folder;
}

/** Writes a release's folder. */
export async function buildRelease(folder: string, app: App, { without = [], boot, ...differs }: Release): Promise<string> {
  const shop = { ...SHOPS[app], ...(boot && BOOT_4) };
  const log = { path: logPath(shop.registry === 'npm' ? app : `${app}_shop`), format: shop.pattern };
  const release = {
    ...{
      cookie: shop.cookie,
      secret: 'first secret of the shop',
      asset: 'a1b2c3d4',
      sessions: SESSIONS[app] ?? 'cookie',
    },
    ...(without.includes('log') ? {} : { log }),
    ...{ without, ...differs },
  };
  const count = (field: string) => ({ path: '/internal/status', field });
  const contract = {
    start: shop.start(await install(shop)),
    port: PORT,
    health: { loadBalancer: '/live', ready: '/health' },
    keepAliveSeconds: 75,
    ...{ inFlight: count('inFlight'), requests: count('requests') },
    // A Java application rarely counts its errors: what it answers with 500 is seen in its log alone.
    ...(shop.registry !== 'maven' && { errors: count('errors') }),
    session: { cookie: release.cookie },
    ...(without.includes('log') ? {} : { logs: { access: { path: log.path, pattern: shop.pattern } } }),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'release.json'), JSON.stringify(release));
  await writeFile(path.join(folder, APP_CONTRACT_FILE), JSON.stringify(contract));
  return folder;
}

export const SHOP_SERVER = { port: PORT, healthPath: '/live' } as const;
