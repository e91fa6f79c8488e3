/** Rules that join a fleet's application with its other keys. */
import { sessionManagerOf } from './app-kind.ts';
import { type BrokenRule, collectBrokenRules } from './broken-rules.ts';
import type { FleetConfig } from './fleet.ts';

/** Refuses stickiness where the strategy has it by itself. */
export function stickinessRules({ strategy, stickiness }: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  if (stickiness && strategy !== 'redis')
    refuse(
      `applies to the strategy redis, in which any server can go on with a session; with "${strategy}" the load balancer always keeps users on their server: remove it, or set strategy to redis`,
      'stickiness',
    );
  return broken;
}

export function appRules({ app, port, strategy, healthPath, healthStatus }: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('app');
  if (app === undefined) return broken;
  if ((app.home === undefined) === (app.archive === undefined)) {
    refuse("needs one of home (Tomcat's folder on the servers) and archive (Tomcat's own, which becomes a part of each release)");
  }
  if (app.statusPort === port) refuse(`is the fleet's port too: the counts need one of their own`, 'statusPort');
  if (healthPath !== undefined && healthPath !== app.health.loadBalancer) {
    refuse(`is not the fleet's healthPath (${healthPath}): remove healthPath, which follows from this one`, 'health', 'loadBalancer');
  }
  if (healthStatus !== undefined && healthStatus !== app.health.status) {
    refuse(`is not the fleet's healthStatus (${healthStatus}): remove healthStatus, which follows from this one`, 'health', 'status');
  }
  const manager = sessionManagerOf(app, strategy);
  // Redisson with strategy sticky is allowed: it is the middle of a migration to redis, in which stickiness stays on until every server
  // reads sessions from the store.
  if (manager === 'redisson' && strategy === 'tomcat-cluster') {
    refuse(`keeps sessions in the store, and the fleet's strategy is ${strategy}: remove one of them`, 'sessionManager');
  }
  if (manager === 'memory' && strategy === 'redis') {
    refuse(
      `keeps sessions in the memory of one server, and with the strategy redis a user's requests go to all of them: remove it, or set strategy to sticky`,
      'sessionManager',
    );
  }
  if (manager === 'redisson' && app.libraries === undefined) {
    refuse(
      "is missing: with the strategy redis sessions are kept by Redisson's Tomcat manager, whose jars belong there (or set sessionManager to application)",
      'libraries',
    );
  }
  return broken;
}
