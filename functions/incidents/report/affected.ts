/** Who is affected, and how much, in sentences: what others ask first. Pure. */
import { roundTo } from '../../shared/arithmetic.ts';
import { counted } from '../../shared/counted.ts';
import { spanText } from '../../shared/duration-text.ts';
import { loginRefused } from '../classify/facts/servers-up.ts';
import { type Collected, type Evidence, type Facts, factsOf, type Source, type TrafficShares } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import { sharesOf } from '../contract/traffic-shares.ts';
import { turnedAwayPercent } from '../trouble/responses.ts';
import { latestReading } from '../trouble/store-channels.ts';
import { knownTraces } from '../trouble/traces.ts';
import { troubleOf } from '../trouble/trouble.ts';
import { plain } from './plain.ts';

/** Below that, shares of responses are as usual. */
const FEW_PERCENT = 1;
/** The store counts as full from here on, as in the collector's forecast. */
export const FULL_PERCENT = 99.5;

/** Whether users are affected, were, or nobody is as far as it is known. */
export type People = 'now' | 'before' | 'nobody';

interface Question {
  readonly incident: IncidentRecord;
  readonly evidence: Evidence | undefined;
  /** Names of the installation's fleets. */
  readonly fleets: readonly string[];
  /** By the page's first line. */
  readonly people: People;
}

/** Empty where nothing is wrong, or nothing is known yet. What the evidence lacks is left out. */
export function affectedBy({ incident, evidence, fleets, people }: Question): string[] {
  const { finding, runbook } = incident;
  if (finding === undefined || finding.verdict === 'nothing') return [];
  const facts = <S extends Source>(source: S): Facts[S] | undefined => {
    const collected = evidence?.sources[source] as Collected<Facts[S]> | undefined;
    return collected && 'facts' in collected ? collected.facts : undefined;
  };
  const reading = evidence && latestReading(evidence);
  const isOver = people === 'before';
  if (runbook === 'session-explosion') return reading ? memoryOf(reading) : [];
  return [
    ...(people === 'nobody' ? [] : scopeOf(incident, facts('balancer')?.targets.length, fleets)),
    ...(runbook === 'store-failure' ? reachOf(facts('servers'), isOver) : []),
    ...responsesOf(evidence, facts('traffic'), isOver),
    ...(runbook === 'logged-out' ? lostOf(facts('servers')) : []),
    // In the memory of servers they are in no store.
    ...(reading && facts('balancer')?.strategy !== 'sticky' ? [sessionsOf(reading)] : []),
  ];
}

/** Of one server, where the finding names one, or of every fleet; the page's first line has the fleet. */
function scopeOf({ finding, fleet, runbook }: IncidentRecord, servers: number | undefined, fleets: readonly string[]): string[] {
  const instanceId = finding?.verdict === 'cause' ? finding.about?.instanceId : undefined;
  const name = plain(fleet ?? fleets.join(', '));
  if (instanceId !== undefined) return [`Users of one server of fleet ${name}: ${plain(instanceId)}${servers ? `, 1 of ${servers}` : ''}.`];
  if (fleet !== undefined) return [];
  const what =
    fleets.length === 0
      ? 'the applications that keep their sessions there'
      : fleets.length === 1
        ? `fleet ${name}`
        : `every fleet (${name})`;
  return [runbook === 'store-failure' ? `Users of ${what} whose requests need a session.` : `Users of ${what}.`];
}

function responsesOf(evidence: Evidence | undefined, traffic: Facts['traffic'] | undefined, isOver: boolean): string[] {
  if (evidence === undefined || traffic === undefined) return [];
  const { now } = traffic;
  const before = beforeTrouble(evidence, traffic);
  const share = (what: string, percentOf: (shares: typeof now) => number): string[] => {
    // RequestCount leaves out what was refused before a target was chosen: by it alone, there are more answers than requests.
    const of = (shares: typeof now) => Math.min(100, percentOf(shares));
    return of(now) < FEW_PERCENT
      ? []
      : [
          `${of(now)} % of the responses that the load balancer counts ${isOver ? 'were' : 'are'} ${what}${before === null ? '' : `, ${of(before)} % before`}.`,
        ];
  };
  return [
    ...share('redirects (3xx) or refusals (4xx)', (shares) => turnedAwayPercent(evidence, shares)),
    ...share('errors (5xx)', ({ targetErrorPercent, balancerErrorPercent }) => roundTo(targetErrorPercent + balancerErrorPercent, 1)),
  ];
}

/** Fewer minutes show nothing. */
const FEWEST_MINUTES = 5;

