/** Who says now whether the store works, without Systems Manager and behind a re-login page: the fleet's side, and the collector. */
import type { StoreRecord, StoreUnreachable } from '../../collect/contract.ts';
import { mostAreCutOff } from '../classify/facts/servers-up.ts';
import { loginRefused } from '../classify/facts/store-logins.ts';
import type { ServerFacts } from '../contract/server-facts.ts';
import { type Witnessed, worksFromFleet } from '../contract/witness.ts';

export interface StoreWitnesses {
  /** @throws where the fleet has none, or it does not answer */
  readonly askFleet: (fleet: string) => Promise<Witnessed>;
  /** All fleets, for a mitigation of the store. */
  readonly fleets: readonly string[];
  readonly reading: () => Promise<StoreRecord | undefined>;
  readonly unreachable: () => Promise<StoreUnreachable | undefined>;
  readonly now: () => number;
}

/** `works`: it says that the store works. `away`: that it does not. `silent`: it says nothing of now. */
export type Word = 'works' | 'away' | 'silent';
export interface Said {
  readonly word: Word;
  /** Who says what, as a clause. */
  readonly text: string;
}

/** The collector reads once a minute: two that are missing, and its word is of another time. */
const FRESH_MS = 150_000;

export async function askFleet({ askFleet: ask }: StoreWitnesses, fleet: string): Promise<Said> {
  const silent = { word: 'silent', text: `the network of fleet ${fleet} says nothing of the store` } as const;
  try {
    const witnessed = await ask(fleet);
    if (witnessed.state === 'unknown') return silent;
    if (worksFromFleet(witnessed)) return { word: 'works', text: `a key was written and read from the network of fleet ${fleet}` };
    return { word: 'away', text: `the store is ${witnessed.state} from the network of fleet ${fleet}` };
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

/** Servers whose gate is up work with the store, by the application's own way. */
function askGates(servers: readonly ServerFacts[]): Said {
  const up = servers.filter(({ gate }) => gate === true);
  return up.length * 2 > servers.length
    ? { word: 'works', text: `the gates of ${up.length} of ${servers.length} servers are UP` }
    : { word: 'silent', text: 'the gates of most servers are not UP, or unknown' };
}

const mostAreRefused = (servers: readonly ServerFacts[]): boolean => servers.filter(loginRefused).length * 2 > servers.length;

/** Undefined while no witness has a primary that answers; otherwise which one, as a clause. */
export async function whoHasPrimary(witnesses: StoreWitnesses): Promise<string | undefined> {
  const said = await Promise.all([askCollector(witnesses), ...witnesses.fleets.map((fleet) => askFleet(witnesses, fleet))]);
  return said.find(({ word }) => word === 'works')?.text;
}

/**
 * Why the store is not known to be away from a fleet by two witnesses; undefined where it is. A server's PING is none by itself: it can be
 * broken, and a proxy can answer it.
 * @param few why its servers alone are not one of them
 */
export async function whyNotAway(
  witnesses: StoreWitnesses,
  { fleet, servers, few }: { readonly fleet: string; readonly servers: readonly ServerFacts[]; readonly few: string },
): Promise<string | undefined> {
  const [fleetSide, collector] = await Promise.all([askFleet(witnesses, fleet), askCollector(witnesses)]);
  // It signs in as a user of its own: what refuses the application's login it does not see, and the counter of the store does.
  if (mostAreRefused(servers)) {
    const failures = (await witnesses.reading())?.reading.authenticationFailures ?? 0;
    return failures > 0 ? undefined : 'servers say that their login is refused, and the store has counted no refused login';
  }
  if (!mostAreCutOff(servers)) {
    if (askGates(servers).word === 'works') return few;
    const areDown = servers.filter(({ gate }) => gate === false).length * 2 > servers.length;
    return fleetSide.word === 'away' && (areDown || collector.word === 'away') ? undefined : few;
  }
  if (fleetSide.word === 'works') return `servers say that they are cut off, and ${fleetSide.text}`;
  if (fleetSide.word === 'away' || collector.word === 'away') return undefined;
  return `only the servers themselves say that they are cut off: ${fleetSide.text}, and ${collector.text}`;
}

/**
 * Whether the outage that a fleet is bridged for goes on: `unknown` where nobody says so or otherwise. What works by a PING alone is no end
 * of it: a proxy can answer that. A gate that is down for another reason, such as a database, does not hold it.
 */
export async function isStillAway(witnesses: StoreWitnesses, fleet: string, servers: readonly ServerFacts[]): Promise<boolean | 'unknown'> {
  if (askGates(servers).word === 'works') return false;
  // Nobody else sees that the application's own login is refused.
  if (mostAreRefused(servers)) return true;
  const fleetSide = await askFleet(witnesses, fleet);
  if (fleetSide.word !== 'silent') return fleetSide.word === 'away';
  if (mostAreCutOff(servers)) return true;
  const { word } = await askCollector(witnesses);
  return word === 'silent' ? 'unknown' : word === 'away';
}
