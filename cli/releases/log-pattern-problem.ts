/** What is wrong with an access log's pattern: a line is made of it and read back as server/documents/log_pattern.py reads it on the server. Pure. */

/** Formats that servers know by name. */
const NAMED = new Set(['common', 'combined', 'httplog', 'httpslog', 'gin']);
/** What a server can write for a directive, where that is not one word. */
type Samples = readonly (readonly [directive: RegExp, sample: string])[];
interface Words {
  readonly directive: RegExp;
  readonly time: RegExp;
  readonly status: RegExp;
  readonly samples: Samples;
}
const CLF = '27/Nov/2026:20:16:57 +0000';
const HEADERS: Samples = [
  [/user.agent|^%\(a\)s$/i, 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)'],
  [/set.cookie/i, 'SID=a1; Path=/; HttpOnly'],
  [/\bcookie[}\]]|http_cookie/i, 'theme=dark; SID=a1'],
  [/x.forwarded.for/i, '203.0.113.7, 10.0.0.1'],
  [/content.type|accept.encoding/i, 'text/html; charset=utf-8, gzip'],
];
const APACHE: Words = {
  directive: /%\((?:\{[^{}]*\}[a-z]|\w+)\)[sd]|%\{[a-z],[^{}]*\}|%[<>!0-9,]*(?:\{[^{}]*\})?(?:[A-Za-z]|\^t[io])|%%|\$(?:\{\w+\}|\w+)/g,
  time: /^(?:%[<>!0-9,]*(?:\{[^{}]*\})?t|%\((?:t|asctime)\)s|\$\{?(?:time|time_local|time_iso8601|msec)\}?)$/,
  status: /^(?:%[<>!0-9,]*s|%\((?:s|status_code)\)[sd]|\$\{?status\}?)$/,
  samples: [
    [/^%[<>!0-9,]*t$|^%\(t\)s$/, `[${CLF}]`],
    [/time_local/, CLF],
    [/asctime/, '2026-11-27 20:16:57,123'],
    [/^%[<>!0-9,]*r$|^\$\{?request\}?$|^%\((?:r|request_line)\)s$/, 'GET /cart?id=7 HTTP/1.1'],
    [/^%q$/, '?id=7'],
    [/^\$\{?upstream_(?!cache|http|cookie)/, '10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80'],
    ...HEADERS,
  ],
};
const MORGAN: Words = {
  directive: /::|:[-\w]{2,}(?:\[[^[\]]+\])?/g,
  time: /^:date(?:\[|$)/,
  status: /^:status$/,
  samples: [[/^:date\[clf\]/, CLF], [/^:date(?:\[web\])?$/, 'Fri, 27 Nov 2026 20:16:57 GMT'], ...HEADERS],
};
const HAPROXY: Words = {
  directive: /%%|%(?:\{[^{}]*\})?(?:[a-zA-Z]\w*|\[[^[\]]*\])/g,
  time: /^%(?:tr|t|T|trg|trl|trr|Ts)$/,
  status: /^%ST$/,
  samples: [
    [/^%(?:T|tr[gl])$/, CLF],
    [/^%(?:\{[^{}]*\})?r$/, 'GET /cart?id=7 HTTP/1.1'],
    [/^%h[rs]$/, '{shop|Mozilla/5.0 (X11; Linux)}'],
    // It writes nothing, and changes what follows.
    [/\}o$/, ''],
  ],
};
/** `%q`, which begins with a question mark, may follow a path, but no other `%q`. */
const QUERY = '%q';
/** Between the parts of one time. */
const TIME_GAP = /^[ .,:T]{0,2}$/;

function wordsOf(pattern: string): Words {
  if (/%ST(?![a-zA-Z])/.test(pattern)) return HAPROXY;
  return /:status(?![\w-])/.test(pattern) && !/[$%]\w/.test(pattern) ? MORGAN : APACHE;
}

/** A directive, the text between it and the next one, and what a server could write for it; undefined for a time that is not known. */
interface Part {
  readonly text: string;
  readonly literal: string;
  readonly isTime: boolean;
  readonly sample: string | undefined;
}

/** The text before the first directive, and all directives. */
function partsOf(written: string, words: Words): readonly [begin: string, parts: readonly Part[]] {
  const pattern = written.replace(/\\([ "'t])/g, (_, of: string) => of.replace('t', '\t'));
  const found = [...pattern.matchAll(words.directive)].filter(([text]) => text !== '%%' && text !== '::');
  const parts = found.map(({ 0: text, index }, at): Part => {
    const literal = pattern.slice(index + text.length, found[at + 1]?.index).replaceAll('%%', '%');
    const sample = words.samples.find(([directive]) => directive.test(text))?.[1];
    const isTime = words.time.test(text);
    return { text, literal, isTime, sample: sample ?? (isTime ? formatted(text) : words.status.test(text) ? '200' : 'x') };
  });
  return [pattern.slice(0, found[0]?.index).replaceAll('%%', '%'), parts];
}

/** @returns the end of a sentence about the pattern; undefined for a right one */
export function logPatternProblem(pattern: string): string | undefined {
  if (NAMED.has(pattern)) return undefined;
  const words = wordsOf(pattern);
  const [begin, parts] = partsOf(pattern, words);
  const first = parts.findIndex(({ isTime }) => isTime);
  if (first === -1) return 'which has no time: add %t, $time_local or $time';
  if (!parts.some(({ text }) => words.status.test(text))) return 'which has no status: add %s or $status';
  const follower = parts.find(({ text }, at) => parts[at - 1]?.literal === '' && (text !== QUERY || parts[at - 1]?.text === QUERY));
  if (follower) return `whose ${follower.text} has no character before it that separates it from another field`;
  return timeProblem(parts.slice(first)) ?? readBack(begin, parts);
}

/** Directives next to each other can be one time. */
function timeProblem(parts: readonly Part[]): string | undefined {
  let [text, sample] = ['', ''];
  for (const [at, part] of parts.entries()) {
    text += part.text;
    if (part.sample === undefined) return unread(text);
    sample += part.sample;
    if (!parts[at + 1]?.isTime || !TIME_GAP.test(part.literal)) break;
    text += part.literal;
    sample += part.literal;
  }
  return isReadTime(sample) ? undefined : unread(text);
}

/** A line of the pattern, what reads it, and the value and the expression of each directive in it. */
function lineOf(begin: string, parts: readonly Part[]) {
  let [line, expression] = [begin, escaped(begin)];
  const values = parts.map((part, at) => {
    const { text, literal } = part;
    const isQuoted = text.startsWith('%{+Q');
    const isBeforeQuery = !isQuoted && literal === '' && at + 1 < parts.length;
    const end = isQuoted ? '"' : (isBeforeQuery ? (parts[at + 1]?.literal ?? '') : literal).slice(0, 1);
    const value = expressionOf(part, end, isBeforeQuery);
    // With the space behind it, which is missing where there are no headers.
    const isCaptured = end === ' ' && /^%h[rs]$/.test(text);
    const [sample, behind] = isCaptured ? [`${part.sample} `, literal.slice(1)] : [part.sample ?? '', literal];
    const quote = isQuoted && sample !== '' ? '"' : '';
    line += `${quote}${sample}${quote}${behind}`;
    expression += `${isQuoted ? `"(${value})"` : `(${value})`}${escaped(behind)}`;
    return { text, sample, end, value, isUsed: part.isTime || FIELD.test(text) };
  });
  return { line, expression, values };
}

/** For tests: as publishing makes it. */
export const madeLine = (pattern: string) => lineOf(...partsOf(pattern, wordsOf(pattern)));

/** Each directive of a line that the server takes a field from has to come back as it was written. */
function readBack(begin: string, parts: readonly Part[]): string | undefined {
  const { line, expression, values } = lineOf(begin, parts);
  const read = new RegExp(`^${expression}`).exec(line)?.slice(1);
  const isRead = values.every(({ sample, isUsed }, at) => !isUsed || read?.[at] === sample);
  if (read && isRead && !line.includes('\n')) return undefined;
  const open = values.find(({ sample, value }) => !new RegExp(`^(?:${value})$`).test(sample));
  const why = open ? `whose ${open.text} can have ${JSON.stringify(open.end)} in it: put it in quotes, since` : 'by which';
  return `${why} a line such as ${JSON.stringify(line)} is not read`;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** Of a value, by the character that ends it: the same as on the server, to which a test holds it. */
function expressionOf({ text, isTime, sample }: Part, end: string, isBeforeQuery: boolean): string {
  const mark = isBeforeQuery ? '?' : '';
  if (sample === `[${CLF}]`) return end === ']' ? String.raw`\[?[^\]]*\]?` : String.raw`\[[^\]]*\]`;
  if (end === ' ' && /^%h[rs]$/.test(text)) return String.raw`(?:\{[^}]*\} )?`;
  const isWord = end === ' ' || (end === '' && !isBeforeQuery);
  let value =
    end === '' ? (isBeforeQuery ? '[^ ?"]*' : text === QUERY ? '[^ "]*' : SPACED.test(text) ? '.*' : '\\S*') : `[^${escaped(end)}${mark}]*`;
  if (end === '"') value = String.raw`[^"\\${mark}]*(?:\\.[^"\\${mark}]*)*`;
  else if (isTime && isWord) value = SPACED_TIME;
  else if (isWord && REQUEST.test(text)) value = '[^ ]*(?: [^ ]* HTTP/[^ ]*)?';
  else if (end === ' ' && LIST.test(text)) value = '[^ ]*(?:(?:(?<=,)(?! :)| :) [^ ]+)*(?<!,)(?! : )';
  return text === QUERY ? `(?:\\?${value})?` : value;
}

const FIELD =
  /cookie|agent|refer|request|ur[il]|host|method|session|answered|path|set|status|\}c$|\{c,|^%[<>!0-9,]*[rums]$|^%(?:C[CS]|H[PUM]|ST|\{.*\}r)$|^%\([afumrs]\)s$/i;
const REQUEST = /^(?:%[<>!0-9,]*r|\$\{?request\}?|%\((?:r|request_line)\)s)$/;
const LIST = /\$\{?upstream_|x.forwarded.for/i;
const SPACED = /\bcookie[}\]]|_cookie\b|agent|%\(a\)/i;
const SPACED_TIME = String.raw`(?:\[[^\]]*\]|[A-Z][a-z]{2}, \d\d [^ ]{3,9} \d{4} [\d:]{8} [A-Z]{3}|[^ ]*(?: \d\d?:\d\d:\d\d[^ ]*)?(?: (?:[+-]\d\d:?\d\d|UTC|GMT|Z)(?= |$))?)`;

/** Whether a time as a log has it, with an English month, is of a form that the server's reader knows. */
export const isReadTime = (text: string): boolean => FORMS.some((form) => form.test(text));

const unread = (text: string): string =>
  `whose time ${text} is of no form that is read: use %t, $time_iso8601, or a date and a clock as in 2026-11-27 20:16:57.123 +0100`;

/** A moment as a format writes it; undefined for a format with a part that is not known. */
function formatted(directive: string): string | undefined {
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
/** From `NAME=VALUE`, with spaces between. */
const tableOf = (text: string): Readonly<Record<string, string>> => Object.fromEntries(text.split(' ').map((row) => row.split('=')));
const EPOCHS = tableOf('sec=1795810617 msec=1795810617123 usec=1795810617123456 msec_frac=123 usec_frac=123456');
/** @see https://pubs.opengroup.org/onlinepubs/9699919799/functions/strftime.html */
const STRFTIME = tableOf(
  'd=27 e=27 b=Nov h=Nov B=November m=11 Y=2026 H=20 M=16 S=57 T=20:16:57 F=2026-11-27 z=+0000 s=1795810617 a=Fri %=%',
);
/** @see https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/text/SimpleDateFormat.html */
const JAVA = tableOf(
  'yyyy=2026 MMMM=November MMM=Nov MM=11 dd=27 d=27 HH=20 mm=16 ss=57 SSS=123 SS=12 S=1 SSSSSS=123456 SSSSSSSSS=123456789 ' +
    'Z=+0000 ZZ=+0000 ZZZ=+0000 X=+00 XX=+0000 XXX=+00:00 z=UTC T=T',
);
const CLOCK = String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?`;
const ZONE = String.raw`(?: ?(?:[+-]\d\d(?::?\d\d)?|UTC|GMT))?`;
/** Those of log_times.py that a pattern can bring about; one test holds both to the same times. */
const FORMS = [
  String.raw`\d\d\/[A-Za-z]{3,9}\/\d{4}[: ]${CLOCK}${ZONE}`,
  String.raw`\d{4}[-/]\d\d[-/]\d\d(?:[T ]| - )${CLOCK}${ZONE}`,
  String.raw`(?:Fri,? )?\d\d[- ][A-Za-z]{3,9}[- ]\d{4} ${CLOCK}${ZONE}`,
  String.raw`Fri [A-Za-z]{3} \d\d ${CLOCK} \d{4}`,
  String.raw`(?:\d{10,16}|\d{19})(?:\.\d{1,9})?`,
].map((form) => new RegExp(`^\\[?${form}\\]?$`));
