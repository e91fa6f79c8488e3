/** Log-ins that do not get people in, though next to nothing of it shows among all requests. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { Channel } from './channels.ts';
import { acuteOf, joined, OF_SIGN_IN, ofAllRequests, pagesOf, type Series, union } from './errors-of-paths.ts';
import { minutesOfPeople, type PersonMinute } from './per-person.ts';
import { channelOf } from './series.ts';
import { allLogsRead, knownTraces, logsShowAnswered, newSessions, serversOf } from './traces.ts';

const MINUTE_MS = 60_000;

/**
 * More requests to the pages of the sign-in are refused than before. People who try again make a few for each log-in; so many more, while as
 * many log in as ever, are of one who tries passwords. Between these nobody can say whose they are.
 */
export function refusalsAtSignIn(evidence: Evidence): Channel | undefined {
  const people = minutesOfPeople(evidence);
  const [first, ...others] = signInPages(evidence, 4).flatMap((page) => {
    const channel = acuteOf(joined(page), page, evidence);
    return channel === undefined ? [] : (byWhom(channel, wellAnswered(evidence, page), people) ?? []);
  });
  return first && ofAllRequests(union([first, ...others]), serversOf(evidence));
}

const signInPages = (evidence: Evidence, statusClass: 4 | 5) =>
  pagesOf(serversOf(evidence), statusClass).filter(([one]) => one !== undefined && OF_SIGN_IN.test(one.path));

/** Requests to a page in a minute that ended neither in a refusal nor in an error. */
function wellAnswered(evidence: Evidence, page: readonly Series[]): number {
  const minutes = new Set(page.flatMap((one) => one.minutes.map(({ minuteMs }) => minuteMs))).size;
  const counts = serversOf(evidence).flatMap(({ access }) => access?.byPath ?? []);
  const own = counts.filter(({ path }) => path === page[0]?.path);
  return sumOf(own, ({ requests, clientErrors, serverErrors }) => requests - clientErrors - serverErrors) / Math.max(1, minutes);
}

/** One person tries so often at most, for each request to the page that is answered well. */
const MOST_TRIES = 3;
/** Fewer log-ins than these can fail to come by chance, and so much less is beyond that. */
const FEWEST_LOGINS = 10;
const LESS = 0.6;
/** Of the refused, so many are sent to the login again. */
const SENT_BACK = 0.5;

/** Undefined where they are a guesser's. */
function byWhom(channel: Channel, wellPerMinute: number, people: readonly PersonMinute[]): Channel | undefined {
  const { onset, untilMs = Number.POSITIVE_INFINITY } = channel;
  const isDuring = ({ minuteMs }: PersonMinute) => typeof onset === 'number' && minuteMs >= onset && minuteMs <= untilMs;
  const [during, before] = [people.filter(isDuring), people.filter(({ minuteMs }) => typeof onset === 'number' && minuteMs < onset)];
  const sum = (some: readonly PersonMinute[], of: 'begun' | 'redirects') => sumOf(some, (minute) => minute[of]);
  const usualLogins = (sum(before, 'begun') / Math.max(1, before.length)) * during.length;
  const logins = sum(during, 'begun');
  if (usualLogins >= FEWEST_LOGINS && logins < usualLogins * LESS) return channel;
  const refused = sumOf(channel.cells, ({ excess }) => excess);
  const minutes = new Set(channel.cells.map(({ minuteMs }) => minuteMs)).size;
  if (refused > wellPerMinute * minutes * MOST_TRIES) return undefined;
  // A log-in has its own redirects: more of them are people's who go back to where they came from, and are sent to the login again.
  const sentBack = sum(during, 'redirects') - (sum(before, 'redirects') / Math.max(1, sum(before, 'begun'))) * logins;
  return before.length > 0 && sentBack >= refused * SENT_BACK ? channel : { ...channel, isPerhaps: true };
}

