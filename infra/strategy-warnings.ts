/** Warnings at synthesis about a fleet whose sessions are not in the store. Pure. */
import { rowsAgainst } from '../advisor/judge.ts';
import { MAXIMUM_SERVERS, quoteRow, rowsThatApply, STRATEGY_NAMES } from '../advisor/situation.ts';
import { holdfast } from '../functions/shared/command-options.ts';
import { sessionManagerOf } from './config/app-kind.ts';
import { createsGroup, createsTargetGroup, drainsSessions, type FleetConfig, mostServers } from './config/fleet.ts';

export interface Warning {
  /** Identifies the kind of warning for the CDK. */
  readonly id: string;
  readonly message: string;
}

/** @param name the fleet's name in the configuration */
export function strategyWarnings(name: string, fleet: FleetConfig): Warning[] {
  return [...contradiction(name, fleet), ...shortcomings(name, fleet)];
}

/** The rows of the matrix against the strategy that apply to the fleet's maximum size and to where its servers are. */
function contradiction(name: string, fleet: FleetConfig): Warning[] {
  const servers = mostServers(fleet);
  const cloud = isInCloud(fleet);
  const reasons = { '5+ servers': `the fleet can have ${servers}`, 'Cloud/Kubernetes': 'its servers are EC2 instances' } as const;
  const rows = rowsAgainst(
    fleet.strategy,
    rowsThatApply({ servers, cloud }).map(({ row }) => row),
  );
  if (rows.length === 0) return [];
  const quoted = rows.map((row) => {
    const reason = (reasons as Partial<Record<string, string>>)[row.condition];
    return `${quoteRow(row)}${reason === undefined ? '' : `, and ${reason}`}`;
  });
  const asked = servers === undefined ? 'NUMBER' : Math.min(servers, MAXIMUM_SERVERS);
  const situation = [`--servers ${asked}`, ...(cloud ? ['--cloud'] : []), '--existing'].join(' ');
  return [
    {
      id: 'holdfast:strategy-contradicts-matrix',
      message: `fleets.${name}.strategy "${fleet.strategy}" contradicts the strategy matrix: ${quoted.join('; ')}. Run "${holdfast(`advise ${situation}`)}" for a recommendation.`,
    },
  ];
}

/** What Holdfast does not do yet for sessions outside the store. */
function shortcomings(name: string, fleet: FleetConfig): Warning[] {
  if (fleet.strategy === 'redis') return [];
  if (keepsInStore(fleet)) {
    return [
      {
        id: 'holdfast:strategy-in-between',
        message: `fleets.${name}.strategy "${fleet.strategy}" (${STRATEGY_NAMES[fleet.strategy]}) keeps stickiness on although app.sessionManager keeps sessions in the store. That is right until each server runs a release that was published with it; then set strategy to "redis" (docs/tomcat-to-redis.md), with "stickiness": true if pages keep state in the session (docs/strategy.md).`,
      },
    ];
  }
  if (drainsSessions(fleet)) {
    return [
      {
        id: 'holdfast:sessions-end-outside-deploys',
        message: `fleets.${name}.strategy "${fleet.strategy}" (${STRATEGY_NAMES[fleet.strategy]}): a deploy waits for the sessions of each server, up to deploy.sessionDrainSeconds (${fleet.deploy.sessionDrainSeconds} s). A refresh, a scale-in and a termination do not: they end the sessions of the server.`,
      },
    ];
  }
  if (copiesSessions(fleet)) {
    return [
      {
        id: 'holdfast:sessions-are-copied',
        message: `fleets.${name}.strategy "${fleet.strategy}" (${STRATEGY_NAMES[fleet.strategy]}): a deploy stops a server only when another one holds each of its sessions. Its port of the copies (${fleet.app?.clusterPort}, or existing.nodes[].clusterPort) has to be open between the nodes, and to nobody else.`,
      },
    ];
  }
  const lost =
    fleet.strategy === 'sticky'
      ? 'a deploy waits for requests in flight, but with deploy.sessionDrainSeconds 0 not for sessions: it ends the sessions of each server that it rolls'
      : `a deploy does not check that sessions have been copied before it stops a server${createsGroup(fleet) ? ', and the security group of the servers accepts the load balancer alone: they cannot copy sessions until you add a rule' : ''}; with app of kind tomcat and members "ip" it does`;
  const attribute = createsTargetGroup(fleet) ? '' : '; Holdfast does not change the existing target group: enable stickiness there';
  return [
    {
      id: 'holdfast:strategy-not-drained',
      message: `fleets.${name}.strategy "${fleet.strategy}" (${STRATEGY_NAMES[fleet.strategy]}): ${lost}${attribute}. Each deploy still checks the session store.`,
    },
  ];
}

const copiesSessions = ({ app, strategy }: FleetConfig): boolean => app !== undefined && sessionManagerOf(app, strategy) === 'cluster';

const keepsInStore = ({ app, strategy }: FleetConfig): boolean => app !== undefined && sessionManagerOf(app, strategy) === 'redisson';

/** Every server but on-premises ones is in a cloud. */
const isInCloud = ({ members, existing }: FleetConfig): boolean =>
  members !== 'ip' || (existing?.nodes ?? []).some(({ nodeId }) => nodeId.startsWith('i-'));
