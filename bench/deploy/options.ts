import { parseArgs } from 'node:util';
import { STRATEGY_NAMES, type StrategyName } from './strategies/judge-strategies.ts';

export const HELP = `Usage: npm run bench:deploy -- [options]

Roll releases through one local fleet under live traffic, with the shell script that Holdfast replaces and with Holdfast at
default settings, at each lag of the load balancer. Takes about 4 minutes, and 7 to 10 more per lag. With --app
5 minutes per case, and 6 more per lag; tomcat has two cases, with its counts and without.

  --lags LIST   seconds that the load balancer keeps using the old targets (default 3,20,40)
  --app LIST    instead: the examples in Java, tomcat and spring, with Holdfast; 1 request in 20 lasts 10 s (lags: default 3,20)
  --users N     virtual users (default 200)
  --strategies  instead: 60 people whose visits of 5 to 40 s end in a log-out, with sessions in the store and in memory, at the
                short times of the local cloud; about 5 minutes per case
  --only NAME   of --strategies: redis, sticky-drain-rule or sticky-plain
  --json        print exactly one line on standard output (progress goes to standard error)
  --help

Exit codes: 0 every expectation was met, 1 one was not (it is named), 2 an option is wrong.
`;

export interface Options {
  readonly lags: readonly number[];
  /** Examples; empty for the script and Holdfast with the Node example. */
  readonly apps: readonly ExampleName[];
  readonly users: number;
  /** Cases of the comparison of strategies; empty for the others. */
  readonly strategies: readonly StrategyName[];
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
      strategies: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const apps = values.app?.split(',') ?? [];
  const list = values.lags ?? (apps.length > 0 ? '3,20' : '3,20,40');
  const lags = list.split(',').map(Number);
  const users = Number(values.users);
  if (!lags.every((lag) => Number.isFinite(lag) && lag >= 0 && lag <= 120))
    throw new TypeError(`--lags ${list} is not a list of seconds from 0 to 120`);
  if (!apps.every(isExample)) throw new TypeError(`--app ${values.app} is not a list of ${EXAMPLES.join(' and ')}`);
  if (!Number.isInteger(users) || users < 1 || users > 2_000) throw new TypeError(`--users ${values.users} is not a number from 1 to 2000`);
  return { lags, apps, users, strategies: strategiesOf(values), json: values.json };
}

function strategiesOf({ strategies, only }: { readonly strategies: boolean; readonly only?: string }): readonly StrategyName[] {
  if (!strategies && only !== undefined) throw new TypeError('--only chooses a case of --strategies: give both');
  if (!strategies) return [];
  const chosen = STRATEGY_NAMES.filter((name) => only === undefined || name === only);
  if (chosen.length === 0) throw new TypeError(`--only ${only} is not one of ${STRATEGY_NAMES.join(', ')}`);
  return chosen;
}
