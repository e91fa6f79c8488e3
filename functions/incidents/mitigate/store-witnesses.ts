/** Who says now whether the store works, without Systems Manager and behind a re-login page: the fleet's side, and the collector. */

import type { StoreRecord, StoreUnreachable } from '../../collect/contract.ts';
import { isUp, loginRefused, mostAreCutOff } from '../classify/facts/reach.ts';
import type { Collector } from '../contract/environment.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { ServerFacts } from '../contract/server-facts.ts';
import { type Witnessed, type WitnessState, worksFromFleet } from '../contract/store-facts.ts';
import { isTroubled } from '../trouble/channels.ts';
import { responseChannels } from '../trouble/responses.ts';

const MINUTE_MS = 60_000;

/** Undefined where the metrics of the last minutes are not known, or cannot be read, or nobody came. */
export const createAreHurt =
  (traffic: Collector<'traffic'>, now: () => number) =>
  async (fleet: string): Promise<boolean | undefined> => {
    const toMs = now();
    const window = { fromMs: toMs - 60 * MINUTE_MS, toMs, firstSignMs: toMs - 5 * MINUTE_MS };
    const asking = traffic({ incidentId: 'users now', runbook: 'store-failure', fleets: [fleet], hashKey: '', ...window });
    // CloudWatch can be throttled: then it is asked again.
    const collected = await asking.catch(() => undefined);
    if (collected === undefined || 'gap' in collected) return undefined;
    const evidence: Evidence = { incidentId: '', ...window, sources: { traffic: collected } };
    return Object.values(responseChannels(evidence)).some((channel) => isTroubled(channel) && channel.untilMs === undefined);
  };

export interface StoreWitnesses {
  readonly askFleet: (fleet: string) => Promise<Witnessed>;
  /** All fleets, for a mitigation of the store; and those that have a witness. */
  readonly fleets: readonly string[];
  readonly witnessed: readonly string[];
  readonly reading: () => Promise<StoreRecord | undefined>;
  readonly unreachable: () => Promise<StoreUnreachable | undefined>;
  readonly now: () => number;
}

/** `works`: it says that the store works. `away`: that it does not. `silent`: it says nothing of now. */
export type Word = 'works' | 'away' | 'silent';
/** `answers`: it does not work, and a primary is there: full, busy, or without a connection to spare. */
export type Said = { readonly word: Word; readonly answers?: true; readonly text: string };

/** The collector reads once a minute: two that are missing, and its word is of another time. */
const FRESH_MS = 150_000;

const ANSWERS: readonly WitnessState[] = ['full', 'refusedLogin', 'noConnections', 'busy', 'loading'];

export type ReadServers = (fleet: string) => Promise<readonly ServerFacts[]>;

/** Where the servers cannot even be listed (a target group that somebody has deleted, an API that is throttled), none says anything. */
export const askServers =
  (readServers: ReadServers): ReadServers =>
  async (fleet) =>
    readServers(fleet).catch(() => []);

export async function askFleet({ askFleet: ask }: StoreWitnesses, fleet: string): Promise<Said> {
  const silent = { word: 'silent', text: `the network of fleet ${fleet} says nothing of the store` } as const;
  try {
    const witnessed = await ask(fleet);
    if (witnessed.state === 'unknown') return silent;
    if (worksFromFleet(witnessed)) return { word: 'works', text: `a key was written and read from the network of fleet ${fleet}` };
    const text = `the store is ${witnessed.state} from the network of fleet ${fleet}`;
    return { word: 'away', text, ...(ANSWERS.includes(witnessed.state) && { answers: true }) };
  } catch {
    return silent;
  }
}

/** By its record: a reading needs a primary that answers. */
export async function askCollector({ reading, unreachable, now }: StoreWitnesses): Promise<Said> {
  const [record, away] = await Promise.all([reading(), unreachable()]);
  const readMs = record?.reading.takenAtMs ?? 0;
  const nowMs = now();
  if (away !== undefined && away.seenAtMs > readMs && nowMs - away.seenAtMs <= FRESH_MS)
    return { word: 'away', text: 'no primary answers the collector' };
  if (nowMs - readMs <= FRESH_MS)
    return { word: 'works', text: `a primary answered the collector ${Math.round((nowMs - readMs) / 1_000)} s ago` };
  return { word: 'silent', text: 'the collector has no reading of the last minutes' };
}

/** Servers that are ready work with the store, by the application's own way. */
function askReadiness(servers: readonly ServerFacts[]): Said {
  const up = servers.filter(({ ready }) => ready === true);
  return up.length * 2 > servers.length
    ? { word: 'works', text: `${up.length} of ${servers.length} servers are ready` }
    : { word: 'silent', text: 'most servers are not ready, or unknown' };
}

