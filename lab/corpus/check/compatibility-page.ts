/** docs/compatibility.md: what a sweep makes of each library's recorded keys, and which access logs, errors and cookies are read. */
import { CATALOGUE } from '../../../functions/sweep/keys/catalogue.ts';
import { type CookieRecording, REPORTS, RULES, readCookies } from '../cookies/recorded-cookies.ts';
import { LIBRARIES } from '../libraries/all.ts';
import type { Library, LifeFrom } from '../library.ts';
import { type LogRecording, readLogRecordings } from '../logs/recorded-logs.ts';
import { CLIENTS } from '../words/all-clients.ts';
import { expectedOf } from '../words/check-words.ts';
import type { WordsRecording } from '../words/recording.ts';
import type { CheckedKey } from './check-corpus.ts';

const LIVES: Readonly<Record<LifeFrom, string>> = {
  value: 'its own value',
  default: "the framework's default",
  elsewhere: "its session's",
  never: 'none, by intent',
};

const REPAIRS = { report: 'reported', expire: 'a TTL', delete: 'a TTL; deleted when past its life, by policy `delete`' } as const;

const secondsText = (seconds: number): string => `${seconds.toLocaleString('en-US')} s`;
const unique = (texts: readonly string[]): string => [...new Set(texts)].join('; ');
const row = (...cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function lifeOf({ expected: { life } }: CheckedKey): string {
  if (life === undefined) return '';
  return life.from === 'default' ? `${LIVES.default}, ${secondsText(life.seconds[0] as number)}` : LIVES[life.from];
}

/** A dialect as the sweep reported it, or why that is wrong. */
function recognisedAs({ expected, swept, wrong }: CheckedKey): string {
  if (wrong === undefined && swept.dialect === 'unknown' && expected.onlyByLearning) return 'the dialect that `sweep --learn` prints';
  if (wrong === undefined) return expected.role === 'session' ? swept.dialect : '';
  if (expected.role !== 'session') return '';
  return swept.dialect === 'unknown' ? 'unknown' : `**${swept.dialect}, which is wrong**`;
}

function repairOf(key: CheckedKey): string {
  if (key.expected.role !== 'session') return '';
  if (key.swept.dialect === 'unknown') return key.wrong === undefined ? REPAIRS.expire : 'not';
  const dialect = CATALOGUE.find(({ name }) => name === key.swept.dialect);
  const repair = REPAIRS[dialect?.maxPolicy ?? 'report'];
  return dialect?.maxPolicy === 'delete' && key.expected.life?.from !== 'value' ? REPAIRS.expire : repair;
}

const isThere = (text: string): boolean => text !== '';

function sessionRow(library: Library, keys: readonly CheckedKey[]): string {
  const sessions = keys.filter(({ expected }) => expected.role === 'session');
  const origin = library.registry === 'source' ? 'from its source' : `recorded, ${library.registry}`;
  const [as, life, repair] = [recognisedAs, lifeOf, repairOf].map((read) => unique(sessions.map(read).filter(isThere)));
  return row(library.library, library.version.replace(/^v/, ''), origin, as as string, life as string, repair as string);
}

function foreignRow(library: Library, keys: readonly CheckedKey[]): string {
  const taken = unique(keys.flatMap(({ wrong, swept }) => (wrong === undefined ? [] : [`**${swept.dialect}, which is wrong**`])));
  const origin = library.registry === 'source' ? 'from its source' : `recorded, ${library.registry}`;
  return row(library.library, library.version.replace(/^v/, ''), origin, taken || 'unknown: never counted, never changed');
}

const showsSessions = ({ pattern, cookie }: LogRecording): boolean =>
  typeof pattern === 'string'
    ? pattern === 'httplog' || new RegExp(`cookie|${cookie}|%CC`, 'i').test(pattern)
    : pattern.session !== undefined;

function logRow(name: string, recording: LogRecording): string {
  const { server, version, locale, origin, pattern } = recording;
  const text =
    typeof pattern === 'string'
      ? `\`${pattern}\``
      : Object.values(pattern)
          .map((field) => `\`${field}\``)
          .join(', ');
  return row(server, version, name, `${origin}, ${locale}`, text, showsSessions(recording) ? 'yes' : 'no');
}

/** A client's or a framework's recorded errors by the category in which the reader of logs counts each of them. */
function wordsRow(name: string, { client: title, version, from, errors }: WordsRecording): string {
  const client = CLIENTS.get(name);
  const counts = Map.groupBy(errors, (error) => (client && expectedOf(client, error)) ?? 'none');
  const counted = [...counts].map(([category, some]) => `${some.length} ${category === 'none' ? 'not counted' : `\`${category}\``}`);
  return row(title, version, from === 'its source, by hand' ? 'from its source' : `recorded, ${client?.registry}`, counted.join(', '));
}

const FORMS = [
  ['no SameSite', (header: string) => !/; *samesite=/i.test(header)],
  ['Partitioned', (header: string) => /; *partitioned/i.test(header)],
  ['Expires alone', (header: string) => /; *expires=/i.test(header) && !/; *max-age=/i.test(header)],
  ['`__Host-` or `__Secure-`', (header: string) => /^__(?:Host|Secure)-/.test(header)],
  ['a path of its own', (header: string) => !/; *path=\/(?:;|$)/i.test(header)],
  ['quotes', (header: string) => /^[^=]*="/.test(header)],
] as const;

/** A framework with the recorded settings of its cookie, and forms of Set-Cookie that they have. */
function cookieRow({ framework, version, cookie, variants }: CookieRecording): string {
  const headers = variants.flatMap(({ answers }) => answers.flatMap(({ setCookie }) => setCookie));
  const forms = FORMS.flatMap(([form, has]) => (headers.some(has) ? [form] : []));
  const settings = variants.map(({ variant }) => variant).join(', ');
  return row(framework, version.replace(/^v/, ''), `\`${cookie}\``, settings, String(headers.length), forms.join(', '));
}

