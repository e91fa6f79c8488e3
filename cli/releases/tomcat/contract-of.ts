import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type AppContract, STATUS_PORT, toReadyPage } from '../../../functions/shared/app-contract.ts';
import { escapeMarkup } from '../../../functions/shared/escape-markup.ts';
import { OWN_LIVE_PATH, sessionManagerOf, type TomcatApp } from '../../../infra/config/app-kind.ts';
import type { FleetConfig } from '../../../infra/config/fleet.ts';

/** What a release takes from its fleet's configuration. */
export type TomcatFleet = Pick<FleetConfig, 'port' | 'strategy'> & {
  readonly app: TomcatApp;
  readonly stickiness?: boolean | undefined;
  /** Of Amazon Linux, with the servers' Java. */
  readonly runtimePackages?: readonly string[] | undefined;
};

/** Pages that keep state in the session change it in place. */
export const sessionUpdatesOf = ({ app, stickiness = false }: TomcatFleet): 'atOnce' | 'afterRequest' =>
  app.sessionUpdates ?? (stickiness ? 'afterRequest' : 'atOnce');

/**
 * The contract of a Tomcat release. Its counts are those of StatusValve.
 * @param sessionCookie by the release's files; the fleet's configuration can name another
 */
export function contractOf({ app, port, strategy }: TomcatFleet, sessionCookie: string): AppContract {
  const count = (field: string) => ({ path: '/status', port: STATUS_PORT, field }) as const;
  return {
    // Its environment is the service's, so that nothing in it changes how Python starts.
    start: ['python3', '-I', 'bin/start-tomcat.py'],
    port,
    statusPort: app.statusPort,
    health: { ...app.health, ready: app.health.ready ?? { path: '/health', port: STATUS_PORT } },
    keepAliveSeconds: app.keepAliveSeconds,
    inFlight: count('inFlight'),
    requests: count('requests'),
    errors: count('errors'),
    latencyMs: count('latencyMs'),
    logs: {
      access: {
        path: 'tomcat/logs/session-routes.log',
        pattern: '$time status=$status ms=$_ path=$path agent=$agent from=$referer received=$session session=$answered',
      },
    },
    ...(app.assets && { assets: app.assets.map(({ folder, path }) => ({ folder: `webapps/ROOT/${folder}`, path })) }),
    ...sessionsOf(),
  };

  function sessionsOf(): Pick<AppContract, 'session' | 'sessions' | 'unwritten'> {
    const manager = sessionManagerOf({ app, strategy });
    // Where sessions are in a store, the contract names no count: Tomcat counts the copies that it holds.
    const compared = manager === 'redisson' ? { unwritten: count('unwritten') } : {};
    if (manager !== 'memory' && manager !== 'cluster') return { ...compared, ...(app.session && { session: app.session }) };
    const answered = { answeredCookie: count('cookie'), route: count('route'), inUrls: count('sessionsInUrls') };
    const session = { cookie: sessionCookie, ...app.session, ...answered, timeoutSeconds: count('timeoutSeconds') };
    return { session, sessions: { ...count('sessions'), before: 'before' } };
  }
}

const FILES = path.join(import.meta.dirname, '../../../server/tomcat/files');
const managerXml = (manager: string): string => readFileSync(path.join(FILES, 'managers', `${manager}.xml`), 'utf8').trim();

/**
 * An application without a health path of its own counts as working if its first page answers with any status that is not a server error.
 */
const WORKS = '200-499';

export interface Filling {
  readonly fleet: TomcatFleet;
  /** Whether Tomcat searches the fleet's libraries for tags. */
  readonly scansLibraries: boolean;
}

/** A configuration file with its `@NAME@` replaced by the fleet's settings. */
export function fillIn(text: string, { fleet, scansLibraries }: Filling): string {
  const { app } = fleet;
  const manager = sessionManagerOf(fleet);
  const { loadBalancer, status, ready } = app.health;
  const isOwn = loadBalancer === OWN_LIVE_PATH;
  const healthPaths = [loadBalancer, ...(ready === undefined ? [] : [toReadyPage({ loadBalancer, ready }).path])];
  const values: Readonly<Record<string, string | number>> = {
    GRACEFUL_STOP_MS: app.gracefulStopSeconds * 1_000,
    KEEP_ALIVE_MS: app.keepAliveSeconds * 1_000,
    MAX_THREADS: app.maxThreads,
    IGNORED_PATHS: attribute([...new Set(healthPaths.map((each) => each.replace(/\?.*$/, '')))].join(' ')),
    LIVE_VALVE: isOwn ? `<Valve className="holdfast.LiveValve" path="${loadBalancer}"/>` : '<!-- The application has a health path. -->',
    HEALTH_PAGES: attribute(`${loadBalancer} ${status}${isOwn ? ` / ${WORKS}` : ''}`),
    SCAN_LIBRARIES: `${scansLibraries}`,
    SAME_SITE: app.sameSite,
    SESSION_UPDATES: sessionUpdatesOf(fleet),
    MANAGER: manager === 'cluster' ? '<!-- The <Cluster> of server.xml has the manager. -->' : managerXml(`${manager}`),
  };
  const fill = (template: string) => template.replace(/@([A-Z_]+)@/g, (_, name: string) => String(values[name]));
  // Filled in twice, because the text that replaces MANAGER contains `@NAME@`s as well.
  return fill(fill(text));
}

/** Tomcat replaces `${NAME}` in the values of attributes. */
const attribute = (value: string): string => escapeMarkup(value).replaceAll('$', '&#36;');
