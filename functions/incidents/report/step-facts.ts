/** What of the evidence the steps of says.ts name, or depend on. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import { fleetOptions, holdfast } from '../../shared/command-options.ts';
import { clockText, dateTimeWithZone } from '../../shared/texts.ts';
import { deployWarned, sessionsInMemory } from '../classify/facts/front.ts';
import { cutOffServers, loginsRefused, primaryStartedAnew, storeAnswers } from '../classify/facts/reach.ts';
import { madeBy } from '../classify/facts/session-facts.ts';
import { type Evidence, type Facts, factsOf } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { StoreNodeFacts } from '../contract/store-facts.ts';
import { beganMs, isStoreTroubleOver } from '../trouble/changes.ts';
import { excessOf, isChronic, isTroubled } from '../trouble/channels.ts';
import { placeOf } from '../trouble/sentences.ts';
import { shortLives } from '../trouble/sessions.ts';
import { awayText, awayTimes, failoverAt, failoversOf, fallsOf, latestReading, rhythmOf, servesWrites } from '../trouble/store-health.ts';
import { FEWEST_SESSIONS, firstAfter, knownTraces, SAME_MS, serversOf } from '../trouble/traces.ts';
import { troubleOf } from '../trouble/trouble.ts';
import type { Place } from './incident-page.ts';
import { plain } from './plain.ts';
import { isAskedByPerson, peopleOf, urgencyOf } from './urgency.ts';

/** What each command of Holdfast needs to reach a fleet again, or an installation that has none. */
export const optionsFor = (place: Place, fleet: string): string => fleetOptions(place.fleets.length > 0 ? fleet : undefined, place);

/** Prints the names and ARNs of a fleet's resources, where the evidence does not have them. */
export function namesCommand(place: Place, fleet: string): string {
  const options = optionsFor(place, fleet);
  return holdfast(`status --names ${options}`);
}

/** Undefined in the local cloud where its endpoint is not known: a command without it would go to AWS. */
export function aws(words: string, { region, local, awsOptions, awsEnvironment }: Place): string | undefined {
  if (local && awsOptions === undefined) return undefined;
  return `${awsEnvironment ? `${awsEnvironment} ` : ''}aws ${words} ${awsOptions ?? `--region ${region}`}`;
}

/** Whole commands about a deploy, and what they are about. */
type OfDeploys = 'abort' | 'return' | 'letEnd' | 'showLast' | 'isGone' | 'release' | 'previous' | 'begun';
/** Who asks, what is over, and whether a change is known that can have begun it. */
type OfIncident = 'asked' | 'over' | 'nobody' | 'passed' | 'change' | 'onset' | 'before';
type OfServers = 'scaleIn' | 'replaces' | 'cookieMissed' | 'allReach' | 'refused' | 'madeByBrowsers' | 'shortLives' | 'alone' | 'refusedAs';
type OfStore = 'storeAnswers' | 'past' | 'free' | 'missed' | 'startedAnew' | 'emptied' | 'noConnections' | 'lostReplica' | 'refusedLogins';
type OfCut = 'cutNameless' | 'cutOne' | 'cutMany' | 'withoutFailover';
/** As the AWS CLI takes them. */
type Resource = 'load_balancer' | 'listener' | 'target_group' | 'group' | 'store';
export type FactName = OfDeploys | OfIncident | OfServers | OfStore | OfCut | Resource;

/** What is known, as it is printed; of what is only so or not, any text. */
export type StepFacts = Readonly<Partial<Record<FactName, string>>>;

const flag = <Name extends FactName>(name: Name, is: boolean): StepFacts => (is ? { [name]: 'yes' } : {});
const isoOf = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
const BEFORE_MS = 15 * 60_000;
const minuteOf = (atMs: number): string => clockText(atMs).slice(0, 5);

