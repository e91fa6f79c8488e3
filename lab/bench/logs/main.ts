/** `npm run bench:logs`: how long a server takes to read 20 MB of access log for an incident, and its memory, next to a plain read of the lines. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { joinPython } from '../../../server/documents/join-python.ts';
import { withMoreUsers } from '../../corpus/check/check-logs.ts';
import { readLogRecordings } from '../../corpus/logs/recorded-logs.ts';
import { medianOf } from '../median.ts';
import { runBench } from '../run-bench.ts';

const HELP = `Usage: npm run bench:logs -- [options]

Read 20 MB of access log as a server does for an incident, and the lines of the same file alone, one after the other. Times are of the CPU.

  --rounds N   runs of each, of which the median counts [3]
  --json       print exactly one line: {"logs":[{"format","lines","seconds","megabytes","plainSeconds","plainMegabytes","ratio"}]}
  --help

Exit codes: 0 every format is read within the limits, 1 one is not (it is named), 2 an option is wrong.
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
    read, fields = reader_of(given["pattern"], given["cookie"])
    log = AccessLog(dict(cookie=given["cookie"]), fields, Hasher(b"k" * 32), Paths([]), (0, 10 ** 14))
    for block in Reading().blocks(given["file"], 0, with_unended=False):
        log.take(read, block)
    log.judge()
    fit(log, "i-0123456789abcdef0", dict(gaps=[]))
    lines = log.lines
seconds = time.process_time() - begun
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps([lines, seconds, peak / 1024]))
`;
const SCRIPT = `${joinPython('read_access_log').replace(/\nmain\(\)\s*$/, '\n')}${MEASURE}`;

type Run = readonly [lines: number, seconds: number, megabytes: number];

function run(given: object): Run {
  const { stdout, stderr } = spawnSync('python3', ['-I', '-c', SCRIPT], {
    input: `${JSON.stringify(given)}\n`,
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (stdout === '') throw new Error(`The reader of logs failed: ${stderr}`);
  return JSON.parse(stdout) as Run;
}

function measure(format: string, file: string, rounds: number) {
  const recording = readLogRecordings().get(format);
  const healthy = recording?.scenarios.healthy;
  if (recording === undefined || healthy === undefined) throw new Error(`There is no recording of ${format}.`);
  const lines = withMoreUsers(healthy, COPIES).flat();
  const text = `${lines.join('\n')}\n`;
  writeFileSync(file, text.repeat(Math.floor(BYTES / text.length)));
  const { pattern, cookie } = recording;
  const runs = (plain: boolean) => Array.from({ length: rounds }, () => run({ plain, file, pattern, cookie }));
  const middle = (of: readonly Run[], at: 1 | 2) => Math.round((medianOf(of.map((one) => one[at])) ?? 0) * 1_000) / 1_000;
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

async function bench({ rounds, json }: { readonly rounds: number; readonly json: boolean }): Promise<number> {
  const home = mkdtempSync(path.join(tmpdir(), 'holdfast-logs-'));
  try {
    mkdirSync(path.join(home, 'log'));
    const logs = FORMATS.map((format) => measure(format, path.join(home, 'log/access.log'), rounds));
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
      rounds: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help' as const;
  if (!/^[1-9]\d?$/.test(values.rounds)) throw new TypeError(`--rounds is "${values.rounds}": it is a number from 1 to 99`);
  return { rounds: Number(values.rounds), json: values.json };
}

await runBench(optionsOf, HELP, bench);
