import { type AppContract, STATUS_PORT } from '../../../functions/shared/app-contract.ts';
import { sessionManagerOf, type TomcatApp } from '../../../infra/config/app-kind.ts';
import { clusterMembers } from '../../../infra/config/cluster-rules.ts';
import type { FleetConfig } from '../../../infra/config/fleet.ts';

/** What a release takes from its fleet's configuration. */
export type TomcatFleet = Pick<FleetConfig, 'port' | 'strategy'> & {
  readonly app: TomcatApp;
  readonly stickiness?: boolean | undefined;
  /** Of Amazon Linux, with the servers' Java. */
  readonly runtimePackages?: readonly string[] | undefined;
  /** Its nodes are the members of a cluster. */
  readonly existing?: Pick<NonNullable<FleetConfig['existing']>, 'nodes'> | undefined;
};

/** Pages that keep state in the session change it in place. */
export const sessionUpdatesOf = ({ app, stickiness = false }: TomcatFleet): 'atOnce' | 'afterRequest' =>
  app.sessionUpdates ?? (stickiness ? 'afterRequest' : 'atOnce');

/**
 * The contract of a Tomcat release. Its counts are those of StatusValve.
 *
 * @param sessionCookie by the release's files; the fleet's configuration can name another
 */
export function contractOf({ app, port, strategy, existing }: TomcatFleet, sessionCookie: string): AppContract {
  const count = (field: string) => ({ path: '/status', port: STATUS_PORT, field }) as const;
  return {
    // Its environment is the service's, so that nothing in it changes how Python starts.
    start: ['python3', '-I', 'bin/start-tomcat.py'],
    port,
    statusPort: app.statusPort,
    health: { ...app.health, gate: app.health.gate ?? { path: '/health', port: STATUS_PORT } },
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

  function sessionsOf(): Pick<AppContract, 'session' | 'sessions' | 'copies' | 'unwritten'> {
    const manager = sessionManagerOf(app, strategy);
    // Sessions in the servers' memory are not tried on two servers.
    const { probe, ...inMemory } = app.session ?? {};
    if (manager === 'cluster') {
      const copies = { path: '/status?copies', port: STATUS_PORT } as const;
      const session = { cookie: sessionCookie, ...inMemory, route: count('route'), timeoutSeconds: count('timeoutSeconds') };
      const members = [...clusterMembers({ app, strategy, existing })];
      const of = (field: string) => ({ ...copies, field });
      return { session, copies: { sessionsAlone: of('sessionsAlone'), reason: of('reason'), members } };
    }
    // Where sessions are in a store, the contract names no count: Tomcat counts the copies that it holds.
    const compared = manager === 'redisson' ? { unwritten: count('unwritten') } : {};
    if (manager !== 'memory') return { ...compared, ...(app.session && { session: app.session }) };
    const answered = { answeredCookie: count('cookie'), route: count('route'), inUrls: count('sessionsInUrls') };
    const session = { cookie: sessionCookie, ...inMemory, ...answered, timeoutSeconds: count('timeoutSeconds') };
    return { session, sessions: { ...count('sessions'), before: 'before' } };
  }
}
