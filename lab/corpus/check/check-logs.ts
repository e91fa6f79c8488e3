/** What the reader of access logs makes of the recorded ones, with more users than were recorded. */
import { spawnSync } from 'node:child_process';
import type { LogPattern } from '../../../functions/shared/app-contract.ts';
import { joinPython } from '../../../server/documents/join-python.ts';
import { type LogRecording, type RecordedScenario, SCENARIOS, type ScenarioName } from '../logs/recorded-logs.ts';
import { otherId } from '../record/fixed-ids.ts';

/** A lost user counts with this tolerance. */
const TOLERANCE = 0.02;
const LIMIT_MS = 120_000;
const MOST_OUTPUT = 64 * 1024 * 1024;

export interface LogToRead {
  readonly pattern: LogPattern;
  readonly cookie: string;
  readonly logins?: readonly string[];
  /** As a contract has it, with `*` for dates. @default access.log */
  readonly path?: string;
  /** Of the latest file. Its characters are bytes. */
  readonly text: string;
  /** @default access.log */
  readonly name?: string;
  /** Files before it, the latest first; a name that ends in .gz is packed. */
  readonly older?: readonly (readonly [name: string, text: string])[];
}
export interface ReadLog {
  readonly lines: number;
  /** The first line's; absent without one. */
  readonly fromMs?: number | null;
  readonly withSession: number | null;
  readonly gaps: readonly string[];
  readonly known: readonly string[];
  readonly lost: readonly string[];
  readonly fromOtherSite?: unknown;
  /** Why the pattern was refused. */
  readonly refused?: string;
}

/** The script of the document, with another end: what it makes of texts. */
const SCRIPT = `${joinPython('read_access_log').replace(/\nmain\(\)\s*$/, '\n')}
import gzip
import shutil
import sys
import tempfile


def blocks_of(given, reading):
    home = tempfile.mkdtemp()
    folder = os.path.join(home, "log")
    os.mkdir(folder)
    try:
        for age, (name, text) in enumerate([(given.get("name") or "access.log", given["text"])] + (given.get("older") or [])):
            file = os.path.join(folder, name)
            data = text.encode("latin-1")
            with open(file, "wb") as opened:
                opened.write(gzip.compress(data) if name.endswith(".gz") else data)
            os.utime(file, (10 ** 9 - age, 10 ** 9 - age))
        yield from reading.blocks(os.path.join(folder, given.get("path") or "access.log"), 0, with_unended=False)
    finally:
        shutil.rmtree(home)


def read_given(given):
    try:
        read, fields = reader_of(given["pattern"], given["cookie"])
    except NoLog as error:
        return dict(refused=str(error), lines=0, withSession=None, gaps=[], known=[], lost=[])
    log = AccessLog(dict(cookie=given["cookie"], logins=given.get("logins")), fields, Hasher(b"k" * 32), Paths([]), (0, 10 ** 14))
    reading = Reading()
    for lines in blocks_of(given, reading):
        log.take(read, lines)
    log.judge()
    result = log.result("i-0123456789abcdef0", 100000)
    rows = [row.split(" ") for row in result["sessions"]]
    flags = dict((row[0], row[5] if len(row) > 5 else "") for row in rows)
    return dict(
        lines=result["lines"], fromMs=log.first_ms, withSession=result["withSession"], gaps=reading.gaps + log.gaps(),
        fromOtherSite=result["fromOtherSite"],
        known=[name for name, flag in flags.items() if "?" not in flag], lost=[name for name, flag in flags.items() if "!" in flag],
    )


print(json.dumps([read_given(given) for given in json.load(sys.stdin)]))
`;

