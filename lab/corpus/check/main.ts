/**
 * `npm run check:corpus`: does a sweep take every recorded key for what it is, and is every recorded log, every recorded error in one, and
 * every recorded cookie, read right? With `--json` one line: `{"libraries","keys":{"total","recognised","byLearn","wrong"},
 * "foreign":{"keys","touched","counted"},"logs":{"formats","users","wrong","neighbours":{"cases","alike","gaps","wrong"}},
 * "words":{"errors","missed","wrong"},"cookies":{"cases","wrong"}}`. Ends with 1 when what is wrong with keys differs from the committed
 * list, which `--wrong` prints as it would be, when anything is wrong with logs, errors or cookies, or when fewer
 * than four of five neighbours of the logs are read like the recorded ones.
 */
import { endWith, printJson, printNote } from '../../../cli/output.ts';
import { startStore } from '../../../test/functions/sweep/real-store.ts';
import { readCookies } from '../cookies/recorded-cookies.ts';
import { readLogRecordings } from '../logs/recorded-logs.ts';
import { checkWords } from '../words/check-words.ts';
import { readWords } from '../words/recording.ts';
import { checkCookies } from './check-cookies.ts';
import { checkLogs } from './check-logs.ts';
import { checkLogNeighbours, wrongNeighbours } from './log-neighbours.ts';
import { checkCommitted, compareWithToday, readWrongToday } from './report.ts';

/** Of each scenario of a format. */
const USERS = 200;

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => !['--json', '--wrong'].includes(arg));
  if (unknown.length > 0) {
    printNote(`check:corpus has no option ${unknown.join(' ')}: its options are --json and --wrong`);
    return 2;
  }
  const store = await startStore();
  try {
    const { report, wrong } = await checkCommitted(store);
    if (args.includes('--wrong')) {
      process.stdout.write(`${JSON.stringify(wrong, null, 2)}\n`);
      return 0;
    }
    const logs = checkLogs(readLogRecordings(), { healthy: USERS, fault: USERS });
    const neighbours = checkLogNeighbours(readLogRecordings());
    const words = await checkWords(readWords());
    const cookies = await checkCookies(readCookies());
    const differences = [
      ...compareWithToday(wrong, readWrongToday()),
      ...logs.wrong,
      ...wrongNeighbours(neighbours),
      ...words.missed,
      ...words.wrong,
      ...cookies.wrong,
    ];
    for (const line of differences) printNote(line);
    if (args.includes('--json')) printJson({ ...report, logs: { ...logs, neighbours }, words, cookies });
    else {
      const { libraries, keys, foreign } = report;
      for (const line of [...wrong.keys, ...wrong.foreignKeys]) printNote(`wrong today: ${line}`);
      process.stdout.write(
        `libraries     ${libraries}\nsession keys  ${keys.recognised} of ${keys.total} recognised, ${keys.byLearn} by a learnt dialect, ${keys.wrong.length} wrong\n` +
          `foreign keys  ${foreign.touched} of ${foreign.keys} touched, ${foreign.counted} counted\n` +
          `access logs   ${logs.formats} formats, ${logs.users} users, ${logs.wrong.length} wrong\n` +
          `their like    ${neighbours.alike} of ${neighbours.cases} read alike, ${neighbours.gaps} with a gap, ${neighbours.wrong.length} wrong\n` +
          `errors        ${words.errors} recorded, ${words.missed.length} missed, ${words.wrong.length} wrong\n` +
          `cookies       ${cookies.cases} cases, ${cookies.wrong.length} wrong\n`,
      );
    }
    return differences.length === 0 ? 0 : 1;
  } finally {
    await store.stop();
  }
}

await endWith(() =>
  main(process.argv.slice(2)).catch((error: Error) => {
    printNote(error.message);
    return 1;
  }),
);
