/** What is said at synthesis of a fleet whose sessions are not in the store. Pure. */
import { rowsAgainst } from '../advisor/judge.ts';
import { quoteRow, STRATEGY_NAMES } from '../advisor/matrix.ts';
import { MOST_SERVERS, rowsThatApply } from '../advisor/situation.ts';
import { type FleetConfig, makesGroup, makesTargetGroup, mostServers } from './config/fleet.ts';

export interface Warning {
  /** By which the CDK tells warnings apart. */
  readonly id: string;
  readonly message: string;
}

/** @param name of the fleet, in the configuration */
export function strategyWarnings(name: string, fleet: FleetConfig): Warning[] {
  return [...contradiction(name, fleet), ...shortcomings(name, fleet)];
}

/** Where the matrix rules the strategy out, by what the configuration tells: the fleet's largest size, and whether it is in a cloud. */
function contradiction(name: string, fleet: FleetConfig): Warning[] {
  const servers = mostServers(fleet);
  const cloud = isInCloud(fleet);
  const reasons = { '5+ servers': `the fleet has up to ${servers}`, 'Cloud/Kubernetes': 'its servers are EC2 instances' } as const;
  const rows = rowsAgainst(
    fleet.strategy,
    rowsThatApply({ servers, cloud }).map(({ row }) => row),
  );
  if (rows.length === 0) return [];
  const quoted = rows.map((row) => {
    const reason = (reasons as Partial<Record<string, string>>)[row.condition];
    return `${quoteRow(row)}${reason === undefined ? '' : `, and ${reason}`}`;
  });
  const asked = servers === undefined ? 'NUMBER' : Math.min(servers, MOST_SERVERS);
  const situation = [`--servers ${asked}`, ...(cloud ? ['--cloud'] : []), '--existing'].join(' ');
  return [
    {
      id: 'holdfast:strategy-contradicts-matrix',
      message: `fleets.${name}.strategy "${fleet.strategy}" contradicts the strategy matrix: ${quoted.join('; ')}. "npx holdfast advise ${situation}" says what to do.`,
    },
  ];
}

/** What Holdfast does not do, as yet, for sessions outside the store. */
function shortcomings(name: string, fleet: FleetConfig): Warning[] {
  if (fleet.strategy === 'redis') return [];
  const lost =
    fleet.strategy === 'sticky'
      ? 'a deploy waits for requests in flight, not for sessions: it ends those of each server that it rolls'
      : `a deploy does not look whether a session has been copied before it stops the server${makesGroup(fleet) ? ', and the security group of the servers lets in the load balancer alone, so they cannot copy until you add a rule' : ''}`;
  const attribute = makesTargetGroup(fleet) ? '' : '; stickiness of the named target group is left as it is: switch it on there';
  return [
    {
      id: 'holdfast:strategy-not-drained',
      message: `fleets.${name}.strategy "${fleet.strategy}" (${STRATEGY_NAMES[fleet.strategy]}): ${lost}${attribute}. The session store is made and looked at by each deploy all the same.`,
    },
  ];
}

/** All members but servers of one's own premises. */
const isInCloud = ({ members, existing }: FleetConfig): boolean =>
  members !== 'ip' || (existing?.nodes ?? []).some(({ nodeId }) => nodeId.startsWith('i-'));
