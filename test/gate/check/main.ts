/** `npm run check:gate`: whether the session gate refuses releases that log users out, and no others. */
import { parseArgs } from 'node:util';
import { endWith } from '../../../cli/output.ts';
import { whyNoJava } from '../../../setup/java.mjs';
import { tryPairs } from '../laboratory.ts';
import { OBSTACLES } from '../not-checked.ts';
import { GOOD, INCOMPATIBLE } from '../pairs.ts';

const NAMES = [...INCOMPATIBLE, ...GOOD, ...OBSTACLES].map(({ name }) => name);
const RUNS = 100;

const HELP = `Usage: npm run check:gate -- [options]

Run "holdfast gate" between two releases of shops on Express, Flask, Django, Spring, Tomcat and Go, as processes on a real store
behind the local load balancer, while 200 users are on the old release: forward and back, by two addresses and by a header.

  --only PAIRS      names, separated by commas, of
                    ${NAMES.join('\n                    ')}
  --runs N          runs of good pairs in all (default: ${RUNS})
  --json            print exactly one line of JSON: {"incompatible","good","notChecked","usersLoggedOut",
                    "longestSeconds","mostRequests"}
  --help

Exit codes: 0 what came out is right, nobody was logged out, and no limit was passed; 1 otherwise; 2 an option is wrong.
`;

const say = (line: string) => void process.stderr.write(`${line}\n`);

const readOptions = () =>
  parseArgs({
    options: { only: { type: 'string' }, runs: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  }).values;

async function main(): Promise<number> {
  let values: ReturnType<typeof readOptions>;
  try {
    values = readOptions();
  } catch (error) {
    say(`${(error as Error).message}: nothing was started.`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const wanted = values.only?.split(',') ?? NAMES;
  const unknown = wanted.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) {
    say(`--only ${JSON.stringify(values.only)} has other names than ${NAMES.join(', ')}. Nothing was started.`);
    return 2;
  }
  const runs = Number(values.runs ?? RUNS);
  if (!/^\d{1,4}$/.test(values.runs ?? '1')) {
    say(`--runs ${JSON.stringify(values.runs)} is not a whole number from 0 to 9999. Nothing was started.`);
    return 2;
  }
  const noJava = whyNoJava();
  const isJava = ({ app }: { readonly app: string }) => app === 'spring' || app === 'tomcat';
  if (noJava !== undefined && [...INCOMPATIBLE, ...GOOD].some((pair) => isJava(pair) && wanted.includes(pair.name))) {
    say(`The applications in Java cannot run: ${noJava}. Nothing was started. Choose others with --only.`);
    return 2;
  }
  const { problems, ...result } = await tryPairs({ wanted: (name) => wanted.includes(name), runs, say });
  const { incompatible, good, notChecked, usersLoggedOut } = result;
  process.stdout.write(
    values.json
      ? `${JSON.stringify(result)}\n`
      : `${incompatible.refused} of ${incompatible.pairs} incompatible pairs and ${good.refused} of ${good.runs} good runs refused; ${notChecked.named} of ${notChecked.tried} not checked; ${usersLoggedOut} users logged out\n`,
  );
  return result.incompatible.missed.length + problems.length === 0 ? 0 : 1;
}

await endWith(main);
