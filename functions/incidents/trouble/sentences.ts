/** Trouble in sentences: who is hurt, how much, where and since when. Pure. */

import { sumOf } from '../../shared/arithmetic.ts';
import { clockText } from '../../shared/texts.ts';
import type { Evidence, Source } from '../contract/evidence.ts';
import type { ApplicationCategory } from '../contract/read-logs.ts';
import type { ServerFacts } from '../contract/server-facts.ts';
import { CHANNELS_OF_PEOPLE, CHANNELS_OF_STORE, type Channel, type ChannelName, excessOf, type Gap, isTroubled } from './channels.ts';
import { TIGHT_PERCENT } from './store-health.ts';
import { logsBeginMs, serversOf } from './traces.ts';
import type { Trouble } from './trouble.ts';

interface Words {
  readonly source: Source;
  readonly noun: string;
  /** What the excess is a part of. */
  readonly of: string;
  /** What is so where there is no trouble, if a threshold decides. @default no more of the noun than usual */
  readonly usual?: string;
}

const WORDS: Readonly<Record<ChannelName, Words>> = {
  lost: { source: 'servers', noun: 'sessions that are sent away', of: 'sampled sessions' },
  vain: { source: 'servers', noun: 'sessions that never come back', of: 'sessions that browsers began' },
  returns: {
    source: 'servers',
    noun: 'people from other sites who are turned away',
    of: 'requests that come from other sites without a session',
  },
  redirects: { source: 'traffic', noun: 'redirects', of: 'requests' },
  refusals: { source: 'traffic', noun: 'refusals (4xx)', of: 'requests' },
  errors: { source: 'traffic', noun: 'errors (5xx) of the servers', of: 'requests' },
  balancerRefusals: { source: 'traffic', noun: 'refusals (4xx) of the load balancer', of: 'requests' },
  balancerErrors: { source: 'traffic', noun: 'errors (5xx) of the load balancer', of: 'requests' },
  signIns: { source: 'traffic', noun: 'sign-ins that fail', of: 'requests' },
  logins: { source: 'servers', noun: 'log-ins that no longer succeed', of: 'log-ins' },
  requests: { source: 'traffic', noun: 'requests that do not come', of: 'usual requests' },
  canary: { source: 'canary', noun: 'sessions of the canary that vanished', of: 'sessions of the canary' },
  refusedWrites: { source: 'readings', noun: 'refused writes', of: 'writes' },
  evictions: { source: 'readings', noun: 'keys deleted to make room', of: 'keys' },
  memory: {
    ...{ source: 'readings', noun: 'memory in use', of: 'percent' },
    usual: `less than ${TIGHT_PERCENT} % of the memory in use, and not full within a day`,
  },
  nodes: { source: 'store', noun: 'shards without a primary', of: 'shards' },
  reach: { source: 'servers', noun: 'servers that do not reach the store', of: 'servers' },
  storeErrors: { source: 'servers', noun: 'lines about the store', of: 'lines' },
  sessionErrors: { source: 'servers', noun: 'lines about sessions that cannot be read', of: 'lines' },
};