export function stepFacts(incident: IncidentRecord, evidence: Evidence | undefined, place: Place): StepFacts {
  const fleet = incident.fleet ?? place.fleets[0] ?? '';
  const isOver = peopleOf(urgencyOf(incident, evidence)) === 'before';
  const common = { ...flag('asked', isAskedByPerson(incident)), ...flag('over', isOver) };
  if (evidence === undefined) return common;
  const { onset, kind } = troubleOf(evidence);
  const atMs = typeof onset === 'number' ? onset : evidence.firstSignMs;
  return {
    ...common,
    ...flag('nobody', kind === 'none'),
    onset: isoOf(atMs),
    // Of a page that is read a day later as well.
    before: isoOf(atMs - BEFORE_MS),
    ...deployFacts(evidence, isOver, (of) => optionsFor(place, of ?? fleet)),
    ...serverFacts(evidence),
    ...pastFacts(evidence, isOver),
    ...engineFacts(evidence),
    ...nodeFacts(evidence),
    ...flag('refusedLogins', loginsRefused(evidence).truth === true),
    ...resourceNames(evidence),
  };
}

const areAllDone = (phases: Readonly<Record<string, string>> = {}): boolean =>
  Object.keys(phases).length > 0 && Object.values(phases).every((phase) => phase === 'done');

/** An incident of the store concerns every fleet: the deploy can be another one's. @param optionsOf of commands about a fleet */
function deployFacts(evidence: Evidence, isOver: boolean, optionsOf: (fleet: string | undefined) => string): StepFacts {
  const deploys = factsOf(evidence, 'deploys')?.deploys ?? [];
  const running = deploys.find(({ status }) => status === 'RUNNING');
  const isRelease = ({ status, restart, from, to }: (typeof deploys)[number]) =>
    status === 'SUCCEEDED' && restart === undefined && from !== 'none' && from !== to;
  const last = deploys.find(isRelease);
  const command = (words: string, of: Facts['deploys']['deploys'][number]) => holdfast(`${words} ${optionsOf(of.fleet)}`);
  // Who a deploy logged out, for want of the memory or of the cookie, is out once more after the next one.
  const isGone = sessionsInMemory(evidence).truth === true || deployWarned(evidence).truth === true;
  return {
    ...(running && { abort: command(`deploys abort ${running.deployId}`, running) }),
    ...(running && isGone && areAllDone(running.phases) && { letEnd: command(`deploys show ${running.deployId}`, running) }),
    ...(last && {
      ...{ release: last.to, previous: last.from, begun: dateTimeWithZone(last.startedAtMs) },
      return: command(`deploy ${last.from}`, last),
      showLast: command(`deploys show ${last.deployId}`, last),
      ...(isOver && isGone && { isGone: 'yes' }),
    }),
  };
}

/** Of requests that are sent away, so small a part names a session that a server refuses. */
const FEW_NAMED = 1 / 3;
/** Logs are read minutes after their last line at most. */
const STILL_MS = 3 * 60_000;

/** The only server of several that answers with errors: of a server whose log was not read nobody knows. */
function aloneOf(evidence: Evidence): string | undefined {
  const { errors } = troubleOf(evidence).channels;
  const servers = serversOf(evidence);
  // What is as old as the log comes again after a restart.
  if (!isTroubled(errors) || isChronic(errors) || servers.length < 2 || servers.some(({ access }) => access === undefined))
    return undefined;
  const [only, another] = new Set(errors.cells.flatMap(({ server, excess }) => (excess > 0 && server !== undefined ? [server] : [])));
  return another === undefined ? only : undefined;
}

const ITS_STATUS = 'Its status says why: 400 or 431 too large a cookie, 401 a sign-in, 403 a token or a rule, 429 a limit';
/** What a refusal is, by the status that nearly all have. */
const REFUSED_AS: Readonly<Record<string, string>> = {
  400: 'too large a cookie, or a request that the application does not take',
  401: 'a sign-in that is not taken',
  403: 'a token that is not taken, or a rule',
  404: 'a page that is gone, by a release or a rule',
  429: 'a limit of requests',
  431: 'too large a cookie',
};

