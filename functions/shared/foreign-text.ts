/**
 * Text that an application, a publisher, a site or another service wrote. Where it enters it becomes one line without secrets
 * ({@link foreignLine}); where it leaves, to a terminal, a message or a page, nothing steers what shows it ({@link printable}). Pure.
 *
 * server/documents/redact.py does the same on a server, by more: it knows the server's secrets.
 */
import { maskCommands } from './mask-commands.ts';

/** What a terminal takes for a command: `ESC [ 31 m`, and a title or a link until its end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escapes and bells are what is removed
const TERMINAL = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\?)|[@-_])/g;
/** A joiner between two of these makes one picture of them, and stays. */
const PICTURE = '[\\u2190-\\u27ff\\u2900-\\u2bff\\ufe0f\\u{1f000}-\\u{1faff}]';
/**
 * Control and format characters, separators, half characters, and what takes no room or is blank. Line feeds stay, and the selectors that
 * choose a form of the character before them. server/documents/words.py has the same ones.
 */
const UNPRINTABLE = new RegExp(
  `(?![\\n\\u200d\\ufe00-\\ufe0f])[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\u2800]|(?<!${PICTURE})\\u200d|\\u200d(?!${PICTURE})`,
  'gu',
);

/** The text without anything that steers a terminal, turns its direction or hides in it. Lines stay. */
export const printable = (text: string): string => text.replaceAll(TERMINAL, '').replaceAll('\t', ' ').replaceAll(UNPRINTABLE, '');

/** JSON on one line in which such characters are escaped: it says the same, and a terminal shows it. */
export const printableJson = (value: unknown): string =>
  (JSON.stringify(value) ?? 'null').replaceAll(UNPRINTABLE, (character) =>
    character.replaceAll(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );

/** A longer text is cut here before it is searched: the time of some patterns below grows with its square. */
const MOST_READ = 4_000;

/** A foreign text as a part of a sentence: one line, no secret that its label or its form shows. @param most characters */
export function foreignLine(text: string, most: number): string {
  const line = withoutSecrets(printable(text.slice(0, MOST_READ).replaceAll(/\s+/g, ' ')).trim());
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

const MASK = '***';
/** One value follows a label, in quotes or not. */
const LABELLED =
  /([\w.-]{1,80})(\\*["']?\]?\s{0,3}(=>|[=:]|%3[ad])\s{0,3})(\\*"(?:[^"\\]|\\.)*\\*"?|\\*'(?:[^'\\]|\\.)*\\*'?|[^\s,;&"'})\]]+)/gi;
/** In a sentence: in quotes, or with letters and digits. */
const PROSE =
  /\b((?:password|passwd|pass ?phrase|secret|token|(?:api|access|private|signing|encryption)[ _.-]?key)\s(?:is|was)\s)(?:(["'`]).{1,200}?\2|(?=[^\s,;]{0,80}\d)(?=[^\s,;]{0,80}[a-z])[^\s,;]{6,})/gi;
/** The rest of the line is its value. */
const HEADER = /\b((?:set-)?cookie2?|(?:proxy-)?authorization|pass ?phrase)(["']?\s{0,3}[:=]\s{0,3})(?=\S).*/gi;
const PASSWORD_PROSE = /\b((?:password|passwd)\s{0,3}:\s{0,3})(?=[^\s"'])[^,;]*/gi;
const SECRET_NAME =
  /passw(?:or)?d|passphrase|pwd|secret(?!smanager)|token|credential|(?:api|access|private|signing|encryption)[ _.-]?key|signature|sess(?:ion)?[ _.-]?id(?!le)|csrf|xsrf|otp|^bearer$|(?:^|[_.-])(?:pass|pin|sid)$|phpsessid$|^(?:requirepass|masterauth)$/i;
/**
 * Cookies that name a session or a signed-in user, also in parts (`.AspNetCore.CookiesC1`): those of Spring, Rails, Laravel, Play, ASP.NET,
 * Drupal, WordPress, load balancers. What follows a colon is about a session.
 */
const SESSION_COOKIE =
  /(?:session|(?:^|[_.-])sess|cookies?)(?:[_.-]?c?\d{1,2})?$|^s?sess[0-9a-f]{32}$|^wordpress_|^wp-postpass_|^remember_|^\.asp|(?:^|[_.-])auth$/i;
/** Settings of such a name (`use_session=true`): no id is so short or so plain. */
const SETTING = /^(?:true|false|yes|no|on|off|null|none|undefined|basic|digest|redis|memory|\d{1,3})$/i;
/** `RedisWrongPasswordException: …` is a class with its message. */
const CLASS_NAME = /(?:Exception|Error)$/;
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic|digest|negotiate)\s+[\w.~+/=-]{6,}/gi, `$1 ${MASK}`],
  [/\beyJ[\w-]{4,}(?:\.[\w-]*)*/g, MASK],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g, MASK],
  // Sessions of express-session, and of Tomcat.
  [/\bs(?::|%3A)[\w+/.-]{16,}/gi, MASK],
  [/(?<![0-9A-Za-z-])[0-9a-f]{32}(?![0-9A-Za-z])/gi, MASK],
];

/** Ids of sessions, such as Spring's. */
const UUID = /(?<![0-9a-z])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-z])/gi;
/**
 * What reports need: the id of what somebody asked AWS for or Holdfast did, also as an argument of its commands (`deploys show ID`), and
 * what an ARN ends with. An execution that a schedule started has two in its name.
 */
const OWN_ID =
  /arn:aws[\w:/.*-]*$|(?:request|command|execution|event|deploy|deployment|restart|sweep|run|runbook|incident|show|follow|resume|abort|continue|invocation|message|refresh|trace|activation|autoScalingGroup)s?(?:[ _.-]?ids?)?["'\s:=#([/]{1,4}(?:[0-9a-f-]{36}_)?$/i;
const LONGEST_ARN = 200;

/** One line without passwords, cookies, tokens and ids of sessions that are shown by a label or by their form. Names and numbers stay. */
export function withoutSecrets(line: string): string {
  const labelled = maskCommands(line)
    .replaceAll(HEADER, `$1$2${MASK}`)
    .replaceAll(PASSWORD_PROSE, `$1${MASK}`)
    .replaceAll(LABELLED, withoutValue)
    .replaceAll(PROSE, `$1${MASK}`)
    .replaceAll(/\/\/[^\s"'<>]*/g, withoutLogin);
  const formed = FORMS.reduce((text, [pattern, replacement]) => text.replaceAll(pattern, replacement), labelled);
  return formed.replaceAll(UUID, (id, at: number) => (OWN_ID.test(formed.slice(Math.max(0, at - LONGEST_ARN), at)) ? id : MASK));
}

function withoutValue(whole: string, ...[name = '', separator = '', sign, value = '']: readonly string[]): string {
  const isSecret = SECRET_NAME.test(name) ? !CLASS_NAME.test(name) : sign !== ':' && SESSION_COOKIE.test(name) && !SETTING.test(value);
  return isSecret ? `${name}${separator}${MASK}` : whole;
}

/** A URL without its user and password. An `@` in a path is none, as long as no password can be before it. */
function withoutLogin(url: string): string {
  const login = url.slice(0, Math.max(0, url.lastIndexOf('@')));
  return login !== '' && (login.includes(':') || !login.slice(2).includes('/')) ? `//${MASK}${url.slice(login.length)}` : url;
}
