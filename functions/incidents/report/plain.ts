/** Text from elsewhere, made fit for a report: one line, of a bounded length, without a name of a person. Pure. */

import { printable, withoutSecrets } from '../../shared/foreign-text.ts';

const MAX_CHARACTERS = 600;
/** A longer text is cut here before it is searched. */
const MAX_READ = 4_000;
/** Session names are often e-mail addresses: the role is enough. */
const SESSION_NAME = /(arn:aws[\w-]*:sts::\d{12}:assumed-role\/[\w+=,.@-]+)\/[\w+=,.@-]+/g;
const ADDRESS = /[\w.+-]+@[\w-]+(\.[\w-]+)+/g;

/** A time as collectors write it. */
const ISO_TIME = /\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z/g;

/** A text as one line without characters that control or format, secrets, addresses and session names; what is longer than 600 characters is cut. */
export function plain(text: string): string {
  const read = printable(text.slice(0, MAX_READ).replaceAll(/\s+/g, ' '));
  const line = withoutSecrets(withoutPeople(read)).replaceAll(ISO_TIME, '$1 $2 UTC').trim();
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS - 1)}…` : line;
}

/** Cookies' values, and ids of sessions: 32 hex digits of Tomcat's, `s:` of express-session's. An event's id has dashes. */
const SESSION = /\bs(?::|%3A)[\w+/.-]{16,}|\b[0-9a-f]{32,}\b|\b(?:J?SESSION\w*|connect\.sid|cookie)\s*[:=]\s*\S+/gi;
const NUMBERS = /\b(?:\d{1,3}\.){3}\d{1,3}\b|(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}(?:[0-9a-f]{1,4}(?!\w))?/gi;

/** An error's text, or an alarm's: as {@link plain}, and without addresses of machines and what looks like a session. A version could look like one. */
export const withoutClients = (text: string): string =>
  plain(plain(text.slice(0, MAX_READ).replaceAll(SESSION, '(session)')).replaceAll(SESSION, '(session)').replaceAll(NUMBERS, '(address)'));

/** `arn:aws:sts::123456789012:assumed-role/Operator/jane@example.com` without its session's name. */
const withoutPeople = (text: string): string => text.replaceAll(SESSION_NAME, '$1').replaceAll(ADDRESS, '(address)');
