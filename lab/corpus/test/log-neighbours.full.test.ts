/** Neighbours of each recorded access log: what happens to logs on disks, and other names and fields. */
import { expect, it } from 'vitest';
import type { LogPattern } from '../../../functions/shared/app-contract.ts';
import { type LogToRead, readLogs } from '../check/check-logs.ts';
import { type LogRecording, readLogRecordings } from '../logs/recorded-logs.ts';

type Text = Omit<LogToRead, 'text'> & { readonly lines: readonly string[] };

const renamed = (pattern: LogPattern, from: string, to: string): LogPattern =>
  typeof pattern === 'string'
    ? pattern.replaceAll(from, to)
    : (Object.fromEntries(Object.entries(pattern).map(([field, name]) => [field, name.replace(`.${from}`, `.${to}`)])) as LogPattern);
const isJson = ({ lines: [first = ''] }: Text): boolean => first.startsWith('{');
const withField = (line: string, value: string): string =>
  line.startsWith('{') ? `${line.slice(0, -1)},"more":"${value}"}` : `${line} ${value}`;

/** One byte is one character. */
const NEIGHBOURS: Readonly<Record<string, (log: Text) => Text>> = {
  'a last line that is half written': (log) => ({ ...log, lines: [...log.lines, log.lines[0]?.slice(0, 25) ?? ''] }),
  'NULs where the file was cut while it was written': (log) => ({ ...log, lines: ['\0'.repeat(300) + (log.lines[0] ?? ''), ...log.lines] }),
  'a line of bytes that are no UTF-8': (log) => ({ ...log, lines: [...log.lines.slice(0, 9), '\xff\xfe\xe4 \x80', ...log.lines.slice(9)] }),
  'lines that end as on Windows': (log) => ({ ...log, lines: log.lines.map((line) => `${line}\r`) }),
  'empty lines': (log) => ({ ...log, lines: log.lines.flatMap((line, at) => (at % 7 === 0 ? [line, ''] : [line])) }),
  'another name of the cookie': (log) => ({
    ...log,
    cookie: `${log.cookie}_2`,
    pattern: renamed(log.pattern, log.cookie, `${log.cookie}_2`),
    lines: log.lines.map((line) =>
      line.replaceAll(new RegExp(`\\b${log.cookie}(?==)|(?<=\\{")${log.cookie}(?=":)`, 'g'), `${log.cookie}_2`),
    ),
  }),
  'another field behind the others': (log) => ({
    ...log,
    pattern: typeof log.pattern === 'string' && log.pattern.length > 12 && !isJson(log) ? `${log.pattern} rt=$request_time` : log.pattern,
    lines: log.lines.map((line) => withField(line, 'rt=0.123')),
  }),
  'fields in another order': (log) => ({
    ...log,
    lines: log.lines.map((line) =>
      line.startsWith('{') ? JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line) as object).toReversed())) : line,
    ),
  }),
  'lines of another program among them': (log) => ({
    ...log,
    lines: log.lines.flatMap((line, at) => (at % 50 === 0 ? ['Started worker 7', line] : [line])),
  }),
};
/** A gap that names what is not read. */
const NAMES_FIELD = /do not have the pattern|the time of|has no (?:time|status)|session/;

const asLog = ({ lines, ...log }: Text): LogToRead => ({ ...log, text: `${lines.join('\n')}\n` });
const textOf = ({ pattern, cookie, scenarios }: LogRecording, scenario: 'healthy' | 'flushed'): Text => ({
  pattern,
  cookie,
  lines: (scenarios[scenario]?.logs[0] ?? []).map((line) => Buffer.from(line, 'utf8').toString('latin1')),
});

it('are read as the recorded ones, in four of five cases at least, and every other is a gap that names the field', () => {
  const logs = [...readLogRecordings()].flatMap(([name, recording]) =>
    (['healthy', 'flushed'] as const).map((scenario) => [`${name} ${scenario}`, textOf(recording, scenario)] as const),
  );
  const recorded = readLogs(logs.map(([, log]) => asLog(log)));
  const cases = logs.flatMap(([name, log], at) =>
    Object.entries(NEIGHBOURS).map(([what, change]) => ({ name: `${name}: ${what}`, log: asLog(change(log)), was: recorded[at] })),
  );
  const read = readLogs(cases.map(({ log }) => log));
  const others = cases.flatMap(({ name, was }, at) => {
    const is = read[at];
    const isAlike = is?.lost.length === was?.lost.length && is?.known.length === was?.known.length && (is?.lines ?? 0) >= (was?.lines ?? 0);
    return isAlike ? [] : [[name, [...(is?.gaps ?? []), is?.refused ?? ''].join('; ')] as const];
  });
  expect(others.filter(([, gaps]) => !NAMES_FIELD.test(gaps))).toEqual([]);
  expect(others.length).toBeLessThanOrEqual(cases.length * 0.2);
}, 60_000);