function serverFacts(evidence: Evidence): StepFacts {
  const alone = aloneOf(evidence);
  const { terminated = 0, replacedUnhealthy } = factsOf(evidence, 'scaling') ?? {};
  const { redirects, lost, refusals } = troubleOf(evidence).channels;
  const { status = '' } = (isTroubled(refusals) ? placeOf('refusals', refusals, evidence) : undefined) ?? {};
  const refusedAs = REFUSED_AS[status] === undefined ? ITS_STATUS : `Nearly all are ${status}: ${REFUSED_AS[status]}`;
  const partOf = (channel: typeof lost) => (isTroubled(channel) ? excessOf(channel) / Math.max(1, channel.of) : 0);
  const isMissed = isTroubled(redirects) && 'state' in lost && partOf(lost) < partOf(redirects) * FEW_NAMED;
  const replaces =
    factsOf(evidence, 'balancer')?.healthCheckAsksStore === true && factsOf(evidence, 'scaling')?.usesElbHealthChecks !== false;
  const [refused] = refusedServers(evidence);
  const lives = shortLives(evidence);
  return {
    ...flag('scaleIn', terminated > 0 && replacedUnhealthy === 0),
    ...flag('cookieMissed', isMissed),
    ...flag('replaces', replaces),
    ...flag('madeByBrowsers', madeBy(evidence) === 'browsers'),
    ...(alone !== undefined && { alone }),
    refusedAs,
    ...(refused !== undefined && { refused }),
    ...(lives !== undefined && { shortLives: plain(lives) }),
    ...cutOff(evidence),
  };
}

function cutOff(evidence: Evidence): StepFacts {
  const all = serversOf(evidence);
  const [first, ...others] = cutOffServers(evidence);
  if (first === undefined)
    return flag('allReach', all.length > 0 && all.every(({ store }) => store?.reachable && store.error === undefined));
  const servers = [first, ...others];
  const which =
    servers.length === all.length && all.length > 1
      ? `None of the ${all.length} servers reaches the store`
      : `${servers.length} of ${all.length} servers ${others.length === 0 ? 'does' : 'do'} not reach the store`;
  const cut = all.filter(({ instanceId }) => servers.includes(instanceId));
  if (cut.length > 0 && cut.every(({ store }) => store?.reason === 'dns')) return { cutNameless: which };
  if (others.length === 0) return { cutOne: first };
  return { cutMany: which };
}

/** Servers whose own logs have writes that a replica refused: one that users cannot use first, then those with the latest lines. */
function refusedServers(evidence: Evidence): readonly string[] {
  if (isStoreTroubleOver(evidence)) return [];
  const refused = serversOf(evidence).flatMap(({ instanceId, ready, application }) =>
    (application?.readOnly ?? 0) > 0
      ? [{ instanceId, isDown: ready === false, lastMs: application?.lastMs?.readOnly ?? evidence.toMs }]
      : [],
  );
  const goesOn = refused.filter(({ isDown, lastMs }) => isDown || lastMs >= evidence.toMs - STILL_MS);
  return (goesOn.length > 0 ? goesOn : refused)
    .toSorted((one, other) => Number(other.isDown) - Number(one.isDown) || other.lastMs - one.lastMs)
    .map(({ instanceId }) => instanceId);
}

/** What has happened to the store where the trouble began with it, and a primary answers again. */
function pastFacts(evidence: Evidence, isOver: boolean): StepFacts {
  if (storeAnswers(evidence).truth !== true) return {};
  const isAtBegin = (atMs: number) => Math.abs(atMs - beganMs(evidence)) <= SAME_MS;
  const [failovers, aways] = [failoversOf(evidence), awayTimes(evidence)];
  const did = [
    ...(failovers.length > 0 ? [`failed over at ${failovers.map(minuteOf).join(' and ')} UTC`] : []),
    ...(aways.length > 0 ? [`was away ${awayText(aways)}`] : []),
  ];
  const isPast = [...failovers, ...aways.map(({ fromMs }) => fromMs)].some(isAtBegin);
  return {
    ...flag('storeAnswers', true),
    ...(isPast && { past: `The store ${did.join(', ')}, and answers again` }),
    ...flag('passed', isPast && isOver),
  };
}

const namesOf = (nodes: readonly StoreNodeFacts[]): string | undefined =>
  nodes.length === 0 ? undefined : plain(nodes.map(({ name }) => name.split('.', 1)[0] ?? '').join(' and '));