/** What is wrong. @param share how much of it, as text: `12 % of the requests (120 of 1,000)` @param isOver then it was wrong */
const SAYS: Readonly<Record<ChannelName, (share: string, count: number, isOver: boolean) => string>> = {
  lost: (share) => `${share} were lost (a login page, a refusal or a new session instead)`,
  vain: (share) => `${share} never came back`,
  returns: (share, _, isOver) => `${share} ${are(isOver)} turned away`,
  redirects: (share, _, isOver) => `${share} ${are(isOver)} redirected`,
  refusals: (share, _, isOver) => `${share} ${are(isOver)} refused by the servers (4xx)`,
  errors: (share, _, isOver) => `${share} ${end(isOver)} in an error of the servers (5xx)`,
  balancerRefusals: (share, _, isOver) =>
    `${share} ${are(isOver)} refused before any server sees them (4xx of the load balancer, or of a firewall at it)`,
  balancerErrors: (share, _, isOver) => `${share} ${end(isOver)} in an error of the load balancer (5xx)`,
  signIns: (share, _, isOver) => `${share} ${are(isOver)} sign-ins by the load balancer that ${isOver ? 'failed' : 'fail'} at the provider`,
  logins: (_, count) => `no log-in succeeds (about ${count} usually do in that time), although people are sent to the login`,
  requests: (share, _, isOver) => `${share} ${isOver ? 'did' : 'do'} not come`,
  canary: (share) => `${share} vanished`,
  refusedWrites: (_, count) => `the store refused ${wholeText(count)} writes (usually none)`,
  evictions: (share) => `the store deleted ${share} in a minute to make room`,
  memory: (_, count) => `the store fills: it uses ${count} % of its memory`,
  nodes: (_, count) => `${count === 1 ? 'a shard' : `${count} shards`} of the store has no primary that the collector can use`,
  reach: (share, _, isOver) => `${share} ${isOver ? 'did' : 'do'} not reach the store by their own check`,
  storeErrors: (_, count) => `the servers' logs have ${count} lines about the store`,
  sessionErrors: (_, count) => `the servers' logs have ${count} lines about sessions that cannot be read`,
};

const are = (isOver: boolean): string => (isOver ? 'were' : 'are');
const end = (isOver: boolean): string => (isOver ? 'ended' : 'end');

export const sourceOf = (name: ChannelName): Source => WORDS[name].source;

const COUNTS_RESPONSES: readonly ChannelName[] = ['redirects', 'refusals', 'errors', 'balancerRefusals', 'balancerErrors', 'signIns'];
const percentText = (part: number): string => `${part > 0 && part < 0.01 ? (part * 100).toFixed(1) : Math.round(part * 100)} %`;
const wholeText = (count: number): string => Math.round(count).toLocaleString('en');

/** `12 % of the requests (120 of 1,000; usually 2 %)`; of few, `3 of 40 sessions`. */
function shareText(name: ChannelName, { of, usual, state }: Channel, excess: number): string {
  const noun = WORDS[name].of;
  // What has always been so is usual: its excess is all of it.
  const isResponses = COUNTS_RESPONSES.includes(name) && usual !== null && state === 'acute';
  const count = isResponses ? Math.min(of, excess + usual * of) : excess;
  if (of < 100) return `${wholeText(count)} of ${wholeText(of)} ${noun}`;
  const usually = isResponses ? `; usually ${percentText(usual)}` : '';
  return `${percentText(count / of)} of the ${noun} (${wholeText(count)} of ${wholeText(of)}${usually})`;
}

function timeText(name: ChannelName, channel: Channel, evidence: Evidence): string {
  const { onset, untilMs } = timeOf(name, channel, evidence);
  const clock = (atMs: number) => `${clockText(atMs).slice(0, 5)} UTC`;
  const until = untilMs === undefined ? '' : ` until ${clock(untilMs)}`;
  if (typeof onset === 'number') return untilMs === undefined ? `, since ${clock(onset)}` : `, from ${clock(onset)}${until}`;
  if (onset !== 'before') return until && `,${until}`;
  const logsMs = WORDS[name].source === 'servers' ? logsBeginMs(evidence) : evidence.fromMs;
  // Servers that are younger know nothing of the time before them.
  const since = logsMs > evidence.fromMs + YOUNG_MS ? `since the servers' logs begin at ${clock(logsMs)}` : 'for an hour at least';
  return `, ${since}${until && `,${until}`}`;
}
const YOUNG_MS = 10 * 60_000;

const timeOf = (name: ChannelName, channel: Channel, evidence: Evidence): Pick<Channel, 'onset' | 'untilMs'> =>
  timeOfLines(name, evidence) ?? channel;

export const hasTime = (name: ChannelName, channel: Channel, evidence: Evidence): boolean => timeText(name, channel, evidence) !== '';

function serversText(channel: Channel, all: readonly ServerFacts[]): string {
  const at = new Set(channel.cells.flatMap(({ server }) => server ?? []));
  const servers = all.length;
  if (at.size === 0 || servers < 2) return '';
  if (at.size >= servers) return `, on all ${servers} servers`;
  return `, on ${[...at].toSorted().slice(0, 3).join(', ')}${at.size > 3 ? ' and others' : ` alone of ${servers} servers`}`;
}

