/** What the servers' application logs and their own connection to the store say. Pure. */
import { sumOf } from '../../../shared/arithmetic.ts';
import type { Evidence } from '../../contract/evidence.ts';
import type { APPLICATION_CATEGORIES } from '../../contract/read-logs.ts';
import type { ApplicationLogFacts } from '../../contract/server-facts.ts';
import { BEFORE_SIGN_MS } from '../../trouble/traces.ts';
import { type Judged, judgeSource, no, open, shaky, yes } from '../judged.ts';

type Category = (typeof APPLICATION_CATEGORIES)[number];

/** A line or two is written at any restart, or when an idle connection is closed. */
const FEWEST_LINES = 5;

/**
 * Lines of a category that were written around the first sign or since. A hint: a visitor's text, such as a path, can stand in a log.
 * @param what they are about, in a sentence
 */
export const wordsAbout = (evidence: Evidence, category: Category, what: string): Judged =>
  judgeSource('servers', ({ servers }, { complete, evidence }) => {
    const logs = servers.flatMap(({ application }) => (application ? [application] : []));
    const recent = logs.filter((log) => (log.lastMs?.[category] ?? Number.POSITIVE_INFINITY) >= evidence.firstSignMs - BEFORE_SIGN_MS);
    const sum = (some: readonly ApplicationLogFacts[]) => sumOf(some, (log) => log[category] ?? 0);
    const lines = sum(recent);
    if (lines >= FEWEST_LINES)
      return shaky(yes('servers', `${lines} lines of the servers' logs are about ${what}`, firstOf(recent, category)));
    return complete && servers.length > 0 && logs.length === servers.length && !logs.some(({ partial }) => partial)
      ? no('servers', `${lines} lines of the servers' logs are about ${what}`)
      : open('servers', 'application logs: not of every server');
  })(evidence);

/** Enough of the log lines about data that cannot be read name a session. */
export const errorsNameSessions = judgeSource('servers', ({ servers }) => {
  const lines = sumOf(servers, ({ application }) => application?.sessionSerialization ?? 0);
  const text = `${lines} of them name a session`;
  return lines >= FEWEST_LINES ? yes('servers', text) : no('servers', text);
});

/** A log whose lines have no time can have every trouble in it. */
export const someLogUndated = ({ sources }: Evidence): boolean => {
  const { servers } = sources;
  return servers !== undefined && 'facts' in servers && servers.facts.servers.some(({ application }) => application?.undated === true);
};

/** When the first line of a category was written. */
export function firstLineMs({ sources }: Evidence, category: Category): number | undefined {
  const { servers } = sources;
  if (!servers || 'gap' in servers) return undefined;
  return firstOf(
    servers.facts.servers.flatMap(({ application }) => (application && (application[category] ?? 0) > 0 ? [application] : [])),
    category,
  );
}

function firstOf(logs: readonly ApplicationLogFacts[], category: Category): number | undefined {
  const times = logs.flatMap(({ firstMs }) => (firstMs[category] === undefined ? [] : [firstMs[category]]));
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** Every server's application log was read. */
export const everyLogRead = ({ sources }: Evidence): boolean => {
  const { servers } = sources;
  if (!servers || 'gap' in servers || (servers.gaps ?? []).length > 0) return false;
  return (
    servers.facts.servers.length > 0 && servers.facts.servers.every(({ application }) => application !== undefined && !application.partial)
  );
};
