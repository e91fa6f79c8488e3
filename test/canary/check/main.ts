/** `npm run check:canary`: whether the canary finds what is there, and nothing else. */
import { parseArgs } from 'node:util';
import { endWith } from '../../../cli/output.ts';
import { whyNoJava } from '../../../setup/java.mjs';
import { type Example, examine, isJava, KNOWN, type Sites, withCompanions } from '../examine.ts';
import { startJavaSites } from '../java-sites.ts';
import { startNodeSites } from '../node-sites.ts';
import { PLANTS } from '../plants/plants.ts';
import { examineThirdParty, THIRD_PARTIES, type ThirdParty, type ThirdPartyResult } from '../third-party/examine-third-party.ts';
import { UNSEEN_NAMES, type UnseenName } from '../unseen/apps.ts';
import { examineUnseen, type UnseenResult } from '../unseen/examine-unseen.ts';

const HELP = `Usage: npm run check:canary -- [options]

Run the canary over HTTPS against two servers of each example, as it is and with each planted weakness, and of two applications that are
not this project's, whose expected results are in test/canary/third-party/expected. Then run it against applications that its makers had
not tried, and compare with what another client established of them before: test/canary/unseen.

  --apps LIST       of hardened-node-app, node-app, spring-app, tomcat-app, tomcat-examples, django-admin (default: all; those of
                    Spring and Tomcat need a JDK and Maven), and of the unseen ones: "unseen" for all of them, ${UNSEEN_NAMES.join(', ')}
  --plants LIST     names of the findings to plant (default: all)
  --json            print exactly one line of JSON: {"hardened","known","weakened","falseFindings",
                    "thirdParty","unseen"}
  --help

Exit codes: 0 nothing is missed, nothing is false, third-party results are as expected, and 90 % of unseen checks agree; 1 otherwise; 2 an option is wrong.
`;
const EXAMPLES: readonly Example[] = ['hardened-node-app', 'node-app', 'spring-app', 'tomcat-app'];
const APPS: readonly string[] = [...EXAMPLES, ...THIRD_PARTIES, 'unseen', ...UNSEEN_NAMES];
type Planted = keyof typeof PLANTS;

const say = (line: string) => void process.stderr.write(`${line}\n`);

interface Tally {
  readonly plants: readonly Planted[];
  readonly hardened: { app: Example; findings: number }[];
  readonly known: { app: Example; findings: readonly string[] }[];
  planted: number;
  found: number;
  readonly missed: string[];
  falseFindings: number;
}

async function check(sites: Sites, app: Example, tally: Tally): Promise<void> {
  const known: readonly string[] = KNOWN[app];
  const { findings, report } = await examine(sites, app);
  say(`${app}: ${findings.join(', ') || 'no finding'}`);
  const unclear = report.lines.filter(({ severity }) => severity === 'unknown').map(({ check: name, what }) => `${name}: ${what}`);
  for (const line of unclear) say(`  ? ${line}`);
  if (known.length === 0) tally.hardened.push({ app, findings: findings.length });
  else tally.known.push({ app, findings });
  tally.falseFindings += findings.filter((one) => !known.includes(one)).length;
  tally.missed.push(...known.filter((one) => !findings.includes(one)).map((one) => `${app} as it is: ${one}`));
  for (const planted of tally.plants) await checkPlanted(sites, app, planted, tally);
}

async function checkPlanted(sites: Sites, app: Example, planted: Planted, tally: Tally): Promise<void> {
  const { findings, report } = await examine(sites, app, planted);
  const isFound = findings.includes(planted);
  const others = findings.filter((one) => !withCompanions(planted).includes(one) && !KNOWN[app].some((known) => known === one));
  tally.planted += 1;
  if (isFound) tally.found += 1;
  else tally.missed.push(`${app}: ${planted}`);
  tally.falseFindings += others.length;
  say(`${app} with ${planted}: ${isFound ? 'found' : 'MISSED'}${others.length > 0 ? `, and falsely ${others.join(', ')}` : ''}`);
  for (const { finding = '', what } of report.lines) if (others.includes(finding)) say(`  ${finding}: ${what}`);
}

