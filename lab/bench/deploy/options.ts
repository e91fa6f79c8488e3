import { parseArgs } from 'node:util';
import { deploySettings } from '../../../functions/deploy/settings/settings.ts';
import { BUNDLE_CASES, BUNDLE_FLEETS, type BundleChoice, casesOf, isBundleCase, isBundleFleet } from './bundle/judge-bundles.ts';
import { type StrategyName, strategyNames } from './strategies/judge-strategies.ts';
import { WAR_NAMES, type WarName } from './wars/war-names.ts';

export const HELP = `Usage: npm run bench:deploy -- [options]

Roll releases through one local fleet under live traffic, with the shell script that Holdfast replaces and with Holdfast at
default settings, at each lag of the load balancer. Takes about 4 minutes, and 7 to 10 more per lag. With --app
5 minutes per case, and 6 more per lag; tomcat has two cases, with its counts and without. With --max-parallel alone Holdfast rolls
the fleet one server at a time, and then several at once (lag: 3 s), and prints the ratio of the times; with --lags as well it is
compared with the script.

  --lags LIST   seconds that the load balancer keeps using the old targets (default 3,20,40)
  --app LIST    instead: the examples in Java, tomcat and spring, with Holdfast; 1 request in 20 lasts 10 s (lags: default 3,20)
  --users N     virtual users (default 200)
  --servers N   servers of the fleet, 3 to 24 (default 3)
  --max-parallel N
                how many of them Holdfast rolls at once: a number, or a percentage such as 25%
  --strategies  instead: 60 people whose visits of 5 to 40 s end in a log-out, with sessions in the store and in memory, at the
                short times of the local cloud; about 5 minutes per case. With --app tomcat: the Tomcat example, under such
                people with sticky sessions, and under 200 users who stay with the store; 15 minutes at most
  --only NAME   of --strategies: redis, sticky-drain-rule or sticky-plain; with --app tomcat: tomcat-sticky, tomcat-plain
                or tomcat-redis
  --wars        instead: WARs of others from Maven Central, each with the strategy that docs/tomcat.md recommends for it, under users who
                keep log-ins and state through a deploy, the death of a server and the replacement of another; 5 minutes per WAR.
                With --only NAME one of them: ${WAR_NAMES.join(', ')}
  --bundle      instead: CodeDeploy bundles on servers that keep their own service, a Tomcat with two WARs and Node: adopted, deployed, and
                rolled back after each failure; about 30 minutes. With --only NAMES: node, tomcat or names of cases, with commas
  --json        print exactly one line on standard output (progress goes to standard error)
  --help

Exit codes: 0 every expectation was met, 1 one was not (it is named), 2 an option is wrong.
`;

export interface Options {
  readonly lags: readonly number[];
  /** Lists the example applications to roll; empty means the script and Holdfast, with the Node example. */
  readonly apps: readonly ExampleName[];
  readonly users: number;
  /** @default the local cloud's own */
  readonly servers?: number;
  readonly maxParallel?: number | string;
  /** With `maxParallel`: whether Holdfast is compared with the script, and not with itself one at a time. */
  readonly withScript?: boolean;
  /** Cases of the comparison of strategies; empty for the others. */
  readonly strategies: readonly StrategyName[];
  /** WARs of others; empty for the other comparisons. */
  readonly wars: readonly WarName[];
  /** Cases of bundles by fleet; none for the other comparisons. */
  readonly bundles: BundleChoice;
  readonly json: boolean;
}

const EXAMPLES = ['tomcat', 'spring'] as const;
export type ExampleName = (typeof EXAMPLES)[number];
const isExample = (name: string): name is ExampleName => (EXAMPLES as readonly string[]).includes(name);