/** Readiness can be a PING, which a proxy answers; these read and write a key. But both can be cut off where the servers are not. */
const areBothAway = (fleetSide: Said, collector: Said): boolean =>
  fleetSide.word === 'away' && !fleetSide.answers && collector.word === 'away';

const mostAreRefused = (servers: readonly ServerFacts[]): boolean => servers.filter(loginRefused).length * 2 > servers.length;

/** By the store, in the latest reading; none where that is of another time. */
async function countedRefusals({ reading, now }: StoreWitnesses): Promise<number> {
  const { takenAtMs = 0, authenticationFailures } = (await reading())?.reading ?? {};
  return now() - takenAtMs <= FRESH_MS ? (authenticationFailures ?? 0) : 0;
}

/** As a clause; undefined where another one than the collector, which can be cut off itself, says that there is none. Silence is no word. */
export async function whyPrimaryCanBeThere(witnesses: StoreWitnesses, readServers: ReadServers): Promise<string | undefined> {
  const { fleets, witnessed } = witnesses;
  const [collector, fleetSides, servers] = await Promise.all([
    askCollector(witnesses),
    Promise.all(witnessed.map((fleet) => askFleet(witnesses, fleet))),
    Promise.all(fleets.map(askServers(readServers))),
  ]);
  const who = [collector, ...fleetSides].find(({ word, answers }) => word === 'works' || answers)?.text ?? whoWorks(servers.flat());
  if (who !== undefined) return `it has a primary that answers: ${who}`;
  if (servers.some(mostAreCutOff) || fleetSides.some(({ word }) => word === 'away')) return undefined;
  return `nobody but the collector could say that it has no primary: ${[collector, ...fleetSides].map(({ text }) => text).join(', ')}, and the servers do not say that they are cut off`;
}

/** One that works with the store is enough. A readiness check asks in the application's own way; only where there is none, a PING counts. */
function whoWorks(servers: readonly ServerFacts[]): string | undefined {
  const up = servers.filter((server) => isUp(server) === true);
  if (up.length === 0) return undefined;
  const how = up.some(({ ready }) => ready === true) ? 'are ready, and so work with it' : 'get an answer to PING';
  return `${up.length} of ${servers.length} servers ${how}`;
}

/** Undefined where two witnesses say that it is. A PING is none: a proxy can answer it. @param few why servers alone are none */
export async function whyNotAway(
  witnesses: StoreWitnesses,
  { fleet, servers, few }: { readonly fleet: string; readonly servers: readonly ServerFacts[]; readonly few: string },
): Promise<string | undefined> {
  const [fleetSide, collector] = await Promise.all([askFleet(witnesses, fleet), askCollector(witnesses)]);
  // It signs in as a user of its own: what refuses the application's login it does not see, and the counter of the store does.
  if (mostAreRefused(servers))
    return (await countedRefusals(witnesses)) > 0
      ? undefined
      : 'servers say that their login is refused, and the store has counted no refused login';
  if (!mostAreCutOff(servers)) {
    if (askReadiness(servers).word === 'works' && !areBothAway(fleetSide, collector)) return few;
    const areDown = servers.filter(({ ready }) => ready === false).length * 2 > servers.length;
    return fleetSide.word === 'away' && (areDown || collector.word === 'away') ? undefined : few;
  }
  if (fleetSide.word === 'works') return `servers say that they are cut off, and ${fleetSide.text}`;
  if (fleetSide.word === 'away' || collector.word === 'away') return undefined;
  return `only the servers themselves say that they are cut off: ${fleetSide.text}, and ${collector.text}`;
}

/** Over where one that uses the store works with it; it goes on only while two say so. A PING that is answered ends nothing. */
export async function isStillAway(witnesses: StoreWitnesses, fleet: string, servers: readonly ServerFacts[]): Promise<boolean | 'unknown'> {
  const [fleetSide, collector] = await Promise.all([askFleet(witnesses, fleet), askCollector(witnesses)]);
  if (askReadiness(servers).word === 'works') return areBothAway(fleetSide, collector) ? 'unknown' : false;
  // Nobody else sees that the application's own login is refused, but the store counts it.
  if (mostAreRefused(servers)) return (await countedRefusals(witnesses)) > 0 ? true : 'unknown';
  if (fleetSide.word === 'works') return false;
  const away = [mostAreCutOff(servers), fleetSide.word === 'away', collector.word === 'away'].filter((is) => is).length;
  if (away === 0 && collector.word === 'works') return false;
  return away > 1 ? true : 'unknown';
}
