/** A server's own words, brought down to words that are known: whatever else it wrote could be a user's, or anything. Pure. */
import { constants } from 'node:os';
import { PATH_WORDS } from '../contract/read-logs.ts';
import type { ServerFacts } from '../contract/server-facts.ts';

/** Python's exceptions for errors that the system has no number for. */
const EXCEPTIONS = 'TimeoutError ConnectionError OSError SSLError SSLZeroReturnError SSLEOFError UnicodeError ValueError'.split(' ');
/** The engines' first words of an error. @see https://valkey.io/topics/protocol/#simple-errors */
const ENGINE = 'ERR LOADING NOAUTH WRONGPASS NOPERM READONLY MASTERDOWN CLUSTERDOWN MISCONF BUSY DENIED OOM TRYAGAIN'.split(' ');
const STORE_ERRORS = new Set([...Object.keys(constants.errno), 'ENOTFOUND', ...EXCEPTIONS, ...ENGINE]);
const STORE_SENTENCES = ["an answer that is not a store's", 'it closed the connection'];

export function storeError(said: string): string {
  if (STORE_SENTENCES.includes(said)) return said;
  const word = /^[A-Za-z]{2,40}\b/.exec(said)?.[0] ?? '';
  return STORE_ERRORS.has(word) ? word : 'an error of another kind';
}

export function storeReason(said: string): NonNullable<NonNullable<ServerFacts['store']>['reason']> {
  const word = storeError(said);
  if (word === 'ENOTFOUND') return 'dns';
  if (word === 'ECONNREFUSED') return 'refused';
  if (word === 'ETIMEDOUT' || word === 'TimeoutError') return 'timeout';
  if (word.startsWith('SSL')) return 'tls';
  return ['WRONGPASS', 'NOAUTH', 'NOPERM'].includes(word) ? 'auth' : 'other';
}

/** A path of words that are common, or of the release's contract; `other` counts the rest. */
export function plainPath(path: string, known: ReadonlySet<string>): string {
  if (path === 'other') return path;
  const parts = path.split('/').slice(1);
  return `/${parts.map((part) => (part === '' || PATH_WORDS.has(part) || known.has(part) ? part : '*')).join('/')}`;
}

export const wordsOf = (paths: readonly string[]): ReadonlySet<string> =>
  new Set(paths.flatMap((path) => (path.split('?')[0] ?? '').split('/')).filter((part) => /^[A-Za-z][A-Za-z._-]{0,31}$/.test(part)));

const WHAT = '(?<what>logs\\.application|logs\\.access|session\\.page|the session store)';
const SYSTEM =
  '(?<why>No such file or directory|Permission denied|Is a directory|Not a directory|Too many levels of symbolic links|Input/output error)';
const FAULTS = [
  'is not a path of at most 256 characters',
  "has .., or * in a folder's name",
  'is neither below HOLDFAST_DATA nor in a folder named log or logs',
  "is in Holdfast's own folder",
  'is a link to another folder',
  'is not a file of its own',
  'has no time: add %t or $time_local',
  'has no status: add %s or $status',
];
const FILE = '[^:]{1,128}';
/** Sentences of the documents, N for a number: kept as they are. */
const SENTENCES = [
  "the release's contract names no logs.access",
  'logs.access.pattern has no field for the session cookie: nobody who lost a session is seen in the access log',
  'the access log was read for N s, from its end: what is older is not counted',
  "after N s the order of the access log's requests still showed no lost session: sessions are not counted",
  "the application's log was read for N s, from its end",
  'N of N lines of the access log do not have the pattern',
  'the time of N of N lines of the access log is not understood',
  'the access log hides the session of N requests: its server leaves the values of cookies out',
  'N answers set the session cookie in chunks, and no request names one: log the whole Cookie header',
  'the session cookie is new at each answer, so that no session can be followed in the access log',
  'N requests got another session, and the access log does not show whether their users had logged in: name logs.access.logins',
  'N requests by a link that only ends sessions ended one, and the access log does not show whether their users logged out',
  'of the ages of sessions, the answer has room for the N most frequent ones',
  'the answer has room for N of the N sessions of its sample',
  "N lines of the application's log have no time and are not counted",
  'session.page sets no cookie named session.cookie',
  'session.end has left a session behind',
].map((sentence) => new RegExp(`^${sentence.replaceAll('.', '\\.').replaceAll(/\bN\b/g, '\\d{1,9}')}$`));
/** What is kept of others: a file's name can be anything. */
const GAPS: readonly (readonly [RegExp, (found: Readonly<Record<string, string>>) => string])[] = [
  [new RegExp(`^${WHAT}: ${SYSTEM}$`), ({ what, why }) => `${what}: ${why}`],
  [new RegExp(`^${WHAT}\\b`), ({ what }) => `${what} could not be read`],
  [
    new RegExp(`^${FILE}: its end is more than \\d+ MB from its beginning$`),
    () => 'a compressed file of the logs is longer than what is read',
  ],
  [new RegExp(`^${FILE}: older than the \\d+ MB that are read$`), () => 'a file of the logs is older than what is read'],
  [new RegExp(`^${FILE}: damaged$`), () => 'a compressed file of the logs is damaged'],
  [new RegExp(`^${FILE}: ${SYSTEM}$`), ({ why }) => `a file of the logs: ${why}`],
];

export function knownGaps(said: readonly string[]): readonly string[] {
  return [...new Set(said.map((gap) => sentenceOf(gap)))];
}

function sentenceOf(gap: string): string {
  const fault = FAULTS.find((sentence) => gap.endsWith(sentence));
  if (fault !== undefined) return `${/^logs\.(access|application) /.exec(gap)?.[0] ?? 'a file of the logs '}${fault}`;
  if (SENTENCES.some((sentence) => sentence.test(gap))) return gap;
  for (const [expression, sentence] of GAPS) {
    const found = expression.exec(gap);
    if (found) return sentence(found.groups ?? {});
  }
  return 'something else could not be read: Systems Manager has the output of the command';
}
