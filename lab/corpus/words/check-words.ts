/** What a server's reader of application logs makes of each recorded error. */
import { evaluate } from '../../../test/server/documents/run-python.ts';
import { CLIENTS } from './all-clients.ts';
import type { Client } from './clients.ts';
import type { RecordedError, WordsRecording } from './recording.ts';
import { type Category, SITUATIONS } from './situations.ts';

export interface WordsCheck {
  readonly errors: number;
  /** Errors that are counted in no category, or not as one. */
  readonly missed: readonly string[];
  /** Errors that are counted in another category, and others' errors that are counted at all. */
  readonly wrong: readonly string[];
}

/** A way in which an entry comes to be read. */
interface Reading {
  readonly of: string;
  readonly expected: Category;
  readonly lines: readonly string[];
  readonly isStamped: boolean;
}

const TIME = '2026-11-27T09:30:00.000Z';
const DATED = /^\[?(?:\d{4}-\d\d-\d\d|\d\d-\w{3}-\d{4})[T ]/;

const named = ({ named: all }: Client, of: string) => (typeof all === 'string' ? all : all?.[of]);

export function expectedOf(client: Client, { of, log }: RecordedError): Category | undefined {
  if (client.nameless?.test(log[0] ?? '')) return 'none';
  return of in SITUATIONS ? SITUATIONS[of as keyof typeof SITUATIONS].category : named(client, of);
}

/** In a file whose logger puts a time before it, in systemd's journal, and in a field of JSON, each between other entries. */
function readingsOf(client: Client, error: RecordedError): Reading[] {
  const [first = '', ...rest] = error.log;
  const expected = expectedOf(client, error);
  if (expected === undefined) throw new Error(`${client.name} has an error of "${error.of}", which its table does not have.`);
  const between = (lines: readonly string[]) => [`${TIME} GET / 200`, ...lines, `${TIME} GET / 200`];
  const ways = {
    file: between([DATED.test(first) ? first : `${TIME} ERROR ${first}`, ...rest]),
    journal: ['GET / 200', ...error.log, 'GET / 200'].map((line) => `1795771800.000000 ${line}`),
    json: between([JSON.stringify({ level: 50, time: TIME, msg: 'request failed', err: { stack: error.log.join('\n') } })]),
  };
  return (['file', 'journal', 'json'] as const).map((way) => ({
    of: `${client.name}: ${error.of}: ${way}: ${first.slice(0, 160)}`,
    expected,
    lines: ways[way],
    isStamped: way === 'journal',
  }));
}

/** Counts by category, and entries. */
type Counted = readonly [counts: Readonly<Record<string, number>>, entries: number];

const COUNT =
  '[(lambda log: (log.take(each["lines"], each["isStamped"]), log.counts, log.lines)[1:])(ApplicationLog(0, 10 ** 14)) for each in given]';

export async function checkWords(recordings: ReadonlyMap<string, WordsRecording>): Promise<WordsCheck> {
  const recorded = [...recordings].flatMap(([name, { errors }]) => {
    const client = CLIENTS.get(name);
    if (client === undefined) throw new Error(`The recording words/${name} is of no client of the table: remove it, or add the client.`);
    return errors.map((error) => ({ client, error }));
  });
  const readings = recorded.flatMap(({ client, error }) => readingsOf(client, error));
  const counted = await evaluate<readonly Counted[]>(COUNT, readings, 'application_log');
  const [missed, wrong]: [string[], string[]] = [[], []];
  for (const [at, { of, expected }] of readings.entries()) {
    const [counts, entries] = counted[at] as Counted;
    const found = Object.entries(counts).filter(([, count]) => count > 0);
    const text = `${of}: ${found.map(([name, count]) => `${count} ${name}`).join(', ') || 'nothing'}, not ${expected}`;
    if (found.some(([name]) => name !== expected)) wrong.push(text);
    else if (expected !== 'none' && (counts[expected] !== 1 || entries !== 3)) missed.push(`${text}, ${entries} entries`);
  }
  return { errors: recorded.length, missed, wrong };
}
