/**
 * Secrets that are words of a command of the store: `AUTH user password`, `CONFIG SET requirepass …`, as clients, servers and shells write
 * them. server/documents/redact.py does the same on a server. Pure.
 */

const MASK = '***';
/** Behind AUTH these are the sentence around it: `AUTH failed`. Any other word is masked. */
const PROSE =
  'and|but|by|called|cannot|command|denied|error|failed|failure|for|from|has|in|is|must|not|on|option|or|refused|rejected|required|returned|set|succeeded|timed|to|was|with|without|ERR|WRONGPASS';
const NO_WORD = `(?!<\\w+>|(?:${PROSE})(?=[.,:;!?)\\]]*(?:\\s|$))|\\\\*["'\`]?(?:AUTH2?|requirepass|masterauth)(?=[\\s,"'\`]|$))`;
const WORD = `${NO_WORD}(?:"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|\\S+)`;
const WORDS = `(\\\\*["'\`]?[\\s,]{1,4})${WORD}(?:[\\s,]{1,4}${WORD})?`;

const FORMS: readonly RegExp[] = [
  new RegExp(`(\\bAUTH2?)${WORDS}`, 'g'),
  new RegExp(
    `(["']auth2?|\\b(?:requirepass|masterauth|auth-pass\\s\\S{1,80}|(?:redis|valkey)-cli\\b.{0,200}?\\s(?:-a|--pass)))${WORDS}`,
    'gi',
  ),
];
/** As clients of Node print a failed command. */
const ARGUMENTS = /\b((?:auth|config|acl|hello|migrate)["']?, ?["']?args["']?: ?)\[[^\]]*\]?/gi;
/** As an engine prints a command that it does not know: HELLO and AUTH of a newer client among them. */
const BEGINNING = /(\bwith args beginning with:\s?)\S.*/i;
/** `ACL SETUSER app on >password #hash ~*`. */
const RULES_OF_USER = /\bSETUSER\b.*/i;
const PASSWORD_RULE = /([\s"'][<>#!])[^\s"']+/g;

export function maskCommands(line: string): string {
  const rules = line.replace(BEGINNING, `$1${MASK}`).replace(RULES_OF_USER, (rest) => rest.replaceAll(PASSWORD_RULE, `$1${MASK}`));
  return FORMS.reduce((text, form) => text.replaceAll(form, `$1$2${MASK}`), rules.replaceAll(ARGUMENTS, `$1${MASK}`));
}