/** `, on /login (500), where about 48 % fail` */
function pathText(name: ChannelName, channel: Channel, evidence: Evidence): string {
  const place = placeOf(name, channel, evidence);
  if (place === undefined) return '';
  const { paths, pathCount, status, share } = place;
  const statusText = status === undefined ? '' : ` with ${status}`;
  if (paths.length === 0) return `${statusText && `, nearly all${statusText}`}${pathCount > 2 ? `, on ${pathCount} paths or more` : ''}`;
  const where = `, nearly all on ${paths.join(' and ')}${statusText}`;
  return share === undefined ? where : `${where}, where about ${Math.max(1, Math.round(share * 100))} % fail`;
}

/** What a channel shows, where and since when, without a full stop. */
export function sentenceOf(name: ChannelName, channel: Channel, evidence: Evidence): string {
  const excess = excessOf(channel);
  const where = `${pathText(name, channel, evidence)}${serversText(channel, serversOf(evidence))}`;
  const { untilMs } = timeOf(name, channel, evidence);
  const what = SAYS[name](shareText(name, channel, excess), Math.round(excess), untilMs !== undefined);
  return `${what}${where}${timeText(name, channel, evidence)}`;
}

/** What a channel is about: `redirects`. */
export const nounOf = (name: ChannelName): string => WORDS[name].noun;

export type Shown = { readonly channel: ChannelName; readonly text: string; readonly source: Source };

export const shownOf = ({ channels }: Trouble, evidence: Evidence): readonly Shown[] =>
  [...CHANNELS_OF_PEOPLE, ...CHANNELS_OF_STORE].flatMap((channel) => {
    const one = channels[channel];
    return isTroubled(one) ? [{ channel, text: sentenceOf(channel, one, evidence), source: WORDS[channel].source }] : [];
  });

export const missingOf = ({ channels }: Trouble, names: readonly ChannelName[]): readonly Shown[] =>
  names.flatMap((channel) => {
    const one: Channel | Gap = channels[channel];
    return 'gap' in one && one.gap !== 'notInstalled' ? [{ channel, text: one.gap, source: WORDS[channel].source }] : [];
  });

export const usualOf = ({ channels }: Trouble, names: readonly ChannelName[]): readonly Shown[] =>
  names
    .filter((name) => !('gap' in channels[name] || isTroubled(channels[name])))
    .map((channel) => ({
      channel,
      source: WORDS[channel].source,
      text: WORDS[channel].usual ?? `no more ${WORDS[channel].noun} than usual`,
    }));

export interface Place {
  /** The paths that have nearly all of it, the most first; empty: more than two, or unknown. */
  readonly paths: readonly string[];
  readonly pathCount: number;
  /** The status of nearly all of it. */
  readonly status?: string;
  /** Share of the requests to that path, from 0 to 1, by the path's part of all requests; of one path alone. */
  readonly share?: number;
}

const NEARLY_ALL = 0.8;
const MOST_PATHS = 2;
const CLASSES: Readonly<Partial<Record<ChannelName, 4 | 5>>> = { refusals: 4, errors: 5 };
type Time = Pick<Channel, 'onset' | 'untilMs'>;

const isIn = (minuteMs: number, { onset, untilMs = Number.POSITIVE_INFINITY }: Time): boolean =>
  (typeof onset !== 'number' || minuteMs >= onset) && minuteMs <= untilMs;

