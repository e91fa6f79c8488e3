import { type AppContract, STATUS_PORT } from '../../../functions/shared/app-contract.ts';
import { sessionManagerOf, type TomcatApp } from '../../../infra/config/app.ts';
import type { FleetConfig } from '../../../infra/config/fleet.ts';

/** What a release takes from its fleet's configuration. */
export type TomcatFleet = Pick<FleetConfig, 'port' | 'strategy'> & { readonly app: TomcatApp };

/** The contract of a Tomcat release. Its counts are those of StatusValve. */
export function contractOf({ app, port, strategy }: TomcatFleet): AppContract {
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
    ...(app.session && { session: app.session }),
    // With a store, Tomcat counts the copies that it holds.
    ...(sessionManagerOf(app, strategy) === 'memory' && { sessions: count('sessions') }),
  };
}