export function readLogs(logs: readonly LogToRead[], python = 'python3'): readonly ReadLog[] {
  const { stdout, stderr, error } = spawnSync(python, ['-I', '-c', SCRIPT], {
    input: JSON.stringify(logs),
    // A time without a zone is in the server's own.
    env: { ...process.env, TZ: 'UTC' },
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: MOST_OUTPUT,
  });
  if (error !== undefined || stdout === '') throw new Error(`The reader of logs failed: ${error?.message ?? ''} ${stderr}`);
  return JSON.parse(stdout) as ReadLog[];
}

export const bytesOf = (lines: readonly string[]): string => Buffer.from(`${lines.join('\n')}\n`, 'utf8').toString('latin1');
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Each line again and again, with other ids. */
export function withMoreUsers({ logs, ids }: RecordedScenario, copies: number): readonly (readonly string[])[] {
  const any = ids.length === 0 ? /(?!)/ : new RegExp(ids.map(escaped).join('|'), 'g');
  const others = Array.from({ length: copies }, (_, copy) => new Map(ids.map((id) => otherId(id, `copy ${copy} ${id}`))));
  return logs.map((lines) => lines.flatMap((line) => others.map((other) => line.replace(any, (id) => other.get(id) ?? id))));
}

export interface UserCounts {
  readonly healthy: number;
  readonly fault: number;
}

interface Case {
  readonly name: string;
  readonly scenario: ScenarioName;
  readonly expected: number;
  readonly logs: readonly LogToRead[];
}

function casesOf(name: string, recording: LogRecording, counts: UserCounts): Case[] {
  return SCENARIOS.flatMap((scenario) => {
    const recorded = recording.scenarios[scenario];
    if (recorded === undefined) return [];
    const copies = Math.ceil((scenario === 'healthy' ? counts.healthy : counts.fault) / recorded.users);
    const { pattern, cookie } = recording;
    const logs = withMoreUsers(recorded, copies).map((lines) => ({ pattern, cookie, text: bytesOf(lines) }));
    return [{ name, scenario, expected: recorded.lost * copies, logs }];
  });
}

/** Sessions that one server knew, and that any server lost. */
export function lostOf(read: readonly ReadLog[]): number {
  const known = new Set(read.flatMap((one) => one.known));
  return new Set(read.flatMap((one) => one.lost).filter((hash) => known.has(hash))).size;
}

/** @returns for each case that is not read right, what came out */
function wrongOf({ name, scenario, expected, logs }: Case, read: readonly ReadLog[]): string[] {
  const gaps = read.flatMap((one) => [...one.gaps, ...(one.refused === undefined ? [] : [one.refused])]);
  const lines = logs.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
  const seen = read.reduce((sum, one) => sum + one.lines, 0);
  const wrong = gaps.length > 0 ? [gaps.join('; ')] : seen !== lines ? [`${seen} of ${lines} lines were read`] : [];
  // A format without sessions shows none that is lost.
  const shows = read.every(({ withSession }) => withSession !== null);
  const lost = lostOf(read);
  if (lost !== expected && (shows || lost > 0) && Math.abs(lost - expected) > expected * TOLERANCE)
    wrong.push(`${lost} users were lost, not ${expected}`);
  return wrong.map((what) => `${name}: ${scenario}: ${what}`);
}

export interface LogsReport {
  readonly formats: number;
  readonly users: number;
  readonly wrong: readonly string[];
}

/** @param counts how many users each scenario has, by copies of the recorded ones */
export function checkLogs(recordings: ReadonlyMap<string, LogRecording>, counts: UserCounts): LogsReport {
  const cases = [...recordings].flatMap(([name, recording]) => casesOf(name, recording, counts));
  const read = readLogs(cases.flatMap(({ logs }) => logs));
  let at = 0;
  const wrong = cases.flatMap((one) => {
    at += one.logs.length;
    return wrongOf(one, read.slice(at - one.logs.length, at));
  });
  const users = cases.reduce((sum, { scenario }) => sum + (scenario === 'healthy' ? counts.healthy : counts.fault), 0);
  return { formats: recordings.size, users, wrong };
}
