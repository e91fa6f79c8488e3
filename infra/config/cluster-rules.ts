/** What a Tomcat cluster needs of a fleet, found before anything is deployed. Pure. */
import { counted } from '../../functions/shared/texts.ts';
import { sessionManagerOf } from './app-kind.ts';
import { type BrokenRule, collectBrokenRules } from './broken-rules.ts';
import type { FleetConfig } from './fleet.ts';

const FEWEST_SERVERS = 2;
/** Each session is copied to every other server. */
const MOST_SERVERS = 5;

export function clusterRules({ app, strategy, members, existing, deploy }: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  if (app?.kind !== 'tomcat' || sessionManagerOf({ app, strategy }) !== 'cluster') return broken;
  if (strategy !== 'tomcat-cluster') refuse(`needs strategy "tomcat-cluster"; this fleet has "${strategy}"`, 'app', 'sessionManager');
  const { instanceIds = [] } = existing ?? {};
  if (members !== 'instances') {
    refuse(
      `needs members "instances" with existing.instanceIds, since server.xml names each server by its address; this fleet has members "${members}"`,
      'strategy',
    );
  } else if (instanceIds.length < FEWEST_SERVERS || instanceIds.length > MOST_SERVERS) {
    refuse(
      `has ${counted(instanceIds.length, 'server')}, and a Tomcat cluster ${FEWEST_SERVERS} to ${MOST_SERVERS}: each session is copied to every other server`,
      'existing',
      'instanceIds',
    );
  }
  if (deploy.maxParallel !== 1)
    refuse(
      'has to be 1 with a Tomcat cluster: a server that starts takes the sessions from one other, which has none if it starts as well. Remove it',
      'deploy',
      'maxParallel',
    );
  return broken;
}
