/** What hurts people, and what is wrong with the store, before anybody asks why: one value, from every channel that the evidence has. */

import { type Evidence, factsOf } from '../contract/evidence.ts';
import {
  type Cell,
  CHANNELS_OF_PEOPLE,
  type Channel,
  type ChannelName,
  type Channels,
  excessOf,
  type Gap,
  isTroubled,
  quietChannel,
} from './channels.ts';
import { asksLess, moreInVain, noLogins, oldErrorsAtSignIn, refusalsAtSignIn } from './people.ts';
import { asUsual, responseChannels } from './responses.ts';
import { canEndWithCookie, sessionChannels } from './sessions.ts';
import { storeChannels } from './store-health.ts';
import { knownTraces, logsBeginMs, type MergedTrace, namedAround, serversOf } from './traces.ts';

/** `chronic`: as old as what was looked at. `none`: what decides was read, and is as usual. `unknown`: something of that was not read. */
export type TroubleKind = 'acute' | 'chronic' | 'none' | 'unknown';

export interface Trouble {
  /** Of people: what the store alone suffers from is no trouble of theirs. */
  readonly kind: TroubleKind;
  /** When the first channel of people left the usual; `before`: it is as old as what was looked at; null: unknown. */
  readonly onset: number | 'before' | null;
  /** The last minute of it, where it is over. */
  readonly untilMs?: number;
  readonly channels: Channels;
  readonly users: Users;
}

const TROUBLES = new WeakMap<Evidence, Trouble>();

export function troubleOf(evidence: Evidence): Trouble {
  const known = TROUBLES.get(evidence);
  if (known) return known;
  const channels = { ...responseChannels(evidence), ...sessionChannels(evidence), ...storeChannels(evidence), logins: quietChannel(0) };
  const felt = fewerPeople(withoutNewcomers(channels, evidence), evidence);
  const trouble = { ...weigh(felt, evidence.firstSignMs), users: usersOf(felt, evidence) };
  TROUBLES.set(evidence, trouble);
  return trouble;
}

/** A launch or a campaign: people who have no session yet are sent to the login, and those who have one keep it. */
function withoutNewcomers(channels: Channels, evidence: Evidence): Channels {
  const { redirects, lost, canary } = channels;
  const isKept = 'state' in lost && lost.state === 'usual' && !isTroubled(canary);
  if (!isKept || !isTroubled(redirects) || !redirects.isOnTop || typeof redirects.onset !== 'number') return channels;
  const { there, after } = namedAround(serversOf(evidence), redirects.onset);
  return there === 0 || after * 2 < there || canEndWithCookie(evidence) ? channels : { ...channels, redirects: asUsual(redirects) };
}

const goesOn = (channel: Channel | Gap): boolean => isTroubled(channel) && channel.untilMs === undefined;

/** Where nothing else goes on: people who do not get in, or have to log in again and again, are few of all. Or they ask for less: some of it does perhaps not arrive. */
function fewerPeople(channels: Channels, evidence: Evidence): Channels {
  if (CHANNELS_OF_PEOPLE.some((name) => goesOn(channels[name]))) return channels;
  const { refusals, errors, vain } = channels;
  const entering = {
    ...channels,
    refusals: refusalsAtSignIn(evidence) ?? refusals,
    errors: isTroubled(errors) ? errors : (oldErrorsAtSignIn(evidence) ?? errors),
    vain: moreInVain(evidence) ?? vain,
    logins: noLogins(evidence),
  };
  if (CHANNELS_OF_PEOPLE.some((name) => isTroubled(entering[name]))) return entering;
  const less = asksLess(evidence);
  return less === undefined ? channels : { ...channels, requests: less };
}

/** Without these, nobody can say that nobody is hurt. What one installation does not have (a canary, sign-ins) is missed in none. */
export const DECISIVE = [
  'lost',
  'redirects',
  'refusals',
  'errors',
  'balancerRefusals',
  'balancerErrors',
] as const satisfies readonly ChannelName[];

/** What was over so long before the first sign is another story than what gave the alarm. */
const EARLIER_MS = 15 * 60_000;

function weigh(channels: Channels, firstSignMs: number): Omit<Trouble, 'users'> {
  const all = CHANNELS_OF_PEOPLE.map((name) => channels[name]).filter(isTroubled);
  const recent = all.filter((channel) => !isEarlier(channel, firstSignMs));
  const troubled = recent.length > 0 ? recent : all;
  const acute = troubled.filter(({ state }) => state === 'acute');
  const kind =
    acute.length > 0 ? 'acute' : troubled.length > 0 ? 'chronic' : DECISIVE.every((name) => 'state' in channels[name]) ? 'none' : 'unknown';
  const onsets = (acute.length > 0 ? acute : troubled).map(({ onset }) => onset);
  const times = onsets.filter((onset) => typeof onset === 'number');
  const onset = onsets.includes('before') ? 'before' : times.length > 0 ? Math.min(...times) : null;
  // The canary's losses have no time: where others have, theirs counts.
  const timed = troubled.filter((channel) => channel !== channels.canary);
  const ends = (timed.length > 0 ? timed : troubled).map(({ untilMs }) => untilMs);
  const isOver = ends.length > 0 && ends.every((end) => end !== undefined);
  return { kind, onset, channels, ...(isOver && { untilMs: Math.max(...ends) }) };
}

