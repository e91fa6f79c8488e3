/** What of the evidence steps name: resources of commands, and how busy the store is. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import { clockText } from '../../shared/times.ts';
import { sessionsInMemory } from '../classify/facts/balancer.ts';
import { deployWarned } from '../classify/facts/deploys.ts';
import { cutOffServers } from '../classify/facts/store-reach.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { StoreNodeFacts } from '../contract/store-facts.ts';
import { excessOf, isTroubled } from '../trouble/channels.ts';
import { failoverAt } from '../trouble/failovers.ts';
import { wholeZone } from '../trouble/places.ts';
import { latestReading, servesWrites } from '../trouble/store-channels.ts';
import { FEWEST_SESSIONS, firstAfter, knownTraces, serversOf } from '../trouble/traces.ts';
import { troubleOf } from '../trouble/trouble.ts';
import type { ResourceName } from './commands.ts';
import { plain } from './plain.ts';
import type { StepContext } from './step-context.ts';
import { BUSY_PERCENT, sessionsSince } from './unusual.ts';

/** Users come by HTTPS where there is any. */
export function resourceNames(evidence: Evidence | undefined): Readonly<Partial<Record<ResourceName, string>>> {
  const { arns, listeners = [] } = factsOf(evidence, 'balancer') ?? {};
  const listener = (listeners.find(({ protocol }) => protocol === 'HTTPS') ?? listeners[0])?.arn;
  const groups = new Set((factsOf(evidence, 'storeGroup')?.members ?? []).map(({ node }) => node.replace(/(?:-\d{4})?-\d{3}$/, '')));
  const [store] = groups;
  const [group, ...others] = factsOf(evidence, 'scaling')?.groups ?? [];
  return {
    ...(arns && { target_group: arns.targetGroup }),
    ...(arns?.loadBalancer !== undefined && { load_balancer: arns.loadBalancer }),
    ...(listener !== undefined && { listener }),
    ...(group !== undefined && others.length === 0 && { group }),
    ...(store !== undefined && groups.size === 1 && { store }),
  };
}

export function cutOffOf(evidence: Evidence | undefined): StepContext['cutOff'] {
  const all = factsOf(evidence, 'servers')?.servers ?? [];
  const servers = evidence === undefined ? [] : cutOffServers(evidence);
  const zone = wholeZone(servers, all);
  const cut = all.filter(({ instanceId }) => servers.includes(instanceId));
  return {
    ...{ servers, of: all.length },
    ...(zone !== undefined && { zone }),
    ...(cut.length > 0 && cut.every(({ store }) => store?.reason === 'dns') && { isNameless: true as const }),
    ...(all.length > 0 && all.every(({ store }) => store?.reachable && store.error === undefined) && { allReach: true as const }),
  };
}

/** A server's memory ends with it, and the previous release does not know the cookie of the new one. */
export function goneBy(evidence: Evidence): StepContext['goneBy'] {
  if (sessionsInMemory(evidence).truth === true) return 'memory';
  return deployWarned(evidence).truth === true ? 'cookie' : undefined;
}

/** Of requests that are sent away, so small a part names a session that a server refuses. */
const FEW_NAMED = 1 / 3;

export function isCookieMissed(evidence: Evidence): boolean {
  const { redirects, lost } = troubleOf(evidence).channels;
  const partOf = (channel: typeof lost) => (isTroubled(channel) ? excessOf(channel) / Math.max(1, channel.of) : 0);
  return isTroubled(redirects) && 'state' in lost && partOf(lost) < partOf(redirects) * FEW_NAMED;
}

/** What users get in place of what they ask for: each is a part of their requests. */
const ANSWERS = ['redirects', 'refusals', 'errors', 'balancerRefusals', 'balancerErrors'] as const;