/** @param checked of {@link checkKeys} @param words of `test/corpus/words` */
export function compatibilityPage(checked: readonly CheckedKey[], words: ReadonlyMap<string, WordsRecording>): string {
  const byLibrary = Map.groupBy(checked, ({ library }) => library);
  const rows = (kind: Library['kind'], write: typeof sessionRow) =>
    [...byLibrary]
      .map(([name, keys]) => [LIBRARIES.get(name) as Library, keys] as const)
      .filter(([library]) => library.kind === kind)
      .sort(([one], [other]) => one.library.localeCompare(other.library, 'en') || one.version.localeCompare(other.version, 'en'))
      .map(([library, keys]) => write(library, keys));
  return `# Compatibility: which libraries' sessions does a sweep recognise?

<!-- Written by \`npm run docs -- compatibility\`. -->

A recorded library was installed and run against a real Valkey ([corpus](../lab/corpus/README.md)). One that cannot be installed has keys that were written by hand, as its source has them. A [sweep](sweeps.md) of a store with these keys, all without their TTL, has the result below. \`npm run check:corpus\` repeats it.

A key that is unknown is reported and never changed. For keys that no library here writes, add a dialect of your own: see [sweeps](sweeps.md).

## Session libraries

${row('library', 'version', 'keys', 'recognised as', 'life from', 'repaired by')}
${row('---', '---', '---', '---', '---', '---')}
${rows('session', sessionRow).join('\n')}

## What shares a store with sessions

${row('library', 'version', 'keys', 'taken for')}
${row('---', '---', '---', '---')}
${rows('foreign', foreignRow).join('\n')}

## Access logs

Each format was recorded from the server, with users who log in, work and log out, whose store is emptied, whose next request reaches another server, or whose secret is replaced. Of 200 users without a fault none is lost; of the others each one that is. A log that does not show sessions has statuses, paths and user agents alone. A time whose zone is a name that several zones have (\`EST\`, \`PST\`, \`CST\`, \`IST\`) is not read, and a gap counts the lines that have it. Log an offset, or a zone such as \`America/New_York\`.

${row('server', 'version', 'format', 'origin, locale', '`pattern`, or the fields of a line of JSON', 'sessions')}
${row('---', '---', '---', '---', '---', '---')}
${[...readLogRecordings()].map(([name, recording]) => logRow(name, recording)).join('\n')}

## Errors in the application's log

What a client or a framework logs when its store is in trouble, or when it cannot read or decrypt a session. An incident's reader counts each entry once, with its stack trace, in the category below. Other programs' errors that look alike are not counted, and neither is an entry that does not name its client. The library cookie-session logs nothing about a cookie that it cannot read: only the application's own errors show it.

${row('client or framework', 'version', 'errors', 'counted as')}
${row('---', '---', '---', '---')}
${[...words].map(([name, recording]) => wordsRow(name, recording)).join('\n')}

## Session cookies

Recorded are the cookies that each framework sets at a first visit, at the login, with two further answers and at the log-out, and what Chromium has after each: [test/corpus/cookies](../test/corpus/cookies). The page \`session.page\`, logs that have \`Set-Cookie\`, and the [canary](canary.md) read each as Chromium keeps it. Of two of one name, path and domain the last one counts, and one that is removed next to it is another cookie. An answer 304 sets and removes cookies like any other, and what the page set before stays as it is.

${row('framework', 'version', 'session cookie', 'settings', 'headers', 'forms among them')}
${row('---', '---', '---', '---', '---', '---')}
${[...readCookies()]
  .filter(([name]) => name !== REPORTS && name !== RULES)
  .map(([, recording]) => cookieRow(recording))
  .join('\n')}
`;
}
