/** Where a channel's excess is, as far as the servers' logs show it: paths, statuses, and the minutes of lines. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { ApplicationCategory } from '../contract/read-logs.ts';
import type { ServerFacts } from '../contract/server-facts.ts';
import type { Channel, ChannelName } from './channels.ts';
import { serversOf } from './traces.ts';

export interface Place {
  /** The paths that have nearly all of it, the most first; empty: more than two, or unknown. */
  readonly paths: readonly string[];
  /** On how many paths it is. */
  readonly pathCount: number;
  /** The status of nearly all of it. */
  readonly status?: string;
  /** Share of the requests to that path, from 0 to 1, by the path's part of all requests; of one path alone. */
  readonly share?: number;
}

/** So much of it is nearly all. */
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

/** The minutes with many lines of a channel; none where no log shows them by the minute. */
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

/** The zone whose servers these are, all of them and no other: what cuts it off is the zone's own. Undefined for one server, or where zones are not known. */
export function wholeZone(instanceIds: readonly string[], servers: readonly ServerFacts[]): string | undefined {
  const zones = new Set(servers.flatMap((server) => (instanceIds.includes(server.instanceId) ? [server.zone] : [])));
  const [zone] = zones;
  if (instanceIds.length < 2 || zones.size !== 1 || zone === undefined) return undefined;
  const others = servers.filter(({ instanceId }) => !instanceIds.includes(instanceId));
  return others.length > 0 && others.every((other) => other.zone !== undefined && other.zone !== zone) ? zone : undefined;
}