/** Less than half of what users ask for fails now; false as well where it is not known how much does. */
export function mostWorks(evidence: Evidence | undefined): boolean {
  const channels = evidence && troubleOf(evidence).channels;
  if (channels === undefined || ['errors' as const, 'balancerErrors' as const].some((name) => 'gap' in channels[name])) return false;
  const partOf = (name: 'lost' | (typeof ANSWERS)[number]) => {
    const channel = channels[name];
    return isTroubled(channel) && channel.untilMs === undefined ? excessOf(channel) / Math.max(1, channel.of) : 0;
  };
  return Math.max(partOf('lost'), sumOf(ANSWERS, partOf)) < 1 / 2;
}

export function isScaleIn(evidence: Evidence | undefined): boolean {
  const { terminated = 0, replacedUnhealthy } = factsOf(evidence, 'scaling') ?? {};
  return terminated > 0 && replacedUnhealthy === 0;
}

const namesOf = (nodes: readonly StoreNodeFacts[]): string | undefined =>
  nodes.length === 0 ? undefined : plain(nodes.map(({ name }) => name.split('.', 1)[0] ?? '').join(' and '));

/** The address of the store leads to one of its nodes. */
export function noConnections(evidence: Evidence | undefined): string | undefined {
  const full = (factsOf(evidence, 'store')?.nodes ?? []).filter(({ state }) => state === 'noConnections');
  const nodes = full.filter(({ isAddress }) => !isAddress);
  return namesOf(nodes.length > 0 ? nodes : full);
}

/** A new primary would have been reported. */
export function lostReplica(evidence: Evidence | undefined): string | undefined {
  const isKnown = factsOf(evidence, 'storeGroup') !== undefined && evidence !== undefined && failoverAt(evidence) === undefined;
  const nodes = factsOf(evidence, 'store')?.nodes ?? [];
  if (!isKnown || !nodes.some(servesWrites)) return undefined;
  return namesOf(nodes.filter(({ state, isAddress }) => !isAddress && (state === 'unreachable' || state === 'loading')));
}

/** From here on an answer is slow. */
const SLOW_MS = 1_000;

/** What is known of the store's engine: how busy and slow it was, as a sentence, and whether that speaks for it. */
export function engineOf(evidence: Evidence | undefined): StepContext['engine'] {
  const reading = evidence && latestReading(evidence);
  const cpu = reading?.engineCpuPercent ?? null;
  const primary = (factsOf(evidence, 'store')?.nodes ?? []).find(({ role, pingMs }) => role === 'primary' && pingMs !== undefined);
  const parts = [
    ...(reading === undefined || cpu === null
      ? []
      : [`the busiest engine was at ${Math.round(cpu)} % at ${clockText(reading.takenAtMs).slice(0, 5)} UTC`]),
    ...(primary?.pingMs === undefined ? [] : [`the primary answered the collector in ${Math.round(primary.pingMs)} ms`]),
  ];
  const isFree = cpu !== null && cpu < BUSY_PERCENT && (primary?.pingMs ?? SLOW_MS) < SLOW_MS;
  const [one, another] = (reading?.nodes ?? []).filter((node) => 'role' in node && node.role === 'primary');
  return {
    load: parts.length === 0 ? '' : ` As it was read, ${parts.join(', and ')}.`,
    node: one === undefined || another !== undefined ? 'each primary' : plain(one.name.split('.', 1)[0] ?? ''),
    isFree,
    missed: evidence && missedOf(evidence),
  };
}

/** Fewer than this share of the sessions can be lost by chance of a log. */
const MANY = 0.2;

/**
 * The store has them, and a server that has served them sends them away: it finds them at one request and not at the next. Neither a secret
 * nor a deletion does that to sessions that were begun after it.
 */
function missedOf(evidence: Evidence): string | undefined {
  const { onset } = troubleOf(evidence);
  if (typeof onset !== 'number' || sessionsSince(evidence) === undefined) return undefined;
  const begun = knownTraces(serversOf(evidence), onset).filter((one) => one.begins && firstAfter(one, onset));
  const missed = begun.filter(({ refusals, knownBy }) => refusals.some(({ server }) => knownBy.includes(server)));
  return begun.length < FEWEST_SESSIONS || missed.length < begun.length * MANY ? undefined : `${missed.length} of ${begun.length}`;
}
