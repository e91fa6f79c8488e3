/** What is wrong with an access log's pattern, as server/documents/log_pattern.py would find on the server. Pure. */

/** Formats that servers know by name. */
const NAMED = new Set(['common', 'combined', 'httplog', 'gin']);

interface Words {
  readonly directive: RegExp;
  readonly time: RegExp;
  readonly status: RegExp;
}
const APACHE: Words = {
  directive: /%\((?:\{[^{}]*\}[a-z]|\w+)\)[sd]|%\{[a-z],[^{}]*\}|%[<>!0-9,]*(?:\{[^{}]*\})?(?:[A-Za-z]|\^t[io])|%%|\$(?:\{\w+\}|\w+)/g,
  time: /^(?:%[<>!0-9,]*(?:\{[^{}]*\})?t|%\((?:t|asctime)\)s|\$\{?(?:time|time_local|time_iso8601|msec)\}?)$/,
  status: /^(?:%[<>!0-9,]*s|%\((?:s|status_code)\)[sd]|\$\{?status\}?)$/,
};
const MORGAN: Words = { directive: /::|:[-\w]{2,}(?:\[[^[\]]+\])?/g, time: /^:date(?:\[|$)/, status: /^:status$/ };
const HAPROXY: Words = {
  directive: /%%|%(?:\{[^{}]*\})?(?:[a-zA-Z]{1,3}|\[[^[\]]*\])/g,
  time: /^%(?:tr|t|T|trg|trl|trr|Ts)$/,
  status: /^%ST$/,
};
/** `%q`, which begins with a question mark, may follow a path, but no other `%q`. */
const QUERY = '%q';
/** Between the parts of one time. */
const TIME_GAP = /^[ .,:T]{0,2}$/;

function wordsOf(pattern: string): Words {
  if (/%ST(?![a-zA-Z])/.test(pattern)) return HAPROXY;
  return /:status(?![\w-])/.test(pattern) && !/[$%]\w/.test(pattern) ? MORGAN : APACHE;
}

/** @returns the end of a sentence about the pattern; undefined for a right one */
export function logPatternProblem(pattern: string): string | undefined {
  if (NAMED.has(pattern)) return undefined;
  const { directive, time, status } = wordsOf(pattern);
  const found = [...pattern.matchAll(directive)].filter(([text]) => text !== '%%' && text !== '::');
  const first = found.findIndex(([text]) => time.test(text));
  if (first === -1) return 'which has no time: add %t, $time_local or $time';
  if (!found.some(([text]) => status.test(text))) return 'which has no status: add %s or $status';
  const follower = found.find(({ index }, at) => {
    const before = found[at - 1];
    return before !== undefined && before.index + before[0].length === index && (found[at]?.[0] !== QUERY || before[0] === QUERY);
  });
  if (follower) return `whose ${follower[0]} has no character before it that separates it from another field`;
  return timeProblem(pattern, found, { first, time });
}

type Found = readonly (RegExpMatchArray & { readonly index?: number })[];

/** Directives next to each other can be one time. */
function timeProblem(
  pattern: string,
  found: Found,
  { first, time }: { readonly first: number; readonly time: RegExp },
): string | undefined {
  let text = '';
  let sample = '';
  for (let at = first; ; at += 1) {
    const [one, next] = [found[at], found[at + 1]];
    const written = one?.[0] ?? '';
    const part = sampleOf(written);
    text += written;
    if (part === undefined) return unread(text);
    sample += part;
    const end = (one?.index ?? 0) + written.length;
    const between = pattern.slice(end, next?.index);
    if (next === undefined || !time.test(next[0]) || !TIME_GAP.test(between)) break;
    text += between;
    sample += between;
  }
  return isReadTime(sample) ? undefined : unread(text);
}

/** Whether a time as a log has it, with an English month, is of a form that the server's reader knows. */
export const isReadTime = (text: string): boolean => FORMS.some((form) => form.test(text));

const unread = (text: string): string =>
  `whose time ${text} is of no form that is read: use %t, $time_iso8601, or a date and a clock as in 2026-11-27 20:16:57.123 +0100`;

/** A moment as a format writes it; undefined for a format with a part that is not known. */
function sampleOf(directive: string): string | undefined {
  const format = /^%[<>!0-9,]*\{(?:begin:|end:)?([^{}|]*)(?:\|[^{}]*)?\}t$/.exec(directive)?.[1];
  if (format === undefined || format === '') return ISO;
  if (format in EPOCHS) return EPOCHS[format];
  let isKnown = true;
  const replaced = format.includes('%')
    ? format.replace(/%-?(.)/g, (_, letter: string) => {
        isKnown &&= letter in STRFTIME;
        return STRFTIME[letter] ?? '';
      })
    : format.replace(/'([^']*)'|([A-Za-z])\2*/g, (word, quoted?: string) => {
        if (quoted !== undefined) return quoted;
        isKnown &&= word in JAVA;
        return JAVA[word] ?? '';
      });
  return isKnown ? replaced : undefined;
}

const ISO = '2026-11-27T20:16:57+0000';
const EPOCHS: Readonly<Record<string, string>> = {
  sec: '1795810617',
  msec: '1795810617123',
  usec: '1795810617123456',
  msec_frac: '123',
  usec_frac: '123456',
};
/** @see https://pubs.opengroup.org/onlinepubs/9699919799/functions/strftime.html */
const STRFTIME: Readonly<Record<string, string>> = {
  d: '27',
  e: '27',
  b: 'Nov',
  h: 'Nov',
  B: 'November',
  m: '11',
  Y: '2026',
  H: '20',
  M: '16',
  S: '57',
  T: '20:16:57',
  F: '2026-11-27',
  z: '+0000',
  s: '1795810617',
  a: 'Fri',
  '%': '%',
};
/** @see https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/text/SimpleDateFormat.html */
const JAVA: Readonly<Record<string, string>> = {
  yyyy: '2026',
  MMMM: 'November',
  MMM: 'Nov',
  MM: '11',
  dd: '27',
  d: '27',
  HH: '20',
  mm: '16',
  ss: '57',
  SSS: '123',
  SS: '12',
  S: '1',
  SSSSSS: '123456',
  SSSSSSSSS: '123456789',
  Z: '+0000',
  ZZ: '+0000',
  ZZZ: '+0000',
  X: '+00',
  XX: '+0000',
  XXX: '+00:00',
  z: 'UTC',
  T: 'T',
};
const CLOCK = String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?`;
const ZONE = String.raw`(?: ?(?:[+-]\d\d(?::?\d\d)?|UTC))?`;
/** Those of log_times.py that a pattern can bring about; one test holds both to the same times. */
const FORMS = [
  String.raw`\d\d\/[A-Za-z]{3,9}\/\d{4}[: ]${CLOCK}${ZONE}`,
  String.raw`\d{4}[-/]\d\d[-/]\d\d(?:[T ]| - )${CLOCK}${ZONE}`,
  String.raw`(?:Fri,? )?\d\d[- ][A-Za-z]{3,9}[- ]\d{4} ${CLOCK}${ZONE}`,
  String.raw`Fri [A-Za-z]{3} \d\d ${CLOCK} \d{4}`,
  String.raw`(?:\d{10,16}|\d{19})(?:\.\d{1,9})?`,
].map((form) => new RegExp(`^\\[?${form}\\]?$`));