/** @throws TypeError that quotes the wrong value */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      lags: { type: 'string' },
      app: { type: 'string' },
      users: { type: 'string', default: '200' },
      servers: { type: 'string' },
      'max-parallel': { type: 'string' },
      strategies: { type: 'boolean', default: false },
      wars: { type: 'boolean', default: false },
      bundle: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.bundle && (values.wars || values.strategies)) throw new TypeError('--bundle is a comparison of its own: give it alone');
  const bundles = values.bundle ? bundlesOf(values.only) : {};
  const apps = values.app?.split(',') ?? [];
  const several = severalOf(values.servers, values['max-parallel'], values.lags !== undefined);
  if (several.maxParallel !== undefined && apps.length > 0) throw new TypeError('--max-parallel goes with the Node example: without --app');
  const list = values.lags ?? (several.maxParallel !== undefined ? '3' : apps.length > 0 ? '3,20' : '3,20,40');
  const lags = list.split(',').map(Number);
  const users = Number(values.users);
  if (!lags.every((lag) => Number.isFinite(lag) && lag >= 0 && lag <= 120))
    throw new TypeError(`--lags ${list} is not a list of seconds from 0 to 120`);
  if (!apps.every(isExample)) throw new TypeError(`--app ${values.app} is not a list of ${EXAMPLES.join(' and ')}`);
  if (!Number.isInteger(users) || users < 1 || users > 2_000) throw new TypeError(`--users ${values.users} is not a number from 1 to 2000`);
  return {
    lags,
    apps,
    users,
    ...several,
    bundles,
    strategies: values.wars || values.bundle ? [] : strategiesOf(values, apps),
    wars: warsOf(values),
    json: values.json,
  };
}

function severalOf(
  servers: string | undefined,
  most: string | undefined,
  withScript: boolean,
): Pick<Options, 'servers' | 'maxParallel' | 'withScript'> {
  const count = servers === undefined ? undefined : Number(servers);
  if (count !== undefined && (!Number.isInteger(count) || count < 3 || count > 24))
    throw new TypeError(`--servers ${servers} is not a number from 3 to 24`);
  const maxParallel = most === undefined || most.endsWith('%') ? most : Number(most);
  if (!deploySettings.safeParse({ maxParallel }).success)
    throw new TypeError(`--max-parallel ${most} is neither a number nor a percentage`);
  return { ...(count !== undefined && { servers: count }), ...(maxParallel !== undefined && { maxParallel, withScript }) };
}

function strategiesOf(
  { strategies, only }: { readonly strategies: boolean; readonly only?: string },
  apps: readonly ExampleName[],
): readonly StrategyName[] {
  if (!strategies && only !== undefined) throw new TypeError('--only chooses a case of --strategies: give both');
  if (!strategies) return [];
  if (apps.includes('spring')) throw new TypeError('--strategies goes with the Node example, or with --app tomcat');
  const names = strategyNames(apps.length > 0);
  const chosen = names.filter((name) => only === undefined || name === only);
  if (chosen.length === 0) throw new TypeError(`--only ${only} is not one of ${names.join(', ')}`);
  return chosen;
}

/** Names of fleets, of cases, or of both. */
function bundlesOf(only: string | undefined): BundleChoice {
  const asked = only?.split(',') ?? [];
  const unknown = asked.find((name) => !isBundleCase(name) && !isBundleFleet(name));
  if (unknown !== undefined) throw new TypeError(`--only ${unknown} is not one of ${[...BUNDLE_FLEETS, ...BUNDLE_CASES].join(', ')}`);
  const fleets = asked.filter(isBundleFleet);
  const cases = asked.filter(isBundleCase);
  const chosen = fleets.length > 0 ? fleets : BUNDLE_FLEETS;
  return Object.fromEntries(chosen.map((fleet) => [fleet, casesOf(fleet).filter((name) => cases.length === 0 || cases.includes(name))]));
}

function warsOf({
  wars,
  strategies,
  only,
}: {
  readonly wars: boolean;
  readonly strategies: boolean;
  readonly only?: string;
}): readonly WarName[] {
  if (!wars) return [];
  if (strategies) throw new TypeError('--wars and --strategies are two comparisons: give one of them');
  const asked = only?.split(',');
  const chosen = WAR_NAMES.filter((name) => asked === undefined || asked.includes(name));
  if (chosen.length === 0) throw new TypeError(`--only ${only} is not one of ${WAR_NAMES.join(', ')}`);
  return chosen;
}