/** Undefined where no log shows it. */
export function placeOf(name: ChannelName, channel: Channel, evidence: Evidence): Place | undefined {
  const logs = serversOf(evidence).flatMap(({ access }) => (access ? [access] : []));
  if (name === 'lost') {
    const counts = logs.flatMap(({ byPath = [] }) => byPath).map(({ path, lost }) => ({ path, count: lost ?? 0 }));
    const place = placed(countsBy(counts, ({ path }) => path));
    // Most are missed wherever their users go next.
    return place?.paths.length === 0 ? undefined : place;
  }
  const wanted = CLASSES[name];
  if (wanted === undefined) return undefined;
  const cells = logs.flatMap(({ errorsByMinutePath = [] }) =>
    errorsByMinutePath.filter(({ minuteMs, status }) => Math.floor(status / 100) === wanted && isIn(minuteMs, channel)),
  );
  const place = placed(countsBy(cells, ({ path }) => path));
  const [[status, most] = ['', 0]] = ranked(countsBy(cells, (cell) => String(cell.status)));
  const all = sumOf(cells, ({ count }) => count);
  const [path, another] = place?.paths ?? [];
  if (place === undefined) return undefined;
  // How often a path is asked for by the minute is in no log's answer: its part of the whole log is.
  const part = (of: (access: (typeof logs)[number]) => number) => sumOf(logs, of);
  const during = part(({ byMinute = [] }) => sumOf(byMinute, ({ minuteMs, requests }) => (isIn(minuteMs, channel) ? requests : 0)));
  const ever = part(({ byMinute = [] }) => sumOf(byMinute, ({ requests }) => requests));
  const asked = part(({ byPath = [] }) => sumOf(byPath, (one) => (one.path === path ? one.requests : 0)));
  const expected = ever === 0 ? 0 : (asked * during) / ever;
  const failed = sumOf(cells, (cell) => (cell.path === path ? cell.count : 0));
  return {
    ...place,
    ...(most >= all * NEARLY_ALL && { status }),
    ...(path !== undefined && another === undefined && expected > 0 && { share: Math.min(1, failed / expected) }),
  };
}

function placed(counts: ReadonlyMap<string, number>): Place | undefined {
  const all = ranked(counts);
  const total = sumOf(all, ([, count]) => count);
  if (total === 0) return undefined;
  for (let length = 1; length <= MOST_PATHS; length += 1) {
    const some = all.slice(0, length);
    // Those without a place of their own are of any path.
    if (some.some(([path]) => path === 'other')) break;
    if (sumOf(some, ([, count]) => count) >= total * NEARLY_ALL) return { paths: some.map(([path]) => path), pathCount: all.length };
  }
  return { paths: [], pathCount: all.length };
}

const ranked = (counts: ReadonlyMap<string, number>) => [...counts].filter(([, count]) => count > 0).toSorted(([, a], [, b]) => b - a);

function countsBy<T extends { readonly count: number }>(cells: readonly T[], keyOf: (cell: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const cell of cells) counts.set(keyOf(cell), (counts.get(keyOf(cell)) ?? 0) + cell.count);
  return counts;
}

const CATEGORIES: Readonly<Partial<Record<ChannelName, readonly ApplicationCategory[]>>> = {
  storeErrors: ['storeConnection', 'readOnly', 'outOfMemory'],
  sessionErrors: ['serialization', 'decryption'],
};
/** A line now and then is no begin, against this part of the worst minute. */
const FEW = 0.1;
/** What was not written for so long is over. */
const OVER_MS = 5 * 60_000;

function minutesOfLines(name: ChannelName, evidence: Evidence): readonly number[] {
  const minutes = new Map<number, number>();
  for (const { application } of serversOf(evidence))
    for (const category of CATEGORIES[name] ?? [])
      for (const [minuteMs, lines] of application?.byMinute?.[category] ?? []) minutes.set(minuteMs, (minutes.get(minuteMs) ?? 0) + lines);
  const worst = Math.max(0, ...minutes.values());
  return [...minutes].flatMap(([minuteMs, lines]) => (lines >= worst * FEW ? [minuteMs] : []));
}

/** When lines of a channel began in earnest, and ended; undefined where no log shows them by the minute. */
export function timeOfLines(name: ChannelName, evidence: Evidence): Time | undefined {
  const many = minutesOfLines(name, evidence);
  if (many.length === 0) return undefined;
  const [first, last] = [Math.min(...many), Math.max(...many)];
  return { onset: first <= evidence.fromMs + 60_000 ? 'before' : first, ...(last < evidence.toMs - OVER_MS && { untilMs: last + 60_000 }) };
}
