/** What makes a neighbour of a recorded access log. Pure. */
import type { LogPattern } from '../../../functions/shared/app-contract.ts';
import type { LogToRead } from './check-logs.ts';

/** A log of one server before it is written to files. One character is one byte. */
export interface PlainLog {
  readonly pattern: LogPattern;
  readonly cookie: string;
  readonly lines: readonly string[];
  /** How its files are called and parted, if not all is in access.log. */
  readonly files?: Pick<LogToRead, 'name' | 'path' | 'text' | 'older'>;
}

/** Undefined where the format can have no such neighbour. */
type Change = (log: PlainLog, random: () => number) => PlainLog | undefined;

/** Of as many bytes as are read. */
export const LARGE = '20 MB';
const BYTES = 20 * 1024 * 1024 - 100_000;
const NAMED: Readonly<Record<string, string>> = {
  common: '%h %l %u %t "%r" %s %b',
  combined: '%h %l %u %t "%r" %s %b "%{Referer}i" "%{User-Agent}i"',
};
const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
const oneOf = <T>(from: readonly T[], random: () => number): T => from[Math.floor(random() * from.length)] as T;
const shuffled = <T>(from: readonly T[], random: () => number): T[] =>
  from
    .map((one) => [random(), one] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, one]) => one);
const eachLine =
  (change: (line: string, at: number) => string): Change =>
  (log) => ({ ...log, lines: log.lines.map(change) });
const isJson = ({ pattern }: PlainLog): boolean => typeof pattern !== 'string';

/** The fields of a pattern and of each line, as many of the one as of the others; undefined for a format that has no such ones. */
function fieldsOf({ pattern, lines }: PlainLog): { readonly names: string[]; readonly rows: string[][] } | undefined {
  if (typeof pattern !== 'string' || ['gin', 'httplog'].includes(pattern) || /%ST/.test(pattern)) return undefined;
  const names = (NAMED[pattern] ?? pattern).match(/(?:\{[^{}]*\}|"[^"]*"|\[[^\]]*\]|\S)+/g) ?? [];
  const rows = lines.map((line) => line.match(/(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\S)+/g) ?? []);
  const time = names.findIndex((name) => /\}t$|asctime/.test(name));
  const more = (rows[0]?.length ?? 0) - names.length;
  if (rows.some(({ length }) => length !== names.length + more) || more < 0 || (more > 0 && time === -1)) return undefined;
  // A time without brackets has spaces of its own.
  const joined = rows.map((row) => (more === 0 ? [...row] : row.toSpliced(time, more + 1, row.slice(time, time + more + 1).join(' '))));
  return { names, rows: joined };
}

/** Its fields put together in another way. */
function rewritten(log: PlainLog, join: (fields: readonly string[]) => string): PlainLog | undefined {
  const fields = fieldsOf(log);
  return fields && { ...log, pattern: join(fields.names), lines: fields.rows.map(join) };
}

type Json = Readonly<Record<string, unknown>>;
const eachEntry = (log: PlainLog, change: (entry: Json) => unknown): PlainLog => ({
  ...log,
  lines: log.lines.map((line) => JSON.stringify(change(JSON.parse(line) as Json))),
});
const mapValues = (value: unknown, change: (one: unknown) => unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapValues(one, change)]))
    : change(value);

const renamed = (pattern: LogPattern, from: string, to: string): LogPattern =>
  typeof pattern === 'string'
    ? pattern.replaceAll(from, to)
    : (Object.fromEntries(Object.entries(pattern).map(([field, name]) => [field, name.replace(`.${from}`, `.${to}`)])) as LogPattern);

function otherCookie({ pattern, cookie, lines, ...log }: PlainLog, random: () => number): PlainLog {
  const isVariable = typeof pattern === 'string' && pattern.includes('$cookie_');
  const name = oneOf(isVariable ? ['shop_sid_2', 'PHPSESSID'] : ['PHPSESSID', '__Host-sid', 'connect.sid', 'shop_sid_2'], random);
  const named = new RegExp(`(?<![\\w.-])${cookie}(?==)|(?<=\\{")${cookie}(?=":)`, 'g');
  // A field of JSON with a dot in its name is not meant.
  if (name.includes('.') && typeof pattern !== 'string') return otherCookie({ pattern, cookie, lines, ...log }, () => 0);
  return { ...log, cookie: name, pattern: renamed(pattern, cookie, name), lines: lines.map((line) => line.replace(named, name)) };
}

