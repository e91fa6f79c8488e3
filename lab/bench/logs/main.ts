/** `npm run bench:logs`: how long a server takes to read 20 MB of access log for an incident, and its memory, next to a plain read or an earlier reader. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { joinPython } from '../../../server/documents/join-python.ts';
import { CHECKOUT } from '../../../setup/checkout.mjs';
import { withMoreUsers } from '../../corpus/check/check-logs.ts';
import { readLogRecordings } from '../../corpus/logs/recorded-logs.ts';
import { medianOf } from '../median.ts';
import { runBench } from '../run-bench.ts';

const HELP = `Usage: npm run bench:logs -- [options]

Read 20 MB of access log as a server does for an incident, and the lines of the same file alone, one after the other. Times are of the CPU.

  --rounds N        runs of each, of which the median counts [3; with --against 7]
  --against COMMIT  read with the reader of that commit, in turns with today's, and compare the two: the ratios are medians of the rounds' own
  --json            print exactly one line: {"logs":[{"format","lines","seconds","megabytes","plainSeconds","plainMegabytes","ratio"}]};
                    with --against {"against","logs":[{"format","lines","seconds","thenSeconds","timeRatio","megabytes","thenMegabytes","memoryRatio"}]}
  --help

Exit codes: 0 every format is read within the limits, and with --against in at most 1.1 of the time and memory; 1 one is not (it is named), 2 an option is wrong.
`;
const FORMATS = ['nginx-sessions', 'tomcat-sessions', 'pino-http'];
const BYTES = 20 * 1024 * 1024 - 100_000;
const COPIES = 100;
/** The document's own: it ends its reading after 10 s, and can have 768 MB. */
const MOST = { seconds: 10, megabytes: 768 };

const MEASURE = `
import sys
import time

given = json.loads(sys.stdin.readline())
begun = time.process_time()
lines = 0
if given["plain"]:
    with open(given["file"], "rb") as file:
        for line in file:
            lines += 1
else:
    # A machine that does other things too is not to cut it short.
    READ_SECONDS = 100.0
    reading = Reading()
    log = read_access(dict(logs=dict(access=dict(path=given["file"], pattern=given["pattern"])), session=dict(cookie=given["cookie"])), reading, b"k" * 32, 0, 10 ** 14)
    fit(log, "i-0123456789abcdef0", dict(gaps=reading.gaps))
    lines = log.lines
seconds = time.process_time() - begun
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps([lines, seconds, peak / 1024]))
`;
const scriptOf = (joined: string): string => `${joined.replace(/\nmain\(\)\s*$/, '\n')}${MEASURE}`;
const SCRIPT = scriptOf(joinPython('read_access_log'));
/** With a commit's reader, an hour of it is read in at most this much of its time and memory. */
const MOST_OF_THEN = 1.1;

/** The reader of a commit, joined by that commit's own program. */
function scriptAt(commit: string, home: string): string {
  const folder = path.join(home, 'then');
  mkdirSync(folder);
  const run = (command: string, args: readonly string[], more: object = {}) => {
    const { stdout, stderr, status } = spawnSync(command, args, { cwd: CHECKOUT, maxBuffer: 256 * 1024 * 1024, ...more });
    if (status !== 0) throw new TypeError(`--against is "${commit}": its reader cannot be had: ${String(stderr).trim()}`);
    return stdout;
  };
  const archive = run('git', ['archive', '--format=tar', commit, 'server/documents', 'package.json']);
  run('tar', ['-x', '-C', folder], { input: archive });
  const join = pathToFileURL(path.join(folder, 'server/documents/join-python.ts')).href;
  const print = `process.stdout.write((await import(${JSON.stringify(join)})).joinPython('read_access_log'))`;
  return scriptOf(String(run(process.execPath, ['--input-type=module', '-e', print])));
}

type Run = readonly [lines: number, seconds: number, megabytes: number];