function nodeFacts(evidence: Evidence): StepFacts {
  const nodes = factsOf(evidence, 'store')?.nodes ?? [];
  const isWithoutFailover = factsOf(evidence, 'storeGroup') !== undefined && failoverAt(evidence) === undefined;
  const silent = nodes.filter(({ state, isAddress }) => !isAddress && (state === 'unreachable' || state === 'loading'));
  // A new primary would have been reported: the one that there is has too few replicas to write.
  const lost = isWithoutFailover && nodes.some(servesWrites) ? namesOf(silent) : undefined;
  const [anew, emptied] = [primaryStartedAnew(evidence), rhythmOf(fallsOf(evidence))];
  return {
    ...flag('withoutFailover', isWithoutFailover),
    ...(lost !== undefined && { lostReplica: lost }),
    ...(anew && { startedAnew: plain(anew.name.split(':', 1)[0] ?? '') }),
    ...(emptied !== undefined && { emptied }),
  };
}

/** Nodes that answer, and take no more connections. The address of the store leads to one of its nodes. */
export function noConnections(evidence: Evidence | undefined): string | undefined {
  const full = (factsOf(evidence, 'store')?.nodes ?? []).filter(({ state }) => state === 'noConnections');
  const nodes = full.filter(({ isAddress }) => !isAddress);
  return namesOf(nodes.length > 0 ? nodes : full);
}

/** Share of the engine's one thread from which it is busy. */
const BUSY_PERCENT = 80;
const SLOW_MS = 1_000;

/** Whether the store's engine was neither busy nor slow, and whether it loses sessions that it has. */
function engineFacts(evidence: Evidence): StepFacts {
  const cpu = latestReading(evidence)?.engineCpuPercent ?? null;
  const primary = (factsOf(evidence, 'store')?.nodes ?? []).find(({ role, pingMs }) => role === 'primary' && pingMs !== undefined);
  const [missed, full] = [missedOf(evidence), noConnections(evidence)];
  return {
    ...flag('free', cpu !== null && cpu < BUSY_PERCENT && (primary?.pingMs ?? SLOW_MS) < SLOW_MS),
    ...(full !== undefined && { noConnections: full }),
    ...(full === undefined && missed !== undefined && { missed }),
  };
}

/** By so many more sessions than when users began to lose theirs, these are still there. */
const MORE_SESSIONS = 1.2;
/** Fewer than this share of the sessions can be lost by chance of a log. */
const MANY = 0.2;

/** `12 of 40`: a server that has served them sends them away, and finds them again: neither a secret nor a deletion does that. */
function missedOf(evidence: Evidence): string | undefined {
  const { onset, channels } = troubleOf(evidence);
  const minutes = factsOf(evidence, 'readings')?.minutes ?? [];
  if (typeof onset !== 'number' || !isTroubled(channels.lost)) return undefined;
  const [before, now] = [minutes.findLast(([atSeconds]) => atSeconds * 1_000 <= onset)?.[1], minutes.at(-1)?.[1]];
  if (!before || now === undefined || now < before * MORE_SESSIONS) return undefined;
  const begun = knownTraces(serversOf(evidence), onset).filter((one) => one.begins && firstAfter(one, onset));
  const missed = begun.filter(({ refusals, knownBy }) => refusals.some(({ server }) => knownBy.includes(server)));
  return begun.length < FEWEST_SESSIONS || missed.length < begun.length * MANY ? undefined : `${missed.length} of ${begun.length}`;
}

/** Users come by HTTPS where there is any. */
function resourceNames(evidence: Evidence): StepFacts {
  const { arns, listeners = [] } = factsOf(evidence, 'balancer') ?? {};
  const listener = (listeners.find(({ protocol }) => protocol === 'HTTPS') ?? listeners[0])?.arn;
  const stores = new Set((factsOf(evidence, 'storeGroup')?.members ?? []).map(({ node }) => node.replace(/(?:-\d{4})?-\d{3}$/, '')));
  const [store] = stores;
  const [group, ...others] = factsOf(evidence, 'scaling')?.groups ?? [];
  return {
    ...(arns && { target_group: arns.targetGroup }),
    ...(arns?.loadBalancer !== undefined && { load_balancer: arns.loadBalancer }),
    ...(listener !== undefined && { listener }),
    ...(group !== undefined && others.length === 0 && { group }),
    ...(store !== undefined && stores.size === 1 && { store }),
  };
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
