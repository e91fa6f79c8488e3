/** What a Tomcat cluster needs of a fleet, found before anything is deployed. Pure. */
import { MATRIX, quoteRow } from '../../advisor/situation.ts';
import { counted } from '../../functions/shared/texts.ts';
import { sessionManagerOf } from './app-kind.ts';
import { type BrokenRule, collectBrokenRules } from './broken-rules.ts';
import type { FleetConfig } from './fleet.ts';

const FEWEST_NODES = 2;
/** Each session is copied to every other server. */
const MOST_NODES = 5;
const CLOUD = 'Cloud/Kubernetes';

/** Where each node of a Tomcat cluster takes copies, as `10.0.0.1:4000`, in the configuration's order; none for other fleets. */
export function clusterMembers({ app, strategy, existing }: Pick<FleetConfig, 'app' | 'strategy' | 'existing'>): readonly string[] {
  if (app?.kind !== 'tomcat' || sessionManagerOf({ app, strategy }) !== 'cluster') return [];
  return (existing?.nodes ?? []).map(({ ip, clusterPort = app.clusterPort }) => `${ip}:${clusterPort}`);
}

export function clusterRules({ app, strategy, members, existing, port, deploy }: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  const nodes = existing?.nodes ?? [];
  nodes.forEach(({ clusterPort }, index) => {
    if (clusterPort !== undefined && strategy !== 'tomcat-cluster')
      refuse(`needs strategy "tomcat-cluster"; this fleet has "${strategy}"`, 'existing', 'nodes', index, 'clusterPort');
  });
  if (app?.kind !== 'tomcat' || sessionManagerOf({ app, strategy }) !== 'cluster') return broken;
  if (strategy !== 'tomcat-cluster') refuse(`needs strategy "tomcat-cluster"; this fleet has "${strategy}"`, 'app', 'sessionManager');
  if (members !== 'ip') {
    const row = MATRIX.find(({ condition }) => condition === CLOUD);
    refuse(
      `needs members "ip" with existing.nodes, since each server knows the others by their addresses; this fleet has members "${members}"${row ? `, and of such servers the strategy matrix says ${quoteRow(row)}` : ''}`,
      'strategy',
    );
  } else if (nodes.length < FEWEST_NODES || nodes.length > MOST_NODES) {
    refuse(
      `has ${counted(nodes.length, 'node')}, and a Tomcat cluster ${FEWEST_NODES} to ${MOST_NODES}: each session is copied to every other server`,
      'existing',
      'nodes',
    );
  }
  if (app.health.ready !== undefined)
    refuse("replaces Holdfast's own readiness check, which waits for a Tomcat cluster's copies: remove it", 'app', 'health', 'ready');
  if (deploy.maxParallel !== 1)
    refuse(
      'has to be 1 with a Tomcat cluster: a server is stopped once the others hold its sessions, and two can be the only ones of a session. Remove it',
      'deploy',
      'maxParallel',
    );
  for (const [key, taken] of [
    ['port', port],
    ['statusPort', app.statusPort],
  ] as const) {
    if (app.clusterPort === taken) refuse(`is the fleet's ${key} too: the copies need a port of their own`, 'app', 'clusterPort');
  }
  return broken;
}