export const isEarlier = ({ untilMs }: Channel, firstSignMs: number): boolean =>
  untilMs !== undefined && untilMs < firstSignMs - EARLIER_MS;

const FEW_WITNESSES: readonly ChannelName[] = ['canary', 'vain', 'returns'];

/** Channels of people that are in trouble: those that go on come first, and of these the one in which the largest part of people is hurt. */
export function hurtingChannels({ channels }: Trouble): readonly { readonly name: ChannelName; readonly channel: Channel }[] {
  const hurt = CHANNELS_OF_PEOPLE.flatMap((name) => {
    const channel = channels[name];
    return isTroubled(channel) ? [{ name, channel }] : [];
  });
  // The canary is one client, and any client can fill the two others: they show that, and not how many, nor since when.
  const rank = ({ name, channel }: (typeof hurt)[number]) =>
    partOf(channel) + (channel.untilMs === undefined ? 1 : 0) - (channel.isPerhaps ? 20 : isOfFew(name, channel) ? 10 : 0);
  return hurt.toSorted((one, other) => rank(other) - rank(one));
}

const isOfFew = (name: ChannelName, { onset }: Channel): boolean => FEW_WITNESSES.includes(name) && typeof onset !== 'number';
const partOf = (channel: Channel): number => excessOf(channel) / Math.max(1, channel.of);

/** When a channel left the usual; undefined where that is not known, or it is as old as what was looked at. */
export function onsetOf(evidence: Evidence, name: ChannelName): number | undefined {
  const channel = troubleOf(evidence).channels[name];
  return 'state' in channel && typeof channel.onset === 'number' ? channel.onset : undefined;
}

/** People are hurt now, or nobody knows; false where what decides was read and shows nobody, or where it is over. */
export function goesOnToHurt(evidence: Evidence): boolean {
  const { kind, untilMs } = troubleOf(evidence);
  return kind === 'unknown' || (kind !== 'none' && untilMs === undefined);
}

export interface Users {
  /** Of the sessions that were seen to be lost, those that can be of no person twice: who logs in again can lose the next one too. */
  readonly least: number;
  /** Null: more can be concerned than have a session. */
  readonly most: number | null;
}

/** These hurt nobody who has no session. */
const OF_SESSIONS: readonly ChannelName[] = ['lost', 'canary'];
const MINUTE_MS = 60_000;
/** Fewer minutes do not show how many sessions begin usually. */
const FEWEST_MINUTES = 10;

export function usersOf(channels: Channels, evidence: Evidence): Users {
  const { lost } = channels;
  const anew = isTroubled(lost) ? begunAnew(lost, evidence) : 0;
  const least = isTroubled(lost) ? leastOf(lost, anew, evidence) : 0;
  const troubled = CHANNELS_OF_PEOPLE.filter((name) => isTroubled(channels[name]));
  if (troubled.length === 0 || troubled.some((name) => !OF_SESSIONS.includes(name))) return { least, most: null };
  const stored = factsOf(evidence, 'readings')?.reading?.activeSessions ?? 0;
  // A store that was emptied has fewer than the logs have seen.
  const known = knownTraces(serversOf(evidence), evidence.fromMs).length - anew;
  return { least, most: stored === 0 ? null : Math.max(least, known, stored) };
}

/** Those that were there at once are of as many people. Of those that began later, so many can be of people who had lost one already. */
function leastOf(lost: Channel, anew: number, evidence: Evidence): number {
  const onset = typeof lost.onset === 'number' ? lost.onset : Number.NEGATIVE_INFINITY;
  const excess = (isOf: (session: MergedTrace) => boolean) =>
    excessOf({ cells: lost.cells.filter(({ session }: Cell) => session !== undefined && isOf(session)) });
  const there = excess(({ firstMs, lastMs }) => firstMs < onset && lastMs >= onset);
  const inTurn = there + Math.max(0, excess(({ firstMs }) => firstMs >= onset) - anew);
  // What the canary loses is nobody's.
  const { sessions = 0, vanished = 0 } = factsOf(evidence, 'canary') ?? {};
  return Math.max(0, Math.floor(inTurn - Math.min(sessions, vanished)));
}

/** Sessions that began since, beyond as many as usual: all of them, where it is not known how many those are. */
function begunAnew({ onset }: Channel, evidence: Evidence): number {
  const beginMs = logsBeginMs(evidence);
  const sinceMs = typeof onset === 'number' ? onset : beginMs;
  const traces = knownTraces(serversOf(evidence), Number.NEGATIVE_INFINITY);
  const showsBegin = traces.some(({ begins }) => begins);
  const began = traces.filter(({ begins, firstMs }) => (begins || !showsBegin) && firstMs > beginMs).map(({ firstMs }) => firstMs);
  const before = began.filter((atMs) => atMs < sinceMs).length;
  const [minutes, since] = [(sinceMs - beginMs) / MINUTE_MS, (evidence.toMs - sinceMs) / MINUTE_MS];
  const usual = showsBegin && minutes >= FEWEST_MINUTES ? (before / minutes) * since : 0;
  return Math.max(0, began.length - before - usual);
}
