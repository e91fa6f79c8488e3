/** What the servers' application logs say. Pure. */
import { leastOf, sumOf } from '../../../shared/arithmetic.ts';
import type { Evidence } from '../../contract/evidence.ts';
import type { ApplicationCategory } from '../../contract/read-logs.ts';
import type { ApplicationLogFacts } from '../../contract/server-facts.ts';
import { LINES_OF_STORE } from '../../trouble/store-channels.ts';
import { BEFORE_SIGN_MS, serversOf } from '../../trouble/traces.ts';
import { firmIf, type Judge, judgeSource, no, open, shaky, whether, yes } from '../judged.ts';

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

export const errorsNameSessions = judgeSource('servers', ({ servers }) => {
  const lines = sumOf(servers, ({ application }) => application?.sessionSerialization ?? 0);
  return whether('servers', lines >= FEWEST_LINES, `${lines} of them name a session`);
});

/** A log whose lines have no time can have every trouble in it. */
export const someLogUndated = (evidence: Evidence): boolean => serversOf(evidence).some(({ application }) => application?.undated);

export const firstLineMs = (evidence: Evidence, categories: readonly ApplicationCategory[]): number | undefined =>
  firstOf(
    serversOf(evidence).flatMap(({ application }) => application ?? []),
    categories,
  );

const firstOf = (logs: readonly ApplicationLogFacts[], categories: readonly ApplicationCategory[]): number | undefined =>
  leastOf(categories.flatMap((category) => logs.flatMap((log) => (log[category] ? (log.firstMs[category] ?? []) : []))));

export function everyLogRead({ sources: { servers } }: Evidence): boolean {
  if (!servers || 'gap' in servers || (servers.gaps ?? []).length > 0) return false;
  const logs = servers.facts.servers.map(({ application }) => application);
  return logs.length > 0 && logs.every((log) => log !== undefined && !log.partial);
}

/** What comes later than this after the first sign did not bring it about. */
const LATER_MS = 5 * 60_000;

export const errorsBeganLater = judgeSource('servers', (_, { evidence }) => {
  const firstMs = firstLineMs(evidence, LINES_OF_STORE);
  if (firstMs !== undefined && firstMs <= evidence.firstSignMs + LATER_MS)
    return no('servers', "the store's errors were there when users were logged out");
  const text =
    firstMs === undefined ? "the servers' logs show no errors of the store" : "the store's errors began later than users were logged out";
  return firmIf(everyLogRead(evidence), whether('servers', firstMs !== undefined, text));
});