/** So large a part of the requests to a page of the sign-in ends in errors as ever: no few people meet them. */
const BAD_SHARE = 0.03;
const FEWEST_ERRORS = 8;
/** In so many parts of the hour, each of ten minutes: who tries once makes all of them in one. */
const FEWEST_PARTS = 4;
const PART_MS = 10 * MINUTE_MS;

/** Errors of the sign-in that are as old as the logs. One client can make them all: whether people meet them, nobody can say. */
export function oldErrorsAtSignIn(evidence: Evidence): Channel | undefined {
  const found = signInPages(evidence, 5).flatMap((page) => {
    const cells = page.flatMap(({ server, minutes }) =>
      minutes.flatMap(({ minuteMs, count }) => (count > 0 ? [{ minuteMs, server, excess: count }] : [])),
    );
    const [count, of] = [sumOf(cells, ({ excess }) => excess), sumOf(page, ({ minutes }) => sumOf(minutes, (minute) => minute.of))];
    const parts = new Set(cells.map(({ minuteMs }) => Math.floor(minuteMs / PART_MS)));
    return count >= FEWEST_ERRORS && count >= of * BAD_SHARE && parts.size >= FEWEST_PARTS ? cells : [];
  });
  const channel = { state: 'chronic', isPerhaps: true, cells: found, of: 0, usual: null, usualFrom: 'none', onset: 'before' } as const;
  return found.length === 0 ? undefined : ofAllRequests(channel, serversOf(evidence));
}

/** A browser names the session that it got within this time, if it keeps it. */
const RETURN_MS = 2 * MINUTE_MS;
/** Where visitors get sessions too, many of them see one page and never come back. */
const MOST_USUAL = 0.15;
const LEAST_VAIN = 0.15;
const FEWEST_BEGUN = 10;
const FEWEST_BEFORE = 20;

/** More sessions than before are begun and never named: their browsers did not get the cookie, or do not send it. */
export function moreInVain(evidence: Evidence): Channel | undefined {
  const servers = serversOf(evidence);
  if (!allLogsRead(servers, true) || !logsShowAnswered(servers)) return undefined;
  const toMs = Math.min(...servers.flatMap(({ access }) => (access ? [access.toMs] : []))) - RETURN_MS;
  const begun = knownTraces(servers, Number.NEGATIVE_INFINITY).filter(({ begins, firstMs }) => begins && firstMs < toMs);
  const byMinute = Map.groupBy(begun, ({ firstMs }) => Math.floor(firstMs / MINUTE_MS) * MINUTE_MS);
  const minutes = [...byMinute]
    .toSorted(([one], [other]) => one - other)
    .map(([minuteMs, some]) => ({ minuteMs, count: some.filter(({ requests }) => requests === 0).length, of: some.length }));
  const channel = channelOf({ ...evidence, toMs, minutes, least: LEAST_VAIN, fewestOf: FEWEST_BEFORE });
  if (channel?.state !== 'acute' || typeof channel.onset !== 'number' || (channel.usual ?? 1) > MOST_USUAL) return undefined;
  const vain = sumOf(channel.cells, ({ excess }) => excess);
  // Machines keep no cookies.
  if (vain < FEWEST_BEGUN || newSessions(servers).byMachines >= vain) return undefined;
  return isSentBack(channel, vain, evidence) ? channel : { ...channel, isPerhaps: true };
}

/** Who does not keep the session is sent to the login at the next request; a robot that takes one after another is not. */
function isSentBack({ onset }: Channel, vain: number, evidence: Evidence): boolean {
  const people = minutesOfPeople(evidence);
  const [before, since] = [
    people.filter(({ minuteMs }) => minuteMs < Number(onset)),
    people.filter(({ minuteMs }) => minuteMs >= Number(onset)),
  ];
  const turned = (some: readonly PersonMinute[]) => sumOf(some, ({ redirects, clientErrors }) => redirects + clientErrors);
  return before.length > 0 && turned(since) - (turned(before) / before.length) * since.length >= vain * SENT_BACK;
}