const PAGES: readonly (readonly [RegExp, string])[] = [
  [/\/users\/sign_in\b/g, '/benutzer/tritt_ein'],
  [/\/users\/sign_out\b/g, '/benutzer/geht'],
  [/\/(?:login|anmelden)\b/g, '/einlass'],
  [/\/(?:logout|abmelden)\b/g, '/raus'],
  [/\/auth\/cb\b/g, '/zurueck'],
  [/\/auth\/start\b/g, '/hin'],
  [/\/session\b(?=["\s?])/g, '/sitzung'],
  [/\/account\b/g, '/konto'],
  [/\/cart\b/g, '/korb'],
  [/\/orders\//g, '/auftrag/'],
];

/** A log in two files, of which the older one has the first lines. */
const rotated =
  (split: (older: readonly string[], newer: readonly string[], random: () => number) => PlainLog['files']): Change =>
  (log, random) => {
    const at = 1 + Math.floor(random() * (log.lines.length - 1));
    const files = split(log.lines.slice(0, at), log.lines.slice(at), random);
    return files && { ...log, files };
  };

const ON_DISK: Readonly<Record<string, Change>> = {
  'rotated in mid-hour': rotated((older, newer) => ({ text: textOf(newer), older: [['access.log.1', textOf(older)]] })),
  'rotated twice, and packed': rotated((older, newer, random) => {
    const at = Math.floor(random() * older.length);
    const files = [
      ['access.log.1', textOf(older.slice(at))],
      ['access.log.2.gz', textOf(older.slice(0, at))],
    ] as const;
    return { text: textOf(newer), older: files };
  }),
  'rotated by copytruncate, with NULs where the writer went on': rotated((older, newer) => ({
    text: `${'\0'.repeat(textOf(older).length)}${textOf(newer)}`,
    older: [['access.log.1', textOf(older)]],
  })),
  'rotated by the hour, in names with dates': rotated((older, newer) => ({
    path: 'access.*.log',
    name: 'access.2026-11-27-10.log',
    text: textOf(newer),
    older: [['access.2026-11-27-09.log', textOf(older)]],
  })),
  'rotated, and named by the date': rotated((older, newer) => ({ text: textOf(newer), older: [['access.log-20261127', textOf(older)]] })),
  'rotated while its server went on for some lines': rotated((older, newer) => ({
    text: textOf(newer.filter((_, at) => at % 2 === 0 || at > 6)),
    older: [['access.log.1', textOf([...older, ...newer.filter((_, at) => at % 2 === 1 && at <= 6)])]],
  })),
  'a last line that is half written': (log, random) => {
    const [first = ''] = log.lines;
    return { ...log, files: { text: `${textOf(log.lines)}${first.slice(0, 1 + Math.floor(random() * (first.length - 2)))}` } };
  },
  'a block of NULs in its middle, where the power went': (log) => ({
    ...log,
    lines: log.lines.flatMap((line, at) => (at === 9 ? ['\0'.repeat(4_096), line] : [line])),
  }),
  'a line of bytes that are no UTF-8': (log) => ({ ...log, lines: [...log.lines.slice(0, 9), '\xff\xfe\xe4 \x80', ...log.lines.slice(9)] }),
  'paths and agents that are no UTF-8': eachLine((line) => line.replaceAll('/cart', '/c\xe4rt').replaceAll('Mozilla', 'M\xf6zilla')),
  'lines that end as on Windows': eachLine((line) => `${line}\r`),
  'empty lines': (log) => ({ ...log, lines: log.lines.flatMap((line, at) => (at % 7 === 0 ? [line, ''] : [line])) }),
  'lines of another program among them': (log) => ({
    ...log,
    lines: log.lines.flatMap((line, at) => (at % 50 === 0 ? ['Started worker 7', line] : [line])),
  }),
  [LARGE]: (log) => {
    const isAgain = (line: string) => / 200 |":"?200"?[,}]/.test(line) && /\/cart/.test(line) && /GET/.test(line);
    const size = log.lines.join('\n').length;
    const times = Math.ceil((BYTES - size) / Math.max(1, log.lines.filter(isAgain).join('\n').length));
    const lines = log.lines.flatMap((line) => (isAgain(line) ? Array<string>(times).fill(line) : [line]));
    return times > BYTES / 100 ? undefined : { ...log, lines };
  },
};

const OF_FORMATS: Readonly<Record<string, Change>> = {
  'another name of the cookie': otherCookie,
  'other names of pages': eachLine((line) => PAGES.reduce((text, [from, to]) => text.replace(from, to), line)),
  'another zone': eachLine((line) =>
    line
      .replace(/\+0000(?=[\]"\s])/, '+0530')
      .replace(/\+00:00(?=")/, '+05:30')
      .replace(/(\d\d:\d\d:\d\d(?:\.\d+)?)Z/, '$1-08:00'),
  ),
  'fields in another order': (log, random) => {
    if (isJson(log)) return eachEntry(log, (entry) => Object.fromEntries(Object.entries(entry).toReversed()));
    const order = shuffled([...(fieldsOf(log)?.names.keys() ?? [])], random);
    return rewritten(log, (fields) => order.map((at) => fields[at]).join(' '));
  },
  'another field among the others': (log, random) => {
    if (isJson(log)) return eachEntry(log, (entry) => ({ more: { rt: 0.123 }, ...entry }));
    const at = Math.floor(random() * ((fieldsOf(log)?.names.length ?? 0) + 1));
    const isMorgan = typeof log.pattern === 'string' && log.pattern.includes(':status');
    const directive = isMorgan ? ':response-time' : '%D';
    return rewritten(log, (fields) =>
      fields.toSpliced(at, 0, fields.some((one) => one.includes(isMorgan ? ':status' : '%')) ? directive : '12345').join(' '),
    );
  },
  'other characters between fields': (log, random) => {
    const between = oneOf(['\t', ' | ', '  '], random);
    return rewritten(log, (fields) => fields.join(between));
  },
  'more quotes': (log) => rewritten(log, (fields) => fields.map((one) => (/["[\s]/.test(one) ? one : `"${one}"`)).join(' ')),
  'fewer quotes': (log) => {
    const fields = fieldsOf(log);
    if (fields === undefined) return undefined;
    const isBare = fields.names.map((name, at) => /^"/.test(name) && fields.rows.every((row) => /^"[^\s"]+"$/.test(row[at] ?? '')));
    return rewritten(log, (all) => all.map((one, at) => (isBare[at] ? one.slice(1, -1) : one)).join(' '));
  },
  'numbers as texts, and texts in lists': (log) =>
    isJson(log) ? eachEntry(log, (entry) => mapValues(entry, (one) => (typeof one === 'number' ? String(one) : one))) : undefined,
  'headers as lists': (log) =>
    isJson(log)
      ? eachEntry(log, (entry) => mapValues(entry, (one) => (typeof one === 'string' && /=.{12}/.test(one) ? [one] : one)))
      : undefined,
  'all in another object': (log) =>
    typeof log.pattern === 'string'
      ? undefined
      : {
          ...eachEntry(log, (entry) => ({ stream: 'stdout', log: entry })),
          pattern: Object.fromEntries(Object.entries(log.pattern).map(([field, name]) => [field, `log.${name}`])) as LogPattern,
        },
  'other cookies next to it': (log) => ({
    ...log,
    lines: log.lines.map((line) => line.replace(new RegExp(`"(${log.cookie}=[^";]*)"`), '"theme=dark; $1; _ga=GA1.2.3"')),
  }),
  'another cookie that is set before it': (log) => ({
    ...log,
    lines: log.lines.map((line) => line.replace(new RegExp(`"(${log.cookie}=[^"]*; ?[Pp]ath[^"]*)"`), '"theme=dark; Path=/, $1"')),
  }),
};

/** Two at once. */
const both =
  (one: Change, other: Change): Change =>
  (log, random) => {
    const first = one(log, random);
    return first && other(first, random);
  };

/** By what is other than in the recorded log. */
export const LOG_CHANGES: Readonly<Record<string, Change>> = {
  ...ON_DISK,
  ...OF_FORMATS,
  ...Object.fromEntries(
    Object.entries(OF_FORMATS).map(([kind, change], at) => {
      const [disk, other] = Object.entries(ON_DISK)[at % 12] as [string, Change];
      return [`${kind}, and ${disk}`, both(change, other)];
    }),
  ),
};
