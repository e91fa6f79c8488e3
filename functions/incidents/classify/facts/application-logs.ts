/** What the servers' application logs say. Pure. */
import { leastOf, sumOf } from '../../../shared/arithmetic.ts';
import type { Evidence } from '../../contract/evidence.ts';
import type { ApplicationCategory } from '../../contract/read-logs.ts';
import type { ApplicationLogFacts } from '../../contract/server-facts.ts';
import { BEFORE_SIGN_MS, serversOf } from '../../trouble/traces.ts';
import { type Judge, judgeSource, no, open, shaky, whether, yes } from '../judged.ts';

/** A line or two is written at any restart, or when an idle connection is closed. */
const FEWEST_LINES = 5;

const ABOUT = {
  storeConnection: 'connections to the store',
  readOnly: 'writes that a node refuses',
  outOfMemory: 'writes that a full store refuses',
  serialization: 'sessions that cannot be read',
  decryption: 'sessions that cannot be decrypted',
} as const satisfies Partial<Record<ApplicationCategory, string>>;

/** Lines of a category that were written around the first sign or since. A hint: a visitor's text, such as a path, can stand in a log. */
export const wordsAbout = (category: keyof typeof ABOUT): Judge =>
  judgeSource('servers', ({ servers }, { complete, evidence }) => {
    const logs = servers.flatMap(({ application }) => application ?? []);
    const recent = logs.filter((log) => (log.lastMs?.[category] ?? Number.POSITIVE_INFINITY) >= evidence.firstSignMs - BEFORE_SIGN_MS);
    const lines = sumOf(recent, (log) => log[category] ?? 0);
    const text = `${lines} lines of the servers' logs are about ${ABOUT[category]}`;
    if (lines >= FEWEST_LINES) return shaky(yes('servers', text, firstOf(recent, [category])));
    return complete && servers.length > 0 && logs.length === servers.length && !logs.some(({ partial }) => partial)
      ? no('servers', text)
      : open('servers', 'application logs: not of every server');
  });

/** Enough of the log lines about data that cannot be read name a session. */
export const errorsNameSessions = judgeSource('servers', ({ servers }) => {
  const lines = sumOf(servers, ({ application }) => application?.sessionSerialization ?? 0);
  return whether('servers', lines >= FEWEST_LINES, `${lines} of them name a session`);
});

/** A log whose lines have no time can have every trouble in it. */
export const someLogUndated = (evidence: Evidence): boolean => serversOf(evidence).some(({ application }) => application?.undated);

/** When the first line of these categories was written. */
export const firstLineMs = (evidence: Evidence, categories: readonly ApplicationCategory[]): number | undefined =>
  firstOf(
    serversOf(evidence).flatMap(({ application }) => application ?? []),
    categories,
  );

const firstOf = (logs: readonly ApplicationLogFacts[], categories: readonly ApplicationCategory[]): number | undefined =>
  leastOf(categories.flatMap((category) => logs.flatMap((log) => (log[category] ? (log.firstMs[category] ?? []) : []))));

/** Every server's application log was read. */
export function everyLogRead({ sources: { servers } }: Evidence): boolean {
  if (!servers || 'gap' in servers || (servers.gaps ?? []).length > 0) return false;
  const logs = servers.facts.servers.map(({ application }) => application);
  return logs.length > 0 && logs.every((log) => log !== undefined && !log.partial);
}
