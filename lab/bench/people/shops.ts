/** The shops whose releases are deployed, with the frameworks' own sessions, cookies and access logs. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { APP_CONTRACT_FILE } from '../../../functions/shared/app-contract.ts';
import type { Packages } from '../../corpus/library.ts';
import { folderOf, installPackages } from '../../corpus/record/install.ts';

export type App = 'express' | 'express-redis' | 'flask' | 'django';

/** How a release differs from others of its shop. */
export interface Release {
  readonly cookie?: string;
  readonly secret?: string;
  readonly prefix?: string;
  readonly asset?: string;
  readonly loops?: true;
  /** Of so many users one is sent to the log-in. */
  readonly turnsAway?: number;
  readonly renamed?: true;
  readonly without?: readonly ('right' | 'log')[];
}

interface Shop {
  readonly registry: 'npm' | 'pypi';
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
    redis: '6.3.1',
  },
  start: (folder) => [process.execPath, path.join(folder, 'main.mjs')],
  pattern: ':remote-addr [:date[iso]] ":method :url HTTP/:http-version" :status ":req[cookie]" ":res[set-cookie]" ":user-agent"',
  cookie: 'shop',
} satisfies Shop;

const GUNICORN_PATTERN = '%(h)s %(t)s "%(r)s" %(s)s "%({cookie}i)s" "%({set-cookie}o)s"';
const python = (application: string, cookie: string): Shop => ({
  registry: 'pypi',
  packages: { Flask: '3.1.2', Django: '5.2.19', gunicorn: '23.0.0' },
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

const SHOPS: Readonly<Record<App, Shop>> = {
  express: NODE,
  'express-redis': NODE,
  flask: python('flask_shop:app', 'session'),
  django: python('django_shop:application', 'sessionid'),
};

const logPath = (name: string): string => `logs/${name.replace(/:.*/, '')}.log`;
const PORT = 8080;

const installed = new Map<Shop['registry'], Promise<string>>();
/** Packages and programs, once for all releases. */
function install({ registry, packages }: Shop): Promise<string> {
  const known = installed.get(registry);
  if (known) return known;
  const folder = folderOf(`people-${registry}`);
  const program = path.join(import.meta.dirname, 'shops', registry === 'npm' ? 'express' : 'python');
  const made = installPackages({ name: `people-${registry}`, registry, packages, program, args: [] }, folder, program).then(() => folder);
  installed.set(registry, made);
  return made;
}

/** Writes a release's folder. */
export async function buildRelease(folder: string, app: App, { without = [], ...differs }: Release): Promise<string> {
  const shop = SHOPS[app];
  const log = { path: logPath(shop.registry === 'npm' ? app : `${app}_shop`), format: shop.pattern };
  const release = {
    ...{
      cookie: shop.cookie,
      secret: 'first secret of the shop',
      asset: 'a1b2c3d4',
      sessions: app === 'express-redis' ? 'redis' : 'cookie',
    },
    ...(without.includes('log') ? {} : { log }),
    ...{ without, ...differs },
  };
  const count = (field: string) => ({ path: '/internal/status', field });
  const contract = {
    start: shop.start(await install(shop)),
    port: PORT,
    health: { loadBalancer: '/live', gate: '/health' },
    keepAliveSeconds: 75,
    ...{ inFlight: count('inFlight'), requests: count('requests'), errors: count('errors') },
    session: { cookie: release.cookie },
    ...(without.includes('log') ? {} : { logs: { access: { path: log.path, pattern: shop.pattern } } }),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'release.json'), JSON.stringify(release));
  await writeFile(path.join(folder, APP_CONTRACT_FILE), JSON.stringify(contract));
  return folder;
}

export const SHOP_SERVER = { port: PORT, healthPath: '/live' } as const;