/** Of the time before the trouble, which can have begun well before the alarm; null: too little of it is known. */
function beforeTrouble(evidence: Evidence, { before, byMinute }: Facts['traffic']): TrafficShares | null {
  const { onset } = troubleOf(evidence);
  if (typeof onset !== 'number' || byMinute === undefined || before === null) return before;
  const minutes = byMinute.filter(({ minuteMs }) => minuteMs < onset);
  return minutes.length < FEWEST_MINUTES ? null : sharesOf(minutes);
}

function reachOf(servers: Facts['servers'] | undefined, isOver: boolean): string[] {
  const known = (servers?.servers ?? []).filter(({ store }) => store !== undefined);
  if (known.length === 0) return [];
  const reaching = known.filter(({ store }) => store?.reachable === true && store.error === undefined);
  // A PING needs no login and checks no certificate: an application can fail all the same.
  const failing = reaching.filter(({ gate }) => gate === false).length;
  const gates = failing === 0 ? '' : `; on ${failing} of these the application's own check (its gate) ${isOver ? 'failed' : 'fails'}`;
  // A store that refuses a login is reached.
  const refused = known.filter(loginRefused);
  if (refused.length === 0) return [`${reaching.length} of ${known.length} servers ${isOver ? 'reached' : 'reach'} the store${gates}.`];
  const answers = [...new Set(refused.flatMap(({ store }) => /^[A-Z]{4,20}\b/.exec(store?.error ?? '')?.[0] ?? []))].join(', ');
  const which = `${isOver ? 'refused' : 'refuses'} the login of ${refused.length} of them (${answers})`;
  return [
    `${reaching.length + refused.length} of ${counted(known.length, 'server')} ${isOver ? 'reached' : 'reach'} the store, which ${which}.`,
  ];
}

/** How many sessions were lost, among those that the servers' logs sample and that a server knew. */
function lostOf(servers: Facts['servers'] | undefined): string[] {
  const sessions = knownTraces(servers?.servers ?? [], Number.NEGATIVE_INFINITY);
  const lost = sessions.filter((session) => session.lost).length;
  return lost === 0
    ? []
    : [
        `In the servers' logs ${lost} of ${sessions.length} sampled sessions ended in a redirect to the login, a refusal or another session.`,
      ];
}

type Reading = NonNullable<Facts['readings']['reading']>;

function sessionsOf({ activeSessions, sessionDropPercent }: Reading): string {
  const drop = Math.round(sessionDropPercent ?? 0);
  return `The store had about ${activeSessions.toLocaleString('en')} sessions at the last reading${drop >= FEW_PERCENT && drop < 100 ? `, ${drop} % fewer than usual (about ${Math.round(activeSessions / (1 - drop / 100)).toLocaleString('en')})` : ''}.`;
}

/** `100 % of 100 MB in use, policy noeviction`, of the fullest node that was read; undefined where none shows a limit. */
export function memoryText(evidence: Evidence | undefined): string | undefined {
  const nodes = (evidence && factsOf(evidence, 'store')?.nodes) ?? [];
  const shares = nodes.flatMap(({ memoryUsedBytes, memoryMaxBytes, policy }) =>
    memoryUsedBytes !== undefined && memoryMaxBytes ? [{ part: memoryUsedBytes / memoryMaxBytes, memoryMaxBytes, policy }] : [],
  );
  const [fullest] = shares.toSorted((one, other) => other.part - one.part);
  if (fullest === undefined) return undefined;
  const policy = fullest.policy === undefined ? '' : `, policy ${plain(fullest.policy)}`;
  const megabytes = Math.max(1, Math.round(fullest.memoryMaxBytes / 2 ** 20)).toLocaleString('en');
  return `${Math.round(fullest.part * 100)} % of ${megabytes} MB in use${policy}`;
}

/** A store that fills up ends sessions only once it evicts them. */
function memoryOf({ evictions, memoryPercent, activeSessions, secondsUntilFull }: Reading): string[] {
  const sessions = `The store has about ${activeSessions.toLocaleString('en')} sessions`;
  const memory = memoryPercent === null ? '' : ` and is ${Math.round(memoryPercent)} % full`;
  const isFull = memoryPercent !== null && memoryPercent >= FULL_PERCENT;
  const evicts = (evictions ?? 0) > 0;
  const growth = secondsUntilFull === null || isFull || evicts ? '' : `; at this growth it is full in ${spanText(secondsUntilFull)}`;
  return [
    evicts
      ? `Users whose sessions the store deletes to make room: ${(evictions ?? 0).toLocaleString('en')} keys in the last minute.`
      : isFull
        ? 'Users who log in: the store is full, deletes nothing, and refuses writes.'
        : 'No user yet: the store deletes no session to make room.',
    `${sessions}${memory}${growth}.`,
  ];
}
