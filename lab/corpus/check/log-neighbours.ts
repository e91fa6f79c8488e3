/** Whether logs that are like the recorded ones are read like them. */
import { random as seeded } from '../../../test/functions/sweep/random.ts';
import { type LogRecording, SCENARIOS, type ScenarioName } from '../logs/recorded-logs.ts';
import { bytesOf, type LogToRead, lostOf, type ReadLog, readLogs } from './check-logs.ts';
import { LARGE, LOG_CHANGES, type PlainLog } from './log-changes.ts';

export interface NeighboursReport {
  readonly cases: number;
  /** Read like the recorded log that the case was made of. */
  readonly alike: number;
  /** Read in another way, with a sentence that names the field. */
  readonly gaps: number;
  readonly wrong: readonly string[];
}

interface Case {
  readonly name: string;
  /** Of each server. */
  readonly logs: readonly LogToRead[];
  readonly recorded: readonly LogToRead[];
}

/** A sentence that names what is not read. */
const NAMES_FIELD =
  /do not have the pattern|the time of|has no (?:time|status)|hides the session|does not show whether|without a character between/;
/** All texts of one run of the reader. */
const MOST_TEXT = 64 * 1024 * 1024;

const written = ({ pattern, cookie, lines, files }: PlainLog): LogToRead => ({
  pattern,
  cookie,
  ...(files ?? { text: `${lines.join('\n')}\n` }),
});

const plainLogs = ({ pattern, cookie, scenarios }: LogRecording, scenario: ScenarioName): readonly PlainLog[] =>
  (scenarios[scenario]?.logs ?? []).map((lines) => ({ pattern, cookie, lines: bytesOf(lines).trimEnd().split('\n') }));

const isEqual = (one: readonly LogToRead[], other: readonly LogToRead[]) => JSON.stringify(one) === JSON.stringify(other);

/** Those that the format can have, each the same at every time. */
function casesOf(format: string, recording: LogRecording, isTaken: (kind: string) => boolean): Case[] {
  return SCENARIOS.flatMap((scenario, number) => {
    const plain = plainLogs(recording, scenario);
    const recorded = plain.map(written);
    return Object.entries(LOG_CHANGES).flatMap(([kind, change], at): Case[] => {
      // One large log of each format: each takes seconds.
      if (plain.length === 0 || !isTaken(kind) || (kind === LARGE && number !== (recording.scenarios.flushed ? 1 : 0))) return [];
      // All servers of a fleet have the same changes.
      const changed = plain.map((log) => change(log, seeded(60 + 10 * at + number + 1_000 * format.length)));
      const logs = changed.flatMap((log) => (log === undefined ? [] : [written(log)]));
      return logs.length < plain.length || isEqual(logs, recorded) ? [] : [{ name: `${format}: ${scenario}: ${kind}`, logs, recorded }];
    });
  });
}

const sizeOf = ({ logs }: Case): number => logs.reduce((sum, { text, older = [] }) => sum + text.length + older.join().length, 0);

/** Reads as many cases at once as one text can have. */
function readCases(cases: readonly Case[]): readonly (readonly ReadLog[])[] {
  const read: ReadLog[][] = [];
  let batch: Case[] = [];
  let size = 0;
  const readBatch = () => {
    const logs = readLogs(batch.flatMap((one) => one.logs));
    let at = 0;
    for (const one of batch) {
      read.push(logs.slice(at, at + one.logs.length));
      at += one.logs.length;
    }
    [batch, size] = [[], 0];
  };
  for (const one of cases) {
    if (size + sizeOf(one) > MOST_TEXT) readBatch();
    batch.push(one);
    size += sizeOf(one);
  }
  readBatch();
  return read;
}

/** What a case shows of sessions. */
const shown = (read: readonly ReadLog[]) => `${lostOf(read)} lost of ${new Set(read.flatMap(({ known }) => known)).size} known`;
const linesOf = (read: readonly ReadLog[]) => read.reduce((sum, { lines }) => sum + lines, 0);
const gapsOf = (read: readonly ReadLog[]) => read.flatMap(({ gaps, refused }) => [...gaps, ...(refused === undefined ? [] : [refused])]);

/** @param isTaken of a kind of change; all by default */
export function checkLogNeighbours(
  recordings: ReadonlyMap<string, LogRecording>,
  isTaken: (kind: string) => boolean = () => true,
): NeighboursReport {
  const cases = [...recordings].flatMap(([format, recording]) => casesOf(format, recording, isTaken));
  const originals = [...new Map(cases.map((one) => [JSON.stringify(one.recorded), { ...one, logs: one.recorded }])).entries()];
  const known = new Map(readCases(originals.map(([, one]) => one)).map((read, at) => [originals[at]?.[0], read]));
  const wrong: string[] = [];
  let gaps = 0;
  for (const [at, is] of readCases(cases).entries()) {
    const { name, recorded } = cases[at] as Case;
    const was = known.get(JSON.stringify(recorded)) ?? [];
    if (shown(is) === shown(was) && linesOf(is) >= linesOf(was)) continue;
    if (NAMES_FIELD.test(gapsOf(is).join('\n'))) gaps += 1;
    else wrong.push(`${name}: ${shown(is)}, ${linesOf(is)} lines, not ${shown(was)}, ${linesOf(was)} lines`);
  }
  return { cases: cases.length, alike: cases.length - gaps - wrong.length, gaps, wrong };
}

/** Of a hundred neighbours as many are read like the recorded log. */
const ALIKE_PERCENT = 80;

/** What is wrong with them, in sentences. */
export const wrongNeighbours = ({ cases, alike, wrong }: NeighboursReport): readonly string[] =>
  alike * 100 >= cases * ALIKE_PERCENT
    ? wrong
    : [...wrong, `${alike} of ${cases} neighbours of logs were read alike, fewer than ${ALIKE_PERCENT} %`];