function run(given: object, script = SCRIPT): Run {
  const { stdout, stderr } = spawnSync('python3', ['-I', '-c', script], {
    input: `${JSON.stringify(given)}\n`,
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (stdout === '') throw new Error(`The reader of logs failed: ${stderr}`);
  return JSON.parse(stdout) as Run;
}

/** Writes 20 MB of a format. @returns what a reader is given */
function write(format: string, file: string) {
  const recording = readLogRecordings().get(format);
  const healthy = recording?.scenarios.healthy;
  if (recording === undefined || healthy === undefined) throw new Error(`There is no recording of ${format}.`);
  const lines = withMoreUsers(healthy, COPIES).flat();
  const text = `${lines.join('\n')}\n`;
  writeFileSync(file, text.repeat(Math.floor(BYTES / text.length)));
  const { pattern, cookie } = recording;
  return { plain: false, file, pattern, cookie };
}

const rounded = (value: number | undefined) => Math.round((value ?? 0) * 1_000) / 1_000;
const middle = (of: readonly Run[], at: 1 | 2) => rounded(medianOf(of.map((one) => one[at])));

function measure(format: string, file: string, rounds: number) {
  const given = write(format, file);
  const runs = (plain: boolean) => Array.from({ length: rounds }, () => run({ ...given, plain }));
  const [read, plain] = [runs(false), runs(true)];
  const [seconds, plainSeconds] = [middle(read, 1), Math.max(0.001, middle(plain, 1))];
  return {
    format,
    lines: read[0]?.[0] ?? 0,
    seconds,
    megabytes: middle(read, 2),
    plainSeconds,
    plainMegabytes: middle(plain, 2),
    ratio: Math.round(seconds / plainSeconds),
  };
}

/** The two in turns, so that what else the machine does is both's. */
function compare(format: string, file: string, rounds: number, then: string) {
  const given = write(format, file);
  const pairs = Array.from({ length: rounds }, (_, round) => {
    const [first, second] = round % 2 === 0 ? [SCRIPT, then] : [then, SCRIPT];
    const [one, other] = [run(given, first), run(given, second)];
    return round % 2 === 0 ? ([one, other] as const) : ([other, one] as const);
  });
  const [now, before] = [pairs.map(([one]) => one), pairs.map(([, other]) => other)];
  const ratio = (at: 1 | 2) => rounded(medianOf(pairs.map(([one, other]) => one[at] / other[at])));
  return {
    format,
    lines: now[0]?.[0] ?? 0,
    seconds: middle(now, 1),
    thenSeconds: middle(before, 1),
    timeRatio: ratio(1),
    megabytes: middle(now, 2),
    thenMegabytes: middle(before, 2),
    memoryRatio: ratio(2),
  };
}

function benchAgainst(against: string, rounds: number, json: boolean, home: string): number {
  const then = scriptAt(against, home);
  const logs = FORMATS.map((format) => compare(format, path.join(home, 'log/access.log'), rounds, then));
  const row = (one: (typeof logs)[number]) =>
    `${one.format.padEnd(16)} ${one.lines} lines  ${one.seconds} s, then ${one.thenSeconds} s: ${one.timeRatio}  ${one.megabytes} MB, then ${one.thenMegabytes} MB: ${one.memoryRatio}\n`;
  process.stdout.write(json ? `${JSON.stringify({ against, logs })}\n` : logs.map(row).join(''));
  const over = logs.filter(({ timeRatio, memoryRatio }) => timeRatio > MOST_OF_THEN || memoryRatio > MOST_OF_THEN);
  for (const { format } of over)
    process.stderr.write(
      `not as expected: ${format} takes more than ${MOST_OF_THEN} of the time or the memory that it took at ${against}\n`,
    );
  return over.length === 0 ? 0 : 1;
}

interface Options {
  readonly rounds: number | undefined;
  readonly against: string | undefined;
  readonly json: boolean;
}

async function bench({ rounds, against, json }: Options): Promise<number> {
  const home = mkdtempSync(path.join(tmpdir(), 'holdfast-logs-'));
  try {
    mkdirSync(path.join(home, 'log'));
    if (against !== undefined) return benchAgainst(against, rounds ?? 7, json, home);
    const logs = FORMATS.map((format) => measure(format, path.join(home, 'log/access.log'), rounds ?? 3));
    const row = (one: (typeof logs)[number]) =>
      `${one.format.padEnd(16)} ${one.lines} lines  ${one.seconds} s, ${one.megabytes} MB  plain ${one.plainSeconds} s, ${one.plainMegabytes} MB  ratio ${one.ratio}\n`;
    process.stdout.write(json ? `${JSON.stringify({ logs })}\n` : logs.map(row).join(''));
    const over = logs.filter(({ seconds, megabytes }) => seconds > MOST.seconds || megabytes > MOST.megabytes);
    for (const { format } of over)
      process.stderr.write(`not as expected: ${format} takes more than ${MOST.seconds} s of the CPU or ${MOST.megabytes} MB\n`);
    return over.length === 0 ? 0 : 1;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function optionsOf(words: string[]) {
  const { values } = parseArgs({
    args: words,
    options: {
      rounds: { type: 'string' },
      against: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help' as const;
  const { rounds, against, json } = values;
  if (rounds !== undefined && !/^[1-9]\d?$/.test(rounds)) throw new TypeError(`--rounds is "${rounds}": it is a number from 1 to 99`);
  if (against !== undefined && !/^[\w./^~-]{1,100}$/.test(against)) throw new TypeError(`--against is "${against}": it names a commit`);
  return { rounds: rounds === undefined ? undefined : Number(rounds), against, json };
}

await runBench(optionsOf, HELP, bench);