/** One after the other: each has two servers and its own front. */
async function checkThirdParties(apps: readonly ThirdParty[]): Promise<ThirdPartyResult[]> {
  const results: ThirdPartyResult[] = [];
  for (const app of apps) {
    const { result } = await examineThirdParty(app);
    const { found, differences } = result;
    say(`${app}: ${found.join(', ') || 'no finding'}; ${differences.length === 0 ? 'as expected' : 'NOT AS EXPECTED'}`);
    for (const difference of differences) say(`  ${difference}`);
    results.push(result);
  }
  return results;
}

const AGREED_SHARE = 0.9;
const isRight = (results: readonly UnseenResult[]): boolean => {
  const sum = (count: (result: UnseenResult) => number) => results.reduce((total, result) => total + count(result), 0);
  const wrong = sum(({ falsePass, falseFinding }) => falsePass.length + falseFinding.length);
  return wrong === 0 && sum(({ agree }) => agree) >= AGREED_SHARE * sum(({ checks }) => checks);
};

async function checkUnseen(apps: readonly UnseenName[]): Promise<UnseenResult[]> {
  const results: UnseenResult[] = [];
  for (const app of apps) {
    const { result, report } = await examineUnseen(app);
    say(`${app}: ${result.skipped ? `skipped, as ${result.skipped}` : `${result.agree} of ${result.checks} checks agree`}`);
    const wrong = ['falsePass', 'falseFinding', 'notCheckedWrongly'] as const;
    for (const kind of wrong) for (const one of result[kind]) say(`  ${kind}: ${one}`);
    const checks = new Set(wrong.flatMap((kind) => result[kind]).map((one) => one.split(':')[0]));
    for (const { check: name, what } of report?.lines ?? []) if (checks.has(name)) say(`    ${name}: ${what}`);
    results.push(result);
  }
  return results;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { apps: { type: 'string' }, plants: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const wanted = values.apps?.split(',').flatMap((app): readonly string[] => (app === 'unseen' ? UNSEEN_NAMES : [app]));
  const isChosen = (app: string) => wanted === undefined || wanted.includes(app);
  const chosen = EXAMPLES.filter(isChosen);
  const others = THIRD_PARTIES.filter(isChosen);
  const unseenOnes = UNSEEN_NAMES.filter(isChosen);
  if (wanted !== undefined && chosen.length + others.length + unseenOnes.length !== wanted.length) {
    say(`--apps ${JSON.stringify(values.apps)} has other names than ${APPS.join(', ')}. Nothing was started.`);
    return 2;
  }
  const known = Object.keys(PLANTS) as Planted[];
  const plants = known.filter((name) => values.plants === undefined || values.plants.split(',').includes(name));
  if (values.plants !== undefined && plants.length !== values.plants.split(',').length) {
    say(`--plants ${JSON.stringify(values.plants)} has other names than ${known.join(', ')}. Nothing was started.`);
    return 2;
  }
  const noJava = whyNoJava();
  if (noJava !== undefined && (chosen.some(isJava) || others.includes('tomcat-examples'))) {
    say(`The applications in Java cannot run: ${noJava}. Nothing was started. Choose others with --apps.`);
    return 2;
  }
  const tally: Tally = { plants, hardened: [], known: [], planted: 0, found: 0, missed: [], falseFindings: 0 };
  for (const [apps, start] of [
    [chosen.filter((app) => !isJava(app)), startNodeSites],
    [chosen.filter(isJava), startJavaSites],
  ] as const) {
    if (apps.length === 0) continue;
    const sites = await start();
    try {
      for (const app of apps) await check(sites, app, tally);
    } finally {
      await sites.stop();
    }
  }
  const thirdParty = await checkThirdParties(others);
  const unseen = await checkUnseen(unseenOnes);
  const { hardened, known: asKnown, planted, found, missed, falseFindings } = tally;
  const result = { hardened, known: asKnown, weakened: { planted, found, missed }, falseFindings, thirdParty, unseen };
  process.stdout.write(
    values.json
      ? `${JSON.stringify(result)}\n`
      : `${found} of ${planted} planted weaknesses found, ${falseFindings} false findings; missed: ${missed.join(', ') || 'none'}\n`,
  );
  const isExpected = thirdParty.every(({ differences }) => differences.length === 0);
  return missed.length === 0 && falseFindings === 0 && isExpected && isRight(unseen) ? 0 : 1;
}

await endWith(main);
